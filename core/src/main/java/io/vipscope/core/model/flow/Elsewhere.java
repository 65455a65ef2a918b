package io.vipscope.core.model.flow;

import io.vipscope.core.model.snapshot.HostSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A socket whose destination a rule turned into the one on the wire.
 *
 * @param original what it sent to
 * @param otherPort the wire shows another port
 */
record Elsewhere(FlowQuery original, World world, boolean otherPort) {

  /** Those with something that is not ordinary are left out beyond this. */
  private static final int MAX = 512;

  /** What would have to hold for it, as reports name it. */
  List<String> conditions() {
    List<String> all = new ArrayList<>(world.conditions());
    String port = otherPort ? " port " + original.dport() : "";
    all.add("sent to " + original.dst() + port + ", mapped to this one");
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
    return new Elsewhere(original, world, original.dport() != q.dport());
  }
}
