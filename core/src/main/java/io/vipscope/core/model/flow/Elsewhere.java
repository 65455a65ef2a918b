package io.vipscope.core.model.flow;

import io.vipscope.core.model.snapshot.HostSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A socket whose destination a rule turned into the one on the wire.
 *
 * @param original what it sent to
 * @param to the same in words; its address only where the wire shows another: tables keep one
 *     answer for many destinations
 */
record Elsewhere(FlowQuery original, World world, String to) {

  /** Those with something that is not ordinary are left out beyond this. */
  private static final int MAX = 512;

  /** What would have to hold for it, as reports name it. */
  List<String> conditions() {
    List<String> all = new ArrayList<>(world.conditions());
    all.add("sent to " + to + ", mapped to this one");
    return all;
  }

  /** In the ordinary world, then in those in which one thing is not ordinary. */
  static List<Elsewhere> of(HostSnapshot s, Selectors selectors, FlowQuery q) {
    Set<FlowQuery> originals = MappedDestinations.of(s, q);
    if (originals.isEmpty()) {
      return List.of();
    }
    List<Elsewhere> all = new ArrayList<>();
    originals.forEach(original -> all.add(of(original, World.ordinary(s, original), q)));
    for (World world : Worlds.of(s, selectors, q)) {
      for (FlowQuery original : originals) {
        if (world.conditions().size() == 1 && all.size() < MAX) {
          all.add(of(original, world, q));
        }
      }
    }
    return all;
  }

  private static Elsewhere of(FlowQuery original, World world, FlowQuery q) {
    String port = "port " + original.dport();
    String address = original.dst().toString();
    String to =
        original.dst().equals(q.dst())
            ? "its " + port
            : original.dport() == q.dport() ? address : address + " " + port;
    return new Elsewhere(original, world, to);
  }
}
