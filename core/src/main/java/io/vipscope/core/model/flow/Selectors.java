package io.vipscope.core.model.flow;

import io.vipscope.core.model.netfilter.Expression;
import io.vipscope.core.model.netfilter.Match;
import io.vipscope.core.model.snapshot.Assumption;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.Link;
import io.vipscope.core.model.snapshot.PolicyRule;
import io.vipscope.core.model.snapshot.Range;
import io.vipscope.core.model.snapshot.Route;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The values that selectors of a state test and that the wire does not show: of each selector one
 * that it matches, and some that it does not.
 *
 * @param marks value to condition
 * @param toses value to condition
 * @param uids value to condition
 */
record Selectors(
    Map<Integer, String> marks,
    Map<Integer, String> toses,
    Map<Integer, String> uids,
    List<String> devices,
    boolean sourcePorts) {

  private static final long ALL = 0xffffffffL;

  /** So many values at most stand for all that a selector of 0 does not match. */
  private static final int OTHERS = 4;

  Selectors {
    marks = new LinkedHashMap<>(marks);
    toses = new LinkedHashMap<>(toses);
    uids = new LinkedHashMap<>(uids);
    devices = List.copyOf(devices);
  }

  static Selectors of(HostSnapshot s, boolean v6) {
    Map<Integer, String> marks = new LinkedHashMap<>();
    Map<Integer, String> toses = new LinkedHashMap<>();
    Map<Integer, String> uids = new LinkedHashMap<>();
    boolean sourcePorts = false;
    for (PolicyRule rule : s.rules(v6)) {
      if (rule.markMask() != 0) {
        long mark = rule.mark() & ALL;
        add(marks, "fwmark ", new Range(mark, mark), rule.markMask() & ALL, true);
      }
      if (rule.uid() != null) {
        add(uids, "uid ", rule.uid(), ALL, false);
      }
      if (rule.tos() != 0) {
        add(toses, "tos ", new Range(rule.tos(), rule.tos()), 0xff, true);
      }
      sourcePorts |= rule.sport() != null;
    }
    List<Route> routes = s.routes(v6);
    for (Route route : routes == null ? List.<Route>of() : routes) {
      if (route.tos() != 0) {
        add(toses, "tos ", new Range(route.tos(), route.tos()), 0xff, true);
      }
    }
    s.netfilter().expressions().forEach(e -> netfilter(e, marks, toses, uids));
    marks.remove(0);
    toses.remove(0);
    uids.remove(0);
    List<String> devices =
        s.links().stream().filter(l -> l.up() && !l.loopback()).map(Link::name).toList();
    return new Selectors(marks, toses, uids, devices, sourcePorts);
  }

  /** The same where some of it is known, and not to be varied. */
  Selectors without(Set<Assumption.Kind> known) {
    return known.isEmpty()
        ? this
        : new Selectors(
            known.contains(Assumption.Kind.MARK) ? Map.of() : marks,
            known.contains(Assumption.Kind.TOS) ? Map.of() : toses,
            known.contains(Assumption.Kind.UID) ? Map.of() : uids,
            devices,
            sourcePorts);
  }

  private static void netfilter(
      Expression e,
      Map<Integer, String> marks,
      Map<Integer, String> toses,
      Map<Integer, String> uids) {
    if (e instanceof Match.Numeric(var field, long mask, List<Range> ranges, boolean _)) {
      for (Range range : ranges) {
        switch (field) {
          case MARK -> add(marks, "fwmark ", range, mask, true);
          case TOS -> add(toses, "tos ", range, mask, true);
          case UID -> add(uids, "uid ", range, mask, false);
          default -> {}
        }
      }
    }
  }

  /**
   * Adds a value that the selector matches, and some that it does not. Where it matches 0, the
   * ordinary value, several: another selector may take the first of them elsewhere.
   */
  private static void add(
      Map<Integer, String> values, String word, Range range, long mask, boolean hex) {
    String text = number(range.first(), hex);
    if (range.first() != range.last()) {
      text += "-" + number(range.last(), hex);
    }
    if (mask != ALL && word.startsWith("fwmark")) {
      text += "/" + number(mask, hex);
    }
    String other = word + "other than " + text;
    values.putIfAbsent((int) range.first(), word + text);
    if (range.first() != 0) {
      values.putIfAbsent(0, other);
      return;
    }
    long next = (range.last() + 1) & mask;
    if (next != 0) {
      values.putIfAbsent((int) next, other);
    }
    long bits = mask;
    for (int i = 0; i < OTHERS && bits != 0; i++) {
      long bit = Long.lowestOneBit(bits);
      if (bit > range.last()) {
        values.putIfAbsent((int) bit, other);
      }
      bits ^= bit;
    }
  }

  private static String number(long value, boolean hex) {
    return hex ? "0x" + Long.toHexString(value) : Long.toString(value);
  }
}
