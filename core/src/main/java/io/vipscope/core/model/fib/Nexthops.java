package io.vipscope.core.model.fib;

import io.vipscope.core.model.snapshot.Nexthop;
import io.vipscope.core.model.snapshot.NexthopObject;
import io.vipscope.core.model.snapshot.Route;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Next hops of routes, through nexthop objects where a route names one. */
public final class Nexthops {

  private final Map<Long, NexthopObject> objects = new HashMap<>();

  public Nexthops(List<NexthopObject> all) {
    all.forEach(o -> objects.put(o.id(), o));
  }

  /** As the dump shows them, else the object's; empty if the snapshot has neither. */
  public List<Nexthop> of(Route route) {
    if (!route.nexthops().isEmpty() || route.nexthopId() == 0) {
      return route.nexthops();
    }
    NexthopObject object = objects.get(route.nexthopId());
    if (object == null) {
      return List.of();
    }
    if (object.single() != null) {
      return List.of(object.single());
    }
    List<Nexthop> hops = new ArrayList<>();
    for (NexthopObject.Member member : object.group()) {
      NexthopObject single = objects.get(member.id());
      Nexthop hop = single == null ? null : single.single();
      if (hop != null) {
        hops.add(
            new Nexthop(
                hop.dev(),
                hop.gateway(),
                member.weight(),
                hop.dead(),
                hop.linkdown(),
                hop.onlink()));
      }
    }
    return hops;
  }

  /** Whether the route's object discards everything ({@code nexthop_is_blackhole}). */
  public boolean isBlackhole(Route route) {
    NexthopObject object = objects.get(route.nexthopId());
    if (route.nexthopId() == 0 || object == null) {
      return false;
    }
    if (object.group().size() == 1) { // a group of one blackhole is one
      object = objects.get(object.group().getFirst().id());
    }
    return object != null && object.blackhole();
  }
}
