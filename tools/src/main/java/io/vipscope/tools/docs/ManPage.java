package io.vipscope.tools.docs;

import java.util.List;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** A command's manual page in man(7)'s language, from the command line's own model. */
public final class ManPage {

  private static final List<String> EXIT_STATUS =
      List.of(
          "0", "done; nothing that --fail-on names was found",
          "1", "done; --fail-on named something that was found, or a check of doctor failed",
          "2", "usage error",
          "3", "an input cannot be read to its end, an output not be written, or no permission",
          "4", "more frames lost than --max-loss allows",
          "70", "internal error");

  private final CommandSpec spec;
  private final String version;
  private final StringBuilder out = new StringBuilder(8192);

  private ManPage(CommandSpec spec, String version) {
    this.spec = spec;
    this.version = version;
  }

  /** The page's name: {@code vipscope}, {@code vipscope-audit}. */
  public static String name(CommandSpec spec) {
    return spec.qualifiedName("-");
  }

  /** The page. */
  public static String of(CommandSpec spec, String version) {
    return new ManPage(spec, version).text();
  }

  private String text() {
    line(
        ".TH "
            + name(spec).toUpperCase(Locale.ROOT)
            + " 1 \"\" \"vipscope "
            + version
            + "\" \"vipscope\"");
    line(".SH NAME");
    line(escape(name(spec)) + " \\- " + escape(first(spec.usageMessage().header())));
    line(".SH SYNOPSIS");
    line(".nf");
    new CommandLine.Help(spec).synopsis(0).lines().forEach(l -> line(escape(l)));
    line(".fi");
    if (spec.usageMessage().description().length > 0) {
      line(".SH DESCRIPTION");
      for (String paragraph : spec.usageMessage().description()) {
        line(escape(paragraph));
        line(".PP");
      }
    }
    parameters();
    options();
    commands();
    line(".SH EXIT STATUS");
    for (int i = 0; i < EXIT_STATUS.size(); i += 2) {
      item(EXIT_STATUS.get(i), EXIT_STATUS.get(i + 1));
    }
    footer();
    return out.toString();
  }

  private void line(String text) {
    out.append(text).append('\n');
  }

  private void item(String term, String text) {
    line(".TP");
    line("\\fB" + escape(term) + "\\fR");
    line(escape(text));
  }

  private void parameters() {
    if (!spec.positionalParameters().isEmpty()) {
      line(".SH PARAMETERS");
    }
    for (PositionalParamSpec parameter : spec.positionalParameters()) {
      item(parameter.paramLabel(), String.join(" ", parameter.description()));
    }
  }

  private void options() {
    line(".SH OPTIONS");
    for (OptionSpec option : spec.options()) {
      if (!option.hidden()) {
        line(".TP");
        String label =
            option.arity().max() > 0 ? " \\fI" + escape(option.paramLabel()) + "\\fR" : "";
        line("\\fB" + escape(String.join(", ", option.names())) + "\\fR" + label);
        line(escape(String.join(" ", option.description())));
      }
    }
  }

  private void commands() {
    if (spec.subcommands().isEmpty()) {
      return;
    }
    line(".SH COMMANDS");
    spec.subcommands()
        .forEach(
            (name, command) -> item(name, first(command.getCommandSpec().usageMessage().header())));
    line(".SH SEE ALSO");
    line(
        String.join(
            ",\n",
            spec.subcommands().values().stream()
                .map(c -> "\\fB" + escape(name(c.getCommandSpec())) + "\\fR(1)")
                .toList()));
  }

  /** Its examples. */
  private void footer() {
    boolean within = false;
    for (String text : spec.usageMessage().footer()) {
      if (text.startsWith("Example")) {
        line(".SH EXAMPLES");
        line(".nf");
        within = true;
      } else if (!text.isEmpty()) {
        line(escape(text));
      }
    }
    if (within) {
      line(".fi");
    }
  }

  private static String first(String[] lines) {
    return lines.length == 0 ? "" : lines[0];
  }

  /** Text that man takes as it is: no requests, hyphens that can be copied. */
  private static String escape(String text) {
    String safe = text.replace("%n", " ").replace("%%", "%");
    safe = safe.replace("\\", "\\e").replace("-", "\\-");
    return safe.startsWith(".") || safe.startsWith("'") ? "\\&" + safe : safe;
  }
}
