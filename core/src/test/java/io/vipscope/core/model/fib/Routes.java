package io.vipscope.core.model.fib;

import io.vipscope.core.model.snapshot.Nexthop;
import io.vipscope.core.model.snapshot.Route;
import io.vipscope.core.model.snapshot.RouteType;
import io.vipscope.core.model.snapshot.Scope;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.IpPrefix;
import java.util.List;

/** Makes routes of table main. */
final class Routes {

  private Routes() {}

  static Nexthop hop(String dev) {
    return Nexthop.of(dev, null);
  }

  static Nexthop hop(String dev, String gateway) {
    return Nexthop.of(dev, IpAddress.parse(gateway));
  }

  static Nexthop dead(Nexthop hop) {
    return new Nexthop(hop.dev(), hop.gateway(), 1, true, false, false);
  }

  static Nexthop linkdown(Nexthop hop) {
    return new Nexthop(hop.dev(), hop.gateway(), 1, false, true, false);
  }

  static Route route(String dst, Nexthop... hops) {
    return new Route(
        RouteType.UNICAST,
        IpPrefix.parse(dst),
        null,
        0,
        "main",
        "boot",
        Scope.UNIVERSE,
        null,
        0,
        0,
        0,
        List.of(hops));
  }

  static Route tos(Route r, int tos) {
    return new Route(
        r.type(),
        r.dst(),
        r.from(),
        tos,
        r.table(),
        r.protocol(),
        r.scope(),
        r.prefsrc(),
        r.metric(),
        r.pref(),
        r.nexthopId(),
        r.nexthops());
  }

  static Route metric(Route r, long metric) {
    return new Route(
        r.type(),
        r.dst(),
        r.from(),
        r.tos(),
        r.table(),
        r.protocol(),
        r.scope(),
        r.prefsrc(),
        metric,
        r.pref(),
        r.nexthopId(),
        r.nexthops());
  }

  static Route pref(Route r, int pref) {
    return new Route(
        r.type(),
        r.dst(),
        r.from(),
        r.tos(),
        r.table(),
        r.protocol(),
        r.scope(),
        r.prefsrc(),
        r.metric(),
        pref,
        r.nexthopId(),
        r.nexthops());
  }

  static Route type(Route r, RouteType type) {
    return new Route(
        type,
        r.dst(),
        r.from(),
        r.tos(),
        r.table(),
        r.protocol(),
        r.scope(),
        r.prefsrc(),
        r.metric(),
        r.pref(),
        r.nexthopId(),
        r.nexthops());
  }

  static Route scope(Route r, int scope) {
    return new Route(
        r.type(),
        r.dst(),
        r.from(),
        r.tos(),
        r.table(),
        r.protocol(),
        scope,
        r.prefsrc(),
        r.metric(),
        r.pref(),
        r.nexthopId(),
        r.nexthops());
  }

  static Route table(Route r, String table) {
    return new Route(
        r.type(),
        r.dst(),
        r.from(),
        r.tos(),
        table,
        r.protocol(),
        r.scope(),
        r.prefsrc(),
        r.metric(),
        r.pref(),
        r.nexthopId(),
        r.nexthops());
  }

  static Route object(Route r, long id) {
    return new Route(
        r.type(),
        r.dst(),
        r.from(),
        r.tos(),
        r.table(),
        r.protocol(),
        r.scope(),
        r.prefsrc(),
        r.metric(),
        r.pref(),
        id,
        r.nexthops());
  }

  static Route withSource(Route r, String prefix) {
    return new Route(
        r.type(),
        r.dst(),
        IpPrefix.parse(prefix),
        r.tos(),
        r.table(),
        r.protocol(),
        r.scope(),
        r.prefsrc(),
        r.metric(),
        r.pref(),
        r.nexthopId(),
        r.nexthops());
  }
}
