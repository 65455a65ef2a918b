package io.vipscope.core.model.fib;

import io.vipscope.core.model.selection.RouteError;
import io.vipscope.core.model.selection.RouteQuery;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.Neighbour;
import io.vipscope.core.model.snapshot.Nexthop;
import io.vipscope.core.model.snapshot.Route;
import io.vipscope.core.model.snapshot.RouteType;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.IpPrefix;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Lookup in one IPv6 table: {@code fib6_table_lookup} with {@code fib6_node_lookup}, {@code
 * fib6_backtrack}, {@code find_rr_leaf} and {@code fib6_select_path} (net/ipv6/route.c, ip6_fib.c).
 */
final class Ipv6Table {

  static final Comparator<Route> ORDER = Comparator.comparingLong(Route::metric);

  private static final Nexthop LOOPBACK = Nexthop.of("lo", null);

  private final HostSnapshot s;
  private final Nexthops nexthops;
  private final boolean reachability;

  Ipv6Table(HostSnapshot s, Nexthops nexthops) {
    this.s = s;
    this.nexthops = nexthops;
    // RT6_LOOKUP_F_REACHABLE: hosts, not routers, pass over gateways whose neighbour failed.
    this.reachability = s.sysctls().device(true, "all", "forwarding", 0) == 0;
  }

  /**
   * The answer of a table.
   *
   * @param strict the output device is a condition, not a preference (RT6_LOOKUP_F_IFACE)
   * @return null = no route, or throw
   */
  @Nullable TableAnswer lookup(FibTable table, RouteQuery q, boolean strict) {
    List<List<Route>> nodes = nodes(table, q);
    TableAnswer answer = null;
    if (reachability) {
      answer = select(nodes, q, strict, true);
      TableAnswer later = select(nodes, q, strict, false);
      if (answer == null) {
        answer = later;
      } else if (later != null && !later.equals(answer)) {
        // Depends on a neighbour's state, which is another at each packet: both are possible.
        List<TableAnswer.Way> ways = new ArrayList<>(answer.ways());
        later.ways().stream().filter(w -> !ways.contains(w)).forEach(ways::add);
        boolean sameKind = answer.error() == later.error() && isThrow(answer) == isThrow(later);
        answer =
            new TableAnswer(ways, answer.error(), sameKind ? null : "whether a gateway answers");
      }
    } else {
      answer = select(nodes, q, strict, false);
    }
    return answer == null || answer.open() == null && isThrow(answer) ? null : answer;
  }

  private static boolean isThrow(TableAnswer answer) {
    return answer.route().type() == RouteType.THROW;
  }

  /**
   * The nodes in the order they are tried. A source-specific route hides the plain one of its
   * prefix from the descent, not from backtracking; the default prefix is always visible.
   */
  private static List<List<Route>> nodes(FibTable table, RouteQuery q) {
    IpAddress source = Objects.requireNonNullElse(q.from(), IpAddress.ANY6);
    List<List<Route>> nodes = new ArrayList<>();
    boolean descended = false;
    for (List<Route> bucket : table.matching(q.dst())) {
      List<Route> plain = bucket.stream().filter(r -> sourceLength(r) == 0).toList();
      List<Route> specific =
          bucket.stream()
              .filter(r -> sourceLength(r) > 0)
              .sorted(Comparator.comparingInt(r -> -sourceLength(r)))
              .toList();
      List<List<Route>> matching = bySource(specific, source);
      if (!descended) {
        boolean hidden = !specific.isEmpty() && matching.isEmpty();
        if (hidden && bucket.getFirst().dst().length() > 0) {
          continue;
        }
        descended = !plain.isEmpty() || !matching.isEmpty();
      }
      nodes.addAll(matching);
      if (!plain.isEmpty()) {
        nodes.add(plain);
      }
    }
    return nodes;
  }

  private static int sourceLength(Route route) {
    IpPrefix from = route.from();
    return from == null ? 0 : from.length();
  }

  private static List<List<Route>> bySource(List<Route> specific, IpAddress source) {
    List<List<Route>> nodes = new ArrayList<>();
    for (Route route : specific) {
      if (route.from() == null || !route.from().contains(source)) {
        continue;
      }
      if (nodes.isEmpty() || !Objects.equals(nodes.getLast().getFirst().from(), route.from())) {
        nodes.add(new ArrayList<>());
      }
      nodes.getLast().add(route);
    }
    return nodes;
  }

  private @Nullable TableAnswer select(
      List<List<Route>> nodes, RouteQuery q, boolean strict, boolean reachable) {
    for (List<Route> node : nodes) {
      TableAnswer answer = leaf(node, q, strict, reachable);
      if (answer != null) {
        return answer;
      }
    }
    return null;
  }

  /** {@code find_rr_leaf}: the best of the lowest metric, else the best of all others. */
  private @Nullable TableAnswer leaf(
      List<Route> node, RouteQuery q, boolean strict, boolean reachable) {
    long metric = node.getFirst().metric();
    TableAnswer answer =
        best(node.stream().filter(r -> r.metric() == metric).toList(), q, strict, reachable);
    return answer != null
        ? answer
        : best(node, q, strict, reachable); // those of the lowest have not fitted
  }

  private @Nullable TableAnswer best(
      List<Route> routes, RouteQuery q, boolean strict, boolean reachable) {
    int highest = -1;
    Route match = null;
    Nexthop hop = null;
    for (Route route : routes) {
      if (nexthops.isBlackhole(route)) {
        return TableAnswer.rejected(new TableAnswer.Way(route, null, true), RouteError.EINVAL);
      }
      for (Nexthop candidate : hops(route)) {
        int score = usable(candidate) ? score(route, candidate, q, strict, reachable) : -1;
        if (score > highest) {
          highest = score;
          match = route;
          hop = candidate;
        }
        if (score >= 0 && route.nexthopId() != 0) {
          break; // nexthop_for_each_fib6_nh stops at the first that matches
        }
      }
    }
    if (match == null || hop == null) {
      return null;
    }
    RouteError error = error(match);
    if (error != null || match.type() == RouteType.THROW) {
      return TableAnswer.rejected(new TableAnswer.Way(match, null, false), error);
    }
    return TableAnswer.of(ways(match, hop, q, strict, reachable));
  }

  private static @Nullable RouteError error(Route route) {
    return switch (route.type()) {
      case BLACKHOLE -> RouteError.EINVAL;
      case UNREACHABLE -> RouteError.EHOSTUNREACH;
      case PROHIBIT -> RouteError.EACCES;
      default -> null;
    };
  }

  /** Reject routes have the loopback device as their way out, and its device is compared too. */
  private List<Nexthop> hops(Route route) {
    List<Nexthop> hops = nexthops.of(route);
    return hops.isEmpty() && route.type().isReject() ? List.of(LOOPBACK) : hops;
  }

  /** {@code fib6_select_path}: the hash may pick any sibling that fits a strict device. */
  private List<TableAnswer.Way> ways(
      Route match, Nexthop hop, RouteQuery q, boolean strict, boolean reachable) {
    boolean byObject = match.nexthopId() != 0;
    List<TableAnswer.Way> ways = new ArrayList<>();
    ways.add(new TableAnswer.Way(match, hop, byObject));
    for (Nexthop sibling : hops(match)) {
      boolean possible =
          byObject || sibling.gateway() != null && score(match, sibling, q, strict, reachable) >= 0;
      if (!sibling.equals(hop) && usable(sibling) && possible) {
        ways.add(new TableAnswer.Way(match, sibling, byObject));
      }
    }
    return ways;
  }

  private boolean usable(Nexthop hop) {
    return !hop.dead()
        && !(hop.linkdown()
            && hop.dev() != null
            && s.sysctls().device(true, hop.dev(), "ignore_routes_with_linkdown", 0) != 0);
  }

  /** {@code rt6_score_route}; negative = passed over. */
  private int score(Route route, Nexthop hop, RouteQuery q, boolean strict, boolean reachable) {
    boolean device = q.oif() == null || q.oif().equals(hop.dev());
    if (!device && strict) {
      return -3;
    }
    if (reachable && hop.gateway() != null && failed(hop)) {
      return -2;
    }
    return (device ? 2 : 0) | 2 + route.pref() << 2;
  }

  /** {@code rt6_check_neigh} with CONFIG_IPV6_ROUTER_PREF. */
  private boolean failed(Nexthop hop) {
    for (Neighbour neighbour : s.neighbours()) {
      if (neighbour.address().equals(hop.gateway()) && neighbour.dev().equals(hop.dev())) {
        return neighbour.states().contains("FAILED");
      }
    }
    return false;
  }
}
