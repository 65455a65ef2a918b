package io.vipscope.tools.export;

import io.vipscope.capture.SourceCounters;
import io.vipscope.core.finding.Finding;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.ownership.Ownership;
import io.vipscope.core.pipeline.AuditCounters;
import io.vipscope.core.pipeline.AuditedHost;
import io.vipscope.core.worker.Latency;
import io.vipscope.tools.view.Lane;
import io.vipscope.tools.view.ViewCopy;
import java.lang.management.ManagementFactory;
import java.math.BigDecimal;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** The numbers of an audit as Prometheus takes them. */
public final class Metrics {

  /**
   * What they are made of.
   *
   * @param iface interfaces or files, joined by commas
   * @param outputDrops records that an output had no room for, by output
   * @param lastFrameNs capture time of the last frame; {@link Long#MIN_VALUE} before the first
   * @param ringRemaining blocks for which the ring has room
   * @param latency how long frames took; null if that is not measured
   */
  public record Moment(
      String version,
      String iface,
      AuditCounters counters,
      SourceCounters source,
      ViewCopy view,
      Collection<AuditedHost> hosts,
      Map<String, Long> outputDrops,
      long lastFrameNs,
      long ringRemaining,
      @Nullable Latency latency) {}

  /** Upper bounds, from 10 us to 1 s. */
  private static final double[] CLASSIFY_SECONDS = {
    0.000_01, 0.000_025, 0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025,
    0.05, 0.1, 0.25, 1
  };

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
    PairNames pairs = new PairNames(m.hosts());
    frames(out, m);
    counts.write(out, List.of("iface", m.iface()));
    owners(out, m, pairs);
    findings(out, m, pairs);
    states(out, m);
    out.metric(
            "vipscope_ring_remaining_capacity", "gauge", "Blocks of frames the ring has room for.")
        .value("vipscope_ring_remaining_capacity", List.of("thread", "reader"), m.ringRemaining());
    if (m.latency() != null) {
      classify(out, m.latency().classified());
    }
    return out.toString();
  }

  /** Bounds are met within the histogram's own precision, three digits. */
  private static void classify(MetricText out, Histogram times) {
    String name = "vipscope_classify_seconds";
    out.metric(
        name,
        "histogram",
        "From a frame's capture (in a file: from when its block was read) until its flow has it.");
    for (double bound : CLASSIFY_SECONDS) {
      long count = times.getTotalCount() == 0 ? 0 : times.getCountBetweenValues(0, ns(bound));
      out.value(name + "_bucket", List.of("le", bound(bound)), count);
    }
    out.value(name + "_bucket", List.of("le", "+Inf"), times.getTotalCount());
    double sum = times.getTotalCount() == 0 ? 0 : times.getMean() * times.getTotalCount() / 1e9;
    out.value(name + "_sum", List.of(), sum);
    out.value(name + "_count", List.of(), times.getTotalCount());
  }

  private static long ns(double seconds) {
    return Math.round(seconds * 1e9);
  }

  /** Without an exponent: {@code 0.00001}. */
  private static String bound(double seconds) {
    return new BigDecimal(Double.toString(seconds)).stripTrailingZeros().toPlainString();
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
    if (m.lastFrameNs() != Long.MIN_VALUE) {
      out.metric(
              "vipscope_last_frame_timestamp_seconds", "gauge", "Capture time of the last frame.")
          .value("vipscope_last_frame_timestamp_seconds", iface, m.lastFrameNs() / 1e9);
    }
  }

  private static void drops(MetricText out, String iface, String where, long count) {
    if (count >= 0) {
      out.value("vipscope_drops_total", List.of("iface", iface, "where", where), count);
    }
  }

  private static void owners(MetricText out, Moment m, PairNames pairs) {
    out.metric("vipscope_vip_holders", "gauge", "Audited hosts that hold or use a VIP.");
    for (Lane lane : m.view().lanes()) {
      out.value(
          "vipscope_vip_holders",
          List.of("pair", pairs.of(lane), "segment", lane.segment(), "vip", lane.vip().toString()),
          lane.last().holders().size());
    }
    out.metric(
        "vipscope_vip_owner",
        "gauge",
        "1 for the host of a pair that holds the VIPs of an instance.");
    Map<List<String>, Double> owners =
        new TreeMap<>((a, b) -> a.toString().compareTo(b.toString()));
    for (Lane lane : m.view().lanes()) {
      Ownership last = lane.last();
      String pair = pairs.of(lane);
      for (AuditedHost host : m.hosts()) {
        if (!pairs.of(host.name()).equals(pair)) {
          continue;
        }
        List<String> labels =
            List.of(
                "pair", pair,
                "segment", lane.segment(),
                "vrid", vrid(lane),
                "family", Integer.toString(lane.vip().family()),
                "host", host.name());
        owners.merge(labels, host.name().equals(last.host()) ? 1.0 : 0.0, Math::max);
      }
    }
    owners.forEach((labels, value) -> out.value("vipscope_vip_owner", labels, value));
  }

  /** The latest that is known: a claim alone does not tell it. */
  private static String vrid(Lane lane) {
    return lane.changes().reversed().stream()
        .filter(o -> o.vrid() >= 0)
        .findFirst()
        .map(o -> Integer.toString(o.vrid()))
        .orElse("");
  }

  private static void findings(MetricText out, Moment m, PairNames pairs) {
    out.metric("vipscope_findings_open", "gauge", "Findings that are not over.");
    Map<List<String>, Long> open = new TreeMap<>((a, b) -> a.toString().compareTo(b.toString()));
    for (Finding f : m.view().openFindings()) {
      String pair = f.host() == null ? pairs.of(f.vip()) : pairs.of(f.host());
      open.merge(
          List.of("pair", pair, "kind", f.kind().toString(), "severity", f.severity().toString()),
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
