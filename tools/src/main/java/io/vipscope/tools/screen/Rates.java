package io.vipscope.tools.screen;

import io.vipscope.core.verdict.SourceClass;
import io.vipscope.core.verdict.Verdict;
import io.vipscope.tools.view.ViewCopy;
import java.util.EnumMap;
import java.util.Map;

/** Outbound flows per second, between two looks. */
record Rates(Map<SourceClass, Double> classes, Map<Verdict, Double> verdicts) {

  static final Rates NONE = new Rates(Map.of(), Map.of());

  /**
   * From two looks.
   *
   * @param seconds between them
   */
  static Rates between(ViewCopy before, ViewCopy now, double seconds) {
    Map<SourceClass, Double> classes = new EnumMap<>(SourceClass.class);
    for (SourceClass c : SourceClass.values()) {
      classes.put(c, Math.max(0, sum(now, c) - sum(before, c)) / seconds);
    }
    Map<Verdict, Double> verdicts = new EnumMap<>(Verdict.class);
    for (Verdict v : Verdict.values()) {
      verdicts.put(v, Math.max(0, now.of(v) - before.of(v)) / seconds);
    }
    return new Rates(classes, verdicts);
  }

  private static long sum(ViewCopy view, SourceClass c) {
    return view.hosts().values().stream().mapToLong(h -> h.of(c)).sum();
  }

  double of(SourceClass c) {
    return classes.getOrDefault(c, 0.0);
  }

  double of(Verdict v) {
    return verdicts.getOrDefault(v, 0.0);
  }
}
