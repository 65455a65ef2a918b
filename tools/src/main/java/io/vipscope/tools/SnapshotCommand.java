package io.vipscope.tools;

import io.vipscope.capture.CaptureException;
import io.vipscope.capture.host.SnapshotCollector;
import io.vipscope.capture.host.SnapshotReader;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.net.IpAddress;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code vipscope snapshot}: the state of this host, as audits and predictions need it. */
@Command(
    name = "snapshot",
    header =
        "Writes a host's addresses, routes, rules, NAT and keepalived.conf into a folder: this"
            + " host's, or others' by ssh.",
    description = {
      "Takes what ip, nft, iptables-save and sysctl print, one file each, and keepalived.conf"
          + " with its includes. Passwords are removed. The folder is readable by its owner only,"
          + " and appears at once, when it is complete. Root sees NAT rules; without root they are"
          + " left out and stay unknown.",
      "",
      "With --ssh or --pairs it asks other hosts, ten at a time, and writes each one's state into"
          + " DIR/HOST/TIME. ssh must not need a password (it runs with BatchMode); nothing is"
          + " installed or written there."
    },
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  vipscope snapshot -o snapshots/lb1",
      "  vipscope snapshot -o snapshots/lb1 --history   # a new subfolder each time",
      "  vipscope snapshot -o lb1 --name lb1 --keepalived /etc/keepalived/edge.conf",
      "  vipscope snapshot --ssh root@lb1 root@lb2 -o snapshots",
      "  vipscope snapshot --pairs --config vipscope.yaml"
    })
final class SnapshotCommand implements Callable<Integer> {

  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Option(
      names = "-o",
      paramLabel = "DIR",
      description =
          "The folder to write; it must not hold a snapshot yet. With --ssh: the folder above the"
              + " hosts'; default: that of the configuration's state, if there is one.")
  private @Nullable Path directory;

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

  @Option(
      names = "--ssh",
      paramLabel = "[NAME=]DEST",
      arity = "1..*",
      description = "Ask these hosts by ssh. NAME is their host's, unless DEST says it.")
  private List<String> destinations = new ArrayList<>();

  @Option(names = "--pairs", description = "Ask every host of the configuration's pairs by ssh.")
  private boolean pairs;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "The configuration. Default: /etc/vipscope/vipscope.yaml, if it is there.")
  private @Nullable Path configFile;

  @Option(
      names = "--ssh-command",
      paramLabel = "COMMAND",
      description = "ssh and its options, as 'ssh -p 2222 -i key'. Default: ssh.")
  private String sshCommand = "ssh";

  @Option(names = "-v", description = "Say more about internal errors.")
  @SuppressWarnings("UnusedVariable") // Main asks the command line whether it was given
  private boolean verbose;

  @Override
  public Integer call() throws InterruptedException {
    if (pairs || !destinations.isEmpty()) {
      return remote();
    }
    Path folder = directory;
    if (folder == null) {
      throw new ParameterException(spec.commandLine(), "Give -o DIR, --ssh DEST or --pairs");
    }
    SnapshotFolder.checkNone(folder, history ? "" : ", or --history for one folder per time");
    String host = name == null ? HostName.orElse("host") : name;
    PrintWriter err = spec.commandLine().getErr();
    Path target = history ? SnapshotFolder.ofNow(folder) : folder;
    try (SnapshotFolder unfinished = new SnapshotFolder(target)) {
      new SnapshotCollector(unfinished.path(), text -> err.println("vipscope: warning: " + text))
          .collect(host, keepalived);
      HostSnapshot snapshot = SnapshotReader.read(host, unfinished.path());
      unfinished.publish();
      report(target, folder, host, snapshot);
    }
    return ExitCode.DONE;
  }

  private int remote() throws InterruptedException {
    if (name != null) {
      throw new ParameterException(
          spec.commandLine(), "--name is this host's; --ssh NAME=DEST names another");
    }
    ConfigFile config = ConfigFile.of(configFile);
    if (directory == null && config.file() == null && !pairs) {
      throw new ParameterException(
          spec.commandLine(), "Give -o DIR: there is no configuration that says where state is");
    }
    List<RemoteSnapshots.Target> targets = new ArrayList<>();
    if (pairs) {
      for (PairConfig pair : config.pairs()) {
        for (PairConfig.Host host : pair.hosts()) {
          String ssh = host.ssh();
          targets.add(
              new RemoteSnapshots.Target(
                  host.name(),
                  ssh == null ? host.name() : ssh,
                  directory == null ? host.folder() : directory.resolve(host.name())));
        }
      }
      if (targets.isEmpty()) {
        throw new CaptureException("no configuration names a pair: give --config FILE");
      }
    }
    try {
      for (String destination : destinations) {
        targets.add(
            RemoteSnapshots.target(
                destination, directory == null ? config.stateFolder() : directory));
      }
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--ssh " + e.getMessage(), e);
    }
    boolean all =
        new RemoteSnapshots(
                sshCommand,
                keepalived.toString(),
                spec.commandLine().getOut(),
                spec.commandLine().getErr())
            .collect(targets);
    return all ? ExitCode.DONE : ExitCode.INPUT;
  }

  private void report(Path target, Path folder, String host, HostSnapshot snapshot) {
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
    out.println("  " + vipscope + " predict --host " + host + "=" + folder + " 198.51.100.7");
    out.println("  " + vipscope + " audit -r CAPTURE --host " + host + "=" + folder);
    out.flush();
  }
}
