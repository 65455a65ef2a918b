package io.vipscope.core.model.change;

import io.vipscope.core.model.snapshot.Nexthop;
import io.vipscope.core.model.snapshot.Route;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Which IPv6 route a command deletes: {@code ip6_route_del} (net/ipv6/route.c). It compares neither
 * the type nor {@code src} nor the preference; the ways of a multipath route are routes of their
 * own to it.
 *
 * @param hops what is deleted one after the other ({@code ip6_route_multipath_del}); one of null if
 *     the command names no way
 */
record Ipv6RouteDeletion(RouteSpec spec, List<@Nullable Nexthop> hops) {

  private static final Nexthop REJECT = Nexthop.of("lo", null);

  static Ipv6RouteDeletion of(RouteSpec spec) {
    List<@Nullable Nexthop> hops = new ArrayList<>(spec.nexthops());
    if (hops.isEmpty()) {
      hops.add(null);
    }
    return new Ipv6RouteDeletion(spec, hops);
  }

  /** False if there is none. */
  boolean from(List<Route> routes) {
    boolean all = true;
    for (Nexthop hop : hops) {
      all &= one(routes, hop);
    }
    return all;
  }

  private boolean one(List<Route> routes, @Nullable Nexthop wanted) {
    for (int i = 0; i < routes.size(); i++) {
      Route r = routes.get(i);
      if (!means(r)) {
        continue;
      }
      if (r.nexthopId() != 0) {
        routes.remove(i);
        return true;
      }
      if (spec.nexthopId() != 0) {
        continue;
      }
      List<Nexthop> ways = r.nexthops().isEmpty() ? List.of(REJECT) : r.nexthops();
      for (Nexthop way : ways) {
        if (wanted == null || fits(wanted, way)) {
          delete(routes, i, way, wanted != null && wanted.gateway() != null);
          return true;
        }
      }
    }
    return false;
  }

  /** With a gateway named that one way goes, else all ({@code __ip6_del_rt_siblings}). */
  private static void delete(List<Route> routes, int i, Nexthop way, boolean alone) {
    List<Nexthop> rest = new ArrayList<>(routes.get(i).nexthops());
    rest.remove(way);
    if (alone && !rest.isEmpty()) {
      routes.set(i, routes.get(i).withNexthops(rest));
    } else {
      routes.remove(i);
    }
  }

  private boolean means(Route r) {
    return r.table().equals(spec.tableOrDefault())
        && r.dst().equals(spec.dst())
        && Objects.equals(r.from(), spec.from())
        && (spec.protocol() == null || spec.protocol().equals(r.protocol()))
        && (spec.metric() == null || spec.metric() == 0 || spec.metric() == r.metric())
        && (spec.nexthopId() == 0 || r.nexthopId() == 0 || spec.nexthopId() == r.nexthopId());
  }

  private static boolean fits(Nexthop wanted, Nexthop way) {
    return (wanted.dev() == null || wanted.dev().equals(way.dev()))
        && (wanted.gateway() == null || wanted.gateway().equals(way.gateway()));
  }
}
