package io.vipscope.tools;

import io.vipscope.core.failover.Failover;
import io.vipscope.core.finding.Finding;
import io.vipscope.core.finding.RuleCoverage;
import io.vipscope.core.flow.FlowRecord;
import io.vipscope.core.flow.Protocols;
import io.vipscope.core.frame.FrameHeader;
import io.vipscope.core.frame.FrameKind;
import io.vipscope.core.frame.Segments;
import io.vipscope.core.frame.TunnelHeader;
import io.vipscope.core.net.MacAddress;
import io.vipscope.core.ownership.Ownership;
import io.vipscope.core.pipeline.AuditCounters;
import io.vipscope.core.verdict.Direction;
import io.vipscope.core.verdict.FlowVerdict;
import io.vipscope.core.worker.Latency;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** Writes records as JSON lines: Suricata's EVE envelope with a {@code vipscope} object. */
final class RecordWriter {

  private final PrintWriter out;
  private final String sensor;
  private final boolean live;
  private final List<String> sources;
  private final Segments segments;
  private final JsonText json = new JsonText();
  private @Nullable ProcessWatch processes;

  /**
   * @param sources names of interfaces or files, by source index
   */
  RecordWriter(
      PrintWriter out, String sensor, boolean live, List<String> sources, Segments segments) {
    this.out = out;
    this.sensor = sensor;
    this.live = live;
    this.sources = List.copyOf(sources);
    this.segments = segments;
  }

  /** Outbound flows of this host get their process from it. */
  void processes(ProcessWatch watch) {
    processes = watch;
  }

  private void head(long atNs, String type) {
    json.open().put("timestamp", Timestamp.of(atNs)).put("event_type", type).put("sensor", sensor);
  }

  /** A flow, or a mismatch told at once ({@code event_type} verdict). */
  void flow(String type, FlowRecord f, FlowVerdict v, boolean accepted) {
    head(f.endNs(), type);
    json.put("flow_id", f.flowId());
    String source = f.source() < sources.size() ? sources.get(f.source()) : "";
    json.put(live ? "in_iface" : "pcap_filename", source);
    int vlan = segments.vlan(f.vlan());
    if (vlan >= 0) {
      json.list("vlan", f.innerVlan() >= 0 ? List.of(vlan, f.innerVlan()) : List.of(vlan));
    }
    json.put("src_ip", f.src())
        .put("src_port", f.srcPort())
        .put("dest_ip", f.dst())
        .put("dest_port", f.dstPort())
        .put("proto", Protocols.name(f.protocol()))
        .putIf(f.icmpId() >= 0, "icmp_id", f.icmpId())
        .put("ip_v", f.src().family());
    String community = CommunityId.of(f);
    json.putIf(community != null, "community_id", community);
    if (f.srcMac() != FrameHeader.NO_MAC) {
      json.open("ether").put("src_mac", new MacAddress(f.srcMac()));
      json.putIf(
          f.dstMac() != FrameHeader.NO_MAC,
          "dest_mac",
          f.dstMac() == FrameHeader.NO_MAC ? null : new MacAddress(f.dstMac()));
      json.close();
    }
    json.open("flow")
        .put("pkts_toserver", f.pktsToServer())
        .put("pkts_toclient", f.pktsToClient())
        .put("bytes_toserver", f.bytesToServer())
        .put("bytes_toclient", f.bytesToClient())
        .put("start", Timestamp.of(f.startNs()))
        .put("end", Timestamp.of(f.endNs()))
        .put("state", f.state())
        .put("reason", f.reason())
        .close();
    verdict(f, v, accepted);
    line(json.close());
  }

  private void verdict(FlowRecord f, FlowVerdict v, boolean accepted) {
    boolean judged = v.verdict() != null;
    json.open("vipscope")
        .put("host", v.host())
        .put("pair", v.pair())
        .put("direction", v.direction())
        .put("opener", f.opener())
        .put("origin", v.origin())
        .put("source_class", v.sourceClass())
        .list("source_flags", v.sourceFlags())
        .put("source_dev", v.sourceDev());
    if (v.sourceClass() == null) {
      json.put("predicted", null);
    } else {
      json.list("predicted", v.predicted());
    }
    json.put("predicted_class", v.predictedClass())
        .put("verdict", v.verdict())
        .put("severity", judged ? v.severity() : null)
        .put("accepted", accepted)
        .put("mechanism", v.mechanism())
        .list("causes", v.causes())
        .list("conditions", v.conditions())
        .put("code", v.code())
        .put("rule", v.rule())
        .list("trace", v.trace())
        .put("vip", v.vip())
        .put("owner", v.owner())
        .put("epoch", v.epoch() == 0 ? null : v.epoch())
        .put(
            "state_time",
            v.stateTimeNs() == FlowVerdict.NO_TIME ? null : Timestamp.of(v.stateTimeNs()))
        .put("reason", v.reason());
    mirror(f.vlan());
    json.open("path")
        .put("dev", v.pathDev())
        .put("gateway", v.pathGateway())
        .put("verdict", v.path())
        .close();
    OwnProcess process =
        processes == null || v.direction() != Direction.OUTBOUND ? null : processes.of(f);
    if (process != null) {
      json.open("process")
          .put("pid", process.pid() < 0 ? null : process.pid())
          .put("comm", process.comm())
          .put("uid", process.uid())
          .put("unit", process.unit())
          .close();
    }
    json.close();
  }

  /**
   * Who holds a VIP.
   *
   * @param vrrp its instance, as keepalived.conf has it
   */
  void owner(Ownership o, VrrpNames vrrp) {
    head(o.atNs(), "vip_owner");
    json.open("vipscope")
        .put("pair", vrrp.pair())
        .put("vip", o.vip())
        .put("vrid", o.vrid() < 0 ? null : o.vrid())
        .put("family", o.vip().family())
        .put("segment", vlan(o.segment()))
        .put("instance", vrrp.instance())
        .put("sync_group", vrrp.group())
        .put("host", o.host())
        .put("mac", o.mac() < 0 ? null : new MacAddress(o.mac()))
        .put("priority", o.priority() < 0 ? null : o.priority())
        .put("since", Timestamp.of(o.sinceNs()))
        .put("evidence", o.evidence())
        .put("epoch", o.epoch())
        .list("holders", o.holders());
    mirror(o.segment());
    json.close();
    line(json.close());
  }

  private @Nullable Integer vlan(int segment) {
    return segments.vlan(segment) < 0 ? null : segments.vlan(segment);
  }

  /** The mirror session that a segment's frames came in. */
  private void mirror(int segment) {
    Segments.Mirror mirror = segments.mirror(segment);
    if (mirror != null) {
      json.open("mirror")
          .put("transport", mirror.tunnel())
          .put("id", mirror.id() == TunnelHeader.NO_ID ? null : mirror.id())
          .close();
    }
  }

  void failover(Failover f, @Nullable String pair) {
    head(f.atNs(), "failover");
    json.open("vipscope")
        .put("pair", pair)
        .put("instance", f.instance())
        .put("sync_group", f.group())
        .list("moved_together", f.together())
        .put("segment", vlan(f.segment()))
        .put("vrid", f.vrid() < 0 ? null : f.vrid())
        .list("vips", f.vips())
        .put("from", f.from())
        .put("to", f.to())
        .put("from_mac", f.fromMac() < 0 ? null : new MacAddress(f.fromMac()))
        .put("to_mac", f.toMac() < 0 ? null : new MacAddress(f.toMac()))
        .put("trigger", f.trigger())
        .put("last_advert_old", time(f.lastAdvertOldNs()))
        .put("first_advert_new", time(f.firstAdvertNewNs()))
        .put("first_garp", time(f.firstGarpNs()))
        .put("first_traffic_new", time(f.firstTrafficNewNs()))
        .put("dark_ms", f.darkNs() < 0 ? null : ms(f.darkNs()))
        .put("dark_at_most", f.darkAtMost())
        .put("overlap_ms", ms(f.overlapNs()))
        .put("flows", f.flows())
        .put("source_changes", f.sourceChanges());
    mirror(f.segment());
    json.close();
    line(json.close());
  }

  private static @Nullable String time(long ns) {
    return ns == Failover.NO_TIME ? null : Timestamp.of(ns);
  }

  /** Milliseconds, to the microsecond. */
  private static Double ms(long ns) {
    return Math.round(ns / 1e3) / 1e3;
  }

  void finding(Finding f, @Nullable String pair) {
    head(f.atNs(), "finding");
    json.open("vipscope")
        .put("pair", pair)
        .put("finding_id", f.id())
        .put("kind", f.kind())
        .put("severity", f.severity())
        .put("status", f.status())
        .put("host", f.host())
        .put("segment", vlan(f.segment()))
        .put("vip", f.vip())
        .put("start", Timestamp.of(f.startNs()))
        .put("end", time(f.endNs()))
        .put("count", f.count())
        .put("flows", f.flows())
        .list("frames", f.frames())
        .put("text", f.text())
        .list("next", f.next());
    mirror(f.segment());
    json.close();
    line(json.close());
  }

  /** A flow before and behind NAT. */
  void nat(NatFlow f) {
    NatFlow.Side side = f.either();
    head(side.tsNs(), "nat");
    json.put("src_ip", side.src())
        .put("src_port", side.srcPort())
        .put("dest_ip", side.dst())
        .put("dest_port", side.dstPort())
        .put("proto", Protocols.name(side.protocol()));
    json.open("vipscope")
        .put("host", f.host())
        .put(
            "status",
            f.inside() == null ? "outside-only" : f.outside() == null ? "inside-only" : "paired");
    side("inside", f.inside());
    side("outside", f.outside());
    json.list("predicted", List.copyOf(f.predicted()))
        .put("mechanism", f.nat().toString().toLowerCase(Locale.ROOT))
        .put("verdict", f.verdict())
        .put("port_rewritten", f.portRewritten())
        .put("double", f.doubled())
        .put("evidence", f.evidence().isEmpty() ? null : f.evidence())
        .put("reason", f.reason())
        .close();
    line(json.close());
  }

  private void side(String name, NatFlow.@Nullable Side side) {
    if (side != null) {
      json.open(name)
          .put("src_ip", side.src())
          .put("src_port", side.srcPort())
          .put("time", Timestamp.of(side.tsNs()))
          .close();
    }
  }

  /** Told at the end of a run. */
  void coverage(RuleCoverage c, @Nullable String pair) {
    head(c.atNs(), "coverage");
    json.open("vipscope")
        .put("pair", pair)
        .put("host", c.host())
        .put("kind", c.kind())
        .put("rule_id", c.id())
        .put("text", c.text())
        .put("flows", c.flows())
        .put("bytes", c.bytes())
        .put("last", c.lastNs() == RuleCoverage.NEVER ? null : Timestamp.of(c.lastNs()))
        .put("since", time(c.sinceNs()))
        .put("observable", c.observable())
        .put("own", c.own())
        .put("current", c.current())
        .close();
    line(json.close());
  }

  /**
   * Writes what was counted.
   *
   * @param latency how long frames took; null if that was not measured
   */
  void stats(
      AuditCounters c,
      AuditTotals totals,
      SourceTotals source,
      Map<String, Long> outputDrops,
      @Nullable Latency latency,
      long atNs) {
    head(atNs, "stats");
    json.put("frames", c.frames())
        .put("flow_frames", c.flowFrames())
        .put("untracked", c.untracked())
        .put("control_frames", c.controlFrames())
        .put("duplicates", c.duplicates())
        .put("non_ip", c.nonIp())
        .put("filtered", c.filtered());
    json.open("undecodable");
    for (Map.Entry<FrameKind, Long> entry : c.undecodable().entrySet()) {
      json.put(entry.getKey().name().toLowerCase(Locale.ROOT), entry.getValue());
    }
    json.close();
    json.put("kernel_received", known(source.counters().kernelReceived()))
        .put("kernel_drops", known(source.counters().kernelDrops()))
        .put("interface_drops", known(source.counters().interfaceDrops()))
        .put("ring_drops", 0)
        .put("flows", c.flows())
        .put("evicted", c.evicted());
    json.open("verdicts");
    totals.verdicts().forEach((verdict, count) -> json.put(verdict.toString(), count));
    json.close();
    json.open("undecided");
    totals.undecided().forEach((code, count) -> json.put(code.toString(), count));
    json.close();
    json.open("predictions")
        .put("tables", c.tablePredictions())
        .put("model", c.modelPredictions())
        .close();
    json.open("mirror");
    c.mirrored().forEach((transport, count) -> json.put(transport.toString(), count));
    json.close();
    if (latency != null) {
      json.open("latency_ns");
      percentiles("classified", latency.classified());
      percentiles("ring", latency.ring());
      json.close();
    }
    json.open("output_drops");
    outputDrops.forEach(json::put);
    json.close();
    json.put("seconds", source.seconds()).put("source", source.kind());
    line(json.close());
  }

  private void percentiles(String name, Histogram histogram) {
    json.open(name)
        .put("p50", histogram.getValueAtPercentile(50))
        .put("p99", histogram.getValueAtPercentile(99))
        .put("p99.9", histogram.getValueAtPercentile(99.9))
        .put("p99.99", histogram.getValueAtPercentile(99.99))
        .put("max", histogram.getMaxValue())
        .close();
  }

  private static @Nullable Long known(long value) {
    return value < 0 ? null : value;
  }

  private void line(JsonText text) {
    out.println(text.take());
  }
}
