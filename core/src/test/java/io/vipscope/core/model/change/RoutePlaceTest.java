package io.vipscope.core.model.change;

import static io.vipscope.core.model.selection.Host.ip;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vipscope.core.model.change.RouteChange.Op;
import io.vipscope.core.model.selection.Host;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.Nexthop;
import io.vipscope.core.model.snapshot.NexthopObject;
import io.vipscope.core.model.snapshot.Route;
import io.vipscope.core.model.snapshot.RouteType;
import io.vipscope.core.model.snapshot.Scope;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.IpPrefix;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** New routes at the head of the list, by nexthop objects, and with what they name resolved. */
class RoutePlaceTest {

  private static final IpPrefix DST = IpPrefix.parse("198.51.100.0/24");
  private static final IpPrefix DST6 = IpPrefix.parse("2001:db8:77::/64");

  private HostSnapshot s =
      new Host()
          .address("eth0", "10.0.0.10/24")
          .address("eth0", "2001:db8::10/64")
          .route("main", "10.0.0.0/24", "eth0", null, null)
          .route("main", "2001:db8::/64", "eth0", null, null)
          .local("127.0.0.0/8")
          .local("2001:db8:5::/48")
          .nexthop(new NexthopObject(8, Nexthop.of("eth0", null), List.of(), false, Scope.LINK))
          .nexthop(new NexthopObject(9, null, List.of(), true, Scope.UNIVERSE))
          .build();

  private static RouteSpec spec(
      @Nullable RouteType type,
      IpPrefix dst,
      @Nullable IpAddress src,
      @Nullable Long metric,
      long object,
      Nexthop... ways) {
    return new RouteSpec(
        type, dst, null, 0, "main", null, null, src, metric, 0, object, List.of(ways));
  }

  private static RouteSpec six(String dev, long metric) {
    return spec(null, DST6, null, metric, 0, Nexthop.of(dev, null));
  }

  private static RouteSpec via(String dev, String gateway, long metric) {
    return spec(null, DST6, null, metric, 0, Nexthop.of(dev, ip(gateway)));
  }

  private void run(Op op, RouteSpec spec) {
    s = new RouteChange(op, spec).applyTo(s);
  }

  private String refused(Op op, RouteSpec spec) {
    ChangeException e =
        assertThrows(ChangeException.class, () -> new RouteChange(op, spec).applyTo(s));
    return String.valueOf(e.getMessage());
  }

  private List<Route> routes(IpPrefix dst) {
    return Objects.requireNonNull(s.routes(dst.v6())).stream()
        .filter(r -> r.dst().equals(dst))
        .toList();
  }

  private void assertSix(String expected) {
    assertEquals(
        expected,
        String.join(
            " ",
            routes(DST6).stream()
                .map(r ->
                    String.join("+", r.nexthops().stream().map(h -> "" + h.dev()).toList())
                        + "/"
                        + r.metric())
                .toList()));
  }

  /** Only these: so that the first has the first place of the whole list. */
  private void alone() {
    s = s.withRouting(true, List.of(), s.rules(true));
  }

  @Test
  void ofOneMetricTheFirstAtTheHeadOfTheListGivesWay() {
    alone();
    run(Op.ADD, six("eth0", 3));
    assertEquals(
        "a route to 2001:db8:77::/64 with that metric is there already in table main",
        refused(Op.ADD, six("eth1", 3)));
    run(Op.APPEND, six("eth1", 3));
    run(Op.REPLACE, six("lo", 3));
    assertSix("lo/3 eth1/3");
    run(Op.REPLACE, via("eth0", "fe80::1", 3));
    assertSix("eth0/3 eth1/3");
    run(Op.APPEND, via("eth1", "fe80::2", 3));
    assertSix("eth0+eth1/3 eth1/3");
  }

  @Test
  void aLowerMetricComesToTheHeadOfTheList() {
    alone();
    run(Op.ADD, six("eth0", 5));
    run(Op.ADD, six("eth0", 7));
    run(Op.ADD, six("eth0", 3));
    assertSix("eth0/3 eth0/5 eth0/7");
  }

  /** {@code fib_find_info} compares the type; {@code fib_dump_info} hides that of a blackhole. */
  @Test
  void routesOfOtherTypesAreOthers() {
    Nexthop way = Nexthop.of("eth0", null);
    run(Op.ADD, spec(null, DST, null, null, 0, way));
    run(Op.APPEND, spec(RouteType.MULTICAST, DST, null, null, 0, way));
    run(Op.APPEND, spec(null, DST, null, null, 8));
    run(Op.APPEND, spec(RouteType.PROHIBIT, DST, null, null, 8));
    assertTrue(refused(Op.APPEND, spec(null, DST, null, null, 8)).contains("is there already"));
    assertEquals(4, routes(DST).size());
  }

  @Test
  void aRouteByABlackholeObjectHidesItsType() {
    Route shown =
        new Route(
            RouteType.BLACKHOLE,
            DST,
            null,
            0,
            "main",
            "boot",
            Scope.UNIVERSE,
            null,
            0,
            0,
            9,
            List.of());
    s = s.withRouting(false, List.of(shown), s.rules(false));
    assertTrue(refused(Op.APPEND, spec(null, DST, null, null, 9)).contains("is there already"));
    run(Op.REPLACE, spec(RouteType.BLACKHOLE, DST, null, null, 0));
    run(Op.APPEND, spec(RouteType.PROHIBIT, DST, null, null, 0));
    assertEquals(2, routes(DST).size());
  }

  /** {@code nexthop_find_by_id}, {@code fib6_check_nexthop}. */
  @Test
  void nexthopObjectsThatARouteMayUse() {
    run(Op.ADD, spec(null, DST, null, 1L, 8));
    run(Op.ADD, spec(null, DST, null, 2L, 9));
    run(Op.ADD, spec(null, DST6, null, 1L, 8));
    assertEquals(List.of(8L, 9L), routes(DST).stream().map(Route::nexthopId).toList());
    assertEquals("there is no nexthop object 7", refused(Op.ADD, spec(null, DST, null, 3L, 7)));
    assertTrue(refused(Op.ADD, spec(null, DST6, null, 2L, 9)).contains("is a blackhole"));
  }

  /** {@code fib_valid_prefsrc}: IPv4 takes what table local calls local, IPv6 own addresses. */
  @Test
  void sourceThatOnlyALocalRouteHolds() {
    Nexthop way = Nexthop.of("eth0", null);
    run(Op.ADD, spec(null, DST, ip("127.0.0.5"), null, 0, way));
    assertEquals(ip("127.0.0.5"), routes(DST).getFirst().prefsrc());
    assertEquals(
        "src 2001:db8:5::5 is no address of the host",
        refused(Op.ADD, spec(null, DST6, ip("2001:db8:5::5"), null, 0, way)));
    assertEquals(
        "src 10.0.0.77 is no address of the host",
        refused(Op.APPEND, spec(null, DST, ip("10.0.0.77"), null, 0, way)));
  }

  @Test
  void theDeviceOfAGatewayNeedNotBeNamed() {
    run(Op.ADD, spec(null, DST, null, null, 0, Nexthop.of(null, ip("10.0.0.1"))));
    assertEquals("eth0", routes(DST).getFirst().nexthops().getFirst().dev());
    assertEquals(
        "there is no device eth7",
        refused(Op.ADD, spec(null, DST, null, 1L, 0, Nexthop.of("eth7", ip("10.0.0.1")))));
  }

  /** {@code fib6_nh_init}: the carrier counts for all that is not local. */
  @Test
  void ipv6RoutesThatMindTheCarrier() {
    s = new Host().device("eth0", null, null, "default", "UP").build();
    List<RouteType> types = List.of(RouteType.UNICAST, RouteType.LOCAL, RouteType.ANYCAST);
    for (int i = 0; i < types.size(); i++) {
      run(Op.ADD, spec(types.get(i), DST6, null, 1L + i, 0, Nexthop.of("eth0", null)));
    }
    assertEquals(types, routes(DST6).stream().map(Route::type).toList());
    assertEquals(
        List.of(true, false, false),
        routes(DST6).stream().map(r -> r.nexthops().getFirst().linkdown()).toList());
  }
}
