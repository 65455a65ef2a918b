package io.vipscope.tools;

import io.vipscope.capture.CaptureException;
import io.vipscope.capture.host.SnapshotReader;
import io.vipscope.core.model.snapshot.Assumption;
import io.vipscope.core.net.IpAddress;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** The options that name audited hosts, their state and their VIPs. */
final class HostOptions {

  private static final String SELF = "self";
  private static final long MAX_OFFSET_NS = 3_653L * 86_400 * 1_000_000_000;

  @Spec(Spec.Target.MIXEE)
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Option(
      names = "--host",
      paramLabel = "NAME=DIR",
      description =
          "An audited host and its snapshots. Repeatable. self, or NAME=self, is the host that this"
              + " runs on, for a live audit: its state is taken at the start and kept current. Where the"
              + " configuration has a pair with that host, the pair's other hosts are audited as it"
              + " says.")
  private List<String> hosts = new ArrayList<>();

  @Option(
      names = "--keepalived",
      paramLabel = "FILE",
      description =
          "Of --host self: keepalived's configuration. Default: /etc/keepalived/keepalived.conf.")
  private Path keepalived = Path.of("/etc/keepalived/keepalived.conf");

  @Option(
      names = "--hosts",
      paramLabel = "DIR",
      description = "A folder with one subfolder of snapshots per audited host.")
  private @Nullable Path folder;

  @Option(
      names = "--vip",
      paramLabel = "ADDR",
      description = "A VIP that no keepalived.conf names. Repeatable.")
  private List<String> vips = new ArrayList<>();

  @Option(
      names = "--clock-offset",
      paramLabel = "NAME=D",
      description = "Shifts a host's snapshots: its clock was behind by D (-D: ahead).")
  private Map<String, String> offsets = new LinkedHashMap<>();

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description =
          "Pairs, their hosts and how to capture, as YAML ('vipscope config --help' shows it);"
              + " options override it. Default: /etc/vipscope/vipscope.yaml, if it is there.")
  private @Nullable Path configFile;

  private @Nullable ConfigFile config;

  /** The configuration; one without anything if none was named and the default one is not there. */
  ConfigFile config() {
    ConfigFile known = config;
    if (known == null) {
      known = ConfigFile.of(configFile);
      config = known;
    }
    return known;
  }

  /** Whether the host that this runs on is to be audited. */
  boolean self() {
    return hosts.stream().anyMatch(HostOptions::isSelf);
  }

  private static boolean isSelf(String host) {
    return host.equals(SELF) || host.length() > SELF.length() + 1 && host.endsWith("=" + SELF);
  }

  /** The name of the host that this runs on, if it is to be audited. */
  private @Nullable String selfName() {
    String self = null;
    for (String host : hosts) {
      if (isSelf(host)) {
        int equals = host.indexOf('=');
        self = equals < 0 ? HostName.orElse(SELF) : host.substring(0, equals);
      }
    }
    return self;
  }

  /** The folders of every audited host named: by options, else by the configuration. */
  HostFolders folders(PrintWriter err) {
    return folders(err, Map.of());
  }

  /**
   * The same where something is known of the hosts' sockets.
   *
   * @param known by host
   */
  HostFolders folders(PrintWriter err, Map<String, List<Assumption>> known) {
    Map<String, Path> all = new LinkedHashMap<>();
    Map<String, Long> shifts = new LinkedHashMap<>();
    String self = selfName();
    PairConfig selfPair = self == null ? null : config().pairOf(self);
    if (folder == null && hosts.stream().allMatch(HostOptions::isSelf)) {
      for (PairConfig pair : config().pairs()) {
        for (PairConfig.Host host : pair.hosts()) {
          if (self == null || pair.equals(selfPair) && !host.name().equals(self)) {
            all.put(host.name(), host.folder());
            shifts.put(host.name(), host.offsetNs());
          }
        }
      }
    }
    for (String host : hosts) {
      if (isSelf(host)) {
        continue;
      }
      int equals = host.indexOf('=');
      String name = host.substring(0, Math.max(0, equals));
      String path = host.substring(equals + 1);
      if (name.isEmpty() || path.isEmpty()) {
        throw new ParameterException(
            spec.commandLine(), "--host expects NAME=DIR, found '" + host + "'");
      } else {
        all.put(name, Path.of(path));
      }
    }
    if (folder != null) {
      if (!Files.isDirectory(folder)) {
        throw new CaptureException(folder + ": no such directory, expected one subfolder per host");
      }
      String one = SnapshotReader.hostOfAll(folder);
      if (one != null) {
        throw new CaptureException(
            folder
                + ": its subfolders are snapshots of one host, "
                + one
                + "; use --host "
                + one
                + "="
                + folder
                + ", or --hosts with the folder above");
      }
      for (Path host : SnapshotReader.folders(folder)) {
        all.putIfAbsent(Objects.requireNonNull(host.getFileName()).toString(), host);
      }
    }
    for (String name : offsets.keySet()) {
      if (!all.containsKey(name)) {
        throw new ParameterException(
            spec.commandLine(), "--clock-offset names '" + name + "', which is no audited host");
      }
    }
    for (String name : known.keySet()) {
      if (!all.containsKey(name) && !name.equals(self)) {
        throw new ParameterException(
            spec.commandLine(), "--assume names '" + name + "', which is no audited host");
      }
    }
    List<HostFolders.Folder> folders = new ArrayList<>();
    all.forEach((name, path) -> {
      PairConfig pair = config().pairOf(name);
      folders.add(
          new HostFolders.Folder(
              name,
              path,
              offsets.containsKey(name) ? offset(name) : shifts.getOrDefault(name, 0L),
              pair == null ? null : pair.audited(),
              known.getOrDefault(name, List.of())));
    });
    Consumer<String> warnings = text -> err.println("vipscope: warning: " + text);
    return new HostFolders(
        folders,
        warnings,
        selfPair == null ? null : selfPair.audited(),
        self == null
            ? null
            : new SelfState(self, keepalived, known.getOrDefault(self, List.of()), warnings));
  }

  private long offset(String host) {
    String text = offsets.get(host);
    if (text == null) {
      return 0;
    }
    long ns;
    try {
      ns = DurationOption.parse(text).ns();
    } catch (TypeConversionException e) {
      throw new ParameterException(
          spec.commandLine(), "--clock-offset " + host + ": " + e.getMessage(), e);
    }
    if (Math.abs(ns) > MAX_OFFSET_NS) {
      throw new ParameterException(
          spec.commandLine(), "--clock-offset " + host + ": more than ten years");
    }
    return ns;
  }

  /** The options that were given, with their values: another command with them means the same. */
  List<String> words() {
    List<String> words = new ArrayList<>();
    if (configFile != null) {
      words.addAll(List.of("--config", configFile.toString()));
    }
    if (folder != null) {
      words.addAll(List.of("--hosts", folder.toString()));
    }
    hosts.forEach(host -> words.addAll(List.of("--host", host)));
    vips.forEach(vip -> words.addAll(List.of("--vip", vip)));
    offsets.forEach((host, by) -> words.addAll(List.of("--clock-offset", host + "=" + by)));
    return words;
  }

  /** The folder above the hosts' snapshots: that of {@code --hosts}, else the configuration's. */
  Path state() {
    return folder != null ? folder : config().stateFolder();
  }

  /** VIPs named on the command line. */
  List<IpAddress> vips() {
    List<IpAddress> addresses = new ArrayList<>();
    for (String vip : vips) {
      try {
        addresses.add(IpAddress.parse(vip));
      } catch (IllegalArgumentException _) {
        throw new ParameterException(
            spec.commandLine(), "--vip: '" + vip + "' is not an IP address");
      }
    }
    return addresses;
  }
}
