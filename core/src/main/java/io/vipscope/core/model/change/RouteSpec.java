package io.vipscope.core.model.change;

import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.Link;
import io.vipscope.core.model.snapshot.Nexthop;
import io.vipscope.core.model.snapshot.NexthopObject;
import io.vipscope.core.model.snapshot.Route;
import io.vipscope.core.model.snapshot.RouteType;
import io.vipscope.core.model.snapshot.Scope;
import io.vipscope.core.model.snapshot.TableName;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.IpPrefix;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A route as a command names it; null where the command does not.
 *
 * @param tos IPv4 only; 0 = any
 * @param nexthopId id of a nexthop object; 0 = none
 * @param nexthops as named: the device of a gateway may be null
 */
public record RouteSpec(
    @Nullable RouteType type,
    IpPrefix dst,
    @Nullable IpPrefix from,
    int tos,
    @Nullable String table,
    @Nullable String protocol,
    @Nullable Integer scope,
    @Nullable IpAddress prefsrc,
    @Nullable Long metric,
    int pref,
    long nexthopId,
    List<Nexthop> nexthops) {

  private static final long DEFAULT_METRIC6 = 1024; // IP6_RT_PRIO_USER

  public RouteSpec {
    nexthops = List.copyOf(nexthops);
  }

  /** The table: that of local addresses for their types ({@code iproute_modify}). */
  String tableOrDefault() {
    if (table != null) {
      return table;
    }
    return type == RouteType.LOCAL || type == RouteType.BROADCAST || type == RouteType.ANYCAST
        ? TableName.LOCAL
        : TableName.MAIN;
  }

  /** The metric; IPv6 takes 0 as not named. */
  long metricOrDefault() {
    if (dst.v6()) {
      return metric == null || metric == 0 ? DEFAULT_METRIC6 : metric;
    }
    return metric == null ? 0 : metric;
  }

  RouteType typeOrDefault() {
    return type == null ? RouteType.UNICAST : type;
  }

  private int scopeOrDefault() {
    if (dst.v6()) {
      return Scope.UNIVERSE;
    }
    if (scope != null) {
      return scope;
    }
    return switch (typeOrDefault()) {
      case LOCAL -> Scope.HOST;
      case BROADCAST, MULTICAST, ANYCAST -> Scope.LINK;
      case UNICAST -> direct() ? Scope.LINK : Scope.UNIVERSE;
      default -> Scope.UNIVERSE;
    };
  }

  /** Of such {@code fib_create_info} and {@code fib6_nh_init} do not ask for the carrier. */
  private boolean local() {
    RouteType kind = typeOrDefault();
    return dst.v6()
        ? kind == RouteType.LOCAL || kind == RouteType.ANYCAST
        : scopeOrDefault() == Scope.HOST;
  }

  private boolean direct() {
    return nexthopId == 0 && nexthops.size() == 1 && nexthops.getFirst().gateway() == null;
  }

  /**
   * The route that the kernel makes of it.
   *
   * @throws ChangeException if it would refuse it
   */
  Route resolve(HostSnapshot s) {
    if (dst.v6() && tos != 0) { // rtm_to_fib6_config
      throw new ChangeException("IPv6 routes have no tos");
    }
    List<Nexthop> hops = new ArrayList<>();
    if (nexthopId != 0) {
      checkNexthop(s);
    } else if (typeOrDefault().isReject()) {
      if (dst.v6()) {
        hops.add(Nexthop.of("lo", null));
      }
    } else {
      if (nexthops.isEmpty()) {
        throw new ChangeException("a route needs a device or a gateway");
      }
      for (Nexthop hop : nexthops) {
        hops.add(resolve(s, hop));
      }
    }
    if (prefsrc != null && !s.holds(prefsrc) && !localByRoute(s, prefsrc)) {
      throw new ChangeException("src " + prefsrc + " is no address of the host");
    }
    return new Route(
        typeOrDefault(),
        dst,
        from,
        tos,
        tableOrDefault(),
        protocol == null ? "boot" : protocol,
        scopeOrDefault(),
        prefsrc,
        metricOrDefault(),
        pref,
        nexthopId,
        hops);
  }

  /** {@code fib_valid_prefsrc}: what table local calls local will do. */
  private static boolean localByRoute(HostSnapshot s, IpAddress address) {
    Route route = address.v6() ? null : GatewayCheck.ofTableLocal(s, address);
    return route != null && route.type() == RouteType.LOCAL;
  }

  /** {@code nexthop_find_by_id}, {@code fib6_check_nexthop}. */
  private void checkNexthop(HostSnapshot s) {
    NexthopObject object =
        s.nexthops().stream().filter(n -> n.id() == nexthopId).findFirst().orElse(null);
    if (object == null) {
      throw new ChangeException("there is no nexthop object " + nexthopId);
    }
    if (dst.v6() && object.blackhole()) {
      throw new ChangeException(
          "nexthop object "
              + nexthopId
              + " is a blackhole of a family that ip does not show: whether an IPv6 route may use"
              + " it cannot be told");
    }
  }

  /** {@code fib_check_nh}, {@code ip6_validate_gw}: finds or checks the device of a way out. */
  private Nexthop resolve(HostSnapshot s, Nexthop hop) {
    IpAddress gateway = hop.gateway();
    String dev = hop.dev();
    if (gateway == null && hop.onlink() && !dst.v6()) {
      throw new ChangeException("onlink needs a gateway");
    }
    if (dev != null && s.link(dev) == null) {
      throw new ChangeException("there is no device " + dev);
    }
    if (gateway != null && !dst.v6() && scopeOrDefault() == Scope.HOST) { // fib_create_info
      throw new ChangeException("a route of scope host has no gateway");
    }
    if (gateway != null) {
      GatewayCheck check = new GatewayCheck(s, tableOrDefault(), scopeOrDefault());
      if (hop.onlink()) {
        check.onlink(gateway);
      } else {
        dev = check.device(gateway, dev);
      }
    }
    if (dev == null) {
      throw new ChangeException("a route by way of " + gateway + " needs its device named");
    }
    Link link = s.link(dev);
    if (link == null) {
      throw new ChangeException("there is no device " + dev);
    }
    if (!link.up() && (dst.v6() || scopeOrDefault() != Scope.HOST)) {
      throw new ChangeException(dev + " is down: the kernel takes no route by it");
    }
    boolean linkdown = !local() && !link.loopback() && !link.hasCarrier();
    return new Nexthop(dev, gateway, hop.weight(), false, linkdown, hop.onlink());
  }
}
