package io.vipscope.tools.view;

import io.vipscope.core.verdict.FlowVerdict;
import io.vipscope.core.verdict.SourceClass;
import io.vipscope.core.verdict.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Outbound flows by source class and by verdict over time, in intervals that become twice as long
 * when there are too many of them. Not thread-safe.
 */
public final class FlowSeries {

  private static final int MAX_INTERVALS = 480;
  private static final long FIRST_WIDTH_NS = 250_000_000L;
  private static final int CLASSES = SourceClass.values().length;
  private static final int COLUMNS = CLASSES + Verdict.values().length;

  /**
   * The counts of one interval.
   *
   * @param classes by ordinal of {@link SourceClass}
   * @param verdicts by ordinal of {@link Verdict}
   */
  public record Interval(long startNs, List<Long> classes, List<Long> verdicts) {}

  /**
   * All intervals in which a flow began, in order.
   *
   * @param widthNs length of one
   */
  public record Copy(long widthNs, List<Interval> intervals) {}

  private final TreeMap<Long, long[]> counts = new TreeMap<>();
  private long widthNs = FIRST_WIDTH_NS;

  /**
   * Counts a flow, or takes it back.
   *
   * @param sign 1 or -1
   */
  void add(long startNs, FlowVerdict v, int sign) {
    long[] cell = counts.computeIfAbsent(Math.floorDiv(startNs, widthNs), _ -> new long[COLUMNS]);
    if (v.sourceClass() != null) {
      cell[v.sourceClass().ordinal()] += sign;
    }
    if (v.verdict() != null) {
      cell[CLASSES + v.verdict().ordinal()] += sign;
    }
    while (counts.lastKey() - counts.firstKey() >= MAX_INTERVALS) {
      widen();
    }
  }

  private void widen() {
    Map<Long, long[]> old = new TreeMap<>(counts);
    counts.clear();
    widthNs *= 2;
    old.forEach((key, from) -> {
      long[] to = counts.computeIfAbsent(Math.floorDiv(key, 2), _ -> new long[COLUMNS]);
      for (int i = 0; i < COLUMNS; i++) {
        to[i] += from[i];
      }
    });
  }

  Copy copy() {
    List<Interval> all = new ArrayList<>(counts.size());
    counts.forEach((key, cell) ->
        all.add(new Interval(key * widthNs, list(cell, 0, CLASSES), list(cell, CLASSES, COLUMNS))));
    return new Copy(widthNs, all);
  }

  private static List<Long> list(long[] cell, int from, int to) {
    List<Long> list = new ArrayList<>(to - from);
    for (int i = from; i < to; i++) {
      list.add(cell[i]);
    }
    return list;
  }
}
