package io.vipscope.tools;

import io.vipscope.capture.CaptureException;
import io.vipscope.capture.host.SnapshotCollector;
import io.vipscope.capture.host.SnapshotReader;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.net.IpAddress;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code vipscope snapshot}: the state of this host, as audits and predictions need it. */
@Command(
    name = "snapshot",
    header = "Writes this host's addresses, routes, rules, NAT and keepalived.conf into a folder.",
    description = {
      "Takes what ip, nft, iptables-save and sysctl print, one file each, and keepalived.conf"
          + " with its includes. Passwords are removed. The folder is readable by its owner only,"
          + " and appears at once, when it is complete. Root sees NAT rules; without root they are"
          + " left out and stay unknown."
    },
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  vipscope snapshot -o snapshots/lb1",
      "  vipscope snapshot -o snapshots/lb1 --history   # a new subfolder each time",
      "  vipscope snapshot -o lb1 --name lb1 --keepalived /etc/keepalived/edge.conf"
    })
final class SnapshotCommand implements Callable<Integer> {

  private static final DateTimeFormatter FOLDER =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss.SSS'Z'").withZone(ZoneOffset.UTC);

  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Option(
      names = "-o",
      paramLabel = "DIR",
      required = true,
      description = "The folder to write; it must not hold a snapshot yet.")
  @SuppressWarnings("NullAway.Init")
  private Path directory;

  @Option(
      names = "--history",
      description = "Write a new subfolder of DIR, named by the time: the state over time.")
  private boolean history;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "This host's name. Default: hostname.")
  private @Nullable String name;

  @Option(
      names = "--keepalived",
      paramLabel = "FILE",
      description = "keepalived's configuration. Default: /etc/keepalived/keepalived.conf.")
  private Path keepalived = Path.of("/etc/keepalived/keepalived.conf");

  @Option(names = "-v", description = "Say more about internal errors.")
  @SuppressWarnings("UnusedVariable") // Main asks the command line whether it was given
  private boolean verbose;

  @Override
  public Integer call() throws InterruptedException {
    Path target = history ? directory.resolve(FOLDER.format(Instant.now())) : directory;
    if (Files.exists(directory.resolve("addr.json"))) {
      throw new CaptureException(
          directory
              + ": holds a snapshot already; give another folder"
              + (history ? "" : ", or --history for one folder per time"));
    }
    String host = name == null ? HostName.orElse("host") : name;
    PrintWriter err = spec.commandLine().getErr();
    Path unfinished = unfinished(target);
    try {
      new SnapshotCollector(unfinished, text -> err.println("vipscope: warning: " + text))
          .collect(host, keepalived);
      HostSnapshot snapshot = SnapshotReader.read(host, unfinished);
      publish(unfinished, target);
      report(target, host, snapshot);
    } finally {
      remove(unfinished);
    }
    return ExitCode.DONE;
  }

  /** A folder beside the target that no reader takes for a host or a snapshot. */
  private Path unfinished(Path target) {
    try {
      if (Files.exists(target) && !isEmpty(target)) {
        throw new CaptureException(
            target + ": is not empty; give another folder, or --history for a new subfolder of it");
      }
      Path parent = target.toAbsolutePath().getParent();
      Files.createDirectories(Objects.requireNonNull(parent));
      return Files.createTempDirectory(parent, ".vipscope-snapshot-");
    } catch (IOException e) {
      throw new CaptureException(target + ": cannot be written: " + IoReason.of(e), e);
    }
  }

  private static boolean isEmpty(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return false;
    }
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.findAny().isEmpty();
    }
  }

  private static void publish(Path unfinished, Path target) {
    try {
      Files.move(unfinished, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new CaptureException(target + ": cannot be written: " + IoReason.of(e), e);
    }
  }

  private static void remove(Path folder) {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new CaptureException(folder + ": cannot be removed: " + e.getMessage(), e);
    }
  }

  private void report(Path target, String host, HostSnapshot snapshot) {
    PrintWriter out = spec.commandLine().getOut();
    String vips = String.join(", ", snapshot.vips().stream().map(IpAddress::toString).toList());
    out.println(
        target
            + ": "
            + host
            + ", "
            + snapshot.addresses().size()
            + " addresses, VIPs: "
            + (vips.isEmpty() ? "none named" : vips));
    String vipscope = System.getProperty("vipscope.command", "vipscope");
    out.println("Try next");
    out.println("  " + vipscope + " predict --host " + host + "=" + directory + " 198.51.100.7");
    out.println("  " + vipscope + " audit -r CAPTURE --host " + host + "=" + directory);
    out.flush();
  }
}
