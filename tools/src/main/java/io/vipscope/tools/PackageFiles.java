package io.vipscope.tools;

import io.vipscope.tools.docs.BashCompletion;
import io.vipscope.tools.docs.ManPage;
import io.vipscope.tools.docs.ZshCompletion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** Writes what a package has beside the program: man pages, completion for bash and zsh. */
final class PackageFiles {

  private PackageFiles() {}

  /** Argument: the folder to write into; man1/, bash/, zsh/ are made in it. */
  public static void main(String[] args) throws IOException {
    Path folder = Path.of(args[0]);
    CommandLine whole = Main.whole();
    Path man = Files.createDirectories(folder.resolve("man1"));
    page(man, whole.getCommandSpec());
    for (CommandLine command : whole.getSubcommands().values()) {
      page(man, command.getCommandSpec());
    }
    Path bash = Files.createDirectories(folder.resolve("bash"));
    Files.writeString(bash.resolve("vipscope"), BashCompletion.of(whole));
    Path zsh = Files.createDirectories(folder.resolve("zsh"));
    Files.writeString(zsh.resolve("_vipscope"), ZshCompletion.of(whole));
  }

  private static void page(Path folder, CommandSpec spec) throws IOException {
    Files.writeString(
        folder.resolve(ManPage.name(spec) + ".1"), ManPage.of(spec, Version.number()));
  }
}
