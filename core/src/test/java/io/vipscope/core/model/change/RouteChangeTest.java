package io.vipscope.core.model.change;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.vipscope.core.model.selection.Host;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.Nexthop;
import io.vipscope.core.model.snapshot.Route;
import io.vipscope.core.model.snapshot.RouteType;
import io.vipscope.core.model.snapshot.Scope;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.IpPrefix;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Deletion of IPv6 routes, and what the kernel refuses. */
class RouteChangeTest {

  private static final String DST = "2001:db8:77::/64";

  private static RouteSpec spec(@Nullable RouteType type, int tos, Nexthop... hops) {
    IpAddress src = type == null ? IpAddress.parse("2001:db8::5") : null;
    return new RouteSpec(
        type, IpPrefix.parse(DST), null, tos, "main", null, null, src, null, 0, 0, List.of(hops));
  }

  private static HostSnapshot host(Nexthop... hops) {
    HostSnapshot one =
        new Host()
            .address("eth0", "2001:db8::10/64")
            .route("main", DST, "eth0", "fe80::1", null)
            .build();
    List<Route> routes = routes(one);
    return hops.length == 0
        ? one
        : one.withRouting(
            true, List.of(routes.getFirst().withNexthops(List.of(hops))), one.rules(true));
  }

  private static List<Route> routes(HostSnapshot s) {
    List<Route> routes = s.routes(true);
    assertNotNull(routes);
    return routes;
  }

  private static List<Route> after(HostSnapshot s, RouteSpec deleted) {
    return routes(new RouteChange(RouteChange.Op.DELETE, deleted).applyTo(s));
  }

  /** {@code ip6_route_del} compares neither. */
  @Test
  void deletionHeedsNeitherTypeNorSource() {
    assertEquals(List.of(), after(host(), spec(RouteType.PROHIBIT, 0)));
    assertEquals(List.of(), after(host(), spec(null, 0, Nexthop.of("eth0", null))));
    RouteSpec other = spec(null, 0, Nexthop.of("eth1", null));
    assertThrows(ChangeException.class, () -> after(host(), other));
  }

  /** {@code __ip6_del_rt_siblings}: only a gateway means one way. */
  @Test
  void gatewayMeansOneWayOfAMultipathRoute() {
    Nexthop first = Nexthop.of("eth0", IpAddress.parse("fe80::1"));
    Nexthop second = Nexthop.of("eth1", IpAddress.parse("fe80::2"));
    HostSnapshot s = host(first, second);
    List<Route> left = after(s, spec(null, 0, Nexthop.of(null, second.gateway())));
    assertEquals(List.of(first), left.getFirst().nexthops());
    assertEquals(List.of(), after(s, spec(null, 0, Nexthop.of("eth1", null))));
    assertEquals(List.of(), after(s, spec(null, 0, first, second)));
  }

  /** {@code fib_create_info}. */
  @Test
  void routeOfScopeHostHasNoGateway() {
    Nexthop via6 = Nexthop.of("eth0", IpAddress.parse("fe80::7"));
    IpPrefix dst = IpPrefix.parse("10.0.1.77/32");
    for (int scope : new int[] {Scope.HOST, Scope.UNIVERSE}) {
      RouteSpec spec =
          new RouteSpec(null, dst, null, 0, "main", null, scope, null, null, 0, 0, List.of(via6));
      RouteChange add = new RouteChange(RouteChange.Op.ADD, spec);
      if (scope == Scope.HOST) {
        assertThrows(ChangeException.class, () -> add.applyTo(host()));
      } else {
        assertEquals(1, Objects.requireNonNull(add.applyTo(host()).routes(false)).size());
      }
    }
  }

  /** {@code rtm_to_fib6_config}. */
  @Test
  void ipv6RouteHasNoTos() {
    RouteSpec tos = spec(RouteType.UNICAST, 8, Nexthop.of("eth0", null));
    assertThrows(
        ChangeException.class, () -> new RouteChange(RouteChange.Op.APPEND, tos).applyTo(host()));
  }
}
