package io.vipscope.core.model.change;

import io.vipscope.core.model.fib.Fib;
import io.vipscope.core.model.fib.FibAnswer;
import io.vipscope.core.model.fib.TableAnswer;
import io.vipscope.core.model.selection.RouteQuery;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.Nexthop;
import io.vipscope.core.model.snapshot.PolicyRule;
import io.vipscope.core.model.snapshot.Route;
import io.vipscope.core.model.snapshot.RouteType;
import io.vipscope.core.model.snapshot.Scope;
import io.vipscope.core.model.snapshot.TableName;
import io.vipscope.core.net.IpAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What the kernel asks of a gateway before it takes a route by it: {@code fib_check_nh_v4_gw},
 * {@code ip6_validate_gw}.
 *
 * @param table of the new route, which is looked into before the rules are walked
 * @param scope of the new route: a gateway must be nearer
 */
record GatewayCheck(HostSnapshot s, String table, int scope) {

  /**
   * A gateway that is said to be on the link.
   *
   * @throws ChangeException if the kernel would refuse it
   */
  void onlink(IpAddress gateway) {
    if (gateway.v6()) {
      notOwn(gateway);
      return;
    }
    Route special = ofTableLocal(s, gateway);
    RouteType type = special == null ? RouteType.UNICAST : special.type();
    if (scope >= Scope.LINK) {
      throw refused(gateway, "a route of scope link or host has none");
    }
    if (type != RouteType.UNICAST && !type.isReject()) {
      throw refused(gateway, "it is of type " + type.name().toLowerCase(Locale.ROOT));
    }
  }

  private static ChangeException refused(IpAddress gateway, String why) {
    return new ChangeException("gateway " + gateway + " is refused: " + why);
  }

  private void notOwn(IpAddress gateway) {
    if (s.holds(gateway)) {
      throw refused(gateway, "it is an address of the host");
    }
  }

  /**
   * The device of the link on which a gateway is.
   *
   * @param dev the one named; null if none was
   * @throws ChangeException if it is on no link, or not on that device's
   */
  String device(IpAddress gateway, @Nullable String dev) {
    if (gateway.v6()) {
      notOwn(gateway);
      if (gateway.isLinkLocal() && dev != null) {
        return dev;
      }
    }
    List<PolicyRule> alone = List.of(PolicyRule.lookup(gateway.v6(), 0, table));
    HostSnapshot near = gateway.v6() ? s : s.withRouting(false, nearer(), s.rules(false));
    boolean one = table.equals(TableName.LOCAL) || table.equals(TableName.MAIN);
    Fib fib = new Fib(near, gateway.v6());
    boolean merged = !gateway.v6() && one && fib.mayBeMerged();
    Fib first =
        merged
            ? fib
            : new Fib(
                near.withRouting(gateway.v6(), near.routes(gateway.v6()), alone), gateway.v6());
    RouteQuery q = new RouteQuery(gateway, null, 0, 0, dev, 0, 0, 0, 0);
    String found = way(first.lookup(q, merged, dev != null, new ArrayList<>()), dev);
    if (found == null) {
      found = way(fib.lookup(q, false, dev != null, new ArrayList<>()), dev);
    }
    if (found == null) {
      throw new ChangeException(
          "gateway " + gateway + " is on no link" + (dev == null ? "" : " of " + dev));
    }
    return found;
  }

  /** The IPv4 routes by which a gateway may be reached; one without carrier will do. */
  private List<Route> nearer() {
    List<Route> routes = s.routes(false);
    int least = Math.max(Math.min(scope, Scope.HOST) + 1, Scope.LINK);
    return routes == null
        ? List.of()
        : routes.stream()
            .filter(r -> r.scope() >= least)
            .map(r -> r.withNexthops(r.nexthops().stream().map(GatewayCheck::up).toList()))
            .toList();
  }

  /** {@code FIB_LOOKUP_IGNORE_LINKSTATE}; {@code ip} calls such a next hop dead too. */
  private static Nexthop up(Nexthop h) {
    boolean dead = h.dead() && !h.linkdown();
    return new Nexthop(h.dev(), h.gateway(), h.weight(), dead, false, h.onlink());
  }

  private static @Nullable String way(FibAnswer answer, @Nullable String dev) {
    TableAnswer found = answer.found();
    if (found == null || found.error() != null) {
      return null;
    }
    TableAnswer.Way way = found.ways().getFirst();
    RouteType type = way.route().type();
    Nexthop hop = way.hop();
    boolean v6 = way.route().v6();
    boolean direct = hop != null && (!v6 || hop.gateway() == null);
    boolean reachable = type == RouteType.UNICAST || type == RouteType.LOCAL;
    return hop != null && direct && reachable && (dev == null || dev.equals(hop.dev()))
        ? hop.dev()
        : null;
  }

  /** What {@code inet_addr_type} goes by; null if the address is nothing special. */
  static @Nullable Route ofTableLocal(HostSnapshot s, IpAddress address) {
    List<Route> routes = s.routes(address.v6());
    if (routes == null) {
      return null;
    }
    return routes.stream()
        .filter(r -> r.table().equals(TableName.LOCAL) && r.dst().contains(address))
        .max(Comparator.comparingInt(r -> r.dst().length()))
        .orElse(null);
  }
}
