package io.vipscope.tools.screen;

import io.vipscope.core.failover.Failover;
import io.vipscope.core.finding.Finding;
import io.vipscope.core.ownership.Ownership;
import io.vipscope.core.verdict.Severity;
import io.vipscope.core.verdict.SourceClass;
import io.vipscope.core.verdict.Verdict;
import io.vipscope.tools.Timestamp;
import io.vipscope.tools.picture.LanesPicture;
import io.vipscope.tools.report.ReportText;
import io.vipscope.tools.report.Why;
import io.vipscope.tools.view.Lane;
import io.vipscope.tools.view.ViewCopy;
import io.vipscope.tools.web.PageSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What stands on the screen: lines made of what was seen, for a width and a height. */
final class ScreenLines {

  /**
   * One moment of the audit.
   *
   * @param title what is audited
   * @param lost what was lost, in words
   * @param rates flows per second by source class and verdict
   * @param nowNs the sensor's own clock
   * @param latency how long frames took; empty if that is not measured
   */
  record Moment(
      String title,
      ViewCopy view,
      List<ScreenState.Entry> entries,
      long frames,
      String lost,
      long nowNs,
      Rates rates,
      List<PageSource.LatencyRow> latency) {}

  private static final int HELP_ROWS = 1;

  /** A screen with fewer rows has none to spare. */
  private static final int LOW = 16;

  private static final List<PageSource.LatencyRow> NOT_SHOWN = List.of();

  /** A screen with so many rows has room for more than a few. */
  private static final int HIGH = 40;

  private final Moment moment;
  private final ScreenState state;
  private final int width;
  private final int height;
  private final List<Row> rows = new ArrayList<>();

  private ScreenLines(Moment moment, ScreenState state, int width, int height) {
    this.moment = moment;
    this.state = state;
    this.width = width;
    this.height = height;
  }

  /**
   * The overview with the table.
   *
   * @return exactly so many rows as the screen has, none wider than it
   */
  static List<Row> overview(Moment moment, ScreenState state, int width, int height) {
    ScreenLines lines = new ScreenLines(moment, state, width, height);
    lines.head();
    lines.owners();
    lines.rates();
    lines.findings();
    lines.failovers();
    lines.table();
    return lines.filled(
        state.typing
            ? "/" + state.filter + "_   Enter: keep, Esc: all"
            : "q quit  p pause  f flows/mismatches  s sort  / filter  up/down, Enter: explain");
  }

  /** One flow with its steps. */
  static List<Row> explanation(
      Moment moment, ScreenState state, @Nullable Why why, int width, int height) {
    ScreenLines lines = new ScreenLines(moment, state, width, height);
    lines.explain(why);
    return lines.scrolled();
  }

  /** As much as there is room for below the head; the arrows move it. */
  private List<Row> scrolled() {
    List<Row> all = List.copyOf(rows);
    rows.clear();
    head();
    int room = Math.max(1, height - HELP_ROWS - rows.size());
    state.scrolled = Math.clamp(state.scrolled, 0, Math.max(0, all.size() - room));
    int end = Math.min(all.size(), state.scrolled + room);
    rows.addAll(all.subList(state.scrolled, end));
    String more = all.size() > room ? "  up/down: line " + end + " of " + all.size() : "";
    return filled("Esc back  q quit" + more);
  }

  private void add(Row row) {
    rows.add(row.cut(width));
  }

  private List<Row> filled(String help) {
    List<Row> all = new ArrayList<>(rows.subList(0, Math.min(rows.size(), height - HELP_ROWS)));
    while (all.size() < height - HELP_ROWS) {
      all.add(Row.of(""));
    }
    all.add(new Row(help, Row.Style.SOFT).cut(width));
    return all;
  }

  private void head() {
    String left = "vipscope " + moment.title() + (state.paused ? "  PAUSED" : "");
    String right =
        moment.frames()
            + " frames, lost "
            + moment.lost()
            + "  "
            + Timestamp.clock(moment.nowNs()).substring(0, 8);
    int gap = Math.max(2, width - left.length() - right.length());
    add(new Row(padded(left + " ".repeat(gap) + right), Row.Style.BAR));
  }

  private String padded(String text) {
    return text.length() >= width ? text : text + " ".repeat(width - text.length());
  }

  private void owners() {
    List<Lane> lanes = moment.view().lanes();
    int room = Math.max(2, height / 5);
    if (lanes.isEmpty()) {
      add(new Row("no VRRP, ARP or ND of a VIP yet", Row.Style.SOFT));
    }
    List<Lane> shown = lanes.subList(0, Math.min(room, lanes.size()));
    int vips = shown.stream().mapToInt(lane -> lane.vip().toString().length()).max().orElse(0);
    int names = shown.stream().mapToInt(lane -> name(lane).length()).max().orElse(0);
    for (Lane lane : shown) {
      Ownership last = lane.last();
      String text =
          ("%-" + Math.max(1, vips) + "s  %-" + Math.max(1, names) + "s  %-12s  since %s  %s")
              .formatted(
                  lane.vip(),
                  name(lane),
                  LanesPicture.holder(last),
                  Timestamp.clock(last.sinceNs()).substring(0, 8),
                  last.holders().size() > 1
                      ? "also used by "
                          + String.join(",", last.holders().subList(1, last.holders().size()))
                      : last.evidence().toString());
      boolean bad = last.host() == null || last.holders().size() > 1;
      add(new Row(text.stripTrailing(), bad ? Row.Style.BAD : Row.Style.GOOD));
    }
    if (lanes.size() > room) {
      add(new Row("… " + (lanes.size() - room) + " more VIPs", Row.Style.SOFT));
    }
  }

  private static String name(Lane lane) {
    return ((lane.instance() == null ? "" : lane.instance()) + " " + lane.segment()).strip();
  }

  private void rates() {
    StringBuilder classes = new StringBuilder("flows/s");
    for (SourceClass c : SourceClass.values()) {
      classes.append("  ").append(c).append(' ').append(rate(moment.rates().of(c)));
    }
    add(Row.of(classes.toString()));
    StringBuilder verdicts = new StringBuilder("       ");
    for (Verdict v : Verdict.values()) {
      verdicts.append("  ").append(v).append(' ').append(rate(moment.rates().of(v)));
    }
    add(Row.of(verdicts.toString()));
    for (PageSource.LatencyRow time : height < LOW ? NOT_SHOWN : moment.latency()) {
      add(
          Row.of(
              "%-19s  p50 %s  p99 %s  p99.9 %s  max %s us"
                  .formatted(
                      time.name(),
                      us(time.p50Ns()),
                      us(time.p99Ns()),
                      us(time.p999Ns()),
                      us(time.maxNs()))));
    }
  }

  private static String us(long ns) {
    return String.format(Locale.ROOT, ns < 100_000 ? "%.1f" : "%.0f", ns / 1e3);
  }

  private static String rate(double perSecond) {
    return String.format(Locale.ROOT, perSecond < 10 ? "%.1f" : "%.0f", perSecond);
  }

  private void findings() {
    List<Finding> open = ReportText.sorted(moment.view().openFindings());
    add(
        new Row(
            ReportText.count(open.size(), "open finding")
                + ", "
                + ReportText.count(moment.view().failovers().size(), "failover"),
            Row.Style.BOLD));
    int room = Math.max(1, height / 8);
    for (Finding f : open.subList(0, Math.min(room, open.size()))) {
      add(
          new Row(
              " %-8s %s: %s".formatted(f.severity(), f.kind(), f.text()),
              f.severity() == Severity.CRITICAL ? Row.Style.BAD : Row.Style.WARN));
    }
  }

  /** The latest, where the screen is high. */
  private void failovers() {
    List<Failover> latest = moment.view().failovers().reversed();
    int room = height < HIGH ? 0 : height / 10;
    for (Failover f : latest.subList(0, Math.min(room, latest.size()))) {
      add(
          Row.of(
              " %s  %s from %s to %s  %s, %s"
                  .formatted(
                      Timestamp.clock(f.atNs()),
                      ReportText.instance(f),
                      ReportText.from(f),
                      ReportText.to(f),
                      f.trigger(),
                      ReportText.gap(f))));
    }
  }

  private void table() {
    boolean flows = state.table == ScreenState.Table.FLOWS;
    add(
        new Row(
            padded(
                (flows ? "Flows" : "Flows that differ, and why")
                    + ", by "
                    + state.order.name().toLowerCase(Locale.ROOT)
                    + (state.filter.isEmpty() ? "" : ", with '" + state.filter + "'")
                    + ": "
                    + moment.entries().size()),
            Row.Style.BOLD));
    new ScreenTable(moment.entries(), state, width)
        .rows(Math.max(1, height - rows.size() - HELP_ROWS))
        .forEach(this::add);
  }

  private void explain(@Nullable Why why) {
    var row = state.explained;
    if (row == null) {
      return;
    }
    var f = row.flow();
    var v = row.verdict();
    add(Row.of(""));
    add(
        new Row(
            f.src()
                + " > "
                + f.dst()
                + " "
                + row.service()
                + ", flow "
                + f.flowId()
                + ", "
                + v.host(),
            Row.Style.BOLD));
    wrapped((v.verdict() == null ? "" : v.verdict() + ": ") + v.reason(), "", ScreenTable.style(v));
    List<String> steps = why == null || why.steps().isEmpty() ? row.trace() : why.steps();
    section("How the expected source comes about", steps);
    if (why != null) {
      section("What would explain the one that was used", why.causes());
      section(
          "To make the host use another source, one of",
          why.changes().stream().map(c -> c.command() + "   # then " + c.source()).toList());
      section("Mind", why.minds());
    }
  }

  private void section(String title, List<String> texts) {
    if (!texts.isEmpty()) {
      add(Row.of(""));
      add(new Row(title, Row.Style.BOLD));
      texts.forEach(t -> wrapped(t, "  ", Row.Style.PLAIN));
    }
  }

  private void wrapped(String text, String indent, Row.Style style) {
    Row.wrapped(text, indent, width).forEach(line -> add(new Row(line, style)));
  }
}
