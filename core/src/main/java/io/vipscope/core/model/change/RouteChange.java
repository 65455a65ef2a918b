package io.vipscope.core.model.change;

import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.Nexthop;
import io.vipscope.core.model.snapshot.Route;
import io.vipscope.core.model.snapshot.RouteType;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** {@code ip route add|append|prepend|replace|change|del}. */
public record RouteChange(Op op, RouteSpec spec) implements Change {

  /** What to do, by the netlink flags of {@code iproute2}. */
  public enum Op {
    /** NLM_F_CREATE | NLM_F_EXCL. */
    ADD,
    /** NLM_F_CREATE | NLM_F_APPEND. */
    APPEND,
    /** NLM_F_CREATE. */
    PREPEND,
    /** NLM_F_CREATE | NLM_F_REPLACE. */
    REPLACE,
    /** NLM_F_REPLACE. */
    CHANGE,
    DELETE
  }

  @Override
  public HostSnapshot applyTo(HostSnapshot s) {
    boolean v6 = spec.dst().v6();
    List<Route> routes = s.routes(v6);
    if (routes == null) {
      throw new ChangeException("the IPv" + (v6 ? 6 : 4) + " routes were not collected");
    }
    List<Route> changed = new ArrayList<>(routes);
    if (op == Op.DELETE) {
      delete(changed);
    } else if (v6) {
      insert6(changed, spec.resolve(s));
    } else {
      insert4(changed, spec.resolve(s));
    }
    return s.withRouting(v6, changed, s.rules(v6));
  }

  private static boolean sameDestination(Route a, Route b) {
    return a.table().equals(b.table())
        && a.dst().equals(b.dst())
        && Objects.equals(a.from(), b.from());
  }

  private static boolean sameKey(Route a, Route b) {
    return sameDestination(a, b) && a.tos() == b.tos() && a.metric() == b.metric();
  }

  /** {@code fib_find_info}: of routes by nexthop object the object is compared, not its ways. */
  private static boolean sameRoute(Route a, Route b) {
    return sameKey(a, b)
        && sameType(a, b)
        && a.scope() == b.scope()
        && a.protocol().equals(b.protocol())
        && Objects.equals(a.prefsrc(), b.prefsrc())
        && a.nexthopId() == b.nexthopId()
        && (a.nexthopId() != 0 || ways(a).equals(ways(b)));
  }

  /** {@code fib_dump_info} calls a route by a blackhole object blackhole, whatever its type is. */
  private static boolean sameType(Route a, Route b) {
    return a.type() == b.type() || a.nexthopId() != 0 && a.type() == RouteType.BLACKHOLE;
  }

  private static List<Nexthop> ways(Route route) {
    return route.nexthops().stream()
        .map(h -> new Nexthop(h.dev(), h.gateway(), h.weight(), false, false, false))
        .toList();
  }

  private ChangeException present(Route route) {
    return new ChangeException(
        "a route to "
            + route.dst()
            + " with that metric is there already in table "
            + route.table());
  }

  private ChangeException absent(Route route) {
    return new ChangeException(
        "there is no route to " + route.dst() + " with that metric in table " + route.table());
  }

  /** {@code fib_table_insert}: by TOS, highest first, then by metric. */
  private void insert4(List<Route> routes, Route added) {
    int first = -1; // with the same key
    int end = -1; // behind the last with the same key, or where it belongs
    for (int i = 0; i < routes.size(); i++) {
      Route r = routes.get(i);
      if (!sameDestination(r, added)) {
        continue;
      }
      if (sameKey(r, added)) {
        first = first < 0 ? i : first;
        if (op != Op.REPLACE && op != Op.CHANGE && sameRoute(r, added)) {
          throw present(added);
        }
        end = i + 1;
      } else if (r.tos() > added.tos() || r.tos() == added.tos() && r.metric() < added.metric()) {
        end = i + 1;
      } else if (end < 0) {
        end = i;
      }
    }
    end = end < 0 ? routes.size() : end;
    if (first < 0) {
      if (op == Op.CHANGE) {
        throw absent(added);
      }
      routes.add(end, added);
      return;
    }
    switch (op) {
      case ADD -> throw present(added);
      case APPEND -> routes.add(end, added);
      case PREPEND -> routes.add(first, added);
      case REPLACE, CHANGE -> replace4(routes, first, added);
      case DELETE -> throw new IllegalStateException();
    }
  }

  /** The first of the same key gives way; the same route further back refuses it. */
  private void replace4(List<Route> routes, int first, Route added) {
    for (int i = first + 1; i < routes.size(); i++) {
      if (sameRoute(routes.get(i), added)) {
        throw present(added);
      }
    }
    routes.set(first, added);
  }

  /** {@code fib6_add_rt2node}: by metric; routes with gateways and one metric become one. */
  private void insert6(List<Route> routes, Route added) {
    boolean ecmp = isEcmp(added);
    int same = -1;
    int sameKind = -1;
    int end = -1;
    for (int i = 0; i < routes.size(); i++) {
      Route r = routes.get(i);
      if (!sameDestination(r, added)) {
        continue;
      }
      if (r.metric() == added.metric()) {
        same = same < 0 ? i : same;
        if (sameKind < 0 && isEcmp(r) == ecmp) {
          sameKind = i;
        }
        if (op != Op.REPLACE && op != Op.CHANGE && ways(r).containsAll(ways(added))) {
          throw present(added);
        }
        end = i + 1;
      } else if (r.metric() < added.metric()) {
        end = i + 1;
      } else if (end < 0) {
        end = i;
      }
    }
    end = end < 0 ? routes.size() : end;
    switch (op) {
      case ADD -> {
        if (same >= 0) {
          throw present(added);
        }
        routes.add(end, added);
      }
      case APPEND, PREPEND -> {
        if (ecmp && sameKind >= 0) {
          routes.set(sameKind, joined(routes.get(sameKind), added));
        } else {
          routes.add(end, added);
        }
      }
      case REPLACE, CHANGE -> {
        int victim = sameKind >= 0 ? sameKind : same;
        if (victim >= 0) {
          routes.set(victim, added);
        } else if (op == Op.CHANGE) {
          throw absent(added);
        } else {
          routes.add(end, added);
        }
      }
      case DELETE -> throw new IllegalStateException();
    }
  }

  /** {@code rt6_qualify_for_ecmp}. */
  private static boolean isEcmp(Route r) {
    return r.nexthopId() == 0 && r.nexthops().stream().anyMatch(h -> h.gateway() != null);
  }

  private static Route joined(Route route, Route added) {
    List<Nexthop> hops = new ArrayList<>(route.nexthops());
    hops.addAll(added.nexthops());
    return route.withNexthops(hops);
  }

  private void delete(List<Route> routes) {
    boolean deleted = spec.dst().v6() ? Ipv6RouteDeletion.of(spec).from(routes) : delete4(routes);
    if (!deleted) {
      throw new ChangeException(
          "there is no such route to " + spec.dst() + " in table " + spec.tableOrDefault());
    }
  }

  /** {@code fib_table_delete}: the first that the command means. */
  private boolean delete4(List<Route> routes) {
    for (int i = 0; i < routes.size(); i++) {
      if (means(routes.get(i))) {
        routes.remove(i);
        return true;
      }
    }
    return false;
  }

  private boolean means(Route r) {
    RouteSpec w = spec;
    return r.table().equals(w.tableOrDefault())
        && r.dst().equals(w.dst())
        && Objects.equals(r.from(), w.from())
        && r.tos() == w.tos()
        && absentOr(w.type(), r.type())
        && absentOr(w.scope(), r.scope())
        && absentOr(w.protocol(), r.protocol())
        && absentOr(w.prefsrc(), r.prefsrc())
        && (w.metric() == null || w.metric() == 0 || w.metric() == r.metric())
        && (w.nexthopId() == 0 || w.nexthopId() == r.nexthopId())
        && waysMeant(r);
  }

  /**
   * {@code fib_nh_match}: a way alone is compared with the route's first, of several each with its
   * own, and more than the route has do not count. No way means one of a nexthop object.
   */
  private boolean waysMeant(Route r) {
    List<Nexthop> wanted = spec.nexthops();
    List<Nexthop> ways = r.nexthops();
    if (wanted.isEmpty()) {
      return true;
    }
    boolean several = wanted.size() > 1;
    if (r.nexthopId() != 0 || ways.isEmpty() || several && wanted.size() < ways.size()) {
      return false;
    }
    for (int i = 0; i < Math.min(wanted.size(), ways.size()); i++) {
      if (!absentOr(wanted.get(i).dev(), ways.get(i).dev())
          || !absentOr(wanted.get(i).gateway(), ways.get(i).gateway())) {
        return false;
      }
    }
    return true;
  }

  private static boolean absentOr(@Nullable Object wanted, @Nullable Object found) {
    return wanted == null || Objects.equals(wanted, found);
  }
}
