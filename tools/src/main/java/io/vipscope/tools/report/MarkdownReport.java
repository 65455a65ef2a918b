package io.vipscope.tools.report;

import io.vipscope.core.failover.Failover;
import io.vipscope.core.finding.Finding;
import io.vipscope.core.ownership.Ownership;
import io.vipscope.core.verdict.Direction;
import io.vipscope.core.verdict.SourceClass;
import io.vipscope.core.verdict.Verdict;
import io.vipscope.tools.Timestamp;
import io.vipscope.tools.picture.LanesPicture;
import io.vipscope.tools.view.Difference;
import io.vipscope.tools.view.Lane;
import io.vipscope.tools.view.ViewCopy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The report as Markdown, for tickets and chats. */
final class MarkdownReport {

  private static final int MAX_ROWS = 50;

  private final Report report;
  private final ViewCopy view;
  private final StringBuilder out = new StringBuilder(1 << 14);

  MarkdownReport(Report report) {
    this.report = report;
    this.view = report.view();
  }

  String text() {
    line("# Which source addresses were used, and why");
    line("");
    line(ReportText.span(view) + ", sensor " + cell(report.facts().sensor()));
    line("");
    line(ReportText.verdict(report));
    hosts();
    differences();
    findings();
    failovers();
    timeline();
    capture();
    head("What this report cannot see");
    BlindSpots.of(report).forEach(s -> line("- " + plain(s)));
    return out.toString();
  }

  private void line(String text) {
    out.append(text).append('\n');
  }

  private void head(String title) {
    line("");
    line("## " + title);
    line("");
  }

  /** Text in which nothing is markup. */
  private static String plain(String text) {
    return text.replaceAll("([\\\\`*_\\[\\]<>#|])", "\\\\$1").replace('\n', ' ');
  }

  private static String cell(String text) {
    return text.isEmpty() ? " " : plain(text);
  }

  private void table(List<String> head, List<List<String>> rows) {
    line("| " + String.join(" | ", head) + " |");
    line("|" + "---|".repeat(head.size()));
    rows.stream()
        .limit(MAX_ROWS)
        .forEach(row ->
            line(
                "| " + String.join(" | ", row.stream().map(MarkdownReport::cell).toList()) + " |"));
    if (rows.size() > MAX_ROWS) {
      line("");
      line(rows.size() - MAX_ROWS + " more rows are in report.json.");
    }
  }

  private void hosts() {
    head("Flows by host");
    List<List<String>> rows = new ArrayList<>();
    view.hosts()
        .forEach((name, h) ->
            rows.add(
                List.of(
                    name,
                    "" + h.of(Direction.OUTBOUND),
                    "" + h.of(SourceClass.PRIMARY),
                    "" + h.of(SourceClass.VIP),
                    "" + h.of(SourceClass.FOREIGN),
                    "" + h.of(Verdict.MATCH),
                    "" + h.of(Verdict.CONDITIONAL),
                    "" + h.of(Verdict.MISMATCH),
                    "" + h.of(Verdict.UNDECIDED))));
    table(
        List.of(
            "host",
            "outbound",
            "primary",
            "vip",
            "foreign",
            "match",
            "conditional",
            "mismatch",
            "undecided"),
        rows);
  }

  private void differences() {
    head("What differs, why, and what to change");
    List<Map.Entry<Difference, Difference.Tally>> all = ReportText.sorted(view.differences());
    if (all.isEmpty()) {
      line("No flow differs from the prediction.");
    }
    for (Map.Entry<Difference, Difference.Tally> e :
        all.subList(0, Math.min(MAX_ROWS, all.size()))) {
      Difference d = e.getKey();
      line(
          "- **"
              + d.verdict()
              + "** "
              + plain(String.valueOf(d.host()))
              + " `"
              + d.src()
              + " > "
              + d.dst()
              + " "
              + d.service()
              + "` ("
              + ReportText.count(e.getValue().flows(), "flow")
              + "): "
              + plain(d.reason()));
      Why why = report.why().get(d);
      if (why != null) {
        why.causes().forEach(cause -> line("  - may be: " + plain(cause)));
        why.minds().forEach(mind -> line("  - mind: " + plain(mind)));
        why.changes().forEach(c -> line("  - to use " + c.source() + ": `" + c.command() + "`"));
      }
    }
    if (all.size() > MAX_ROWS) {
      line("- " + (all.size() - MAX_ROWS) + " more kinds are in report.json.");
    }
  }

  private void findings() {
    head("Findings");
    if (view.findings().isEmpty()) {
      line("None.");
    }
    List<Finding> all = ReportText.sorted(view.findings());
    for (Finding f : all.subList(0, Math.min(MAX_ROWS, all.size()))) {
      line(
          "- **"
              + f.severity()
              + "** "
              + f.kind()
              + ", "
              + Timestamp.clock(f.startNs())
              + ", "
              + ReportText.state(f)
              + ": "
              + plain(f.text()));
      f.next().forEach(command -> line("  - `" + command + "`"));
    }
    if (all.size() > MAX_ROWS) {
      line("- " + (all.size() - MAX_ROWS) + " more are in report.json.");
    }
  }

  private void failovers() {
    head("Failovers (UTC)");
    if (view.failovers().isEmpty()) {
      line("None.");
      return;
    }
    List<List<String>> rows = new ArrayList<>();
    for (Failover f : view.failovers()) {
      rows.add(
          List.of(
              Timestamp.clock(f.atNs()),
              ReportText.instance(f),
              ReportText.from(f),
              ReportText.to(f),
              f.trigger().toString(),
              ReportText.gap(f),
              "" + f.flows(),
              "" + f.sourceChanges()));
    }
    table(
        List.of("time", "instance", "from", "to", "trigger", "gap", "flows", "source changes"),
        rows);
  }

  private void timeline() {
    head("Changes of holder (UTC)");
    List<List<String>> rows = new ArrayList<>();
    for (Lane lane : view.lanes()) {
      for (Ownership o : lane.changes()) {
        rows.add(
            List.of(
                Timestamp.clock(o.sinceNs()),
                lane.vip().toString(),
                lane.segment(),
                LanesPicture.holder(o),
                ReportText.evidence(o)));
      }
      for (Lane.Shared s : lane.shared()) {
        rows.add(
            List.of(
                Timestamp.clock(s.fromNs()),
                lane.vip().toString(),
                lane.segment(),
                "also " + s.host(),
                ReportText.shared(s)));
      }
    }
    if (rows.isEmpty()) {
      line("No VIP was seen.");
      return;
    }
    table(List.of("time", "VIP", "segment", "holder", "evidence"), rows);
  }

  private void capture() {
    CaptureFacts facts = report.facts();
    head("What was captured, and what was lost");
    line(
        "- "
            + (facts.live() ? "interfaces: " : "files: ")
            + plain(String.join(", ", facts.sources())));
    line("- captured by: " + facts.kind());
    if (!facts.expression().isEmpty()) {
      line("- expression: " + plain(facts.expression()));
    }
    line("- " + Accounting.line(facts.counters()));
    line("- flows: " + facts.counters().flows() + ", " + facts.counters().evicted() + " evicted");
    line("- dropped before that: " + Accounting.losses(facts));
    for (CaptureFacts.HostFacts host : facts.hosts()) {
      line(
          "- state of "
              + plain(host.name())
              + ": "
              + ReportText.count(host.snapshots(), "snapshot"));
    }
  }
}
