package io.vipscope.tools;

import io.vipscope.capture.CaptureException;
import io.vipscope.capture.FrameSource;
import io.vipscope.capture.live.LiveOptions;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.net.MacAddress;
import io.vipscope.core.pipeline.AuditedHost;
import io.vipscope.tools.doctor.Check;
import io.vipscope.tools.doctor.InterfaceChecks;
import io.vipscope.tools.doctor.KeepalivedChecks;
import io.vipscope.tools.doctor.MachineChecks;
import io.vipscope.tools.doctor.MirrorChecks;
import io.vipscope.tools.doctor.Program;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code vipscope doctor}: whether this machine can audit these hosts. */
@Command(
    name = "doctor",
    header = "Checks this machine, an interface and the hosts' configuration for an audit.",
    description =
        "Looks at rights, kernel and clock; with -i at the interface, what it does to frames, and"
            + " whether it looks like a mirror port; with --hosts at keepalived's traps. Every line"
            + " says why it matters, and the command that mends it. Changes nothing. Exit code 1 if"
            + " something fails.",
    sortOptions = false,
    footer = {"", "Example:", "  vipscope doctor -i eth1 --hosts snapshots"})
final class DoctorCommand implements Callable<Integer> {

  private static final int SNAP_LENGTH = 256;

  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Option(names = "-i", paramLabel = "IFACE", description = "Look at this interface, and listen.")
  private @Nullable String name;

  @Option(
      names = "--duration",
      paramLabel = "D",
      converter = DurationOption.Converter.class,
      description = "How long to listen. Default: 5s.")
  private DurationOption duration = DurationOption.parse("5s");

  @Mixin private HostOptions hosts = new HostOptions();

  @Option(names = "--json", description = "Write one JSON line per check.")
  private boolean json;

  @Option(names = "-v", description = "Say more about internal errors.")
  @SuppressWarnings("UnusedVariable") // Main asks the command line whether it was given
  private boolean verbose;

  @Override
  public Integer call() throws InterruptedException {
    HostFolders folders = hosts.folders(spec.commandLine().getErr());
    List<AuditedHost> audited = folders.readAll();
    List<Check> checks = new ArrayList<>(MachineChecks.of(Program.REAL));
    if (name != null) {
      checks.addAll(listen(name, audited));
    }
    for (AuditedHost host : audited) {
      HostSnapshot newest = host.snapshots().getLast();
      checks.addAll(
          KeepalivedChecks.of(
              host.name(), newest, folders.newestText(host.name(), "keepalived.conf")));
    }
    PrintWriter out = spec.commandLine().getOut();
    checks.forEach(check -> out.println(json ? line(check) : text(check)));
    out.flush();
    boolean fails = checks.stream().anyMatch(c -> c.status() == Check.Status.FAIL);
    return fails ? ExitCode.FOUND : ExitCode.DONE;
  }

  private List<Check> listen(String iface, List<AuditedHost> audited) throws InterruptedException {
    List<Check> checks = new ArrayList<>(InterfaceChecks.of(Program.REAL, iface));
    if (checks.getFirst().status() == Check.Status.FAIL) {
      return checks;
    }
    Map<String, List<HostSnapshot>> snapshots = new LinkedHashMap<>();
    audited.forEach(h -> snapshots.put(h.name(), h.snapshots()));
    try (FrameSource source = LiveSource.AUTO.open(iface, LiveOptions.all(true, SNAP_LENGTH))) {
      checks.addAll(MirrorChecks.of(source, iface, mac(iface), duration.ns() / 1e9, snapshots));
    } catch (CaptureException e) {
      checks.add(
          new Check(
              Check.Status.FAIL,
              "listening",
              String.valueOf(e.getMessage()),
              "an audit listens in the same way",
              "sudo vipscope doctor -i " + iface));
    }
    return checks;
  }

  private static long mac(String iface) {
    String text = Program.REAL.file(Path.of("/sys/class/net", iface, "address"));
    try {
      return text == null ? -1 : MacAddress.parse(text).bits();
    } catch (IllegalArgumentException _) {
      return -1; // no Ethernet
    }
  }

  private static String line(Check c) {
    return new JsonText()
        .open()
        .put("status", c.status())
        .put("check", c.name())
        .put("found", c.found())
        .put("why", c.why())
        .put("fix", c.fix())
        .close()
        .take();
  }

  private static String text(Check c) {
    String first = "%-8s%-24s %s".formatted(c.status(), c.name(), c.found());
    if (c.status() == Check.Status.OK) {
      return first;
    }
    String rest = " ".repeat(8);
    StringBuilder out = new StringBuilder(first);
    Lines.wrapped(c.why(), rest).forEach(l -> out.append('\n').append(l));
    if (c.fix() != null) {
      out.append('\n').append(rest).append("$ ").append(c.fix());
    }
    return out.toString();
  }
}
