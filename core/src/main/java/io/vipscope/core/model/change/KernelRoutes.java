package io.vipscope.core.model.change;

import io.vipscope.core.model.selection.KernelRelease;
import io.vipscope.core.model.selection.ZeroNetwork;
import io.vipscope.core.model.snapshot.AddressFlag;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.InterfaceAddress;
import io.vipscope.core.model.snapshot.Link;
import io.vipscope.core.model.snapshot.Nexthop;
import io.vipscope.core.model.snapshot.Route;
import io.vipscope.core.model.snapshot.RouteType;
import io.vipscope.core.model.snapshot.Scope;
import io.vipscope.core.model.snapshot.TableName;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.IpPrefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The routes the kernel keeps for its addresses: {@code fib_add_ifaddr}, {@code fib_del_ifaddr},
 * {@code addrconf_prefix_route}.
 */
final class KernelRoutes {

  private static final int PREFIX_METRIC = 256; // IP6_RT_PRIO_ADDRCONF

  private KernelRoutes() {}

  /** The host with the changed device, its routes following the change of the addresses. */
  static HostSnapshot follow(HostSnapshot s, Link before, Link after) {
    List<Link> links =
        s.links().stream().map(l -> l.name().equals(after.name()) ? after : l).toList();
    HostSnapshot result = s.withLinks(links);
    for (boolean v6 : new boolean[] {false, true}) {
      List<Route> routes = result.routes(v6);
      if (routes != null && !before.addresses(v6).equals(after.addresses(v6))) {
        List<Route> followed = exchanged(routes, of(s, before, v6), of(s, after, v6));
        if (!v6 && after.addresses(false).isEmpty()) {
          followed = disabled(followed, after);
        }
        Set<IpAddress> gone = addresses(before, v6);
        gone.removeAll(result.addresses());
        if (!v6) {
          HostSnapshot then = result.withRouting(false, List.copyOf(followed), result.rules(false));
          gone.removeIf(address -> isLocal(then, address));
        }
        result =
            result.withRouting(
                v6,
                v6 ? unnamed(followed, gone, s.kernel(), after) : dropped(followed, gone),
                result.rules(v6));
      }
    }
    return result;
  }

  /** {@code inet_addr_type_dev_table}: a wider prefix of the loopback device may still hold it. */
  private static boolean isLocal(HostSnapshot s, IpAddress address) {
    Route route = GatewayCheck.ofTableLocal(s, address);
    return route != null && route.type() == RouteType.LOCAL;
  }

  private static Set<IpAddress> addresses(Link link, boolean v6) {
    return link.addresses(v6).stream().map(InterfaceAddress::local).collect(Collectors.toSet());
  }

  private static List<Route> exchanged(List<Route> routes, List<Route> old, List<Route> now) {
    List<Route> result = new ArrayList<>();
    for (Route route : routes) {
      boolean kept = old.stream().noneMatch(o -> same(o, route)) || contains(now, route);
      if (kept) {
        result.add(route);
      }
    }
    now.stream().filter(r -> !contains(old, r) && !contains(result, r)).forEach(result::add);
    return result;
  }

  private static boolean contains(List<Route> routes, Route route) {
    return routes.stream().anyMatch(r -> same(r, route));
  }

  /** Whether two describe the same route; protocol, scope, and flags of next hops aside. */
  static boolean same(Route a, Route b) {
    return a.type() == b.type()
        && a.dst().equals(b.dst())
        && a.table().equals(b.table())
        && a.tos() == b.tos()
        && a.metric() == b.metric()
        && Objects.equals(a.prefsrc(), b.prefsrc())
        && ways(a).equals(ways(b));
  }

  private static List<Nexthop> ways(Route route) {
    return route.nexthops().stream().map(h -> Nexthop.of(h.dev(), h.gateway())).toList();
  }

  /** The last address is gone: {@code fib_disable_ip} takes the device out of every table. */
  private static List<Route> disabled(List<Route> routes, Link link) {
    List<Route> result = new ArrayList<>();
    for (Route route : routes) {
      List<Nexthop> left =
          route.nexthops().stream().filter(h -> !link.name().equals(h.dev())).toList();
      if (route.nexthops().isEmpty() || route.nexthopId() != 0) {
        result.add(route);
      } else if (!left.isEmpty()) {
        result.add(route.withNexthops(left));
      }
    }
    return result;
  }

  /** {@code fib_sync_down_addr}: of table main only. */
  private static List<Route> dropped(List<Route> routes, Set<IpAddress> gone) {
    return routes.stream()
        .filter(r ->
            r.prefsrc() == null || !gone.contains(r.prefsrc()) || !r.table().equals(TableName.MAIN))
        .toList();
  }

  /**
   * {@code rt6_remove_prefsrc}: of every table, the route stays. Before Linux 6.6 it looks at
   * routes by the device that lost the address alone.
   */
  private static List<Route> unnamed(
      List<Route> routes, Set<IpAddress> gone, @Nullable String kernel, Link link) {
    boolean any = kernel == null || KernelRelease.atLeast(kernel, 6, 6);
    return routes.stream()
        .map(r ->
            r.prefsrc() != null
                    && gone.contains(r.prefsrc())
                    && (any || r.nexthops().stream().anyMatch(h -> link.name().equals(h.dev())))
                ? r.withPrefsrc(null)
                : r)
        .toList();
  }

  private static List<Route> of(HostSnapshot s, Link link, boolean v6) {
    List<Route> routes = new ArrayList<>();
    for (InterfaceAddress a : link.addresses(v6)) {
      for (Route route : v6 ? of6(a, link) : of4(s, a, link)) {
        if (!contains(routes, route)) {
          routes.add(route);
        }
      }
    }
    return routes;
  }

  private static List<Route> of4(HostSnapshot s, InterfaceAddress a, Link link) {
    List<Route> routes = new ArrayList<>();
    IpAddress source = primary(a, link);
    routes.add(local(a, link, source, Scope.HOST));
    if (!link.up()) {
      return routes;
    }
    if (a.broadcast() != null && !a.broadcast().isLimitedBroadcast()) {
      routes.add(broadcast(a.broadcast(), link, source));
    }
    IpPrefix subnet = a.subnet();
    boolean network = a.prefixLength() < 32 || !subnet.network().equals(a.local());
    boolean none = ZeroNetwork.contains(subnet.network(), s.kernel());
    if (a.has(AddressFlag.SECONDARY) || none || !network) {
      return routes;
    }
    if (!a.has(AddressFlag.NOPREFIXROUTE)) {
      RouteType type = link.loopback() ? RouteType.LOCAL : RouteType.UNICAST;
      String table = link.loopback() ? TableName.LOCAL : TableName.MAIN;
      int scope = link.loopback() ? Scope.HOST : Scope.LINK;
      routes.add(route(type, subnet, table, scope, source, 0, link));
    }
    if (a.prefixLength() < 31) {
      long last = subnet.network().lo() | 0xffffffffL >>> a.prefixLength();
      routes.add(broadcast(IpAddress.v4((int) last), link, source));
    }
    return routes;
  }

  /** The address's own, or that of the primary one of its subnet. */
  private static IpAddress primary(InterfaceAddress a, Link link) {
    if (a.has(AddressFlag.SECONDARY)) {
      for (InterfaceAddress p : link.addresses(false)) {
        if (!p.has(AddressFlag.SECONDARY) && p.subnet().equals(a.subnet())) {
          return p.local();
        }
      }
    }
    return a.local();
  }

  private static List<Route> of6(InterfaceAddress a, Link link) {
    List<Route> routes = new ArrayList<>();
    routes.add(local(a, link, null, Scope.UNIVERSE));
    // ip6_route_add refuses a device that is down.
    if (!a.has(AddressFlag.NOPREFIXROUTE) && link.up()) {
      routes.add(
          route(
              RouteType.UNICAST,
              a.subnet(),
              TableName.MAIN,
              Scope.UNIVERSE,
              null,
              PREFIX_METRIC,
              link));
    }
    return routes;
  }

  private static Route local(InterfaceAddress a, Link link, @Nullable IpAddress source, int scope) {
    IpPrefix dst = IpPrefix.host(a.local());
    return route(RouteType.LOCAL, dst, TableName.LOCAL, scope, source, 0, link);
  }

  private static Route broadcast(IpAddress address, Link link, IpAddress source) {
    IpPrefix dst = IpPrefix.host(address);
    return route(RouteType.BROADCAST, dst, TableName.LOCAL, Scope.LINK, source, 0, link);
  }

  private static Route route(
      RouteType type,
      IpPrefix dst,
      String table,
      int scope,
      @Nullable IpAddress source,
      long metric,
      Link link) {
    // fib_create_info and fib6_nh_init do not look at the carrier for what is local
    boolean local = type == RouteType.LOCAL || type == RouteType.ANYCAST;
    boolean linkdown = !local && link.up() && !link.loopback() && !link.hasCarrier();
    List<Nexthop> hops = List.of(new Nexthop(link.name(), null, 1, false, linkdown, false));
    return new Route(type, dst, null, 0, table, "kernel", scope, source, metric, 0, 0, hops);
  }
}
