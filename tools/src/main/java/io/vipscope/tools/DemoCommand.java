package io.vipscope.tools;

import io.vipscope.capture.CaptureException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code vipscope demo}: the audit of a small capture that comes with the program. */
@Command(
    name = "demo",
    header = "Audits a small capture of a keepalived pair that comes with vipscope.",
    description =
        "Needs no root, no network and no service. The capture is 12 seconds of a mirror port: the"
            + " pair lb1/lb2 with VIPs 192.168.0.9 and 2001:db8:0:1::9, a failover and back, SNAT,"
            + " sockets bound to the VIP, and clients of the VIP.",
    sortOptions = false,
    footer = {"", "Example:", "  vipscope demo"})
final class DemoCommand implements Callable<Integer> {

  /** Where the launcher finds the program's files; it sets this property. */
  private static final String HOME = "vipscope.home";

  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Option(names = "-v", description = "Say more about internal errors.")
  @SuppressWarnings("UnusedVariable") // Main asks the command line whether it was given
  private boolean verbose;

  @Override
  public Integer call() {
    Path data = data();
    String capture = shown(data.resolve("mirror.pcap.gz"));
    String hosts = shown(data.resolve("snapshots"));
    String vipscope = System.getProperty("vipscope.command", "vipscope");
    PrintWriter out = spec.commandLine().getOut();
    out.println(
        "Demo: 12 seconds on the mirror port of the pair lb1/lb2, with a failover and back");
    out.println("$ " + vipscope + " audit -r " + capture + " --hosts " + hosts);
    out.println();
    String[] audit = {"audit", "-r", capture, "--hosts", hosts};
    int code = Main.run(audit, out, spec.commandLine().getErr());
    out.println();
    out.println("Try next");
    out.println("  # every record as JSON, one line each");
    out.println("  " + vipscope + " audit -r " + capture + " --hosts " + hosts + " --json");
    out.println(
        "  # why lb1 sends this from the VIP, step by step, as master and after a failover");
    out.println(
        "  "
            + vipscope
            + " predict --host lb1="
            + hosts
            + "/lb1 --ipproto tcp --dport 443 203.0.113.6");
    out.println("  # what would explain the source of one of the flows that differ");
    out.println(
        "  "
            + vipscope
            + " explain -r "
            + capture
            + " --hosts "
            + hosts
            + " '192.168.0.9 > 203.0.113.5:8443/tcp'");
    out.println("  # the state of this host, to audit it later");
    out.println("  " + vipscope + " snapshot -o snapshots/$(hostname)");
    out.flush();
    return code;
  }

  static Path data() {
    String home = System.getProperty(HOME);
    if (home == null) {
      throw new CaptureException(
          "the demo's capture is found by the launcher tools/vipscope; start the demo with it");
    }
    Path data = Path.of(home, "tools", "demo");
    if (!Files.isDirectory(data)) {
      throw new CaptureException(data + ": no such directory, the demo's capture is missing");
    }
    return data;
  }

  /** As a user would type it: relative if it is below the working directory. */
  private static String shown(Path path) {
    Path here = Path.of("").toAbsolutePath();
    Path absolute = path.toAbsolutePath();
    return absolute.startsWith(here) ? here.relativize(absolute).toString() : path.toString();
  }
}
