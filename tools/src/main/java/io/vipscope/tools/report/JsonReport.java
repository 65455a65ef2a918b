package io.vipscope.tools.report;

import io.vipscope.core.failover.Failover;
import io.vipscope.core.finding.Finding;
import io.vipscope.core.ownership.Ownership;
import io.vipscope.core.verdict.Direction;
import io.vipscope.core.verdict.SourceClass;
import io.vipscope.core.verdict.Verdict;
import io.vipscope.tools.Timestamp;
import io.vipscope.tools.view.Difference;
import io.vipscope.tools.view.FlowSeries;
import io.vipscope.tools.view.Lane;
import io.vipscope.tools.view.ViewCopy;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The report as one JSON object: everything that the other forms show, and what they leave out. */
final class JsonReport {

  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private JsonReport() {}

  static String text(Report report) {
    ViewCopy view = report.view();
    ObjectNode out = MAPPER.createObjectNode();
    out.put("sensor", report.facts().sensor());
    out.put("start", view.empty() ? null : Timestamp.of(view.firstNs()));
    out.put("end", view.empty() ? null : Timestamp.of(view.lastNs()));
    out.put("summary", ReportText.verdict(report));
    hosts(out, view);
    differences(out, report);
    ArrayNode findings = out.putArray("findings");
    ReportText.sorted(view.findings()).forEach(f -> finding(findings.addObject(), f));
    ArrayNode failovers = out.putArray("failovers");
    view.failovers().forEach(f -> failover(failovers.addObject(), f));
    ownership(out, view);
    series(out, view);
    capture(out, report.facts());
    strings(out.putArray("blind_spots"), BlindSpots.of(report));
    return MAPPER.writeValueAsString(out) + "\n";
  }

  private static void strings(ArrayNode array, List<String> texts) {
    texts.forEach(array::add);
  }

  private static void hosts(ObjectNode out, ViewCopy view) {
    ObjectNode hosts = out.putObject("hosts");
    view.hosts()
        .forEach((name, h) -> {
          ObjectNode host = hosts.putObject(name);
          for (Direction d : Direction.values()) {
            host.put(d.toString(), h.of(d));
          }
          ObjectNode classes = host.putObject("source_classes");
          Arrays.stream(SourceClass.values()).forEach(c -> classes.put(c.toString(), h.of(c)));
          ObjectNode verdicts = host.putObject("verdicts");
          Arrays.stream(Verdict.values()).forEach(v -> verdicts.put(v.toString(), h.of(v)));
        });
  }

  private static void differences(ObjectNode out, Report report) {
    ArrayNode all = out.putArray("differences");
    for (Map.Entry<Difference, Difference.Tally> e :
        ReportText.sorted(report.view().differences())) {
      Difference d = e.getKey();
      ObjectNode node = all.addObject();
      node.put("verdict", d.verdict().toString()).put("host", d.host());
      node.put("src_ip", d.src().toString()).put("dest_ip", d.dst().toString());
      node.put("service", d.service()).put("reason", d.reason());
      node.put("flows", e.getValue().flows());
      node.put("first", Timestamp.of(e.getValue().firstNs()));
      node.put("last", Timestamp.of(e.getValue().lastNs()));
      node.put("example_flow_id", e.getValue().example().flow().flowId());
      Why why = report.why().get(d);
      strings(node.putArray("steps"), why == null ? e.getValue().example().trace() : why.steps());
      if (why != null) {
        strings(node.putArray("explanations"), why.causes());
        ArrayNode changes = node.putArray("changes");
        why.changes()
            .forEach(c -> changes.addObject().put("src", c.source()).put("change", c.command()));
        strings(node.putArray("mind"), why.minds());
      }
    }
  }

  private static void finding(ObjectNode node, Finding f) {
    node.put("finding_id", f.id()).put("kind", f.kind().toString());
    node.put("severity", f.severity().toString()).put("status", f.status().toString());
    node.put("host", f.host()).put("vip", f.vip() == null ? null : f.vip().toString());
    node.put("start", Timestamp.of(f.startNs())).put("end", time(f.endNs()));
    node.put("count", f.count()).put("flows", f.flows()).put("text", f.text());
    ArrayNode frames = node.putArray("frames");
    f.frames().forEach(frames::add);
    strings(node.putArray("next"), f.next());
  }

  private static @Nullable String time(long ns) {
    return ns == Failover.NO_TIME ? null : Timestamp.of(ns);
  }

  private static void failover(ObjectNode node, Failover f) {
    node.put("time", Timestamp.of(f.atNs())).put("instance", f.instance());
    node.put("vrid", f.vrid() < 0 ? null : f.vrid());
    ArrayNode vips = node.putArray("vips");
    f.vips().forEach(v -> vips.add(v.toString()));
    node.put("from", f.from()).put("to", f.to()).put("trigger", f.trigger().toString());
    node.put("last_advert_old", time(f.lastAdvertOldNs()));
    node.put("first_advert_new", time(f.firstAdvertNewNs()));
    node.put("first_garp", time(f.firstGarpNs()));
    node.put("first_traffic_new", time(f.firstTrafficNewNs()));
    node.put("dark_ms", f.darkNs() < 0 ? null : f.darkNs() / 1e6);
    node.put("overlap_ms", f.overlapNs() / 1e6);
    node.put("flows", f.flows()).put("source_changes", f.sourceChanges());
  }

  private static void ownership(ObjectNode out, ViewCopy view) {
    ArrayNode lanes = out.putArray("ownership");
    for (Lane lane : view.lanes()) {
      ObjectNode node = lanes.addObject();
      node.put("vip", lane.vip().toString()).put("segment", lane.segment());
      node.put("instance", lane.instance());
      ArrayNode changes = node.putArray("changes");
      for (Ownership o : lane.changes()) {
        changes
            .addObject()
            .put("since", Timestamp.of(o.sinceNs()))
            .put("host", o.host())
            .put("evidence", ReportText.evidence(o))
            .put("epoch", o.epoch());
      }
      ArrayNode shared = node.putArray("shared");
      for (Lane.Shared s : lane.shared()) {
        shared
            .addObject()
            .put("host", s.host())
            .put("from", Timestamp.of(s.fromNs()))
            .put("until", s.goesOn() ? null : Timestamp.of(s.untilNs()));
      }
    }
  }

  private static void series(ObjectNode out, ViewCopy view) {
    ObjectNode series = out.putObject("flows_over_time");
    series.put("interval_s", view.series().widthNs() / 1e9);
    ArrayNode intervals = series.putArray("intervals");
    for (FlowSeries.Interval interval : view.series().intervals()) {
      ObjectNode node = intervals.addObject().put("start", Timestamp.of(interval.startNs()));
      for (SourceClass c : SourceClass.values()) {
        node.put(c.toString(), interval.classes().get(c.ordinal()));
      }
      for (Verdict v : Verdict.values()) {
        node.put(v.toString(), interval.verdicts().get(v.ordinal()));
      }
    }
  }

  private static void capture(ObjectNode out, CaptureFacts facts) {
    ObjectNode node = out.putObject("capture");
    strings(node.putArray("sources"), facts.sources());
    node.put("live", facts.live()).put("captured_by", facts.kind());
    node.put("expression", facts.expression()).put("seconds", facts.seconds());
    node.put("ended_early", facts.broken());
    node.put("frames", facts.counters().frames());
    ObjectNode parts = node.putObject("accounting");
    Accounting.frames(facts.counters()).forEach(parts::put);
    node.put("flows", facts.counters().flows()).put("evicted", facts.counters().evicted());
    node.put("kernel_drops", known(facts.source().kernelDrops()));
    node.put("interface_drops", known(facts.source().interfaceDrops()));
    ArrayNode hosts = node.putArray("hosts");
    for (CaptureFacts.HostFacts host : facts.hosts()) {
      hosts
          .addObject()
          .put("host", host.name())
          .put("snapshots", host.snapshots())
          .put("nat_known", host.natKnown());
    }
  }

  private static @Nullable Long known(long value) {
    return value < 0 ? null : value;
  }
}
