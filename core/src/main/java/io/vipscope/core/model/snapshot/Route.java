package io.vipscope.core.model.snapshot;

import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.IpPrefix;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One line of {@code ip route show table all}.
 *
 * @param from source prefix of an IPv6 subtree route; null = any source
 * @param tos IPv4 only; 0 = any
 * @param table table name; tables 253 to 255 by name
 * @param scope see {@link Scope}
 * @param prefsrc the route's {@code src}; null without one
 * @param metric 0 if not shown
 * @param pref router preference, IPv6: -1 low, 0 medium, 1 high
 * @param nexthopId id of a nexthop object; 0 = none
 * @param nexthops empty for reject routes, and for routes by nexthop object shown without it
 */
public record Route(
    RouteType type,
    IpPrefix dst,
    @Nullable IpPrefix from,
    int tos,
    String table,
    String protocol,
    int scope,
    @Nullable IpAddress prefsrc,
    long metric,
    int pref,
    long nexthopId,
    List<Nexthop> nexthops) {

  public Route {
    nexthops = List.copyOf(nexthops);
  }

  public boolean v6() {
    return dst.v6();
  }

  /** The same way to another destination. */
  public Route withDst(IpPrefix prefix) {
    return new Route(
        type, prefix, from, tos, table, protocol, scope, prefsrc, metric, pref, nexthopId,
        nexthops);
  }

  public Route withPrefsrc(@Nullable IpAddress source) {
    return new Route(
        type, dst, from, tos, table, protocol, scope, source, metric, pref, nexthopId, nexthops);
  }

  public Route withNexthops(List<Nexthop> hops) {
    return new Route(
        type, dst, from, tos, table, protocol, scope, prefsrc, metric, pref, nexthopId, hops);
  }
}
