package io.vipscope.tools;

import io.vipscope.capture.SourceCounters;
import io.vipscope.core.failover.Failover;
import io.vipscope.core.failover.Trigger;
import io.vipscope.core.finding.Finding;
import io.vipscope.core.finding.FindingKind;
import io.vipscope.core.finding.RuleCoverage;
import io.vipscope.core.flow.EndReason;
import io.vipscope.core.flow.FlowRecord;
import io.vipscope.core.flow.FlowState;
import io.vipscope.core.flow.Opener;
import io.vipscope.core.flow.Protocols;
import io.vipscope.core.frame.FrameHeader;
import io.vipscope.core.frame.FrameKind;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.MacAddress;
import io.vipscope.core.ownership.Evidence;
import io.vipscope.core.ownership.Ownership;
import io.vipscope.core.pipeline.AuditCounters;
import io.vipscope.core.verdict.Direction;
import io.vipscope.core.verdict.FlowVerdict;
import io.vipscope.core.verdict.Origin;
import io.vipscope.core.verdict.PathVerdict;
import io.vipscope.core.verdict.Severity;
import io.vipscope.core.verdict.SourceClass;
import io.vipscope.core.verdict.UndecidedCode;
import io.vipscope.core.verdict.Verdict;
import io.vipscope.tools.view.ResultSink;
import io.vipscope.tools.web.LatencyRows;
import io.vipscope.tools.web.PageSource.LatencyRow;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Turns an audit's records back into its results. Records of other programs are passed over. */
final class RecordReplay {

  /**
   * The last {@code stats} record.
   *
   * @param latency empty if it was not measured
   */
  record Stats(
      AuditCounters counters, SourceCounters source, String kind, List<LatencyRow> latency) {}

  private final ResultSink sink;
  private final List<String> sources = new ArrayList<>();
  private final Map<List<String>, RuleCoverage> coverage = new LinkedHashMap<>();
  private final Map<String, Stats> stats = new LinkedHashMap<>();
  private String file = "";
  private String sensor = "";
  private long records;

  RecordReplay(ResultSink sink) {
    this.sink = sink;
  }

  /**
   * Reads a file to its end.
   *
   * @param file path, or {@code -} for standard input
   */
  void read(String file) {
    this.file = file;
    new RecordLines(file).forEach((node, _) -> take(node));
  }

  /** Names of the interfaces or captures, by the source index of the flows given. */
  List<String> sources() {
    return sources;
  }

  /** What each run counted, by file; one whose end was not recorded is absent. */
  Map<String, Stats> stats() {
    return stats;
  }

  /** How much rules, routes and source NAT rules were used, over all runs that were recorded. */
  List<RuleCoverage> coverage() {
    return List.copyOf(coverage.values());
  }

  String sensor() {
    return sensor;
  }

  /** Records that were taken. */
  long records() {
    return records;
  }

  private void take(JsonNode r) {
    String type = r.path("event_type").asString("");
    switch (type) {
      case "flow" -> {
        if (!r.path("vipscope").isObject()) {
          return;
        }
        sink.flow(flow(r), verdict(r.get("vipscope")), r.at("/vipscope/accepted").asBoolean(false));
      }
      case "vip_owner" -> {
        JsonNode v = r.path("vipscope");
        sink.owner(owner(v, time(r, "timestamp")), v.path("instance").asString(null));
      }
      case "failover" -> sink.failover(failover(r.path("vipscope"), time(r, "timestamp")));
      case "finding" -> sink.finding(finding(r.path("vipscope"), time(r, "timestamp")));
      case "coverage" -> {
        RuleCoverage use = coverage(r.path("vipscope"), time(r, "timestamp"));
        coverage.merge(List.of(use.host(), use.kind(), use.text()), use, RecordReplay::sum);
      }
      case "stats" -> stats.put(file, stats(r));
      default -> {
        return;
      }
    }
    records++;
    sensor = r.path("sensor").asString(sensor);
  }

  private static IllegalArgumentException wrong(String key, JsonNode value) {
    return new IllegalArgumentException(
        key + ": " + (value.isMissingNode() ? "missing" : value + " is not understood"));
  }

  private static IpAddress address(JsonNode r, String key) {
    try {
      return IpAddress.parse(r.path(key).asString(""));
    } catch (IllegalArgumentException _) {
      throw wrong(key, r.path(key));
    }
  }

  private static @Nullable IpAddress addressOrNull(JsonNode r, String key) {
    return r.path(key).isString() ? address(r, key) : null;
  }

  private static List<IpAddress> addresses(JsonNode r, String key) {
    List<IpAddress> all = new ArrayList<>();
    for (JsonNode value : r.path(key)) {
      try {
        all.add(IpAddress.parse(value.asString("")));
      } catch (IllegalArgumentException _) {
        throw wrong(key, value);
      }
    }
    return all;
  }

  private static List<String> strings(JsonNode r, String key) {
    List<String> all = new ArrayList<>();
    r.path(key).forEach(value -> all.add(value.asString("")));
    return all;
  }

  private static long time(JsonNode r, String key) {
    Long ns = Timestamp.parse(r.path(key).asString(""));
    if (ns == null) {
      throw wrong(key, r.path(key));
    }
    return ns;
  }

  private static long timeOrNone(JsonNode r, String key) {
    return r.path(key).isString() ? time(r, key) : Long.MIN_VALUE;
  }

  private static <E extends Enum<E>> @Nullable E wordOrNull(JsonNode r, String key, Class<E> type) {
    if (!r.path(key).isString()) {
      return null;
    }
    String word = r.path(key).asString().toUpperCase(Locale.ROOT).replace('-', '_');
    try {
      return Enum.valueOf(type, word);
    } catch (IllegalArgumentException _) {
      throw wrong(key, r.path(key));
    }
  }

  private static <E extends Enum<E>> E word(JsonNode r, String key, Class<E> type) {
    E value = wordOrNull(r, key, type);
    if (value == null) {
      throw wrong(key, r.path(key));
    }
    return value;
  }

  private int source(JsonNode r) {
    String name = r.path("in_iface").asString(r.path("pcap_filename").asString(""));
    if (!sources.contains(name)) {
      sources.add(name);
    }
    return sources.indexOf(name);
  }

  private static long mac(JsonNode r, String key) {
    String text = r.path("ether").path(key).asString("");
    try {
      return text.isEmpty() ? FrameHeader.NO_MAC : MacAddress.parse(text).bits();
    } catch (IllegalArgumentException _) {
      throw wrong(key, r.path("ether").path(key));
    }
  }

  private FlowRecord flow(JsonNode r) {
    JsonNode f = r.path("flow");
    JsonNode v = r.path("vipscope");
    int protocol = QueryReader.protocol(r.path("proto").asString("").toLowerCase(Locale.ROOT));
    return new FlowRecord(
        r.path("flow_id").asLong(0),
        source(r),
        r.path("vlan").path(0).asInt(-1),
        r.path("vlan").path(1).asInt(-1),
        address(r, "src_ip"),
        r.path("src_port").asInt(0),
        address(r, "dest_ip"),
        r.path("dest_port").asInt(0),
        protocol,
        Protocols.isIcmp(protocol) ? r.path("icmp_id").asInt(-1) : -1,
        time(f, "start"),
        time(f, "end"),
        f.path("pkts_toserver").asLong(0),
        f.path("pkts_toclient").asLong(0),
        f.path("bytes_toserver").asLong(0),
        f.path("bytes_toclient").asLong(0),
        mac(r, "src_mac"),
        mac(r, "dest_mac"),
        true,
        -1,
        0,
        word(f, "state", FlowState.class),
        word(f, "reason", EndReason.class),
        word(v, "opener", Opener.class),
        false,
        false,
        null);
  }

  private static FlowVerdict verdict(JsonNode v) {
    Severity severity = wordOrNull(v, "severity", Severity.class);
    return new FlowVerdict(
        v.path("host").asString(null),
        v.path("pair").asString(null),
        word(v, "direction", Direction.class),
        word(v, "origin", Origin.class),
        wordOrNull(v, "source_class", SourceClass.class),
        strings(v, "source_flags"),
        v.path("source_dev").asString(null),
        addresses(v, "predicted"),
        wordOrNull(v, "predicted_class", SourceClass.class),
        wordOrNull(v, "verdict", Verdict.class),
        severity == null ? Severity.INFO : severity,
        v.path("mechanism").asString(null),
        strings(v, "causes"),
        strings(v, "conditions"),
        wordOrNull(v, "code", UndecidedCode.class),
        v.path("rule").asString(null),
        strings(v, "trace"),
        addressOrNull(v, "vip"),
        v.path("owner").asString(null),
        v.path("epoch").asInt(0),
        timeOrNone(v, "state_time"),
        v.path("reason").asString(""),
        v.path("path").path("dev").asString(null),
        addressOrNull(v.path("path"), "gateway"),
        word(v.path("path"), "verdict", PathVerdict.class));
  }

  private static long bits(JsonNode v, String key) {
    return v.path(key).isString() ? MacAddress.parse(v.path(key).asString()).bits() : -1;
  }

  private static Ownership owner(JsonNode v, long atNs) {
    return new Ownership(
        v.path("segment").asInt(-1),
        address(v, "vip"),
        v.path("host").asString(null),
        bits(v, "mac"),
        v.path("vrid").asInt(-1),
        v.path("priority").asInt(-1),
        time(v, "since"),
        0,
        word(v, "evidence", Evidence.class),
        v.path("epoch").asInt(1),
        strings(v, "holders"),
        atNs);
  }

  private static Failover failover(JsonNode v, long atNs) {
    return new Failover(
        v.path("instance").asString(null),
        v.path("segment").asInt(-1),
        v.path("vrid").asInt(-1),
        addresses(v, "vips"),
        v.path("from").asString(null),
        v.path("to").asString(null),
        bits(v, "from_mac"),
        bits(v, "to_mac"),
        word(v, "trigger", Trigger.class),
        atNs,
        timeOrNone(v, "last_advert_old"),
        timeOrNone(v, "first_advert_new"),
        timeOrNone(v, "first_garp"),
        timeOrNone(v, "first_traffic_new"),
        v.path("dark_ms").isNumber() ? ns(v.path("dark_ms")) : -1,
        v.path("dark_at_most").asBoolean(false),
        ns(v.path("overlap_ms")),
        v.path("flows").asInt(0),
        v.path("source_changes").asInt(0),
        v.path("sync_group").asString(null),
        strings(v, "moved_together"));
  }

  private static long ns(JsonNode ms) {
    return Math.round(ms.asDouble(0) * 1e6);
  }

  private static Finding finding(JsonNode v, long atNs) {
    List<Long> frames = new ArrayList<>();
    v.path("frames").forEach(frame -> frames.add(frame.asLong()));
    return new Finding(
        v.path("finding_id").asString(""),
        word(v, "kind", FindingKind.class),
        word(v, "severity", Severity.class),
        word(v, "status", Finding.Status.class),
        v.path("host").asString(null),
        v.path("segment").asInt(-1),
        addressOrNull(v, "vip"),
        atNs,
        time(v, "start"),
        timeOrNone(v, "end"),
        v.path("count").asLong(0),
        v.path("flows").asInt(0),
        frames,
        v.path("text").asString(""),
        strings(v, "next"));
  }

  private static RuleCoverage coverage(JsonNode v, long atNs) {
    long sinceNs = timeOrNone(v, "since");
    return new RuleCoverage(
        v.path("host").asString(""),
        v.path("kind").asString(""),
        v.path("text").asString(""),
        v.path("rule_id").asString(""),
        v.path("flows").asLong(0),
        v.path("bytes").asLong(0),
        v.path("last").isString() ? time(v, "last") : RuleCoverage.NEVER,
        sinceNs,
        v.path("observable").asBoolean(true),
        v.path("own").asBoolean(true),
        v.path("current").asBoolean(true),
        atNs);
  }

  /** The same rule in an earlier and a later run. */
  private static RuleCoverage sum(RuleCoverage a, RuleCoverage b) {
    return new RuleCoverage(
        b.host(),
        b.kind(),
        b.text(),
        b.id(),
        a.flows() + b.flows(),
        a.bytes() + b.bytes(),
        Math.max(a.lastNs(), b.lastNs()),
        Math.min(a.sinceNs(), b.sinceNs()),
        b.observable(),
        b.own(),
        b.current(),
        b.atNs());
  }

  private static List<LatencyRow> latency(JsonNode l, boolean live) {
    return l.isObject()
        ? LatencyRows.of(times(l.path("classified")), times(l.path("ring")), live)
        : List.of();
  }

  private static LatencyRows.Times times(JsonNode t) {
    return new LatencyRows.Times(
        t.path("p50").asLong(0),
        t.path("p99").asLong(0),
        t.path("p99.9").asLong(0),
        t.path("p99.99").asLong(0),
        t.path("max").asLong(0));
  }

  private static Stats stats(JsonNode r) {
    String way = r.path("source").asString("file");
    Map<FrameKind, Long> undecodable = new EnumMap<>(FrameKind.class);
    for (FrameKind kind : FrameKind.values()) {
      JsonNode count = r.path("undecodable").path(kind.name().toLowerCase(Locale.ROOT));
      if (count.isNumber()) {
        undecodable.put(kind, count.asLong());
      }
    }
    return new Stats(
        new AuditCounters(
            r.path("frames").asLong(0),
            r.path("flow_frames").asLong(0),
            r.path("untracked").asLong(0),
            r.path("control_frames").asLong(0),
            r.path("non_ip").asLong(0),
            r.path("filtered").asLong(0),
            r.path("duplicates").asLong(0),
            undecodable,
            r.path("flows").asLong(0),
            r.path("evicted").asLong(0),
            r.path("predictions").path("tables").asLong(0),
            r.path("predictions").path("model").asLong(0),
            Map.of()),
        new SourceCounters(
            r.path("kernel_received").asLong(-1),
            r.path("kernel_drops").asLong(-1),
            r.path("interface_drops").asLong(-1)),
        way,
        latency(r.path("latency_ns"), !way.equals("file")));
  }
}
