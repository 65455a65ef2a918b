package io.vipscope.tools.picture;

import io.vipscope.core.verdict.SourceClass;
import io.vipscope.core.verdict.Verdict;
import io.vipscope.tools.Timestamp;
import io.vipscope.tools.view.FlowSeries;
import io.vipscope.tools.view.ViewCopy;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** Outbound flows that began over time, stacked by source class or by verdict. */
public final class SeriesPicture {

  /** By source class. */
  public static final SeriesPicture CLASSES =
      new SeriesPicture(
          "Outbound flows by source class",
          Arrays.stream(SourceClass.values()).map(SourceClass::toString).toList(),
          FlowSeries.Interval::classes);

  /** By verdict. */
  public static final SeriesPicture VERDICTS =
      new SeriesPicture(
          "Outbound flows by verdict",
          Arrays.stream(Verdict.values()).map(Verdict::toString).toList(),
          FlowSeries.Interval::verdicts);

  private static final double WIDTH = 960;
  private static final double LEFT = 4;
  private static final double RIGHT = 956;
  private static final double TOP = 18;
  private static final double HEIGHT = 110;
  private static final int MAX_BARS = 160;

  private final String title;
  private final List<String> names;
  private final Function<FlowSeries.Interval, List<Long>> column;

  private SeriesPicture(
      String title, List<String> names, Function<FlowSeries.Interval, List<Long>> column) {
    this.title = title;
    this.names = names;
    this.column = column;
  }

  /** Its headline. */
  public String title() {
    return title;
  }

  /** The picture; empty if no outbound flow was seen. */
  public String svg(ViewCopy view) {
    List<FlowSeries.Interval> intervals = view.series().intervals();
    if (intervals.isEmpty()) {
      return "";
    }
    long width = view.series().widthNs();
    while ((view.lastNs() - view.firstNs()) / width > MAX_BARS) {
      width *= 2;
    }
    long first = Math.floorDiv(view.firstNs(), width);
    int bars = (int) (Math.floorDiv(view.lastNs(), width) - first) + 1;
    long[][] sums = new long[bars][names.size()];
    for (FlowSeries.Interval interval : intervals) {
      int bar = Math.clamp(Math.floorDiv(interval.startNs(), width) - first, 0, bars - 1);
      List<Long> counts = column.apply(interval);
      for (int k = 0; k < counts.size(); k++) {
        sums[bar][k] += counts.get(k);
      }
    }
    return draw(sums, first * width, width, view);
  }

  private String draw(long[][] sums, long startNs, long widthNs, ViewCopy view) {
    long highest = Arrays.stream(sums).mapToLong(s -> Arrays.stream(s).sum()).max().orElse(0);
    long top = round(Math.max(1, highest));
    TimeAxis axis = TimeAxis.of(view.firstNs(), view.lastNs(), LEFT, RIGHT);
    double bottom = TOP + HEIGHT;
    Svg svg = new Svg(WIDTH, bottom + 24, description(sums));
    svg.line(LEFT, TOP, RIGHT, TOP, "grid").line(LEFT, bottom, RIGHT, bottom, "base");
    axis.draw(svg, TOP, bottom);
    svg.text(LEFT, TOP - 6, "tick", "start", top + " flows per " + span(widthNs));
    for (int i = 0; i < sums.length; i++) {
      long from = startNs + i * widthNs;
      double x = axis.x(from);
      double width = axis.x(from + widthNs) - x;
      double y = bottom;
      for (int k = 0; k < names.size(); k++) {
        if (sums[i][k] > 0) {
          double height = HEIGHT * sums[i][k] / top;
          y -= height;
          svg.rect(
              x + Math.min(0.5, width / 8),
              y,
              width - Math.min(1, width / 4),
              height,
              "s-" + names.get(k),
              sums[i][k] + " " + names.get(k) + ", from " + Timestamp.clock(from) + " UTC");
        }
      }
    }
    return svg.close();
  }

  private String description(long[][] sums) {
    StringBuilder text = new StringBuilder(title).append(" over time.");
    for (int k = 0; k < names.size(); k++) {
      int column = k;
      long sum = Arrays.stream(sums).mapToLong(s -> s[column]).sum();
      text.append(k == 0 ? " In all: " : ", ").append(sum).append(' ').append(names.get(k));
    }
    return text.append('.').toString();
  }

  /** The next of 1, 2, 5, 10, 20, … */
  private static long round(long value) {
    for (long step = 1; ; step *= 10) {
      for (long factor : new long[] {1, 2, 5}) {
        if (factor * step >= value) {
          return factor * step;
        }
      }
    }
  }

  private static String span(long ns) {
    double seconds = ns / 1e9;
    if (seconds < 60) {
      return String.format(Locale.ROOT, seconds < 1 ? "%.2f s" : "%.0f s", seconds);
    }
    return seconds < 3600
        ? String.format(Locale.ROOT, "%.0f min", seconds / 60)
        : String.format(Locale.ROOT, "%.1f h", seconds / 3600);
  }

  /** The colours in words, as HTML. */
  public String legend() {
    StringBuilder out = new StringBuilder("<p class=\"legend\">");
    for (String name : names) {
      out.append("<span><i class=\"s-").append(name).append("\"></i>").append(name);
      out.append("</span>");
    }
    return out.append("</p>").toString();
  }
}
