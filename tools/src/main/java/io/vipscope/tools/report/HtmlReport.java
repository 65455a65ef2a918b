package io.vipscope.tools.report;

import static io.vipscope.tools.picture.Markup.escape;

import io.vipscope.core.failover.Failover;
import io.vipscope.core.finding.Finding;
import io.vipscope.core.ownership.Ownership;
import io.vipscope.core.verdict.Direction;
import io.vipscope.core.verdict.SourceClass;
import io.vipscope.core.verdict.Verdict;
import io.vipscope.tools.Timestamp;
import io.vipscope.tools.picture.LanesPicture;
import io.vipscope.tools.picture.SeriesPicture;
import io.vipscope.tools.picture.Stylesheet;
import io.vipscope.tools.view.Difference;
import io.vipscope.tools.view.Lane;
import io.vipscope.tools.view.ViewCopy;
import java.util.List;
import java.util.Map;

/** The report as one HTML file: pictures within, nothing fetched, no script. */
final class HtmlReport {

  private static final int MAX_ROWS = 200;
  private static final String OWN_STYLE =
      """
      main { max-width: 1080px; margin: 0 auto; padding: 24px 16px 48px; }
      h1 { font-size: 24px; margin: 0 0 4px; }
      .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; margin: 16px 0; }
      .tile { background: var(--card); border: 1px solid var(--rule); border-radius: 10px; padding: 10px 14px; }
      .tile b { display: block; font-size: 24px; line-height: 1.3; font-variant-numeric: tabular-nums; }
      .tile span { color: var(--soft); font-size: 13px; }
      .why { margin: 0 0 18px; padding: 0 0 12px; border-bottom: 1px solid var(--rule); }
      .why:last-child { border: 0; margin: 0; padding: 0; }
      .why p { margin: 4px 0; overflow-wrap: anywhere; }
      pre { background: var(--code); border-radius: 6px; padding: 8px 12px; margin: 6px 0; white-space: pre-wrap; overflow-wrap: anywhere; }
      details { margin: 6px 0; } summary { cursor: pointer; color: var(--link); }
      ol, ul { margin: 6px 0; padding-left: 22px; }
      @media print { body { background: #fff; } .card, .tile { break-inside: avoid; } }
      """;

  private final Report report;
  private final ViewCopy view;
  private final StringBuilder out = new StringBuilder(1 << 16);

  HtmlReport(Report report) {
    this.report = report;
    this.view = report.view();
  }

  String text() {
    out.append("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">")
        .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")
        .append(
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src"
                + " 'unsafe-inline'\">")
        .append("<title>vipscope report, ")
        .append(escape(ReportText.span(view)))
        .append("</title><style>")
        .append(Stylesheet.css())
        .append(OWN_STYLE)
        .append("</style></head><body><main>\n");
    out.append("<h1>Which source addresses were used, and why</h1><p class=\"soft\">")
        .append(escape(ReportText.span(view)))
        .append(", sensor ")
        .append(escape(report.facts().sensor()))
        .append("</p><p>")
        .append(escape(ReportText.verdict(report)))
        .append("</p>");
    tiles();
    pictures();
    hosts();
    differences();
    findings();
    failovers();
    timeline();
    capture();
    blindSpots();
    return out.append("</main></body></html>\n").toString();
  }

  private void tiles() {
    out.append("<div class=\"tiles\">");
    tile(
        view.hosts().values().stream().mapToLong(h -> h.of(Direction.OUTBOUND)).sum(),
        "outbound flows");
    tile(view.of(Verdict.MISMATCH), "mismatches");
    tile(view.of(Verdict.UNDECIDED), "undecided");
    tile(view.failovers().size(), "failovers");
    tile(view.openFindings().size(), "open findings");
    tile(report.facts().counters().frames(), "frames");
    out.append("</div>\n");
  }

  private void tile(long value, String name) {
    out.append("<div class=\"tile\"><b>")
        .append(value)
        .append("</b><span>")
        .append(name)
        .append("</span></div>");
  }

  private void pictures() {
    String lanes = LanesPicture.svg(view);
    if (!lanes.isEmpty()) {
      open("Who held which VIP");
      out.append(lanes).append(LanesPicture.legend(view));
      if (LanesPicture.hidden(view) > 0) {
        out.append("<p class=\"soft\">")
            .append(LanesPicture.hidden(view))
            .append(" more VIPs are in the timeline below.</p>");
      }
      close();
    }
    for (SeriesPicture picture : List.of(SeriesPicture.CLASSES, SeriesPicture.VERDICTS)) {
      String svg = picture.svg(view);
      if (!svg.isEmpty()) {
        open(picture.title());
        out.append(svg).append(picture.legend());
        close();
      }
    }
  }

  private void open(String title) {
    out.append("<section class=\"card\"><h2>").append(escape(title)).append("</h2>");
  }

  private void close() {
    out.append("</section>\n");
  }

  private void table(List<String> head, int numbersFrom) {
    out.append(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\""
            + " aria-label=\"table\"><table><thead><tr>");
    for (int i = 0; i < head.size(); i++) {
      out.append(i >= numbersFrom ? "<th class=\"n\">" : "<th>")
          .append(escape(head.get(i)))
          .append("</th>");
    }
    out.append("</tr></thead><tbody>");
  }

  private void row(List<String> cells, int numbersFrom) {
    out.append("<tr>");
    for (int i = 0; i < cells.size(); i++) {
      out.append(i >= numbersFrom ? "<td class=\"n\">" : "<td>")
          .append(escape(cells.get(i)))
          .append("</td>");
    }
    out.append("</tr>");
  }

  private void endTable(int rows) {
    out.append("</tbody></table></div>");
    if (rows > MAX_ROWS) {
      out.append("<p class=\"soft\">")
          .append(rows - MAX_ROWS)
          .append(" more rows are in report.json.</p>");
    }
  }

  private static <T> List<T> first(List<T> all) {
    return all.subList(0, Math.min(MAX_ROWS, all.size()));
  }

  private void hosts() {
    open("Flows by host");
    if (view.hosts().isEmpty()) {
      out.append("<p>No host was audited: give --host NAME=DIR for verdicts.</p>");
      close();
      return;
    }
    List<String> head =
        List.of(
            "host",
            "outbound",
            "primary",
            "vip",
            "foreign",
            "match",
            "conditional",
            "mismatch",
            "undecided",
            "inbound",
            "transit");
    table(head, 1);
    view.hosts()
        .forEach((name, h) ->
            row(
                List.of(
                    name,
                    text(h.of(Direction.OUTBOUND)),
                    text(h.of(SourceClass.PRIMARY)),
                    text(h.of(SourceClass.VIP)),
                    text(h.of(SourceClass.FOREIGN)),
                    text(h.of(Verdict.MATCH)),
                    text(h.of(Verdict.CONDITIONAL)),
                    text(h.of(Verdict.MISMATCH)),
                    text(h.of(Verdict.UNDECIDED)),
                    text(h.of(Direction.INBOUND)),
                    text(h.of(Direction.TRANSIT))),
                1));
    endTable(0);
    close();
  }

  private static String text(long count) {
    return Long.toString(count);
  }

  private void differences() {
    open("What differs, why, and what to change");
    List<Map.Entry<Difference, Difference.Tally>> all = ReportText.sorted(view.differences());
    if (all.isEmpty()) {
      out.append("<p>No flow differs from the prediction.</p>");
    }
    for (Map.Entry<Difference, Difference.Tally> entry : first(all)) {
      difference(entry.getKey(), entry.getValue());
    }
    if (all.size() > MAX_ROWS) {
      out.append("<p class=\"soft\">").append(all.size() - MAX_ROWS);
      out.append(" more kinds are in report.json.</p>");
    }
    close();
  }

  private void difference(Difference d, Difference.Tally tally) {
    out.append("<div class=\"why\"><p><span class=\"chip ")
        .append(d.verdict())
        .append("\">")
        .append(d.verdict())
        .append("</span> <b>")
        .append(escape(String.valueOf(d.host())))
        .append("</b> <span class=\"mono\">")
        .append(escape(d.src() + " → " + d.dst() + " " + d.service()))
        .append("</span> <span class=\"soft\">")
        .append(ReportText.count(tally.flows(), "flow"))
        .append(", first at ")
        .append(Timestamp.clock(tally.firstNs()))
        .append("</span></p><p>")
        .append(escape(d.reason()))
        .append("</p>");
    Why why = report.why().get(d);
    List<String> steps = why == null ? tally.example().trace() : why.steps();
    if (!steps.isEmpty()) {
      out.append("<details><summary>How the expected source comes about</summary><ol>");
      steps.forEach(step -> out.append("<li>").append(escape(step)).append("</li>"));
      out.append("</ol></details>");
    }
    if (why != null) {
      if (!why.causes().isEmpty()) {
        out.append("<details><summary>What would explain it</summary><ul>");
        why.causes().forEach(cause -> out.append("<li>").append(escape(cause)).append("</li>"));
        out.append("</ul></details>");
      }
      if (!why.changes().isEmpty()) {
        out.append("<details><summary>To make the host use another source, one of</summary><pre>");
        why.changes()
            .forEach(c -> out.append(escape(c.command() + "   # then " + c.source())).append('\n'));
        out.append("</pre>");
        why.minds().forEach(mind -> out.append("<p>Mind: ").append(escape(mind)).append("</p>"));
        out.append("</details>");
      }
    }
    out.append("</div>");
  }

  private void findings() {
    open("Findings");
    if (view.findings().isEmpty()) {
      out.append("<p>None.</p>");
    }
    for (Finding f : first(ReportText.sorted(view.findings()))) {
      out.append("<div class=\"why\"><p><span class=\"chip ")
          .append(f.severity())
          .append("\">")
          .append(f.severity())
          .append("</span> <b>")
          .append(f.kind())
          .append("</b> <span class=\"soft\">")
          .append(
              escape(
                  Timestamp.clock(f.startNs())
                      + ", "
                      + ReportText.state(f)
                      + ", "
                      + ReportText.count(f.count(), "piece")
                      + " of evidence"
                      + (f.flows() == 0 ? "" : ", " + ReportText.count(f.flows(), "flow"))))
          .append("</span></p><p>")
          .append(escape(f.text()))
          .append("</p>");
      if (!f.next().isEmpty()) {
        out.append("<pre>");
        f.next().forEach(command -> out.append(escape(command)).append('\n'));
        out.append("</pre>");
      }
      out.append("</div>");
    }
    close();
  }

  private void failovers() {
    open("Failovers (UTC)");
    if (view.failovers().isEmpty()) {
      out.append("<p>None.</p>");
      close();
      return;
    }
    table(
        List.of("", "time", "instance", "from", "to", "trigger", "gap", "flows", "source changes"),
        7);
    int number = 0;
    for (Failover f : first(view.failovers())) {
      row(
          List.of(
              Integer.toString(++number),
              Timestamp.clock(f.atNs()),
              ReportText.instance(f),
              ReportText.from(f),
              ReportText.to(f),
              f.trigger().toString(),
              ReportText.gap(f),
              Integer.toString(f.flows()),
              Integer.toString(f.sourceChanges())),
          7);
    }
    endTable(view.failovers().size());
    close();
  }

  private void timeline() {
    open("Changes of holder (UTC)");
    if (view.lanes().isEmpty()) {
      out.append("<p>No VIP was seen.</p>");
      close();
      return;
    }
    table(List.of("time", "VIP", "segment", "instance", "holder", "evidence"), 9);
    int rows = 0;
    for (Lane lane : view.lanes()) {
      for (Ownership o : lane.changes()) {
        if (rows++ < MAX_ROWS) {
          row(
              List.of(
                  Timestamp.clock(o.sinceNs()),
                  lane.vip().toString(),
                  lane.segment(),
                  lane.instance() == null ? "" : lane.instance(),
                  LanesPicture.holder(o),
                  ReportText.evidence(o)),
              9);
        }
      }
      for (Lane.Shared s : lane.shared()) {
        if (rows++ < MAX_ROWS) {
          row(
              List.of(
                  Timestamp.clock(s.fromNs()),
                  lane.vip().toString(),
                  lane.segment(),
                  lane.instance() == null ? "" : lane.instance(),
                  "also " + s.host(),
                  ReportText.shared(s)),
              9);
        }
      }
    }
    endTable(rows);
    close();
  }

  private void capture() {
    CaptureFacts facts = report.facts();
    open("What was captured, and what was lost");
    table(List.of("what", "how much"), 9);
    row(List.of(facts.live() ? "interfaces" : "files", String.join(", ", facts.sources())), 9);
    row(List.of("captured by", facts.kind()), 9);
    if (!facts.expression().isEmpty()) {
      row(List.of("expression", facts.expression()), 9);
    }
    row(List.of("accounting", Accounting.line(facts.counters())), 9);
    row(
        List.of("flows", facts.counters().flows() + ", " + facts.counters().evicted() + " evicted"),
        9);
    row(List.of("dropped before that", Accounting.losses(facts)), 9);
    for (CaptureFacts.HostFacts host : facts.hosts()) {
      row(
          List.of(
              "state of " + host.name(),
              ReportText.count(host.snapshots(), "snapshot")
                  + (host.newestNs() == Long.MIN_VALUE
                      ? ", valid for all times"
                      : ", the newest of " + Timestamp.of(host.newestNs()).substring(0, 19))),
          9);
    }
    endTable(0);
    close();
  }

  private void blindSpots() {
    open("What this report cannot see");
    out.append("<ul>");
    BlindSpots.of(report).forEach(s -> out.append("<li>").append(escape(s)).append("</li>"));
    out.append("</ul>");
    close();
  }
}
