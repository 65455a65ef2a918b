package io.vipscope.tools.web;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vipscope.core.failover.Failover;
import io.vipscope.core.finding.Finding;
import io.vipscope.core.ownership.Ownership;
import io.vipscope.core.verdict.Direction;
import io.vipscope.core.verdict.Verdict;
import io.vipscope.tools.Timestamp;
import io.vipscope.tools.picture.LanesPicture;
import io.vipscope.tools.picture.SeriesPicture;
import io.vipscope.tools.report.ReportText;
import io.vipscope.tools.report.Why;
import io.vipscope.tools.view.FlowRow;
import io.vipscope.tools.view.Lane;
import io.vipscope.tools.view.ViewCopy;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What the page asks for, as JSON. */
final class PageJson {

  private static final JsonMapper MAPPER = new JsonMapper();
  private static final int MAX_ROWS = 500;
  private static final int DEFAULT_ROWS = 100;
  private static final int MAX_LISTED = 200;

  /** The overview of one version: pages that ask for the same share the work. */
  private record Made(long version, boolean running, String body) {}

  private final PageSource source;
  private volatile @Nullable Made made;

  PageJson(PageSource source) {
    this.source = source;
  }

  byte[] overview() {
    Made last = made;
    boolean running = source.running();
    if (last != null && last.version() == source.view().version() && last.running() == running) {
      return last.body().getBytes(UTF_8);
    }
    ViewCopy view = source.view().copy();
    String body = overview(view, running).toString();
    made = new Made(view.version(), running, body);
    return body.getBytes(UTF_8);
  }

  private ObjectNode overview(ViewCopy view, boolean running) {
    ObjectNode out = MAPPER.createObjectNode();
    out.put("version", view.version()).put("running", running).put("title", source.title());
    out.put("start", view.empty() ? null : Timestamp.of(view.firstNs()));
    out.put("end", view.empty() ? null : Timestamp.of(view.lastNs()));
    ObjectNode tiles = out.putObject("tiles");
    tiles.put(
        "outbound", view.hosts().values().stream().mapToLong(h -> h.of(Direction.OUTBOUND)).sum());
    for (Verdict verdict : Verdict.values()) {
      tiles.put(verdict.toString(), view.of(verdict));
    }
    tiles.put("failovers", view.failovers().size());
    tiles.put("findings", view.openFindings().size());
    out.put("lanes", LanesPicture.svg(view) + LanesPicture.legend(view));
    out.put("lanes_hidden", LanesPicture.hidden(view));
    out.put("classes", series(SeriesPicture.CLASSES, view));
    out.put("verdicts", series(SeriesPicture.VERDICTS, view));
    ArrayNode owners = out.putArray("owners");
    view.lanes().stream().limit(MAX_LISTED).forEach(lane -> owner(owners.addObject(), lane));
    ArrayNode failovers = out.putArray("failovers");
    List<Failover> latest = view.failovers().reversed();
    for (int i = 0; i < Math.min(MAX_LISTED, latest.size()); i++) {
      failover(failovers.addObject().put("number", latest.size() - i), latest.get(i));
    }
    ArrayNode findings = out.putArray("findings");
    ReportText.sorted(view.findings()).stream()
        .limit(MAX_LISTED)
        .forEach(f -> finding(findings.addObject(), f));
    ArrayNode hosts = out.putArray("hosts");
    view.hosts().keySet().forEach(hosts::add);
    return out;
  }

  private static String series(SeriesPicture picture, ViewCopy view) {
    String svg = picture.svg(view);
    return svg.isEmpty() ? "" : svg + picture.legend();
  }

  private static void owner(ObjectNode node, Lane lane) {
    Ownership last = lane.last();
    node.put("vip", lane.vip().toString()).put("segment", lane.segment());
    node.put("instance", lane.instance()).put("holder", LanesPicture.holder(last));
    node.put("known", last.host() != null).put("since", Timestamp.of(last.sinceNs()));
    node.put("epoch", last.epoch()).put("evidence", last.evidence().toString());
    node.put("also", String.join(", ", last.holders().stream().skip(1).toList()));
  }

  private static void failover(ObjectNode node, Failover f) {
    node.put("time", Timestamp.clock(f.atNs())).put("instance", ReportText.instance(f));
    node.put("from", ReportText.from(f));
    node.put("to", ReportText.to(f));
    node.put("trigger", f.trigger().toString()).put("gap", ReportText.gap(f));
    node.put("flows", f.flows()).put("source_changes", f.sourceChanges());
  }

  private static void finding(ObjectNode node, Finding f) {
    node.put("id", f.id()).put("kind", f.kind().toString());
    node.put("severity", f.severity().toString());
    node.put("open", f.status() != Finding.Status.RESOLVED);
    node.put("start", Timestamp.clock(f.startNs())).put("count", f.count());
    node.put("text", f.text());
    ArrayNode next = node.putArray("next");
    f.next().forEach(next::add);
  }

  byte[] flows(Query query) {
    FlowFilter filter = FlowFilter.of(query);
    int limit = (int) query.number("limit", DEFAULT_ROWS, MAX_ROWS);
    long offset = query.number("offset", 0, Integer.MAX_VALUE);
    List<FlowRow> kept = source.view().flows();
    ObjectNode out = MAPPER.createObjectNode();
    ArrayNode rows = out.putArray("rows");
    long found = 0;
    for (FlowRow row : kept) {
      if (filter.takes(row)) {
        if (found >= offset && found < offset + limit) {
          row(rows.addObject(), row);
        }
        found++;
      }
    }
    out.put("found", found).put("kept", kept.size()).put("seen", source.view().copy().flowsSeen());
    return out.toString().getBytes(UTF_8);
  }

  private static void row(ObjectNode node, FlowRow row) {
    var f = row.flow();
    var v = row.verdict();
    node.put("id", f.flowId())
        .put("key", row.key())
        .put("time", Timestamp.clock(f.startNs()))
        .put("host", v.host());
    node.put("direction", v.direction().toString());
    node.put("src", f.src().toString()).put("src_port", f.srcPort());
    node.put("dst", f.dst().toString()).put("service", row.service());
    node.put("class", v.sourceClass() == null ? null : v.sourceClass().toString());
    node.put("verdict", v.verdict() == null ? null : v.verdict().toString());
    node.put("accepted", row.accepted()).put("why", FlowFilter.why(v));
    node.put("packets", f.pktsToServer() + f.pktsToClient());
    node.put("ended", row.ended());
  }

  byte @Nullable [] flow(Query query) {
    FlowRow row = source.view().flow(query.text("id"));
    if (row == null) {
      return null;
    }
    ObjectNode out = MAPPER.createObjectNode();
    out.set("record", MAPPER.readTree(source.record(row)));
    out.put("ended", row.ended());
    Why why = source.why(row);
    ArrayNode steps = out.putArray("steps");
    (why == null || why.steps().isEmpty() ? row.trace() : why.steps()).forEach(steps::add);
    ArrayNode causes = out.putArray("causes");
    ArrayNode changes = out.putArray("changes");
    ArrayNode minds = out.putArray("mind");
    if (why != null) {
      why.causes().forEach(causes::add);
      why.changes()
          .forEach(c -> changes.addObject().put("src", c.source()).put("change", c.command()));
      why.minds().forEach(minds::add);
    }
    return out.toString().getBytes(UTF_8);
  }

  byte[] coverage(Query query) {
    return CoverageJson.of(source.coverage(), query);
  }

  byte[] health() {
    ObjectNode out = MAPPER.createObjectNode();
    ArrayNode latency = out.putArray("latency");
    for (PageSource.LatencyRow row : source.latency()) {
      ObjectNode node = latency.addObject().put("name", row.name()).put("meaning", row.meaning());
      node.putArray("ns")
          .add(row.p50Ns())
          .add(row.p99Ns())
          .add(row.p999Ns())
          .add(row.p9999Ns())
          .add(row.maxNs());
    }
    ArrayNode groups = out.putArray("groups");
    for (PageSource.HealthGroup group : source.health()) {
      ObjectNode node = groups.addObject().put("title", group.title());
      ArrayNode counters = node.putArray("counters");
      for (PageSource.Counter c : group.counters()) {
        counters
            .addObject()
            .put("name", c.name())
            .put("value", c.value())
            .put("meaning", c.meaning())
            .put("bad", c.bad() && c.value() != null && !c.value().equals("0"));
      }
    }
    return out.toString().getBytes(UTF_8);
  }
}
