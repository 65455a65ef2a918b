package io.vipscope.core.model.selection;

import static io.vipscope.core.model.selection.Host.ip;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vipscope.core.model.snapshot.AddressFlag;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.Nexthop;
import io.vipscope.core.model.snapshot.Route;
import io.vipscope.core.model.snapshot.RouteType;
import io.vipscope.core.model.snapshot.RuleAction;
import io.vipscope.core.model.snapshot.Scope;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RouteLookupTest {

  private static final String FAR = "198.51.100.7";
  private static final String FAR6 = "2001:db8:77::7";

  private static Host vipFirst() {
    return new Host()
        .address("eth0", "10.0.0.100/32")
        .address("eth0", "10.0.0.10/24")
        .route("main", "10.0.0.0/24", "eth0", null, "10.0.0.10");
  }

  private static Host two6() {
    return new Host().route("main", "::/0", "eth0", "fe80::1", null);
  }

  private static @Nullable Object source(Host host, String dst) {
    Egress egress = RouteLookup.routeGet(host.build(), RouteQuery.to(ip(dst))).first();
    return egress == null ? null : egress.source();
  }

  @Test
  void gatewayInThePrimarysSubnetChoosesThePrimary() {
    assertEquals(
        ip("10.0.0.10"),
        source(vipFirst().route("main", "0.0.0.0/0", "eth0", "10.0.0.1", null), FAR));
  }

  @Test
  void deviceRouteTakesTheFirstAddress() {
    assertEquals(
        ip("10.0.0.100"),
        source(vipFirst().route("main", "198.51.100.0/24", "eth0", null, null), FAR));
  }

  @Test
  void prefsrcWinsOverPrimary() {
    Host host = vipFirst().route("main", "0.0.0.0/0", "eth0", "10.0.0.1", "10.0.0.100");
    assertEquals(ip("10.0.0.100"), source(host, FAR));
    assertTrue(RouteLookup.routeGet(host.build(), RouteQuery.to(ip(FAR))).routeNamesSource());
  }

  @Test
  void addressOfScopeLinkServesOnlyDeviceRoutes() {
    Host host =
        new Host()
            .address("eth0", "10.0.0.100/32", Scope.LINK)
            .address("eth0", "10.0.0.10/24")
            .route("main", "0.0.0.0/0", "eth0", "10.0.0.1", null)
            .route("main", "198.51.100.0/24", "eth0", null, null);
    assertEquals(ip("10.0.0.100"), source(host, FAR));
    assertEquals(ip("10.0.0.10"), source(host, "8.8.8.8"));
  }

  @Test
  void deviceWithoutAddressesBorrowsThatOfLoFirst() {
    Host host =
        new Host()
            .address("lo", "10.9.0.100/32")
            .address("eth1", "10.0.1.10/24")
            .route("main", "0.0.0.0/0", "eth0", "10.0.0.1", null);
    assertEquals(ip("10.9.0.100"), source(host, FAR));
  }

  @Test
  void connectKeepsTheSourceAndTakesTheDeviceOfTheRuleForIt() {
    HostSnapshot s =
        vipFirst()
            .route("main", "0.0.0.0/0", "eth0", "10.0.0.1", null)
            .route("100", "0.0.0.0/0", "eth1", "10.0.1.1", null)
            .rule(false, "10.0.0.10/32", false, new RuleAction.Lookup("100"))
            .build();
    RouteQuery q = RouteQuery.to(ip(FAR));
    assertEquals(
        new Egress(ip("10.0.0.10"), "eth1", ip("10.0.1.1")), RouteLookup.connect(s, q).first());
    assertEquals(
        new Egress(ip("10.0.0.10"), "eth0", ip("10.0.0.1")), RouteLookup.send(s, q).first());
  }

  @Test
  void ruleNotFromMatchesAnUnsetSource() {
    Host host =
        vipFirst()
            .route("100", "0.0.0.0/0", "eth0", "10.0.0.1", "10.0.0.100")
            .rule(false, "10.0.0.10/32", true, new RuleAction.Lookup("100"));
    assertEquals(ip("10.0.0.100"), source(host, FAR));
  }

  @Test
  void bothTriesAreCandidatesWhereTheyDiffer() {
    HostSnapshot s =
        vipFirst()
            .local("198.18.0.0/16")
            .route("main", "198.18.5.0/24", "eth0", "10.0.0.1", null)
            .build();
    RoutePrediction p = RouteLookup.routeGet(s, RouteQuery.to(ip("198.18.5.5")));
    assertFalse(p.exact());
    assertEquals(2, p.candidates().size());
    assertEquals("eth0", p.candidates().getFirst().dev());
  }

  @Test
  void lostSourceOfAnotherTableStillLeavesButCannotConnect() {
    HostSnapshot s =
        new Host()
            .address("eth0", "10.0.0.10/24")
            .route("100", "0.0.0.0/0", "eth0", "10.0.0.1", "10.0.0.100")
            .rule(false, null, false, new RuleAction.Lookup("100"))
            .build();
    RouteQuery q = RouteQuery.to(ip(FAR));
    assertTrue(RouteLookup.send(s, q).sources().contains(ip("10.0.0.100")));
    assertEquals(RouteError.ENETUNREACH, RouteLookup.connect(s, q).error());
  }

  @Test
  void unmodelledSelectorIsUnknownOnlyWhereItCouldDecide() {
    Host host = vipFirst().route("main", "0.0.0.0/0", "eth0", "10.0.0.1", null);
    host.rule(false, null, false, new RuleAction.Lookup("100"), "tun_id");
    RouteQuery q = RouteQuery.to(ip(FAR));
    assertTrue(RouteLookup.routeGet(host.build(), q).exact());
    host.route("100", "0.0.0.0/0", "eth1", null, null);
    assertNotNull(RouteLookup.routeGet(host.build(), q).unknown());
  }

  @Test
  void failedLookupWithADeviceIsTakenAsOnLink() {
    HostSnapshot s = vipFirst().reject(RouteType.BLACKHOLE, "main", "0.0.0.0/0").build();
    assertEquals(RouteError.EINVAL, RouteLookup.routeGet(s, RouteQuery.to(ip(FAR))).error());
    assertEquals(
        new Egress(ip("10.0.0.100"), "eth0", null),
        RouteLookup.routeGet(s, RouteQuery.to(ip(FAR)).withOif("eth0")).first());
  }

  @Test
  void rerouteAcceptsASourceThatIsNotLocal() {
    HostSnapshot s = vipFirst().route("main", "0.0.0.0/0", "eth0", "10.0.0.1", null).build();
    RouteQuery q = RouteQuery.to(ip(FAR)).withFrom(ip("192.0.2.1"));
    assertEquals(RouteError.ENETUNREACH, RouteLookup.routeGet(s, q).error());
    assertEquals(
        new Egress(ip("192.0.2.1"), "eth0", ip("10.0.0.1")), RouteLookup.reroute(s, q).first());
  }

  @Test
  void deprecatedVipLosesAndPreferredVipFirstInTheListWins() {
    Host old =
        two6()
            .address("eth0", "2001:db8:1::100/128", AddressFlag.DEPRECATED)
            .address("eth0", "2001:db8:1::10/64");
    assertEquals(ip("2001:db8:1::10"), source(old, FAR6));
    Host preferred =
        two6().address("eth0", "2001:db8:1::100/64").address("eth0", "2001:db8:1::10/64");
    assertEquals(ip("2001:db8:1::100"), source(preferred, FAR6));
  }

  @Test
  void hostLengthVipMatchesNearDestinationsLonger() {
    Host host = two6().address("eth0", "2001:db8:1::10/64").address("eth0", "2001:db8:1::100/128");
    assertEquals(ip("2001:db8:1::100"), source(host, "2001:db8:1::101"));
    assertEquals(ip("2001:db8:1::10"), source(host, FAR6));
  }

  @Test
  void ipv6SourceRuleNeedsASource() {
    HostSnapshot s =
        two6()
            .address("eth0", "2001:db8:1::10/64")
            .route("100", "::/0", "eth1", "fe80::2", null)
            .rule(true, "2001:db8:1::10/128", false, new RuleAction.Lookup("100"))
            .build();
    RouteQuery q = RouteQuery.to(ip(FAR6));
    assertEquals(
        new Egress(ip("2001:db8:1::10"), "eth0", ip("fe80::1")), RouteLookup.connect(s, q).first());
    RoutePrediction bound = RouteLookup.connect(s, q.withFrom(ip("2001:db8:1::10")));
    assertEquals(new Egress(ip("2001:db8:1::10"), "eth1", ip("fe80::2")), bound.first());
  }

  /** {@code fib6_dump_node}: the dump shows one {@code src}, that of the first way. */
  @Test
  void sourceOfLaterWayOfIpv6MultipathRouteIsNotFirm() {
    HostSnapshot one =
        two6().address("eth0", "2001:db8::10/64").address("eth1", "2001:db8:1::10/64").build();
    List<Route> routes = one.routes(true);
    assertNotNull(routes);
    HostSnapshot s =
        one.withRouting(
            true,
            List.of(
                routes
                    .getFirst()
                    .withNexthops(
                        List.of(
                            Nexthop.of("eth0", ip("fe80::1")), Nexthop.of("eth1", ip("fe80::1"))))),
            one.rules(true));
    RoutePrediction first = RouteLookup.routeGet(s, RouteQuery.to(ip(FAR6)).withOif("eth0"));
    assertEquals(ip("2001:db8::10"), first.candidates().getFirst().source());
    assertTrue(first.exact());
    RoutePrediction later = RouteLookup.routeGet(s, RouteQuery.to(ip(FAR6)).withOif("eth1"));
    assertFalse(later.exact());
    assertTrue(later.hidesSource());
    assertEquals("eth1", later.candidates().getFirst().dev());
    RouteQuery bound = RouteQuery.to(ip(FAR6)).withOif("eth1").withFrom(ip("2001:db8::10"));
    assertFalse(RouteLookup.routeGet(s, bound).hidesSource());
  }

  /** {@code rt6_check_neigh}: a neighbour that has failed may be asked again at any time. */
  @Test
  void failedGatewayBeforeRejectRouteIsNotDecided() {
    Host host =
        new Host()
            .address("eth0", "2001:db8::10/64")
            .route("main", "2001:db8:ffff::/48", "eth0", "fe80::1", null)
            .reject(RouteType.PROHIBIT, "main", "2001:db8::/32");
    RouteQuery q = RouteQuery.to(ip("2001:db8:ffff::1"));
    assertEquals(
        ip("fe80::1"), RouteLookup.routeGet(host.build(), q).candidates().getFirst().gateway());
    host.neighbour("fe80::1", "eth0", "FAILED");
    RoutePrediction p = RouteLookup.routeGet(host.build(), q);
    assertEquals("rule6 32766: whether a gateway answers", p.unknown());
    assertFalse(p.exact());
    RoutePrediction router =
        RouteLookup.routeGet(host.sysctl("net.ipv6.conf.all.forwarding").build(), q);
    assertEquals(ip("fe80::1"), router.candidates().getFirst().gateway());
  }

  /** The second pass finds the way; the rule of the first has given the source. */
  @Test
  void ruleIsThatOfTheSourceOrOfTheError() {
    Host host =
        vipFirst()
            .route("main", "0.0.0.0/0", "eth0", "10.0.0.1", null)
            .rule(false, "10.0.0.10/32", false, new RuleAction.Lookup("100"));
    RouteQuery q = RouteQuery.to(ip(FAR));
    HostSnapshot other = host.route("100", "0.0.0.0/0", "eth1", "10.0.1.1", null).build();
    RoutePrediction p = RouteLookup.connect(other, q);
    assertEquals("eth1", p.candidates().getFirst().dev());
    assertEquals("100", p.table());
    assertEquals("rule4 32766", Objects.requireNonNull(p.rule()).id());
    HostSnapshot rejected =
        vipFirst()
            .route("main", "0.0.0.0/0", "eth0", "10.0.0.1", null)
            .rule(false, "10.0.0.10/32", false, new RuleAction.Reject(RouteType.PROHIBIT))
            .build();
    RoutePrediction failed = RouteLookup.connect(rejected, q);
    assertEquals(RouteError.EACCES, failed.error());
    assertEquals("rule4 1000", Objects.requireNonNull(failed.rule()).id());
  }

  /** {@code ip_route_connect} puts the source in for 0.0.0.0, and looks up again. */
  @Test
  void connectToNoDestinationWithASourceIsLookedUp() {
    HostSnapshot s =
        vipFirst()
            .local("10.0.0.10/32")
            .rule(false, "192.0.2.1/32", false, new RuleAction.Lookup("100"))
            .build();
    RoutePrediction p =
        RouteLookup.connect(s, RouteQuery.to(ip("0.0.0.0")).withFrom(ip("10.0.0.10")));
    assertEquals(new Egress(ip("10.0.0.10"), "lo", null), p.first());
    assertEquals("local", p.table());
  }

  /** As one trie the longer route of main wins, as two tables the one of local rejects. */
  @Test
  void errorsThatArePossibleBesideAnAnswer() {
    HostSnapshot s =
        vipFirst()
            .reject(RouteType.PROHIBIT, "local", "198.18.0.0/16")
            .route("main", "198.18.5.0/24", "eth0", "10.0.0.1", null)
            .build();
    RoutePrediction p = RouteLookup.routeGet(s, RouteQuery.to(ip("198.18.5.5")));
    assertEquals("eth0", p.candidates().getFirst().dev());
    assertNull(p.error());
    assertEquals(Set.of(RouteError.EACCES), p.errors());
    assertFalse(p.exact());
    RoutePrediction rejected = RouteLookup.routeGet(s, RouteQuery.to(ip("198.18.6.5")));
    assertEquals(Set.of(RouteError.EACCES), rejected.errors());
    assertTrue(rejected.exact());
  }

  /** Ways of two routes, each of which shows its own {@code src}. */
  @Test
  void sourcesOfTwoIpv6RoutesAreNotHidden() {
    HostSnapshot s =
        new Host()
            .address("eth0", "2001:db8::10/64")
            .address("eth1", "2001:db8:1::10/64")
            .route("main", "2001:db8:77::/64", "eth0", "fe80::1", null)
            .route("main", "2001:db8:77::/48", "eth1", "fe80::2", null)
            .neighbour("fe80::1", "eth0", "FAILED")
            .build();
    RoutePrediction p = RouteLookup.routeGet(s, RouteQuery.to(ip(FAR6)));
    assertEquals(2, p.candidates().size());
    assertFalse(p.hidesSource());
  }

  /** {@code inet_rtm_getroute}: of IPv4 a lookup for UDP. */
  @Test
  void protocolOfAQueryThatNamesNone() {
    assertEquals(17, RouteQuery.to(ip(FAR)).ipproto());
    assertEquals(0, RouteQuery.to(ip(FAR6)).ipproto());
  }
}
