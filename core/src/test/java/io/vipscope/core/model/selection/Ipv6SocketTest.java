package io.vipscope.core.model.selection;

import static io.vipscope.core.model.selection.Host.ip;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vipscope.core.model.explanation.Step;
import io.vipscope.core.model.snapshot.Nexthop;
import io.vipscope.core.model.snapshot.PolicyRule;
import io.vipscope.core.model.snapshot.Range;
import io.vipscope.core.model.snapshot.Route;
import io.vipscope.core.model.snapshot.RouteType;
import io.vipscope.core.model.snapshot.Scope;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.IpPrefix;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code ip6_dst_lookup_tail}, and one lookup. */
class Ipv6SocketTest {

  private static final RouteQuery Q = RouteQuery.to(ip("2001:db8:77::7"));
  private static final IpAddress OWN = ip("2001:db8:1::10");
  private static final IpAddress OTHER = ip("2001:db8:2::10");

  private static Host host() {
    return new Host()
        .address("eth0", OWN + "/64")
        .address("eth1", OTHER + "/64")
        .route("main", "::/0", "eth0", "fe80::1", null)
        .route("100", "::/0", "eth1", "fe80::2", null);
  }

  private static PolicyRule rule(int protocol, @Nullable Range sport, @Nullable Range dport) {
    return RuleBuilder.lookup(true, "100").protocol(protocol).ports(sport, dport).build();
  }

  private static List<String> devices(RoutePrediction p) {
    return p.candidates().stream().map(e -> String.valueOf(e.dev())).toList();
  }

  @Test
  void tcpKnowsItsPortIfItIsBound() {
    Range port = new Range(1500, 1500);
    var s = host().rule(rule(6, port, null)).build();
    RouteQuery q = Q.withPorts(6, 1500, 80);
    assertEquals(List.of("eth0", "eth1"), devices(RouteLookup.connect(s, q)));
    assertEquals(List.of("eth0"), devices(RouteLookup.connect(s, q, false)));
    assertEquals(List.of("eth1"), devices(RouteLookup.connect(s, q, true)));
    assertEquals(List.of("eth1"), devices(RouteLookup.connect(s, q.withFrom(OWN))));
    assertEquals(List.of("eth1"), devices(RouteLookup.connect(s, q.withFrom(OWN), false)));
    assertEquals(List.of("eth0"), devices(RouteLookup.connect(s, q.withSport(0))));
    var udp = host().rule(rule(17, port, null)).build();
    assertEquals(List.of("eth1"), devices(RouteLookup.connect(udp, Q.withPorts(17, 1500, 80))));
    assertEquals(
        List.of("eth1"), devices(RouteLookup.connect(udp, Q.withPorts(17, 1500, 80), false)));
  }

  @Test
  void aPingIsLookedUpWithTypeAndCodeForAPort() {
    var s = host().rule(rule(58, null, new Range(0x8000, 0x8000))).build();
    assertEquals(List.of("eth1"), devices(RouteLookup.send(s, Q.withIpproto(58))));
    assertEquals(List.of("eth0"), devices(RouteLookup.send(s, Q.withPorts(17, 0, 80))));
  }

  @Test
  void bindNeedsAnOwnAddressUnlessAllowed() {
    RouteQuery q = Q.withFrom(ip("2001:db8:9::9"));
    assertEquals(RouteError.EADDRNOTAVAIL, RouteLookup.connect(host().build(), q).error());
    assertEquals(RouteError.EADDRNOTAVAIL, RouteLookup.send(host().build(), q).error());
    var free = host().sysctl("net.ipv6.ip_nonlocal_bind").build();
    assertEquals(q.from(), RouteLookup.connect(free, q).candidates().getFirst().source());
    assertEquals(OWN, RouteLookup.connect(free, Q.withFrom(OWN)).candidates().getFirst().source());
  }

  /** {@code __ipv6_addr_needs_scope_id}. */
  @ParameterizedTest
  @CsvSource({
    "fe80::99, true",
    "ff01::1, true",
    "ff02::1, true",
    "ff05::1, false",
    "ff0e::1, false",
    "fec0::1, false",
    "2001:db8::1, false"
  })
  void destinationsOfALinkNeedADevice(String dst, boolean needed) {
    var s =
        host()
            .address("eth0", "fe80::10/64")
            .route("main", "ff00::/8", "eth0", null, null)
            .route("main", "fe80::/10", "eth0", null, null)
            .build();
    RouteQuery q = RouteQuery.to(ip(dst));
    assertEquals(
        needed ? RouteError.EINVAL : null, RouteLookup.connect(s, q.withIpproto(17)).error());
    assertNull(RouteLookup.connect(s, q.withIpproto(17).withOif("eth0")).error());
    assertNull(RouteLookup.send(s, q.withIpproto(17)).error(), "udpv6_sendmsg does not ask");
    assertEquals(needed ? RouteError.EINVAL : null, RouteLookup.send(s, q.withIpproto(58)).error());
  }

  /** The second lookup carries the source that was chosen without a device. */
  @Test
  void afterAFailureTheSourceIsChosenWithoutADevice() {
    Route special =
        new Route(
            RouteType.UNICAST,
            IpPrefix.parse("::/0"),
            IpPrefix.parse(OWN + "/128"),
            0,
            "main",
            "boot",
            Scope.UNIVERSE,
            null,
            1024,
            0,
            0,
            List.of(Nexthop.of("eth1", ip("fe80::2"))));
    var s = new Host().address("eth0", OWN + "/64").route(special).build();
    assertEquals(RouteError.ENETUNREACH, RouteLookup.routeGet(s, Q).error());
    RoutePrediction p = RouteLookup.send(s, Q);
    assertEquals(new Egress(OWN, "eth1", ip("fe80::2")), p.first());
    assertFalse(p.routeNamesSource());
    assertTrue(p.trace().contains(new Step.Pass(2, OWN)));
    assertTrue(
        p.trace().stream()
            .anyMatch(t ->
                t instanceof Step.Source(var a, var _, var d, var _)
                    && d == null
                    && OWN.equals(a)));
    var none = new Host().route(special).build();
    assertEquals(RouteError.EADDRNOTAVAIL, RouteLookup.send(none, Q).error());
    var still = new Host().address("eth0", OTHER + "/64").route(special).build();
    assertEquals(RouteError.ENETUNREACH, RouteLookup.send(still, Q).error());
  }

  @Test
  void anUnknownDeviceIsNotAskedTwice() {
    RouteQuery q = Q.withOif("eth7");
    assertEquals(RouteError.ENODEV, RouteLookup.send(host().build(), q).error());
    assertEquals(RouteError.ENODEV, RouteLookup.routeGet(host().build(), q).error());
    assertEquals(1, RouteLookup.send(host().build(), q).trace().size());
  }

  @Test
  void noAddressWillDo() {
    var s = new Host().route("main", "::/0", "eth0", "fe80::1", null).build();
    assertEquals(RouteError.EADDRNOTAVAIL, RouteLookup.connect(s, Q).error());
    assertEquals(new Egress(null, "eth0", ip("fe80::1")), RouteLookup.routeGet(s, Q).first());
  }

  @Test
  void theDeviceIsAConditionWithoutASourceAndAPreferenceWithOne() {
    Host two =
        new Host()
            .address("eth0", OWN + "/64")
            .route("main", "2001:db8:77::/64", "eth0", null, null)
            .route("main", "2001:db8::/32", "eth1", null, null);
    var s = two.build();
    RouteQuery q = Q.withOif("eth1");
    assertEquals(List.of("eth1"), devices(RouteLookup.routeGet(s, q)));
    assertEquals(List.of("eth0"), devices(RouteLookup.routeGet(s, q.withFrom(OWN))));
    assertEquals(List.of("eth1"), devices(RouteLookup.connect(s, q.withFrom(OWN))));
    for (String dst : List.of("fe80::99", "ff0e::1", "::1")) {
      var links =
          new Host()
              .address("eth0", OWN + "/64")
              .route("main", dst + "/128", "eth0", null, null)
              .route("main", "::/0", "eth1", null, null)
              .build();
      RouteQuery strict = RouteQuery.to(ip(dst)).withOif("eth1").withFrom(OWN);
      assertEquals(List.of("eth1"), devices(RouteLookup.routeGet(links, strict)), dst);
    }
  }

  @Test
  void ownAddressesAreByLo() {
    for (RouteType type : List.of(RouteType.LOCAL, RouteType.ANYCAST, RouteType.UNICAST)) {
      Route own =
          new Route(
              type,
              IpPrefix.parse(OWN + "/128"),
              null,
              0,
              "local",
              "kernel",
              Scope.UNIVERSE,
              null,
              0,
              0,
              0,
              List.of(Nexthop.of("eth0", null)));
      var s = new Host().address("eth0", OWN + "/64").route(own).build();
      assertEquals(
          new Egress(OWN, type == RouteType.UNICAST ? "eth0" : "lo", null),
          RouteLookup.routeGet(s, RouteQuery.to(OWN)).first());
    }
  }

  @Test
  void aNexthopGroupsSourceIsOfItsFirstDevice() {
    Nexthop first = Nexthop.of("eth0", ip("fe80::1"));
    Nexthop second = Nexthop.of("eth1", ip("fe80::2"));
    Route both =
        new Route(
            RouteType.UNICAST,
            IpPrefix.parse("::/0"),
            null,
            0,
            "main",
            "boot",
            Scope.UNIVERSE,
            null,
            1024,
            0,
            3,
            List.of(first, second));
    Host two = new Host().address("eth0", OWN + "/64").address("eth1", OTHER + "/64");
    assertEquals(
        Set.of(OWN), RouteLookup.routeGet(two.route(both).build(), Q).sources(), "of a group");
    assertEquals(List.of("eth0", "eth1"), devices(RouteLookup.routeGet(two.build(), Q)));
    Route plain =
        new Route(
            RouteType.UNICAST,
            IpPrefix.parse("::/0"),
            null,
            0,
            "main",
            "boot",
            Scope.UNIVERSE,
            null,
            1024,
            0,
            0,
            List.of(first, second));
    Host other = new Host().address("eth0", OWN + "/64").address("eth1", OTHER + "/64");
    assertEquals(Set.of(OWN, OTHER), RouteLookup.routeGet(other.route(plain).build(), Q).sources());
  }

  @Test
  void aRouteWithoutADeviceIsNotModelled() {
    Route odd =
        new Route(
            RouteType.UNICAST,
            IpPrefix.parse("::/0"),
            null,
            0,
            "main",
            "boot",
            Scope.UNIVERSE,
            null,
            1024,
            0,
            0,
            List.of(Nexthop.of(null, ip("fe80::1"))));
    assertEquals(
        "a route without a device",
        RouteLookup.routeGet(new Host().route(odd).build(), Q).unknown());
  }

  @Test
  void whyAnAddressIsTaken() {
    RoutePrediction p = RouteLookup.routeGet(host().build(), Q);
    assertTrue(
        p.trace().stream()
            .anyMatch(t ->
                t instanceof Step.Source(var a, var _, var dev, var detail)
                    && OWN.equals(a)
                    && "eth0".equals(dev)
                    && detail.equals(
                        "RFC 6724 as the kernel does it, address of eth0: it is on the outgoing"
                            + " device (rule 5)")),
        p.trace()::toString);
  }
}
