package io.vipscope.tools.screen;

import io.vipscope.core.verdict.FlowVerdict;
import io.vipscope.core.verdict.Verdict;
import io.vipscope.tools.Timestamp;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * The table of flows: columns as wide as what stands in them, and below it the chosen row's reason
 * in full, if there is room.
 */
final class ScreenTable {

  /** Below so many rows nothing but the flows is shown. */
  private static final int ROOMY = 10;

  private static final int REASON_ROWS = 2;
  private static final int FIRST_WIDTH = 8;
  private static final int VERDICT_WIDTH = 11;

  /** Where less room is left, a reason is one word. */
  private static final int NARROW = 40;

  private final List<ScreenState.Entry> entries;
  private final ScreenState state;
  private final int width;

  ScreenTable(List<ScreenState.Entry> entries, ScreenState state, int width) {
    this.entries = entries;
    this.state = state;
    this.width = width;
  }

  /** Rows of the table, so many at most. */
  List<Row> rows(int room) {
    List<Row> rows = new ArrayList<>();
    boolean roomy = room >= ROOMY && !entries.isEmpty();
    int flowRows = roomy ? room - 2 - REASON_ROWS : Math.max(1, room);
    int first = Math.max(0, state.selected - flowRows + 1);
    List<ScreenState.Entry> shown =
        entries.subList(
            Math.min(first, entries.size()), Math.min(entries.size(), first + flowRows));
    int hosts = widest(shown, ScreenTable::host, "host", width / 6);
    int flows = widest(shown, ScreenTable::flow, "flow", width / 2);
    if (roomy) {
      String head = state.table == ScreenState.Table.FLOWS ? "time" : "flows";
      rows.add(
          new Row(columns(head, "verdict", "host", "flow", "why", hosts, flows), Row.Style.SOFT));
    }
    for (int i = 0; i < shown.size(); i++) {
      ScreenState.Entry e = shown.get(i);
      boolean narrow = width - hosts - flows - FIRST_WIDTH - VERDICT_WIDTH - 8 < NARROW;
      String why = narrow ? brief(e.row().verdict()) : reason(e);
      String line = columns(first(e), verdict(e), host(e), flow(e), why, hosts, flows);
      boolean chosen = first + i == state.selected;
      String padded = line.length() >= width ? line : line + " ".repeat(width - line.length());
      rows.add(new Row(padded, chosen ? Row.Style.SELECTED : style(e.row().verdict())));
    }
    if (roomy) {
      while (rows.size() < room - REASON_ROWS) {
        rows.add(Row.of(""));
      }
      ScreenState.Entry chosen = entries.get(Math.min(state.selected, entries.size() - 1));
      List<String> reason = Row.wrapped(flow(chosen) + ": " + reason(chosen), "", width);
      reason.stream().limit(REASON_ROWS).forEach(t -> rows.add(Row.of(t)));
    }
    return rows;
  }

  private static int widest(
      List<ScreenState.Entry> entries,
      Function<ScreenState.Entry, String> column,
      String head,
      int limit) {
    int widest = entries.stream().mapToInt(e -> column.apply(e).length()).max().orElse(0);
    return Math.clamp(widest, head.length(), Math.max(head.length(), limit));
  }

  private static String columns(
      String first, String verdict, String host, String flow, String why, int hosts, int flows) {
    return pad(first, FIRST_WIDTH)
        + "  "
        + pad(verdict, VERDICT_WIDTH)
        + "  "
        + pad(host, hosts)
        + "  "
        + pad(flow, flows)
        + "  "
        + why;
  }

  /** Longer ones push the others to the right: nothing of a flow's name is left out. */
  private static String pad(String text, int width) {
    return text.length() >= width ? text : text + " ".repeat(width - text.length());
  }

  private String first(ScreenState.Entry e) {
    return state.table == ScreenState.Table.FLOWS
        ? Timestamp.clock(e.row().flow().startNs()).substring(0, FIRST_WIDTH)
        : Long.toString(e.flows());
  }

  private static String verdict(ScreenState.Entry e) {
    FlowVerdict v = e.row().verdict();
    return v.verdict() == null ? v.direction().toString() : v.verdict().toString();
  }

  private static String host(ScreenState.Entry e) {
    String host = e.row().verdict().host();
    return host == null ? "-" : host;
  }

  private static String flow(ScreenState.Entry e) {
    var f = e.row().flow();
    return f.src() + " > " + f.dst() + " " + e.row().service();
  }

  /** The cause in a word or two, where a sentence would be cut off: below is the one chosen. */
  private static String brief(FlowVerdict v) {
    return v.verdict() == Verdict.MISMATCH
        ? String.join(",", v.causes())
        : v.verdict() == Verdict.CONDITIONAL
            ? String.join(",", v.conditions())
            : v.code() == null ? "" : v.code().toString();
  }

  private static String reason(ScreenState.Entry e) {
    return e.row().verdict().reason();
  }

  /** Everything that a filter looks through. */
  static String text(ScreenState.Entry e) {
    return String.join(" ", verdict(e), host(e), flow(e), reason(e));
  }

  /** How a flow with this verdict is shown. */
  static Row.Style style(FlowVerdict v) {
    return switch (v.verdict()) {
      case MISMATCH -> Row.Style.BAD;
      case CONDITIONAL -> Row.Style.WARN;
      case UNDECIDED -> Row.Style.SOFT;
      case MATCH -> Row.Style.PLAIN;
      case null -> Row.Style.SOFT;
    };
  }
}
