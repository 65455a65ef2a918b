package io.vipscope.core.model.fib;

import static io.vipscope.core.model.fib.Routes.dead;
import static io.vipscope.core.model.fib.Routes.hop;
import static io.vipscope.core.model.fib.Routes.linkdown;
import static io.vipscope.core.model.fib.Routes.metric;
import static io.vipscope.core.model.fib.Routes.object;
import static io.vipscope.core.model.fib.Routes.pref;
import static io.vipscope.core.model.fib.Routes.route;
import static io.vipscope.core.model.fib.Routes.type;
import static io.vipscope.core.model.fib.Routes.withSource;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.vipscope.core.model.selection.Host;
import io.vipscope.core.model.selection.RouteError;
import io.vipscope.core.model.selection.RouteQuery;
import io.vipscope.core.model.snapshot.NexthopObject;
import io.vipscope.core.model.snapshot.Route;
import io.vipscope.core.model.snapshot.RouteType;
import io.vipscope.core.net.IpAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** {@code fib6_table_lookup}, in tables made by hand. */
class Ipv6TableTest {

  private static final RouteQuery FAR = RouteQuery.to(IpAddress.parse("2001:db8:77::7"));
  private static final String P64 = "2001:db8:77::/64";
  private static final String P48 = "2001:db8:77::/48";

  private final Host host = new Host();

  private @Nullable TableAnswer answer(RouteQuery q, boolean strict, Route... routes) {
    var s = host.build();
    return new Ipv6Table(s, new Nexthops(s.nexthops()))
        .lookup(new FibTable(List.of(routes), Ipv6Table.ORDER), q, strict);
  }

  private List<String> devices(RouteQuery q, boolean strict, Route... routes) {
    TableAnswer answer = answer(q, strict, routes);
    return answer == null
        ? List.of()
        : answer.ways().stream().map(w -> w.hop() == null ? "-" : "" + w.hop().dev()).toList();
  }

  private List<String> devices(Route... routes) {
    return devices(FAR, false, routes);
  }

  private static RouteQuery sent(String source) {
    return FAR.withFrom(IpAddress.parse(source));
  }

  @Test
  void typesThatEndTheSearch() {
    Route wider = route(P48, hop("eth0"));
    for (var each :
        List.of(
            List.of(RouteType.BLACKHOLE, RouteError.EINVAL),
            List.of(RouteType.UNREACHABLE, RouteError.EHOSTUNREACH),
            List.of(RouteType.PROHIBIT, RouteError.EACCES))) {
      Route longer = type(route(P64, hop("lo")), (RouteType) each.getFirst());
      TableAnswer rejected = answer(FAR, false, wider, longer);
      assertNotNull(rejected);
      assertEquals(each.getLast(), rejected.error());
      assertEquals(List.of("-"), devices(wider, longer));
    }
    assertNull(answer(FAR, false, wider, type(route(P64, hop("lo")), RouteType.THROW)));
  }

  /** {@code ip6_route_info_create}: such a route is by lo, named or not. */
  @Test
  void aRejectRouteIsByLo() {
    Route wider = route(P48, hop("eth0"));
    for (Route longer : List.of(route(P64), route(P64, hop("lo")))) {
      Route prohibit = type(longer, RouteType.PROHIBIT);
      assertEquals(List.of("eth0"), devices(FAR.withOif("eth0"), true, wider, prohibit));
      assertEquals(List.of("-"), devices(FAR.withOif("eth0"), false, wider, prohibit));
    }
    assertEquals(List.of("eth0"), devices(wider, route(P64)), "no way, and no reject route");
  }

  @Test
  void lowestMetricFirstThenAllOthersTogether() {
    Route low = metric(route(P64, hop("eth0")), 1);
    Route middle = metric(route(P64, hop("eth1")), 5);
    Route high = pref(metric(route(P64, hop("eth2")), 9), 1);
    assertEquals(List.of("eth0"), devices(high, middle, low));
    RouteQuery q = FAR.withOif("eth1");
    assertEquals(List.of("eth1"), devices(q, true, high, middle, low));
    Route gone = metric(route(P64, dead(hop("eth0"))), 1);
    assertEquals(List.of("eth2"), devices(high, middle, gone), "by router preference");
    Route wider = route(P48, hop("eth1"));
    assertEquals(List.of("eth1"), devices(wider, gone));
  }

  @Test
  void deviceAndRouterPreferenceAreScored() {
    Route by0 = route(P64, hop("eth0"));
    Route by1 = route(P64, hop("eth1"));
    assertEquals(List.of("eth0"), devices(by0, by1), "the first of equals");
    assertEquals(List.of("eth1"), devices(by0, pref(by1, 1)));
    assertEquals(List.of("eth1"), devices(pref(by0, -1), by1));
    assertEquals(List.of("eth1"), devices(FAR.withOif("eth1"), false, by0, by1));
    assertEquals(
        List.of("eth0"), devices(FAR.withOif("eth1"), false, pref(by0, 1), by1), "weighs more");
    assertEquals(List.of("eth1"), devices(FAR.withOif("eth1"), true, pref(by0, 1), by1));
    assertEquals(List.of("eth0"), devices(FAR.withOif("eth2"), false, pref(by0, -1)));
    assertNull(answer(FAR.withOif("eth2"), true, by0, by1));
  }

  @Test
  void waysWithoutCarrierAreIgnoredWhereTheDeviceSaysSo() {
    Route wider = route(P48, hop("eth1"));
    Route down = route(P64, linkdown(hop("eth0")));
    assertEquals(List.of("eth0"), devices(wider, down));
    host.sysctl("net.ipv6.conf.all.ignore_routes_with_linkdown");
    assertEquals(List.of("eth0"), devices(wider, down));
    host.sysctl("net.ipv6.conf.eth0.ignore_routes_with_linkdown");
    assertEquals(List.of("eth1"), devices(wider, down));
  }

  @Test
  void aHashPicksAmongSiblingsByGateway() {
    Route many = route(P64, hop("eth0", "fe80::1"), hop("eth1", "fe80::2"), hop("eth2"));
    assertEquals(List.of("eth0", "eth1"), devices(many));
    assertEquals(List.of("eth1"), devices(FAR.withOif("eth1"), true, many));
    assertEquals(List.of("eth1", "eth0"), devices(FAR.withOif("eth1"), false, many));
    Route oneDead = route(P64, hop("eth0", "fe80::1"), dead(hop("eth1", "fe80::2")));
    assertEquals(List.of("eth0"), devices(oneDead));
    Route group = object(route(P64, hop("eth0", "fe80::1"), hop("eth1")), 3);
    assertEquals(List.of("eth0", "eth1"), devices(group));
  }

  /** {@code nexthop_for_each_fib6_nh} stops at the first way that matches. */
  @Test
  void ofAGroupTheFirstThatFitsIsTaken() {
    Route group = object(route(P64, hop("eth0", "fe80::1"), hop("eth1", "fe80::2")), 3);
    assertEquals(List.of("eth0", "eth1"), devices(FAR.withOif("eth1"), false, group));
    assertEquals(List.of("eth1", "eth0"), devices(FAR.withOif("eth1"), true, group));
  }

  @Test
  void aBlackholeObjectIsTakenWhateverTheDevice() {
    host.nexthop(new NexthopObject(4, null, List.of(), true, 0));
    Route wider = route(P48, hop("eth0"));
    Route hole = object(route(P64), 4);
    TableAnswer rejected = answer(FAR.withOif("eth0"), true, wider, hole);
    assertNotNull(rejected);
    assertEquals(RouteError.EINVAL, rejected.error());
  }

  @Test
  void aFailedNeighbourIsPassedOverPerhaps() {
    Route by0 = metric(route(P64, hop("eth0", "fe80::7")), 3);
    Route by1 = metric(route(P64, hop("eth1", "fe80::8")), 9);
    assertEquals(List.of("eth0"), devices(by0, by1));
    host.neighbour("fe80::7", "eth1", "FAILED");
    assertEquals(List.of("eth0"), devices(by0, by1), "of another device");
    host.neighbour("fe80::7", "eth0", "FAILED");
    assertEquals(List.of("eth1", "eth0"), devices(by0, by1));
    assertEquals(List.of("eth0"), devices(by0), "the only one");
    TableAnswer both = answer(FAR, false, by0, by1);
    assertNotNull(both);
    assertNull(both.open());
    host.sysctl("net.ipv6.conf.all.forwarding");
    assertEquals(List.of("eth0"), devices(by0, by1), "a router does not look");
  }

  @Test
  void aReachableNeighbourIsNoneThatFailed() {
    Route by0 = metric(route(P64, hop("eth0", "fe80::7")), 3);
    Route by1 = metric(route(P64, hop("eth1", "fe80::8")), 9);
    host.neighbour("fe80::7", "eth0", "REACHABLE");
    assertEquals(List.of("eth0"), devices(by0, by1));
  }

  @Test
  void whereAFailedNeighbourDecidesBetweenRouteAndThrowNothingIsTold() {
    Route by0 = route(P64, hop("eth0", "fe80::7"));
    Route thrown = type(route(P48, hop("lo")), RouteType.THROW);
    host.neighbour("fe80::7", "eth0", "FAILED");
    TableAnswer open = answer(FAR, false, by0, thrown);
    assertNotNull(open);
    assertEquals("whether a gateway answers", open.open());
    Route alsoThrown = type(route("2001:db8::/32", hop("lo")), RouteType.THROW);
    assertNull(answer(FAR, false, thrown, alsoThrown));
  }

  @Test
  void aSourceSpecificRouteHidesThePlainOneFromOthers() {
    Route plain = route(P64, hop("eth0"));
    Route special = withSource(route(P64, hop("eth1")), "2001:db8:1::/64");
    Route wider = route(P48, hop("eth2"));
    assertEquals(List.of("eth1"), devices(sent("2001:db8:1::10"), false, plain, special, wider));
    assertEquals(List.of("eth2"), devices(sent("2001:db8:2::10"), false, plain, special, wider));
    assertEquals(List.of("eth2"), devices(plain, special, wider));
    assertEquals(List.of(), devices(plain, special));
    assertEquals(List.of("eth0"), devices(plain, wider));
  }

  @Test
  void theDefaultRouteIsNeverHidden() {
    Route plain = route("::/0", hop("eth0"));
    Route special = withSource(route("::/0", hop("eth1")), "2001:db8:1::/64");
    assertEquals(List.of("eth0"), devices(plain, special));
    assertEquals(List.of("eth1"), devices(sent("2001:db8:1::10"), false, plain, special));
    assertEquals(List.of(), devices(special));
  }

  @Test
  void theLongestSourcePrefixComesFirst() {
    Route wide = withSource(route(P64, hop("eth0")), "2001:db8:1::/48");
    Route narrow = withSource(route(P64, hop("eth1")), "2001:db8:1::/64");
    assertEquals(List.of("eth1"), devices(sent("2001:db8:1::10"), false, wide, narrow));
    assertEquals(List.of("eth1"), devices(sent("2001:db8:1::10"), false, narrow, wide));
    assertEquals(List.of("eth0"), devices(sent("2001:db8:1:5::10"), false, narrow, wide));
    Route gone = withSource(route(P64, dead(hop("eth1"))), "2001:db8:1::/64");
    assertEquals(List.of("eth0"), devices(sent("2001:db8:1::10"), false, wide, gone));
  }

  @Test
  void routesOfOneSourcePrefixAreOneNode() {
    Route low = metric(withSource(route(P64, hop("eth0")), "2001:db8:1::/64"), 9);
    Route high = metric(withSource(route(P64, hop("eth1")), "2001:db8:1::/64"), 1);
    assertEquals(List.of("eth1"), devices(sent("2001:db8:1::10"), false, low, high));
  }

  /** {@code fib6_backtrack} finds the plain route that the descent did not. */
  @Test
  void backtrackingSeesWhatTheDescentDidNot() {
    Route longest = route("2001:db8:77::7/128", dead(hop("eth0")));
    Route plain = route(P64, hop("eth1"));
    Route special = withSource(route(P64, hop("eth2")), "2001:db8:1::/64");
    assertEquals(List.of("eth1"), devices(longest, plain, special));
  }

  @Test
  void waysOfBothStatesOfANeighbourAreNamedOnce() {
    Route many = route(P64, hop("eth0", "fe80::1"), hop("eth1", "fe80::2"));
    host.neighbour("fe80::1", "eth0", "FAILED");
    assertEquals(List.of("eth1", "eth0"), devices(many));
  }

  /** Where the descent has ended, a shorter prefix is seen with its plain routes again. */
  @Test
  void aSourceSpecificRouteEndsTheDescent() {
    Route special = withSource(route(P64, dead(hop("eth0"))), "2001:db8:1::/64");
    Route plain = route(P48, hop("eth1"));
    Route other = withSource(route(P48, hop("eth2")), "2001:db8:9::/64");
    assertEquals(List.of("eth1"), devices(sent("2001:db8:1::10"), false, special, plain, other));
    assertEquals(List.of(), devices(sent("2001:db8:2::10"), false, special, plain, other));
  }

  @Test
  void aLongerSourcePrefixWeighsMoreThanRouterPreference() {
    Route wide = pref(withSource(route(P64, hop("eth0")), "2001:db8:1::/48"), 1);
    Route narrow = withSource(route(P64, hop("eth1")), "2001:db8:1::/64");
    assertEquals(List.of("eth1"), devices(sent("2001:db8:1::10"), false, wide, narrow));
    Route second = pref(withSource(route(P64, hop("eth2")), "2001:db8:1::/64"), 1);
    assertEquals(List.of("eth2"), devices(sent("2001:db8:1::10"), false, wide, narrow, second));
  }
}
