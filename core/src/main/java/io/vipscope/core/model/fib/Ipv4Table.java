package io.vipscope.core.model.fib;

import io.vipscope.core.model.selection.RouteError;
import io.vipscope.core.model.selection.RouteQuery;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.Nexthop;
import io.vipscope.core.model.snapshot.Route;
import io.vipscope.core.model.snapshot.RouteType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Lookup in one IPv4 table: {@code fib_table_lookup}, {@code fib_select_default}. */
final class Ipv4Table {

  /** Higher tos first, then lower metric ({@code fib_find_alias}). */
  static final Comparator<Route> ORDER =
      Comparator.comparingInt((Route r) -> -r.tos()).thenComparingLong(Route::metric);

  private static final int TOS_MASK = 0x1c; // IPTOS_RT_MASK without the ECN bits

  private final HostSnapshot s;
  private final Nexthops nexthops;

  Ipv4Table(HostSnapshot s, Nexthops nexthops) {
    this.s = s;
    this.nexthops = nexthops;
  }

  /** Null = no route (EAGAIN); a throw route too is none. */
  @Nullable TableAnswer lookup(FibTable table, RouteQuery q) {
    for (List<Route> bucket : table.matching(q.dst())) {
      for (Route route : bucket) {
        if (route.tos() != 0 && route.tos() != (q.tos() & TOS_MASK)) {
          continue;
        }
        RouteError error = error(route);
        if (error != null) {
          return TableAnswer.rejected(new TableAnswer.Way(route, null, false), error);
        }
        if (route.type() == RouteType.THROW) {
          return null;
        }
        boolean byObject = route.nexthopId() != 0;
        List<Nexthop> usable =
            nexthops.of(route).stream().filter(h -> usable(h) && leavesBy(h, q.oif())).toList();
        if (!usable.isEmpty()) {
          return TableAnswer.of(ways(bucket, route, usable, q));
        }
        if (byObject) {
          break; // straight to shorter prefixes
        }
      }
    }
    return null;
  }

  private @Nullable RouteError error(Route route) {
    if (nexthops.isBlackhole(route)) {
      return RouteError.EINVAL;
    }
    return switch (route.type()) {
      case BLACKHOLE -> RouteError.EINVAL;
      case UNREACHABLE -> RouteError.EHOSTUNREACH;
      case PROHIBIT -> RouteError.EACCES;
      default -> null;
    };
  }

  /** {@code fib_lookup_good_nhc}. */
  private boolean usable(Nexthop hop) {
    return !hop.dead()
        && !(hop.linkdown()
            && hop.dev() != null
            && s.sysctls().orConf(hop.dev(), "ignore_routes_with_linkdown"));
  }

  private static boolean leavesBy(Nexthop hop, @Nullable String oif) {
    return oif == null || oif.equals(hop.dev());
  }

  private List<TableAnswer.Way> ways(
      List<Route> bucket, Route route, List<Nexthop> usable, RouteQuery q) {
    boolean byObject = route.nexthopId() != 0;
    List<TableAnswer.Way> ways = new ArrayList<>();
    if (q.oif() != null) {
      return List.of(new TableAnswer.Way(route, usable.getFirst(), byObject));
    }
    usable.forEach(h -> ways.add(new TableAnswer.Way(route, h, byObject)));
    if (nexthops.of(route).size() == 1
        && route.dst().length() == 0
        && route.type() == RouteType.UNICAST
        && usable.getFirst().gateway() != null) {
      otherDefaults(bucket, route, q, ways);
    }
    return ways;
  }

  /**
   * {@code fib_select_default}: of several default routes by gateway it takes one whose neighbour
   * is not known to be dead, which no snapshot shows for the time of the packet.
   */
  private void otherDefaults(
      List<Route> bucket, Route chosen, RouteQuery q, List<TableAnswer.Way> ways) {
    long lastMetric = chosen.metric();
    int lastTos = 0;
    boolean found = false;
    for (Route route : bucket) {
      if (!route.table().equals(chosen.table())
          || route.tos() != 0 && route.tos() != (q.tos() & TOS_MASK)) {
        continue;
      }
      if (route.metric() > lastMetric && route.tos() == lastTos) {
        if (lastTos != 0) {
          continue;
        }
        return;
      }
      List<Nexthop> hops = nexthops.of(route);
      if (!hops.isEmpty() && hops.stream().allMatch(Nexthop::dead)) {
        continue;
      }
      lastTos = route.tos();
      lastMetric = route.metric();
      if (route.scope() != chosen.scope()
          || route.type() != RouteType.UNICAST
          || hops.isEmpty()
          || hops.getFirst().gateway() == null) {
        continue;
      }
      if (!found && !route.equals(chosen)) {
        return;
      }
      if (found) {
        ways.add(new TableAnswer.Way(route, hops.getFirst(), route.nexthopId() != 0));
      }
      found = true;
    }
  }
}
