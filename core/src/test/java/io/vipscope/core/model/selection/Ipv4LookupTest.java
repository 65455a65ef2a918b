package io.vipscope.core.model.selection;

import static io.vipscope.core.model.selection.Host.ip;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vipscope.core.model.explanation.Step;
import io.vipscope.core.model.snapshot.AddressFlag;
import io.vipscope.core.model.snapshot.Nexthop;
import io.vipscope.core.model.snapshot.PolicyRule;
import io.vipscope.core.model.snapshot.Range;
import io.vipscope.core.model.snapshot.Route;
import io.vipscope.core.model.snapshot.RouteType;
import io.vipscope.core.model.snapshot.RuleAction;
import io.vipscope.core.model.snapshot.Scope;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.IpPrefix;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code ip_route_output_key_hash_rcu} and {@code inet_select_addr}, on hosts made by hand. */
class Ipv4LookupTest {

  private static final IpAddress FAR = ip("198.51.100.7");
  private static final RouteQuery Q = RouteQuery.to(FAR);
  private static final IpAddress OWN = ip("10.0.0.10");
  private static final IpAddress OTHER = ip("10.0.1.10");

  /** 10.0.0.10 on eth0, which leads everywhere, and 10.0.1.10 on eth1. */
  private static Host host() {
    return new Host()
        .address("eth0", "10.0.0.10/24")
        .address("eth1", "10.0.1.10/24")
        .route("main", "0.0.0.0/0", "eth0", "10.0.0.1", null);
  }

  private static RoutePrediction ask(Host host, RouteQuery q) {
    return RouteLookup.routeGet(host.build(), q);
  }

  private static Egress way(@Nullable IpAddress source, String dev, @Nullable String gateway) {
    return new Egress(source, dev, gateway == null ? null : ip(gateway));
  }

  private static Route route(String dst, int scope, long object, Nexthop... hops) {
    return new Route(
        RouteType.UNICAST,
        IpPrefix.parse(dst),
        null,
        0,
        "main",
        "boot",
        scope,
        null,
        0,
        0,
        object,
        List.of(hops));
  }

  private static Nexthop hop(String dev, String gateway) {
    return Nexthop.of(dev, ip(gateway));
  }

  @ParameterizedTest
  @CsvSource({"224.0.0.1", "239.1.1.1", "255.255.255.255"})
  void sourcesThatAreNone(String from) {
    assertEquals(RouteError.EINVAL, ask(host(), Q.withFrom(ip(from))).error());
  }

  @Test
  void aSourceMustBeLocalUnlessAnyMayBe() {
    assertEquals(RouteError.ENETUNREACH, ask(host(), Q.withFrom(ip("192.0.2.1"))).error());
    assertEquals(way(OWN, "eth0", "10.0.0.1"), ask(host(), Q.withFrom(OWN)).first());
    assertEquals(way(OTHER, "eth0", "10.0.0.1"), ask(host(), Q.withFrom(OTHER)).first());
  }

  /** Before Linux 5.3 {@code ipv4_is_zeronet} took all of 0.0.0.0/8 for none. */
  @Test
  void theZeroNetworkOfOldKernels() {
    RouteQuery q = RouteQuery.to(ip("0.1.2.3"));
    RouteQuery from = Q.withFrom(ip("0.1.2.3"));
    for (String old : List.of("5.2.21", "4.19.0-amd64")) {
      assertEquals(RouteError.EINVAL, ask(host().kernel(old), q).error());
      assertEquals(RouteError.EINVAL, ask(host().kernel(old), from).error());
      assertEquals(
          RouteError.EINVAL, ask(host().kernel(old), RouteQuery.to(ip("0.255.255.255"))).error());
      assertNull(ask(host().kernel(old), RouteQuery.to(ip("1.0.0.0"))).error());
    }
    for (String newer : new String[] {"5.3.0", "6.18.44", null}) {
      assertEquals(way(OWN, "eth0", "10.0.0.1"), ask(host().kernel(newer), q).first());
      assertEquals(RouteError.ENETUNREACH, ask(host().kernel(newer), from).error());
    }
  }

  @Test
  void multicastFromAnAddressLeavesByItsDevice() {
    for (String to : List.of("224.0.0.18", "239.1.1.1", "255.255.255.255")) {
      RouteQuery q = RouteQuery.to(ip(to));
      assertEquals(way(OTHER, "eth1", null), ask(host(), q.withFrom(OTHER)).first());
      assertEquals(RouteError.ENETUNREACH, ask(host(), q.withFrom(ip("192.0.2.1"))).error());
      assertNotNull(
          ask(host().local("192.0.2.0/24"), q.withFrom(ip("192.0.2.1"))).unknown(),
          "local, and on no device");
    }
  }

  @Test
  void multicastFromAnAddressOfTwoDevicesMayLeaveByEither() {
    Host both = host().address("eth0", "10.0.1.10/32");
    RoutePrediction p = ask(both, RouteQuery.to(ip("239.1.1.1")).withFrom(OTHER));
    assertEquals(List.of("eth0", "eth1"), p.candidates().stream().map(Egress::dev).toList());
    assertFalse(p.exact());
  }

  @Test
  void aDeviceMustBeThereAndUp() {
    assertEquals(RouteError.ENODEV, ask(host(), Q.withOif("eth7")).error());
    Host down = host().device("eth1", null, null, "default");
    assertEquals(RouteError.ENETUNREACH, ask(down, Q.withOif("eth1")).error());
  }

  @Test
  void withoutARouteByTheDeviceItIsTakenAsOnLink() {
    assertEquals(way(OTHER, "eth1", null), ask(host(), Q.withOif("eth1")).first());
    assertEquals(way(OWN, "eth1", null), ask(host(), Q.withOif("eth1").withFrom(OWN)).first());
    Host vrf =
        host()
            .device("red", "vrf", null, "default", "UP")
            .device("eth1", null, "red", "default", "UP");
    assertEquals("VRF of eth1", ask(vrf, Q.withOif("eth1")).unknown());
    assertNull(ask(vrf, RouteQuery.to(ip("239.1.1.1")).withOif("eth1")).unknown());
    assertEquals(RouteError.ENETUNREACH, ask(new Host(), Q).error());
  }

  /** No lookup: to the link's own multicast, the limited broadcast, and for IGMP. */
  @Test
  void linkDestinationsByADevice() {
    Host linkFirst =
        new Host()
            .address("eth0", "10.9.9.9/32", Scope.LINK)
            .address("eth0", "10.0.0.10/24")
            .route("main", "0.0.0.0/0", "eth0", "10.0.0.1", null);
    IpAddress link = ip("10.9.9.9");
    for (String to : List.of("224.0.0.18", "255.255.255.255")) {
      RouteQuery q = RouteQuery.to(ip(to)).withOif("eth0");
      assertEquals(way(link, "eth0", null), ask(linkFirst, q).first());
      assertEquals(way(OWN, "eth0", null), ask(linkFirst, q.withFrom(OWN)).first());
    }
    RouteQuery far = RouteQuery.to(ip("239.1.1.1")).withOif("eth0");
    assertEquals(way(OWN, "eth0", null), ask(linkFirst, far).first());
    assertEquals(way(link, "eth0", null), ask(linkFirst, far.withIpproto(2)).first());
    assertEquals(way(OWN, "eth0", "10.0.0.1"), ask(linkFirst, Q.withOif("eth0")).first());
  }

  @Test
  void noDestinationIsThisHost() {
    RouteQuery any = RouteQuery.to(IpAddress.ANY4);
    assertEquals(way(IpAddress.LOOPBACK4, "lo", null), ask(host(), any).first());
    assertEquals(way(OWN, "lo", null), ask(host(), any.withFrom(OWN)).first());
    assertEquals(way(OTHER, "lo", null), ask(host(), any.withOif("eth1")).first());
    Host narrow = new Host().address("eth0", "10.9.9.9/32", Scope.HOST);
    assertEquals(way(ip("10.9.9.9"), "lo", null), ask(narrow, any.withOif("eth0")).first());
  }

  @Test
  void toALocalAddressTheSourceIsTheDestination() {
    Host one = host().local("192.0.2.0/24");
    RouteQuery q = RouteQuery.to(ip("192.0.2.7"));
    assertEquals(way(ip("192.0.2.7"), "lo", null), ask(one, q).first());
    assertFalse(ask(one, q).routeNamesSource());
    assertEquals(way(OWN, "lo", null), ask(one, q.withFrom(OWN)).first());
    Route named =
        new Route(
            RouteType.LOCAL,
            IpPrefix.parse("203.0.113.0/24"),
            null,
            0,
            "local",
            "kernel",
            Scope.HOST,
            OWN,
            0,
            0,
            0,
            List.of(Nexthop.of("lo", null)));
    RoutePrediction other = ask(host().route(named), RouteQuery.to(ip("203.0.113.7")));
    assertEquals(way(OWN, "lo", null), other.first());
    assertTrue(other.routeNamesSource());
    Route itself =
        new Route(
            RouteType.LOCAL,
            IpPrefix.parse("10.0.0.10/32"),
            null,
            0,
            "local",
            "kernel",
            Scope.HOST,
            OWN,
            0,
            0,
            0,
            List.of(Nexthop.of("eth0", null)));
    assertFalse(ask(host().route(itself), RouteQuery.to(OWN)).routeNamesSource());
  }

  @Test
  void aRouteWithoutADeviceIsNotModelled() {
    Host odd =
        new Host().route(route("0.0.0.0/0", Scope.UNIVERSE, 0, Nexthop.of(null, ip("10.0.0.1"))));
    assertEquals("a route without a device", ask(odd, Q).unknown());
  }

  /** {@code __mkroute_output}. */
  @Test
  void loopbackSourcesStayOnLo() {
    Host one = host().address("lo", "127.0.0.1/8", Scope.HOST).local("127.0.0.0/8");
    RouteQuery q = Q.withFrom(ip("127.0.0.1"));
    assertEquals(RouteError.EINVAL, ask(one, q).error());
    assertEquals(
        way(ip("127.0.0.1"), "eth0", "10.0.0.1"),
        ask(one.sysctl("net.ipv4.conf.eth0.route_localnet"), q).first());
    Host vrf = host().local("127.0.0.0/8").device("eth0", "vrf", null, "default", "UP");
    assertEquals(way(ip("127.0.0.1"), "eth0", "10.0.0.1"), ask(vrf, q).first());
    Host lo = new Host().local("127.0.0.0/8").route("main", "0.0.0.0/0", "lo", null, null);
    assertEquals(way(ip("127.0.0.1"), "lo", null), ask(lo, q).first());
  }

  /** {@code fib_select_multipath} of Linux 6.18. */
  @Test
  void multipathPrefersTheWayOfTheSource() {
    Route both =
        route(
            "198.51.100.0/24", Scope.UNIVERSE, 0, hop("eth0", "10.0.0.1"), hop("eth1", "10.0.1.1"));
    Host one = host().route(both);
    assertEquals(2, ask(one, Q).candidates().size());
    assertEquals(
        List.of(way(OTHER, "eth1", "10.0.1.1"), way(OTHER, "eth0", "10.0.0.1")),
        ask(one, Q.withFrom(OTHER)).candidates());
    assertEquals("eth0", ask(one, Q.withFrom(OWN)).candidates().getFirst().dev());
    one.address("lo", "10.5.5.5/32");
    assertEquals("eth0", ask(one, Q.withFrom(ip("10.5.5.5"))).candidates().getFirst().dev());
    Host byObject =
        host()
            .route(
                route(
                    "198.51.100.0/24",
                    Scope.UNIVERSE,
                    5,
                    hop("eth0", "10.0.0.1"),
                    hop("eth1", "10.0.1.1")));
    assertEquals(2, ask(byObject, Q.withFrom(OTHER)).candidates().size());
    Host twoRoutes = host().route("main", "0.0.0.0/0", "eth1", "10.0.1.1", null);
    assertEquals(
        List.of(way(OTHER, "eth0", "10.0.0.1"), way(OTHER, "eth1", "10.0.1.1")),
        ask(twoRoutes, Q.withFrom(OTHER)).candidates(),
        "no multipath");
  }

  /** {@code inet_select_addr}. */
  @Test
  void aSecondaryAddressIsNeverTaken() {
    Host one =
        new Host()
            .address("eth0", "10.0.0.9/24", AddressFlag.SECONDARY)
            .address("eth0", "10.0.0.10/24");
    assertEquals(OWN, RouteLookup.selectIpv4(one.build(), "eth0", null, Scope.UNIVERSE));
    assertEquals(OWN, RouteLookup.selectIpv4(one.build(), "eth0", ip("10.0.0.1"), Scope.UNIVERSE));
    assertEquals(OWN, RouteLookup.selectIpv4(one.build(), "eth1", null, Scope.UNIVERSE));
  }

  @Test
  void theFirstInTheSubnetOfTheNexthop() {
    Host one =
        new Host()
            .address("eth0", "2001:db8::1/64")
            .address("eth0", "10.0.9.9/32")
            .address("eth0", "10.0.0.10/24")
            .address("eth0", "10.0.0.11/24");
    var s = one.build();
    assertEquals(OWN, RouteLookup.selectIpv4(s, "eth0", ip("10.0.0.1"), Scope.UNIVERSE));
    assertEquals(ip("10.0.9.9"), RouteLookup.selectIpv4(s, "eth0", ip("10.0.5.1"), 0));
    assertEquals(ip("10.0.9.9"), RouteLookup.selectIpv4(s, "eth0", null, 0));
  }

  @Test
  void scopesNarrowerThanAskedForAreNotTaken() {
    Host one =
        new Host()
            .address("lo", "127.0.0.1/8", Scope.HOST)
            .address("eth0", "10.0.0.9/32", Scope.HOST)
            .address("eth0", "10.0.0.8/32", Scope.LINK)
            .address("eth1", "10.0.1.8/32", Scope.LINK)
            .address("eth1", "10.0.1.7/32", 200);
    var s = one.build();
    assertEquals(ip("10.0.0.8"), RouteLookup.selectIpv4(s, "eth0", null, Scope.LINK));
    assertEquals(ip("10.0.0.9"), RouteLookup.selectIpv4(s, "eth0", null, Scope.HOST));
    assertNull(RouteLookup.selectIpv4(s, "eth0", null, Scope.UNIVERSE));
    assertEquals(ip("10.0.1.7"), RouteLookup.selectIpv4(s, "eth0", null, 200), "of another device");
    assertEquals(ip("10.0.1.7"), RouteLookup.selectIpv4(s, "eth7", null, 200));
    assertEquals(ip("127.0.0.1"), RouteLookup.selectIpv4(s, null, null, Scope.HOST));
    var localnet = one.sysctl("net.ipv4.conf.eth0.route_localnet").build();
    assertEquals(ip("10.0.0.9"), RouteLookup.selectIpv4(localnet, "eth0", null, Scope.LINK));
    assertNull(RouteLookup.selectIpv4(localnet, "eth0", null, Scope.UNIVERSE));
  }

  /** {@code fib_check_nh}: no snapshot shows what the gateway was when the route was added. */
  @Test
  void gatewaysThatMayHaveBeenOwnAddresses() {
    Host own = new Host().address("eth0", "10.0.0.10/24").address("eth1", "10.0.0.1/32");
    own.route("main", "0.0.0.0/0", "eth0", "10.0.0.1", null);
    assertEquals(
        List.of(way(OWN, "eth0", null), way(OWN, "eth0", "10.0.0.1")), ask(own, Q).candidates());
    Nexthop onlink = new Nexthop("eth0", ip("10.0.0.1"), 1, false, false, /* onlink= */ true);
    Host fixed = new Host().address("eth0", "10.0.0.10/24").address("eth1", "10.0.0.1/32");
    fixed.route(route("0.0.0.0/0", Scope.UNIVERSE, 0, onlink));
    assertEquals(List.of(way(OWN, "eth0", "10.0.0.1")), ask(fixed, Q).candidates());
    Host byScope = host().route(route("10.0.0.0/24", Scope.HOST, 0, Nexthop.of("eth0", null)));
    assertEquals(2, ask(byScope, Q).candidates().size());
    Host elsewhere = host().route(route("10.0.0.0/24", Scope.HOST, 0, Nexthop.of("eth1", null)));
    assertEquals(1, ask(elsewhere, Q).candidates().size());
    Host wide = host().route(route("10.0.0.0/24", Scope.LINK, 0, Nexthop.of("eth0", null)));
    assertEquals(1, ask(wide, Q).candidates().size());
  }

  @Test
  void broadcastAndMulticastOfShortRoutesIgnoreTheGateway() {
    Host one = host();
    assertEquals(way(OWN, "eth0", null), ask(one, RouteQuery.to(ip("239.1.1.1"))).first());
    assertEquals(way(OWN, "eth0", null), ask(one, RouteQuery.to(ip("255.255.255.255"))).first());
    one.route("main", "224.0.0.0/4", "eth0", "10.0.0.2", null);
    assertEquals(way(OWN, "eth0", "10.0.0.2"), ask(one, RouteQuery.to(ip("239.1.1.1"))).first());
    one.route("main", "255.255.255.255/32", "eth0", "10.0.0.3", null);
    assertEquals(way(OWN, "eth0", null), ask(one, RouteQuery.to(ip("255.255.255.255"))).first());
  }

  /** {@code nh_create_ipv4}: what a nexthop object remembers may be of several scopes. */
  @Test
  void aNexthopObjectMayHaveChosenByAnotherScope() {
    Host one =
        new Host()
            .address("eth0", "10.0.0.9/24", Scope.LINK)
            .address("eth0", "10.0.0.8/32", 200)
            .address("eth0", "10.0.0.10/32")
            .route(route("198.51.100.0/24", Scope.UNIVERSE, 1, hop("eth0", "10.0.0.1")));
    assertEquals(
        Set.of(OWN, ip("10.0.0.8")),
        ask(one, Q).sources(),
        "scope 0 of the route, 252 of the object");
    assertEquals(
        Set.of(OWN, ip("10.0.0.8"), ip("10.0.0.9")), ask(one.kernel("5.18.0"), Q).sources());
    assertEquals(Set.of(OWN, ip("10.0.0.8")), ask(one.kernel("5.19.0"), Q).sources());
    one.route(route("203.0.113.0/24", Scope.LINK, 1, hop("eth0", "10.0.0.1")));
    assertEquals(Set.of(OWN, ip("10.0.0.8"), ip("10.0.0.9")), ask(one, Q).sources());
    Host direct =
        new Host()
            .address("eth0", "10.0.0.9/24", Scope.LINK)
            .address("eth0", "10.0.0.10/32")
            .route(route("198.51.100.0/24", Scope.UNIVERSE, 1, Nexthop.of("eth0", null)));
    assertEquals(Set.of(OWN, ip("10.0.0.9")), ask(direct, Q).sources());
  }

  private static String reason(Host host) {
    return ask(host, Q).trace().stream()
        .filter(s -> s instanceof Step.Source)
        .map(s -> ((Step.Source) s).detail())
        .findFirst()
        .orElseThrow();
  }

  @Test
  void whyAnAddressIsTaken() {
    assertEquals("first address of eth0 in the subnet of 10.0.0.1", reason(host()));
    Host device =
        new Host().address("eth0", "10.0.0.10/24").route("main", "0.0.0.0/0", "eth0", null, null);
    assertEquals("first address of eth0", reason(device));
    Host outside =
        new Host()
            .address("eth0", "10.0.0.10/24")
            .route("main", "0.0.0.0/0", "eth0", "10.9.0.1", null);
    assertEquals("first address of eth0, none is in the subnet of 10.9.0.1", reason(outside));
    Host borrowed =
        new Host().address("eth1", "10.0.0.10/24").route("main", "0.0.0.0/0", "eth0", null, null);
    assertEquals(
        "first address of another device, eth0 has none that can be used", reason(borrowed));
    borrowed.address("eth0", "10.0.1.10/24", Scope.HOST);
    assertEquals(
        "first address of another device, eth0 has none that can be used", reason(borrowed));
    Host none = new Host().route("main", "0.0.0.0/0", "eth0", "10.0.0.1", null);
    assertEquals("no device has an address of scope global", reason(none));
  }

  private static PolicyRule byPort(int port) {
    PolicyRule plain = PolicyRule.lookup(false, 1000, "100");
    var range = new Range(port, port);
    return RuleBuilder.of(false, plain.action()).protocol(6).ports(range, null).build();
  }

  /** {@code ip_route_connect}, {@code ip_route_newports}. */
  @Test
  void tcpKnowsItsPortInTheLastPassOrInAll() {
    Host one = host().route("100", "0.0.0.0/0", "eth1", "10.0.1.1", null).rule(byPort(1500));
    RouteQuery q = Q.withPorts(6, 1500, 80);
    var s = one.build();
    assertEquals(
        List.of(way(OWN, "eth1", "10.0.1.1"), way(OTHER, "eth1", "10.0.1.1")),
        RouteLookup.connect(s, q).candidates());
    assertEquals(way(OWN, "eth1", "10.0.1.1"), RouteLookup.connect(s, q, false).first());
    assertEquals(way(OTHER, "eth1", "10.0.1.1"), RouteLookup.connect(s, q, true).first());
    assertEquals(way(OWN, "eth0", "10.0.0.1"), RouteLookup.connect(s, q.withSport(0)).first());
    assertEquals(
        way(OWN, "eth1", "10.0.1.1"), RouteLookup.connect(s, q.withFrom(OWN), false).first());
    RouteQuery udp = Q.withPorts(17, 1500, 80);
    assertEquals(way(OWN, "eth0", "10.0.0.1"), RouteLookup.connect(s, udp, false).first());
    RoutePrediction three = RouteLookup.connect(s, q, false);
    assertTrue(three.trace().contains(new Step.Pass(3, OWN)), three.trace()::toString);
  }

  @Test
  void aSecondPassMayFail() {
    Host one = host().rule(false, "10.0.0.10/32", false, new RuleAction.Reject(RouteType.PROHIBIT));
    RoutePrediction p = RouteLookup.connect(one.build(), Q);
    assertEquals(RouteError.EACCES, p.error());
    assertTrue(p.trace().contains(new Step.Pass(2, OWN)));
    assertEquals(way(OWN, "eth0", "10.0.0.1"), RouteLookup.send(one.build(), Q).first());
    RoutePrediction same = RouteLookup.connect(host().build(), Q);
    assertTrue(same.trace().stream().noneMatch(t -> t instanceof Step.Pass), "nothing new");
    assertEquals(RouteError.ENETUNREACH, RouteLookup.connect(new Host().build(), Q).error());
  }

  @Test
  void connectToNoDestinationGoesToTheSource() {
    Host one = host().local("127.0.0.0/8").local("10.0.0.10/32");
    RouteQuery any = RouteQuery.to(IpAddress.ANY4);
    assertEquals(
        way(IpAddress.LOOPBACK4, "lo", null), RouteLookup.connect(one.build(), any).first());
    assertEquals(way(OWN, "lo", null), RouteLookup.connect(one.build(), any.withFrom(OWN)).first());
  }

  @Test
  void bindNeedsALocalAddressUnlessAllowed() {
    RouteQuery q = Q.withFrom(ip("192.0.2.1"));
    assertEquals(RouteError.EADDRNOTAVAIL, RouteLookup.connect(host().build(), q).error());
    assertEquals(RouteError.EADDRNOTAVAIL, RouteLookup.connect(host().build(), q, true).error());
    assertEquals(RouteError.EADDRNOTAVAIL, RouteLookup.send(host().build(), q).error());
    var free = host().sysctl("net.ipv4.ip_nonlocal_bind").build();
    assertEquals(RouteError.ENETUNREACH, RouteLookup.connect(free, q).error());
    assertEquals(RouteError.ENETUNREACH, RouteLookup.send(free, q).error());
  }

  @Test
  void aPingIsLookedUpWithTypeAndCodeForAPort() {
    PolicyRule plain = PolicyRule.lookup(false, 1000, "100");
    var echo = new Range(0x800, 0x800);
    PolicyRule byType = RuleBuilder.of(false, plain.action()).protocol(1).ports(null, echo).build();
    var s = host().route("100", "0.0.0.0/0", "eth1", "10.0.1.1", null).rule(byType).build();
    assertEquals("eth1", RouteLookup.send(s, Q.withIpproto(1)).candidates().getFirst().dev());
    assertEquals("eth0", RouteLookup.send(s, Q.withIpproto(17)).candidates().getFirst().dev());
  }

  @Test
  void rerouteLooksUpWithUidZero() {
    PolicyRule plain = PolicyRule.lookup(false, 1000, "100");
    var uid = new Range(33, 33);
    PolicyRule byUser = RuleBuilder.of(false, plain.action()).uid(uid).build();
    var s = host().route("100", "0.0.0.0/0", "eth1", "10.0.1.1", null).rule(byUser).build();
    RouteQuery q = Q.withUid(33).withFrom(OWN);
    assertEquals("eth1", RouteLookup.routeGet(s, q).candidates().getFirst().dev());
    assertEquals("eth0", RouteLookup.reroute(s, q).candidates().getFirst().dev());
  }

  @ParameterizedTest
  @CsvSource({
    "6.18.44, true",
    "6.18, true",
    "6.19-rc1, true",
    "7.0.0, true",
    "6.17.99, false",
    "5.19, false",
    "6, false",
    "7, true",
    "x.y, false",
    "6.x, false"
  })
  void releases(String release, boolean atLeast) {
    assertEquals(atLeast, KernelRelease.atLeast(release, 6, 18));
    assertFalse(KernelRelease.atLeast(null, 6, 18));
  }

  @Test
  void devicesOfAVrfStandApart() {
    var s =
        host()
            .device("red", "vrf", null, "default", "UP")
            .device("eth2", null, "red", "default", "UP")
            .device("br0", "bridge", null, "default", "UP")
            .device("eth3", null, "br0", "default", "UP")
            .device("eth4", null, "gone", "default", "UP")
            .build();
    assertEquals(
        List.of("red", "eth2"),
        L3Domain.devices(s, s.link("eth2")).stream().map(l -> l.name()).toList());
    assertEquals(
        List.of("red", "eth2"),
        L3Domain.devices(s, s.link("red")).stream().map(l -> l.name()).toList());
    assertEquals(
        List.of("lo", "eth0", "eth1", "br0", "eth3", "eth4"),
        L3Domain.devices(s, s.link("eth3")).stream().map(l -> l.name()).toList());
    assertEquals(
        List.of("lo", "eth0", "eth1", "br0", "eth3", "eth4"),
        L3Domain.devices(s, null).stream().map(l -> l.name()).toList());
    assertNull(L3Domain.master(s, s.link("eth3")));
    assertEquals(s.link("red"), L3Domain.master(s, s.link("red")));
  }
}
