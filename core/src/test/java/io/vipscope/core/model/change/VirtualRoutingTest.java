package io.vipscope.core.model.change;

import static io.vipscope.core.model.selection.Host.ip;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.vipscope.core.model.selection.Host;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.Link;
import io.vipscope.core.model.snapshot.Nexthop;
import io.vipscope.core.model.snapshot.PolicyRule;
import io.vipscope.core.model.snapshot.Route;
import io.vipscope.core.model.snapshot.RouteType;
import io.vipscope.core.model.snapshot.Scope;
import io.vipscope.core.model.snapshot.VirtualAddress;
import io.vipscope.core.model.snapshot.VrrpInstance;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.IpPrefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** {@code virtual_routes}, {@code virtual_rules} and the device of an address that they name. */
class VirtualRoutingTest {

  private static final IpAddress VIP = ip("10.0.0.100");
  private static final IpAddress OTHER = ip("10.0.0.200");
  private static final IpAddress VIP6 = ip("2001:db8::100");

  private static final Route ROUTE4 = route("198.51.100.0/24");
  private static final Route ROUTE6 = route("2001:db8:7::/48");
  private static final PolicyRule RULE4 = PolicyRule.lookup(false, 1000, "100");
  private static final PolicyRule RULE6 = PolicyRule.lookup(true, 1000, "100");

  private static Route route(String dst) {
    IpPrefix prefix = IpPrefix.parse(dst);
    return new Route(
        RouteType.UNICAST,
        prefix,
        null,
        0,
        "100",
        "keepalived",
        Scope.UNIVERSE,
        null,
        0,
        0,
        0,
        List.of(Nexthop.of("eth0", ip(prefix.v6() ? "fe80::1" : "10.0.0.1"))));
  }

  private static VirtualAddress vip(IpAddress address, @Nullable String dev) {
    return new VirtualAddress(
        address,
        address.bits(),
        dev,
        Scope.UNIVERSE,
        null,
        null,
        null,
        Set.of(),
        0xffffffffL,
        false);
  }

  private static VrrpInstance instance(
      @Nullable String dev,
      boolean vmac,
      VirtualAddress vip,
      List<Route> routes,
      List<PolicyRule> rules) {
    return new VrrpInstance(
        "VI",
        dev,
        51,
        null,
        100,
        1000,
        0,
        false,
        vmac,
        false,
        null,
        null,
        List.of(),
        List.of(vip),
        routes,
        rules);
  }

  private static Host host() {
    return new Host().address("eth0", "10.0.0.10/24").address("eth1", "10.0.1.10/24");
  }

  private static HostSnapshot with(HostSnapshot s, VrrpInstance... instances) {
    return new HostSnapshot(
        s.host(),
        s.tStartNs(),
        s.tEndNs(),
        s.kernel(),
        s.links(),
        s.routes4(),
        s.routes6(),
        s.rules4(),
        s.rules6(),
        s.labels(),
        s.nexthops(),
        s.neighbours(),
        s.sysctls(),
        List.of(instances),
        s.netfilter(),
        false);
  }

  private static List<String> table100(HostSnapshot s, boolean v6) {
    return Objects.requireNonNull(s.routes(v6)).stream()
        .filter(r -> r.table().equals("100"))
        .map(r -> r.dst().toString())
        .toList();
  }

  private static List<Long> priorities(HostSnapshot s, boolean v6) {
    return s.rules(v6).stream().map(PolicyRule::priority).toList();
  }

  @Test
  void routingOfTheAddressFamilyComesAndGoesWithIt() {
    List<Route> routes = List.of(ROUTE4, ROUTE6);
    List<PolicyRule> rules = List.of(RULE4, RULE6);
    HostSnapshot s =
        with(
            host().build(),
            instance("eth0", false, vip(VIP, null), routes, rules),
            instance("eth0", false, vip(VIP6, null), routes, rules));
    HostSnapshot four = StateChange.gain(s, VIP);
    assertEquals(List.of("198.51.100.0/24"), table100(four, false));
    assertEquals(List.of(), table100(four, true));
    assertEquals(List.of(0L, 1000L, 32766L, 32767L), priorities(four, false));
    assertEquals(List.of(0L, 32766L), priorities(four, true));
    HostSnapshot both = StateChange.gain(four, VIP6);
    assertEquals(List.of("2001:db8:7::/48"), table100(both, true));
    assertEquals(List.of(0L, 1000L, 32766L), priorities(both, true));
    HostSnapshot six = StateChange.lose(both, VIP);
    assertEquals(List.of(), table100(six, false));
    assertEquals(List.of("2001:db8:7::/48"), table100(six, true));
    assertEquals(s.rules4(), six.rules4());
    assertEquals(both.rules6(), six.rules6());
  }

  @Test
  void whatOtherInstancesNameStays() {
    Route others = route("203.0.113.0/24");
    PolicyRule rule = PolicyRule.lookup(false, 2000, "100");
    HostSnapshot s =
        with(
            host().build(),
            instance("eth0", false, vip(VIP, null), List.of(ROUTE4), List.of(RULE4)),
            instance("eth0", false, vip(OTHER, null), List.of(others), List.of(rule)));
    HostSnapshot one = StateChange.gain(s, VIP);
    assertEquals(List.of("198.51.100.0/24"), table100(one, false));
    assertEquals(List.of(0L, 1000L, 32766L, 32767L), priorities(one, false));
    HostSnapshot both = StateChange.gain(one, OTHER);
    assertEquals(List.of("198.51.100.0/24", "203.0.113.0/24"), table100(both, false));
    assertEquals(List.of(0L, 1000L, 2000L, 32766L, 32767L), priorities(both, false));
    HostSnapshot left = StateChange.lose(both, VIP);
    assertEquals(List.of("203.0.113.0/24"), table100(left, false));
    assertEquals(List.of(0L, 2000L, 32766L, 32767L), priorities(left, false));
  }

  @Test
  void whatIsThereAlreadyIsNotAddedAgain() {
    HostSnapshot s =
        with(
            host().route(ROUTE4).rule(RULE4).build(),
            instance("eth0", false, vip(VIP, null), List.of(ROUTE4), List.of(RULE4)));
    HostSnapshot after = StateChange.gain(s, VIP);
    assertEquals(List.of("198.51.100.0/24"), table100(after, false));
    assertEquals(s.rules4(), after.rules4());
  }

  /** {@code fib_nl_newrule}: behind those of the same priority. */
  @Test
  void ruleComesBehindOthersOfItsPriority() {
    PolicyRule first = PolicyRule.lookup(false, 1000, "77");
    PolicyRule last = PolicyRule.lookup(false, 40_000, "78");
    HostSnapshot s =
        with(
            host().rule(first).build(),
            instance("eth0", false, vip(VIP, null), List.of(), List.of(last, RULE4)));
    List<PolicyRule> expected = new ArrayList<>(s.rules4());
    expected.add(2, RULE4);
    expected.add(last);
    assertEquals(expected, StateChange.gain(s, VIP).rules4());
  }

  @Test
  void routesThatWereNotCollectedStayUnknown() {
    HostSnapshot plain = host().build();
    HostSnapshot s =
        with(
            plain.withRouting(false, null, plain.rules4()),
            instance("eth0", false, vip(VIP, null), List.of(ROUTE4), List.of(RULE4)));
    HostSnapshot after = StateChange.gain(s, VIP);
    assertNull(after.routes4());
    assertEquals(List.of(0L, 1000L, 32766L, 32767L), priorities(after, false));
    assertNull(StateChange.lose(after, VIP).routes4());
  }

  private static @Nullable String owner(HostSnapshot s) {
    Link link = StateChange.gain(s, VIP).owner(VIP);
    return link == null ? null : link.name();
  }

  @Test
  void deviceThatTheConfigurationNames() {
    HostSnapshot vmac = host().device("vrrp.51", "macvlan", null, "default", "UP").build();
    assertEquals(
        "vrrp.51", owner(with(vmac, instance("eth1", true, vip(VIP, null), List.of(), List.of()))));
    assertEquals(
        "eth1", owner(with(vmac, instance("eth1", false, vip(VIP, null), List.of(), List.of()))));
    assertEquals(
        "eth0", owner(with(vmac, instance("eth1", true, vip(VIP, "eth0"), List.of(), List.of()))));
    assertEquals(
        "eth1",
        owner(with(host().build(), instance("eth1", true, vip(VIP, null), List.of(), List.of()))),
        "the instance's own device is made later");
    HostSnapshot absent =
        with(vmac, instance("eth0", true, vip(VIP, "eth7"), List.of(), List.of()));
    assertSame(absent, StateChange.gain(absent, VIP));
  }
}
