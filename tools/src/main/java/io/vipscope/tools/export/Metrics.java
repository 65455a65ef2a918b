package io.vipscope.tools.export;

import io.vipscope.capture.SourceCounters;
import io.vipscope.core.finding.Finding;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.ownership.Ownership;
import io.vipscope.core.pipeline.AuditCounters;
import io.vipscope.core.pipeline.AuditedHost;
import io.vipscope.core.pipeline.AuditedPair;
import io.vipscope.tools.view.Lane;
import io.vipscope.tools.view.ViewCopy;
import java.lang.management.ManagementFactory;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The numbers of an audit as Prometheus takes them. */
public final class Metrics {

  /**
   * What they are made of.
   *
   * @param iface interfaces or files, joined by commas
   * @param outputDrops records that an output had no room for, by output
   * @param ringRemaining blocks for which the ring has room
   */
  public record Moment(
      String version,
      String iface,
      AuditCounters counters,
      SourceCounters source,
      ViewCopy view,
      Collection<AuditedHost> hosts,
      Map<String, Long> outputDrops,
      long ringRemaining) {}

  private Metrics() {}

  /** The text. */
  public static String text(Moment m, MetricCounts counts) {
    MetricText out = new MetricText();
    out.metric("vipscope_build_info", "gauge", "The program that runs.")
        .value("vipscope_build_info", List.of("version", m.version()), 1);
    out.metric("process_start_time_seconds", "gauge", "When the program started.")
        .value(
            "process_start_time_seconds",
            List.of(),
            ManagementFactory.getRuntimeMXBean().getStartTime() / 1e3);
    frames(out, m);
    counts.write(out);
    owners(out, m);
    findings(out, m);
    states(out, m);
    out.metric(
            "vipscope_ring_remaining_capacity", "gauge", "Blocks of frames the ring has room for.")
        .value("vipscope_ring_remaining_capacity", List.of("thread", "reader"), m.ringRemaining());
    return out.toString();
  }

  private static void frames(MetricText out, Moment m) {
    List<String> iface = List.of("iface", m.iface());
    out.metric("vipscope_frames_total", "counter", "Frames taken into decoding.")
        .value("vipscope_frames_total", iface, m.counters().frames());
    out.metric(
        "vipscope_drops_total",
        "counter",
        "Frames lost before decoding (kernel, interface), or records that an output had no room"
            + " for.");
    drops(out, m.iface(), "kernel", m.source().kernelDrops());
    drops(out, m.iface(), "interface", m.source().interfaceDrops());
    drops(out, m.iface(), "untracked", m.counters().untracked());
    m.outputDrops().forEach((output, count) -> drops(out, m.iface(), output, count));
    if (!m.view().empty()) {
      out.metric(
              "vipscope_last_frame_timestamp_seconds",
              "gauge",
              "Capture time of the last flow, change or finding.")
          .value("vipscope_last_frame_timestamp_seconds", iface, m.view().lastNs() / 1e9);
    }
  }

  private static void drops(MetricText out, String iface, String where, long count) {
    if (count >= 0) {
      out.value("vipscope_drops_total", List.of("iface", iface, "where", where), count);
    }
  }

  private static void owners(MetricText out, Moment m) {
    out.metric("vipscope_vip_holders", "gauge", "Audited hosts that hold or use a VIP.");
    for (Lane lane : m.view().lanes()) {
      Ownership last = lane.last();
      out.value(
          "vipscope_vip_holders",
          List.of(
              "pair", pair(m, last.host()),
              "segment", lane.segment(),
              "vip", lane.vip().toString()),
          last.holders().size());
    }
    out.metric("vipscope_vip_owner", "gauge", "1 for the host that holds the VIPs of an instance.");
    Map<List<String>, Double> owners =
        new TreeMap<>((a, b) -> a.toString().compareTo(b.toString()));
    for (Lane lane : m.view().lanes()) {
      Ownership last = lane.last();
      for (AuditedHost host : m.hosts()) {
        List<String> labels =
            List.of(
                "pair", pair(host),
                "segment", lane.segment(),
                "vrid", last.vrid() < 0 ? "" : Integer.toString(last.vrid()),
                "family", Integer.toString(lane.vip().family()),
                "host", host.name());
        owners.merge(labels, host.name().equals(last.host()) ? 1.0 : 0.0, Math::max);
      }
    }
    owners.forEach((labels, value) -> out.value("vipscope_vip_owner", labels, value));
  }

  private static String pair(AuditedHost host) {
    AuditedPair pair = host.pair();
    return pair == null ? "" : pair.name();
  }

  private static String pair(Moment m, @Nullable String host) {
    for (AuditedHost h : m.hosts()) {
      if (h.name().equals(host)) {
        return pair(h);
      }
    }
    return "";
  }

  private static void findings(MetricText out, Moment m) {
    out.metric("vipscope_findings_open", "gauge", "Findings that are not over.");
    Map<List<String>, Long> open = new TreeMap<>((a, b) -> a.toString().compareTo(b.toString()));
    for (Finding f : m.view().openFindings()) {
      open.merge(
          List.of(
              "pair", pair(m, f.host()),
              "kind", f.kind().toString(),
              "severity", f.severity().toString()),
          1L,
          Long::sum);
    }
    open.forEach((labels, count) -> out.value("vipscope_findings_open", labels, count));
  }

  private static void states(MetricText out, Moment m) {
    out.metric("vipscope_state_timestamp_seconds", "gauge", "When the newest snapshot ended.");
    for (AuditedHost host : m.hosts()) {
      long ns =
          host.snapshots().stream()
              .mapToLong(HostSnapshot::tEndNs)
              .max()
              .orElse(HostSnapshot.ALWAYS);
      if (ns != HostSnapshot.ALWAYS) {
        out.value("vipscope_state_timestamp_seconds", List.of("host", host.name()), ns / 1e9);
      }
    }
  }
}
