package io.vipscope.core.model.change;

import static io.vipscope.core.model.selection.Host.ip;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.vipscope.core.model.selection.Host;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.Nexthop;
import io.vipscope.core.model.snapshot.Route;
import io.vipscope.core.model.snapshot.RouteType;
import io.vipscope.core.model.snapshot.Scope;
import io.vipscope.core.net.IpPrefix;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which route a deletion means: {@code fib_nh_match}, {@code ip6_route_del}. */
class RouteDeletionTest {

  private static final IpPrefix DST = IpPrefix.parse("198.51.100.0/24");
  private static final IpPrefix DST6 = IpPrefix.parse("2001:db8:77::/64");

  /** A way as {@code gateway@device}, either of which may be missing. */
  private static Nexthop way(String text) {
    int at = text.indexOf('@');
    String dev = at < 0 || at == text.length() - 1 ? null : text.substring(at + 1);
    String gateway = at < 0 ? text : text.substring(0, at);
    return Nexthop.of(dev, gateway.isEmpty() ? null : ip(gateway));
  }

  private static List<Nexthop> ways(@Nullable String text) {
    return text == null ? List.of() : Arrays.stream(text.split(" ")).map(s -> way(s)).toList();
  }

  private static Route route(
      RouteType type, IpPrefix dst, String protocol, long metric, long object, List<Nexthop> ways) {
    return new Route(
        type, dst, null, 0, "main", protocol, Scope.UNIVERSE, null, metric, 0, object, ways);
  }

  private static RouteSpec spec(
      IpPrefix dst, @Nullable String protocol, @Nullable Long metric, long object, String... ways) {
    return new RouteSpec(
        null,
        dst,
        null,
        0,
        null,
        protocol,
        null,
        null,
        metric,
        0,
        object,
        Arrays.stream(ways).map(RouteDeletionTest::way).toList());
  }

  private static HostSnapshot host(Route... routes) {
    Host host = new Host().address("eth0", "10.0.0.10/24").address("eth1", "10.0.1.10/24");
    for (Route route : routes) {
      host.route(route);
    }
    return host.build();
  }

  private static List<Route> left(RouteSpec deleted, Route... routes) {
    HostSnapshot after = new RouteChange(RouteChange.Op.DELETE, deleted).applyTo(host(routes));
    return Objects.requireNonNull(after.routes(deleted.dst().v6()));
  }

  private static void refused(RouteSpec deleted, Route... routes) {
    ChangeException e = assertThrows(ChangeException.class, () -> left(deleted, routes));
    assertEquals("there is no such route to " + deleted.dst() + " in table main", e.getMessage());
  }

  /** As {@code ip route del} did it on Linux 6.18. */
  @ParameterizedTest
  @CsvSource({
    "10.0.0.1@eth0 10.0.1.1@eth1, 10.0.0.1, true",
    "10.0.0.1@eth0 10.0.1.1@eth1, 10.0.1.1, false",
    "10.0.0.1@eth0 10.0.1.1@eth1, @eth0, true",
    "10.0.0.1@eth0 10.0.1.1@eth1, @eth1, false",
    "10.0.0.1@eth0 10.0.1.1@eth1, 10.0.0.1@eth1, false",
    "10.0.0.1@eth0 10.0.1.1@eth1, 10.0.0.1@eth0 10.0.1.1@eth1, true",
    "10.0.0.1@eth0 10.0.1.1@eth1, @eth0 @eth1, true",
    "10.0.0.1@eth0 10.0.1.1@eth1, 10.0.1.1@eth1 10.0.0.1@eth0, false",
    "10.0.0.1@eth0 10.0.1.1@eth1, 10.0.0.1@eth0 10.0.1.1@eth0, false",
    "10.0.0.1@eth0 10.0.1.1@eth1 10.0.1.2@eth1, 10.0.0.1@eth0 10.0.1.1@eth1, false",
    "10.0.0.1@eth0, 10.0.0.1@eth0 10.0.1.1@eth1, true",
    "10.0.0.1@eth0, 10.0.1.1@eth1 10.0.0.1@eth0, false",
  })
  void waysThatACommandNames(String ofRoute, String named, boolean meant) {
    Route route = route(RouteType.UNICAST, DST, "boot", 0, 0, ways(ofRoute));
    RouteSpec deleted = spec(DST, null, null, 0, named.split(" "));
    if (meant) {
      assertEquals(List.of(), left(deleted, route));
    } else {
      refused(deleted, route);
    }
  }

  @Test
  void noWayMeansARejectRoute() {
    Route reject = route(RouteType.PROHIBIT, DST, "boot", 0, 0, List.of());
    refused(spec(DST, null, null, 0, "@eth0"), reject);
    assertEquals(List.of(), left(spec(DST, null, null, 0), reject));
  }

  @Test
  void noWayMeansARouteByNexthopObject() {
    Route byObject = route(RouteType.UNICAST, DST, "boot", 0, 9, ways("10.0.0.1@eth0"));
    refused(spec(DST, null, null, 0, "10.0.0.1@eth0"), byObject);
    refused(spec(DST, null, null, 0, "@eth0"), byObject);
    refused(spec(DST, null, null, 8), byObject);
    assertEquals(List.of(), left(spec(DST, null, null, 9), byObject));
    assertEquals(List.of(), left(spec(DST, null, null, 0), byObject));
  }

  @Test
  void theNexthopObjectTellsRoutesApart() {
    Route plain = route(RouteType.UNICAST, DST, "boot", 0, 0, ways("10.0.0.1@eth0"));
    Route eight = route(RouteType.UNICAST, DST, "boot", 0, 8, ways("10.0.0.1@eth0"));
    Route nine = route(RouteType.UNICAST, DST, "boot", 0, 9, ways("10.0.0.1@eth0"));
    assertEquals(List.of(plain, eight), left(spec(DST, null, null, 9), plain, eight, nine));
    refused(spec(DST, null, null, 7), plain, eight, nine);
  }

  private static Route six(String protocol, long metric, long object) {
    return route(RouteType.UNICAST, DST6, protocol, metric, object, ways("fe80::1@eth0"));
  }

  @Test
  void ipv6ComparesProtocolAndMetricOnlyIfTheyAreNamed() {
    Route one = six("boot", 1024, 0);
    Route two = six("static", 7, 0);
    assertEquals(List.of(two), left(spec(DST6, null, null, 0), one, two));
    assertEquals(List.of(one), left(spec(DST6, "static", null, 0), one, two));
    refused(spec(DST6, "kernel", null, 0), one, two);
    assertEquals(List.of(one), left(spec(DST6, null, 7L, 0), one, two));
    assertEquals(List.of(two), left(spec(DST6, null, 0L, 0), one, two), "0 is not named");
    refused(spec(DST6, null, 8L, 0), one, two);
  }

  @Test
  void ipv6ComparesTheNexthopObjectOfRoutesByOne() {
    Route plain = six("boot", 1, 0);
    Route eight = six("boot", 2, 8);
    Route nine = six("boot", 3, 9);
    assertEquals(List.of(plain, eight), left(spec(DST6, null, null, 9), plain, eight, nine));
    assertEquals(List.of(plain, nine), left(spec(DST6, null, null, 8), plain, eight, nine));
    refused(spec(DST6, null, null, 7), plain, eight, nine);
    assertEquals(List.of(eight, nine), left(spec(DST6, null, null, 0), plain, eight, nine));
    // A way does not tell routes by an object apart: the first of them goes.
    assertEquals(List.of(nine), left(spec(DST6, null, null, 0, "fe80::5@eth1"), eight, nine));
  }

  @Test
  void routesThatWereNotCollectedCannotBeDeleted() {
    HostSnapshot none = host().withRouting(false, null, host().rules(false));
    HostSnapshot none6 = host().withRouting(true, null, host().rules(true));
    assertEquals(
        List.of("the IPv4 routes were not collected", "the IPv6 routes were not collected"),
        List.of(message(none, DST), message(none6, DST6)));
  }

  private static String message(HostSnapshot s, IpPrefix dst) {
    RouteChange delete = new RouteChange(RouteChange.Op.DELETE, spec(dst, null, null, 0));
    return String.valueOf(
        assertThrows(ChangeException.class, () -> delete.applyTo(s)).getMessage());
  }
}
