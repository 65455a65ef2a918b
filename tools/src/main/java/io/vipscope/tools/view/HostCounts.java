package io.vipscope.tools.view;

import io.vipscope.core.verdict.Direction;
import io.vipscope.core.verdict.FlowVerdict;
import io.vipscope.core.verdict.SourceClass;
import io.vipscope.core.verdict.Verdict;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;

/** Flows of each audited host. Not thread-safe. */
final class HostCounts {

  private static final class Counts {
    final Map<Direction, Long> directions = new EnumMap<>(Direction.class);
    final Map<SourceClass, Long> classes = new EnumMap<>(SourceClass.class);
    final Map<Verdict, Long> verdicts = new EnumMap<>(Verdict.class);
  }

  private final Map<String, Counts> hosts = new TreeMap<>();

  void expect(String host) {
    hosts.putIfAbsent(host, new Counts());
  }

  /**
   * Counts a flow, or takes it back.
   *
   * @param sign 1 or -1
   */
  void add(FlowVerdict v, long sign) {
    if (v.host() == null) {
      return;
    }
    Counts host = hosts.computeIfAbsent(v.host(), _ -> new Counts());
    host.directions.merge(v.direction(), sign, Long::sum);
    if (v.sourceClass() != null) {
      host.classes.merge(v.sourceClass(), sign, Long::sum);
    }
    if (v.verdict() != null) {
      host.verdicts.merge(v.verdict(), sign, Long::sum);
    }
  }

  Map<String, ViewCopy.HostRow> copy() {
    Map<String, ViewCopy.HostRow> all = new TreeMap<>();
    hosts.forEach((name, c) ->
        all.put(
            name,
            new ViewCopy.HostRow(
                new TreeMap<>(c.directions), new TreeMap<>(c.classes), new TreeMap<>(c.verdicts))));
    return all;
  }
}
