package io.vipscope.core.model.change;

import static io.vipscope.core.model.selection.Host.ip;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.vipscope.core.model.selection.Host;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.Nexthop;
import io.vipscope.core.model.snapshot.Route;
import io.vipscope.core.model.snapshot.RouteType;
import io.vipscope.core.model.snapshot.RuleAction;
import io.vipscope.core.model.snapshot.Scope;
import io.vipscope.core.net.IpPrefix;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** {@code fib_check_nh_v4_gw}, {@code ip6_validate_gw}. */
class GatewayCheckTest {

  private static Route route(
      RouteType type, String dst, String table, int scope, @Nullable Nexthop hop) {
    return new Route(
        type,
        IpPrefix.parse(dst),
        null,
        0,
        table,
        "kernel",
        scope,
        null,
        0,
        0,
        0,
        hop == null ? List.of() : List.of(hop));
  }

  private static Route onLink(String dst, String dev) {
    return route(RouteType.UNICAST, dst, "main", Scope.LINK, Nexthop.of(dev, null));
  }

  private static Host host() {
    return new Host()
        .address("eth0", "10.0.0.10/24")
        .address("eth0", "2001:db8::10/64")
        .route(onLink("10.0.0.0/24", "eth0"))
        .route(onLink("10.0.1.0/24", "eth1"))
        .route(
            route(RouteType.LOCAL, "10.0.0.10/32", "local", Scope.HOST, Nexthop.of("eth0", null)))
        .route(
            route(
                RouteType.BROADCAST,
                "10.0.0.255/32",
                "local",
                Scope.LINK,
                Nexthop.of("eth0", null)))
        .route(
            route(
                RouteType.UNICAST,
                "2001:db8::/64",
                "main",
                Scope.UNIVERSE,
                Nexthop.of("eth0", null)));
  }

  private static String device(
      HostSnapshot s, String table, int scope, String gw, @Nullable String dev) {
    return new GatewayCheck(s, table, scope).device(ip(gw), dev);
  }

  private static String device(String gateway, @Nullable String dev) {
    return device(host().build(), "main", Scope.UNIVERSE, gateway, dev);
  }

  private static void refused(Runnable check, String why) {
    assertEquals(why, assertThrows(ChangeException.class, check::run).getMessage());
  }

  @Test
  void theDeviceOfTheLinkIsFound() {
    assertEquals("eth0", device("10.0.0.1", null));
    assertEquals("eth1", device("10.0.1.1", null));
    assertEquals("eth1", device("10.0.1.1", "eth1"));
    assertEquals("eth0", device("2001:db8::1", null));
    assertEquals("eth0", device("2001:db8::1", "eth0"));
    assertEquals("eth0", device("10.0.0.10", null), "an own address");
  }

  @Test
  void aGatewayOnNoLinkIsRefused() {
    refused(() -> device("10.9.0.1", null), "gateway 10.9.0.1 is on no link");
    refused(() -> device("10.0.1.1", "eth0"), "gateway 10.0.1.1 is on no link of eth0");
    refused(() -> device("10.0.0.255", null), "gateway 10.0.0.255 is on no link");
    refused(() -> device("2001:db8:5::1", "eth0"), "gateway 2001:db8:5::1 is on no link of eth0");
  }

  /** A gateway must be nearer than the route. */
  @Test
  void routesOfTheSameScopeDoNotLeadToAGateway() {
    HostSnapshot s =
        host()
            .route(
                route(
                    RouteType.UNICAST,
                    "10.5.0.0/16",
                    "main",
                    Scope.UNIVERSE,
                    Nexthop.of("eth1", null)))
            .build();
    refused(
        () -> device(s, "main", Scope.UNIVERSE, "10.5.0.1", null),
        "gateway 10.5.0.1 is on no link");
    refused(
        () -> device(s, "main", Scope.LINK, "10.0.0.1", null), "gateway 10.0.0.1 is on no link");
    assertEquals("eth0", device(s, "main", Scope.LINK, "10.0.0.10", null), "of scope host");
    refused(
        () -> device(s, "main", Scope.HOST, "10.0.0.10", null), "gateway 10.0.0.10 is on no link");
  }

  @Test
  void linkLocalGatewaysNeedTheirDeviceNamed() {
    assertEquals("eth1", device("fe80::1", "eth1"));
    refused(() -> device("fe80::1", null), "gateway fe80::1 is on no link");
  }

  @Test
  void anOwnIpv6AddressIsNoGateway() {
    String why = "gateway 2001:db8::10 is refused: it is an address of the host";
    refused(() -> device("2001:db8::10", null), why);
    refused(
        () -> new GatewayCheck(host().build(), "main", Scope.UNIVERSE).onlink(ip("2001:db8::10")),
        why);
    new GatewayCheck(host().build(), "main", Scope.UNIVERSE).onlink(ip("2001:db8::11"));
  }

  @Test
  void theRoutesTableIsLookedIntoBeforeTheRules() {
    HostSnapshot s =
        host()
            .route(
                route(
                    RouteType.UNICAST, "10.0.0.0/24", "100", Scope.LINK, Nexthop.of("eth1", null)))
            .build();
    assertEquals("eth1", device(s, "100", Scope.UNIVERSE, "10.0.0.1", null));
    assertEquals("eth0", device(s, "main", Scope.UNIVERSE, "10.0.0.1", null));
    assertEquals("eth1", device(s, "100", Scope.UNIVERSE, "10.0.1.1", null), "by the rules");
    HostSnapshot ruled =
        host()
            .route(
                route(
                    RouteType.UNICAST, "10.7.0.0/24", "100", Scope.LINK, Nexthop.of("eth1", null)))
            .rule(false, null, false, new RuleAction.Lookup("100"))
            .build();
    assertEquals("eth1", device(ruled, "main", Scope.UNIVERSE, "10.7.0.1", null));
  }

  @Test
  void carrierPlaysNoPart() {
    Nexthop down = new Nexthop("eth1", null, 1, /* dead= */ true, /* linkdown= */ true, false);
    HostSnapshot s =
        new Host()
            .sysctl("net.ipv4.conf.all.ignore_routes_with_linkdown")
            .route(route(RouteType.UNICAST, "10.0.1.0/24", "main", Scope.LINK, down))
            .build();
    assertEquals("eth1", device(s, "main", Scope.UNIVERSE, "10.0.1.1", null));
    Nexthop dead = new Nexthop("eth1", null, 1, /* dead= */ true, /* linkdown= */ false, false);
    HostSnapshot gone =
        new Host().route(route(RouteType.UNICAST, "10.0.1.0/24", "main", Scope.LINK, dead)).build();
    refused(
        () -> device(gone, "main", Scope.UNIVERSE, "10.0.1.1", null),
        "gateway 10.0.1.1 is on no link");
  }

  @Test
  void anIpv6GatewayBehindAnotherIsOnNoLink() {
    HostSnapshot s =
        host()
            .route(
                route(
                    RouteType.UNICAST,
                    "2001:db8:5::/48",
                    "main",
                    Scope.UNIVERSE,
                    Nexthop.of("eth0", ip("fe80::1"))))
            .route(
                route(
                    RouteType.PROHIBIT,
                    "2001:db8:6::/48",
                    "main",
                    Scope.UNIVERSE,
                    Nexthop.of("lo", null)))
            .build();
    refused(
        () -> device(s, "main", Scope.UNIVERSE, "2001:db8:5::1", null),
        "gateway 2001:db8:5::1 is on no link");
    refused(
        () -> device(s, "main", Scope.UNIVERSE, "2001:db8:6::1", null),
        "gateway 2001:db8:6::1 is on no link");
  }

  @Test
  void whatIsSaidToBeOnTheLink() {
    GatewayCheck check = new GatewayCheck(host().build(), "main", Scope.UNIVERSE);
    check.onlink(ip("192.0.2.1"));
    refused(
        () -> check.onlink(ip("10.0.0.10")), "gateway 10.0.0.10 is refused: it is of type local");
    refused(
        () -> check.onlink(ip("10.0.0.255")),
        "gateway 10.0.0.255 is refused: it is of type broadcast");
    GatewayCheck narrow = new GatewayCheck(host().build(), "main", Scope.LINK);
    refused(
        () -> narrow.onlink(ip("192.0.2.1")),
        "gateway 192.0.2.1 is refused: a route of scope link or host has none");
    HostSnapshot rejecting =
        host()
            .route(route(RouteType.PROHIBIT, "192.0.2.0/24", "local", Scope.UNIVERSE, null))
            .build();
    new GatewayCheck(rejecting, "main", Scope.UNIVERSE).onlink(ip("192.0.2.1"));
  }

  /** {@code ip6_nh_lookup_table}, {@code RT6_LOOKUP_F_IFACE}: a longer one is passed over. */
  @Test
  void anIpv6DeviceThatIsNamedIsACondition() {
    for (String table : List.of("main", "100")) {
      HostSnapshot s =
          host()
              .route(
                  route(
                      RouteType.UNICAST,
                      "2001:db8:7::/64",
                      table,
                      Scope.UNIVERSE,
                      Nexthop.of("eth1", null)))
              .route(
                  route(
                      RouteType.UNICAST,
                      "2001:db8:7::/48",
                      table,
                      Scope.UNIVERSE,
                      Nexthop.of("eth0", null)))
              .build();
      String why = "by table " + table;
      assertEquals("eth0", device(s, "100", Scope.UNIVERSE, "2001:db8:7::1", "eth0"), why);
      assertEquals("eth1", device(s, "100", Scope.UNIVERSE, "2001:db8:7::1", "eth1"), why);
      assertEquals("eth1", device(s, "100", Scope.UNIVERSE, "2001:db8:7::1", null), why);
    }
  }

  @Test
  void theLongestRouteOfTableLocal() {
    HostSnapshot s =
        host()
            .route(route(RouteType.LOCAL, "10.0.0.0/8", "local", Scope.HOST, null))
            .route(route(RouteType.BROADCAST, "10.0.0.0/25", "main", Scope.HOST, null))
            .route(route(RouteType.BROADCAST, "10.7.0.0/16", "local", Scope.LINK, null))
            .build();
    assertEquals(RouteType.BROADCAST, type(s, "10.0.0.255"));
    assertEquals(RouteType.LOCAL, type(s, "10.0.0.254"));
    assertEquals(RouteType.BROADCAST, type(s, "10.7.0.1"));
    assertNull(GatewayCheck.ofTableLocal(s, ip("192.0.2.1")));
  }

  private static @Nullable RouteType type(HostSnapshot s, String address) {
    Route route = GatewayCheck.ofTableLocal(s, ip(address));
    return route == null ? null : route.type();
  }
}
