package io.vipscope.tools;

import io.vipscope.capture.host.SnapshotReader;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.pipeline.AuditedHost;
import io.vipscope.core.pipeline.HostIndex;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options that name audited hosts, their state and their VIPs. */
final class HostOptions {

  @Spec(Spec.Target.MIXEE)
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Option(
      names = "--host",
      paramLabel = "NAME=DIR",
      description = "An audited host and its snapshots. Repeatable.")
  private Map<String, Path> hosts = new LinkedHashMap<>();

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

  /** Reads everything named; one warning per host whose NAT rules were not collected. */
  HostIndex read(PrintWriter err) {
    Map<String, Path> all = new LinkedHashMap<>(hosts);
    if (folder != null) {
      if (!java.nio.file.Files.isDirectory(folder)) {
        throw new io.vipscope.capture.CaptureException(
            folder + ": no such directory, expected one subfolder per host");
      }
      for (Path host : SnapshotReader.folders(folder)) {
        all.putIfAbsent(Objects.requireNonNull(host.getFileName()).toString(), host);
      }
    }
    List<AuditedHost> audited = new ArrayList<>();
    for (Map.Entry<String, Path> entry : all.entrySet()) {
      List<HostSnapshot> snapshots =
          SnapshotReader.readHost(entry.getKey(), entry.getValue()).stream()
              .map(s -> s.shifted(offset(entry.getKey())))
              .toList();
      audited.add(new AuditedHost(entry.getKey(), null, snapshots));
      if (snapshots.stream().noneMatch(s -> s.netfilter().known())) {
        err.println(
            "vipscope: warning: "
                + entry.getKey()
                + ": no nft.json and no iptables-save.txt: NAT is unknown");
      }
    }
    for (String name : offsets.keySet()) {
      if (!all.containsKey(name)) {
        throw new ParameterException(
            spec.commandLine(), "--clock-offset names '" + name + "', which is no audited host");
      }
    }
    return new HostIndex(audited, addresses());
  }

  private long offset(String host) {
    String text = offsets.get(host);
    return text == null ? 0 : DurationOption.parse(text).ns();
  }

  private List<IpAddress> addresses() {
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
