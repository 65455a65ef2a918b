package io.vipscope.tools.picture;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Places on a horizontal axis of capture time.
 *
 * @param fromNs its left end
 * @param toNs its right end, later
 */
record TimeAxis(long fromNs, long toNs, double left, double right) {

  private static final long MS = 1_000_000L;
  private static final long SECOND = 1_000 * MS;
  private static final long MINUTE = 60 * SECOND;
  private static final long HOUR = 60 * MINUTE;
  private static final long DAY = 24 * HOUR;
  private static final long[] STEPS = {
    MS,
    2 * MS,
    5 * MS,
    10 * MS,
    20 * MS,
    50 * MS,
    100 * MS,
    200 * MS,
    500 * MS,
    SECOND,
    2 * SECOND,
    5 * SECOND,
    10 * SECOND,
    15 * SECOND,
    30 * SECOND,
    MINUTE,
    2 * MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    7 * DAY,
    14 * DAY,
    30 * DAY,
    90 * DAY
  };
  private static final int MAX_TICKS = 9;

  /** An axis over a time that may be empty. */
  static TimeAxis of(long fromNs, long toNs, double left, double right) {
    return new TimeAxis(fromNs, Math.max(toNs, fromNs + MS), left, right);
  }

  double x(long ns) {
    double share = (ns - (double) fromNs) / (toNs - (double) fromNs);
    return left + (right - left) * Math.clamp(share, 0.0, 1.0);
  }

  private long step() {
    for (long step : STEPS) {
      if ((toNs - fromNs) / step <= MAX_TICKS) {
        return step;
      }
    }
    return (toNs - fromNs) / MAX_TICKS;
  }

  /** Round times within the axis. */
  List<Long> ticks() {
    long step = step();
    List<Long> ticks = new ArrayList<>();
    for (long at = Math.ceilDiv(fromNs, step) * step; at <= toNs; at += step) {
      ticks.add(at);
    }
    return ticks;
  }

  /** A tick's label: as fine as the ticks are. */
  String label(long ns) {
    long step = step();
    String pattern =
        step < SECOND
            ? "HH:mm:ss.SSS"
            : step < MINUTE ? "HH:mm:ss" : step < DAY ? "HH:mm" : "MM-dd";
    return DateTimeFormatter.ofPattern(pattern, Locale.ROOT)
        .withZone(ZoneOffset.UTC)
        .format(Instant.ofEpochSecond(Math.floorDiv(ns, SECOND), Math.floorMod(ns, SECOND)));
  }

  /** Grid lines and labels below. */
  void draw(Svg svg, double top, double bottom) {
    double last = Double.NEGATIVE_INFINITY;
    for (long tick : ticks()) {
      double x = x(tick);
      svg.line(x, top, x, bottom, "grid");
      String label = label(tick);
      double half = label.length() * 3.3;
      boolean fits = x - half > last + 6 && x - half >= 0 && x + half <= right + 8;
      if (fits) {
        svg.text(x, bottom + 14, "tick", "middle", label);
        last = x + half;
      }
    }
  }
}
