package io.vipscope.core.model.flow;

import io.vipscope.core.model.snapshot.HostSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What may hold of a flow's socket and is not ordinary: each value that a selector tests, alone and
 * then two of different kinds together. What is known of the host's flows is ordinary in all of
 * them.
 */
final class Worlds {

  private static final int UDP = 17;
  private static final int TCP = 6;

  /** Pairs beyond this are left out; single values never are. */
  private static final int MAX_WORLDS = 400;

  private Worlds() {}

  static List<World> of(HostSnapshot host, Selectors all, FlowQuery q) {
    World ordinary = World.ordinary(host, q);
    Selectors s = all.without(host.known(q.protocol(), q.dport()).keySet());
    List<World> start = new ArrayList<>();
    start.add(ordinary);
    if (q.protocol() == UDP) {
      start.add(ordinary.withConnected());
    }
    if (q.protocol() == TCP && s.sourcePorts() && q.sport() != 0) {
      start.add(ordinary.withPortBound());
    }
    List<World> marked = marked(start, s);
    List<World> owned = owned(start, s);
    List<World> worlds = new ArrayList<>(start);
    worlds.addAll(marked);
    worlds.addAll(owned);
    worlds.addAll(tos(start, s));
    worlds.addAll(bound(start, s));
    List<World> pairs = new ArrayList<>(owned(marked, s));
    pairs.addAll(tos(marked, s));
    pairs.addAll(bound(marked, s));
    pairs.addAll(bound(owned, s));
    for (World pair : pairs) {
      if (worlds.size() >= MAX_WORLDS) {
        break;
      }
      worlds.add(pair);
    }
    worlds.remove(ordinary);
    return worlds;
  }

  private static List<World> marked(List<World> from, Selectors s) {
    List<World> all = new ArrayList<>();
    for (World w : from) {
      for (Map.Entry<Integer, String> mark : s.marks().entrySet()) {
        all.add(w.withMark(mark.getKey(), mark.getValue()));
      }
    }
    return all;
  }

  private static List<World> owned(List<World> from, Selectors s) {
    List<World> all = new ArrayList<>();
    for (World w : from) {
      for (Map.Entry<Integer, String> uid : s.uids().entrySet()) {
        all.add(w.withUid(uid.getKey(), uid.getValue()));
      }
    }
    return all;
  }

  private static List<World> tos(List<World> from, Selectors s) {
    List<World> all = new ArrayList<>();
    for (World w : from) {
      for (Map.Entry<Integer, String> tos : s.toses().entrySet()) {
        all.add(w.withTos(tos.getKey(), tos.getValue()));
      }
    }
    return all;
  }

  private static List<World> bound(List<World> from, Selectors s) {
    List<World> all = new ArrayList<>();
    for (World w : from) {
      for (String device : s.devices()) {
        all.add(w.withOif(device));
      }
    }
    return all;
  }
}
