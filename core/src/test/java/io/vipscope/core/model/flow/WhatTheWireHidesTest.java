package io.vipscope.core.model.flow;

import static io.vipscope.core.model.selection.Host.ip;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vipscope.core.model.netfilter.AddressRange;
import io.vipscope.core.model.netfilter.Expression;
import io.vipscope.core.model.netfilter.Match;
import io.vipscope.core.model.netfilter.NatTarget;
import io.vipscope.core.model.netfilter.Packet;
import io.vipscope.core.model.netfilter.Ruleset;
import io.vipscope.core.model.netfilter.Statement;
import io.vipscope.core.model.selection.Host;
import io.vipscope.core.model.selection.RuleBuilder;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.PolicyRule;
import io.vipscope.core.model.snapshot.Range;
import io.vipscope.core.model.snapshot.Route;
import io.vipscope.core.model.snapshot.RouteType;
import io.vipscope.core.model.snapshot.Scope;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.IpPrefix;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Values that selectors of a state test, sockets that differ in them, and what they lead to. */
class WhatTheWireHidesTest {

  private static final IpAddress FAR = ip("198.51.100.7");
  private static final IpAddress OWN = ip("10.0.0.10");
  private static final IpAddress OTHER = ip("10.0.1.10");
  private static final FlowQuery UDP = new FlowQuery(FAR, 17, 40_000, 443);
  private static final FlowQuery TCP = new FlowQuery(FAR, 6, 40_000, 443);

  /** Table 100 leads by eth1, whose address is 10.0.1.10. */
  private static Host host() {
    return new Host()
        .address("eth0", "10.0.0.10/24")
        .address("eth1", "10.0.1.10/24")
        .local("10.0.0.10/32")
        .local("10.0.1.10/32")
        .sysctl("net.ipv4.conf.eth0.rp_filter")
        .route("main", "0.0.0.0/0", "eth0", "10.0.0.1", null)
        .route("100", "0.0.0.0/0", "eth1", "10.0.1.1", null);
  }

  private static PolicyRule rule(
      int mark, int mask, int tos, @Nullable Range uid, @Nullable Range sport) {
    return RuleBuilder.lookup(false, "100")
        .mark(mark, mask)
        .tos(tos)
        .ports(sport, null)
        .uid(uid)
        .build();
  }

  private static Ruleset chain(String hook, Expression... parts) {
    Ruleset.Rule only = new Ruleset.Rule(List.of(parts), "rule", 0);
    int priority = hook.equals("output") ? -100 : 100;
    return new Ruleset(
        true,
        List.of(
            new Ruleset.Chain("ip", "t", "c", hook, "nat", priority, false, false, List.of(only))));
  }

  private static Statement snat(String to) {
    AddressRange one = new AddressRange(ip(to), ip(to));
    return new Statement.Snat(new NatTarget.Addresses(one, null, false, false, false));
  }

  private static Match number(Match.Field field, long mask, long first, long last) {
    return new Match.Numeric(field, mask, List.of(new Range(first, last)), false);
  }

  private static Selectors selectors(Host one) {
    return Selectors.of(one.build(), false);
  }

  private static List<ConditionalSource> conditional(Host one, FlowQuery q) {
    return new FlowPredictor(one.build()).predict(q).conditional();
  }

  private static List<ConditionalSource> other(String... conditions) {
    return List.of(conditions).stream().map(c -> new ConditionalSource(OTHER, c)).toList();
  }

  @Test
  void valuesThatRulesTest() {
    assertEquals(Map.of(), selectors(host()).marks());
    assertEquals(
        Map.of(0x10, "fwmark 0x10"), selectors(host().rule(rule(0x10, -1, 0, null, null))).marks());
    assertEquals(
        Map.of(0x10, "fwmark 0x10/0xf0"),
        selectors(host().rule(rule(0x10, 0xf0, 0, null, null))).marks());
    assertEquals(
        Map.of(33, "uid 33-50"),
        selectors(host().rule(rule(0, 0, 0, new Range(33, 50), null))).uids());
    assertEquals(
        Map.of(0x10, "tos 0x10"), selectors(host().rule(rule(0, 0, 0x10, null, null))).toses());
    assertFalse(selectors(host()).sourcePorts());
    assertTrue(selectors(host().rule(rule(0, 0, 0, null, new Range(1, 5)))).sourcePorts());
    Route special =
        new Route(
            RouteType.UNICAST,
            IpPrefix.parse("198.51.100.0/24"),
            null,
            8,
            "main",
            "boot",
            Scope.UNIVERSE,
            null,
            0,
            0,
            0,
            List.of());
    assertEquals(Map.of(8, "tos 0x8"), selectors(host().route(special)).toses());
  }

  /** Where 0 is matched, the ordinary value, some others stand for all that are not. */
  @Test
  void valuesThatASelectorOfZeroDoesNotMatch() {
    assertEquals(
        Map.of(
            1, "fwmark other than 0x0/0xff",
            2, "fwmark other than 0x0/0xff",
            4, "fwmark other than 0x0/0xff",
            8, "fwmark other than 0x0/0xff"),
        selectors(host().rule(rule(0, 0xff, 0, null, null))).marks());
    assertEquals(
        Map.of(34, "uid other than 0-33"),
        selectors(host().rule(rule(0, 0, 0, new Range(0, 33), null))).uids());
    assertEquals(
        Map.of(0x10, "fwmark other than 0x0/0x10"),
        selectors(host().rule(rule(0, 0x10, 0, null, null))).marks());
  }

  @Test
  void valuesThatNetfilterTests() {
    Match mark = number(Match.Field.MARK, 0xffffffffL, 5, 7);
    assertEquals(
        Map.of(5, "fwmark 0x5-0x7"), selectors(host().netfilter(chain("output", mark))).marks());
    Match uid = number(Match.Field.UID, 0xffffffffL, 33, 33);
    assertEquals(Map.of(33, "uid 33"), selectors(host().netfilter(chain("output", uid))).uids());
    Match tos = number(Match.Field.TOS, 0xfc, 0x20, 0x20);
    assertEquals(
        Map.of(0x20, "tos 0x20"), selectors(host().netfilter(chain("output", tos))).toses());
    Match protocol = number(Match.Field.PROTOCOL, 0xff, 6, 6);
    Selectors none = selectors(host().netfilter(chain("output", protocol)));
    assertEquals(Map.of(), none.marks());
    assertEquals(Map.of(), none.uids());
    assertEquals(Map.of(), none.toses());
  }

  @Test
  void devicesThatASocketMayBeBoundTo() {
    assertEquals(List.of("eth0", "eth1"), selectors(host()).devices());
    Host down = host().device("eth1", null, null, "default");
    assertEquals(List.of("eth0"), selectors(down).devices());
  }

  private static List<List<String>> worlds(Host one, FlowQuery q) {
    return Worlds.of(one.build(), selectors(one), q).stream().map(World::conditions).toList();
  }

  @Test
  void socketsThatDifferInOneThing() {
    Host nothing =
        new Host().device("eth0", null, null, "default").device("eth1", null, null, "default");
    assertEquals(List.of(), worlds(nothing, TCP));
    assertEquals(List.of(List.of("connected socket")), worlds(nothing, UDP));
    Range port = new Range(1, 5);
    nothing.rule(rule(0, 0, 0, null, port));
    assertEquals(List.of(List.of("source port bound")), worlds(nothing, TCP));
    assertEquals(List.of(), worlds(nothing, new FlowQuery(FAR, 6, 0, 443)));
    assertEquals(List.of(List.of("connected socket")), worlds(nothing, UDP));
  }

  @Test
  void socketsThatDifferInTwoThings() {
    Host one =
        new Host()
            .device("eth1", null, null, "default")
            .rule(rule(1, -1, 0, null, null))
            .rule(rule(0, 0, 0x10, null, null))
            .rule(rule(0, 0, 0, new Range(33, 33), null));
    assertEquals(
        List.of(
            List.of("fwmark 0x1"),
            List.of("uid 33"),
            List.of("tos 0x10"),
            List.of("bound to device eth0"),
            List.of("fwmark 0x1", "uid 33"),
            List.of("fwmark 0x1", "tos 0x10"),
            List.of("fwmark 0x1", "bound to device eth0"),
            List.of("uid 33", "bound to device eth0")),
        worlds(one, TCP));
  }

  @Test
  void aSourceUnderACondition() {
    assertEquals(
        other("fwmark 0x1", "bound to device eth1"),
        conditional(host().rule(rule(1, -1, 0, null, null)), TCP));
    assertEquals(
        other("uid 33", "bound to device eth1"),
        conditional(host().rule(rule(0, 0, 0, new Range(33, 33), null)), TCP));
    assertEquals(
        other("tos 0x10", "bound to device eth1"),
        conditional(host().rule(rule(0, 0, 0x10, null, null)), TCP));
    Host byPort = host().rule(rule(0, 0, 0, null, new Range(40_000, 40_000)));
    assertEquals(other("source port bound", "bound to device eth1"), conditional(byPort, TCP));
    assertEquals(
        List.of(),
        new FlowPredictor(byPort.build())
            .predict(UDP).conditional().stream()
                .filter(c -> c.source().equals(OTHER) && !c.condition().contains("bound"))
                .toList());
  }

  @Test
  void theSourceOfARuleForEveryFlowIsNoCondition() {
    HostSnapshot s = host().rule(PolicyRule.lookup(false, 1000, "100")).build();
    FlowPrediction p = new FlowPredictor(s).predict(TCP);
    assertEquals(List.of(OTHER), List.copyOf(p.sources()));
    assertEquals(Mechanism.POLICY_RULE, p.mechanism());
    assertEquals("rule4 1000", p.rule());
    assertTrue(p.conditional().stream().noneMatch(c -> c.source().equals(OTHER)));
  }

  @Test
  void howASourceComesAbout() {
    FlowPrediction plain = new FlowPredictor(host().build()).predict(TCP);
    assertEquals(Mechanism.DEFAULT, plain.mechanism());
    assertEquals("rule4 32766", plain.rule());
    assertNull(plain.error());
    assertNull(plain.unmodelled());
    Host named = new Host().address("eth0", "10.0.0.10/24").local("10.0.0.10/32");
    named.route("main", "0.0.0.0/0", "eth0", "10.0.0.1", "10.0.0.10");
    assertEquals(Mechanism.ROUTE_SRC, new FlowPredictor(named.build()).predict(TCP).mechanism());
    HostSnapshot mapped = host().netfilter(chain("postrouting", snat("203.0.113.1"))).build();
    FlowPrediction p = new FlowPredictor(mapped).predict(TCP);
    assertEquals(Mechanism.SNAT, p.mechanism());
    assertEquals(List.of(ip("203.0.113.1")), List.copyOf(p.sources()));
    HostSnapshot hidden =
        host().netfilter(chain("postrouting", new Statement.Masquerade())).build();
    assertEquals(Mechanism.MASQUERADE, new FlowPredictor(hidden).predict(TCP).mechanism());
  }

  @Test
  void whatIsNotSentHasAnError() {
    HostSnapshot none = new Host().address("eth0", "10.0.0.10/24").build();
    FlowPrediction p = new FlowPredictor(none).predict(TCP);
    assertEquals("ENETUNREACH", p.error());
    assertEquals(List.of(), p.predicted());
    HostSnapshot dropped = host().netfilter(chain("postrouting", new Statement.Drop())).build();
    assertEquals("EPERM", new FlowPredictor(dropped).predict(TCP).error());
    HostSnapshot self = host().build();
    assertEquals("local", new FlowPredictor(self).predict(new FlowQuery(OWN, 6, 1, 2)).error());
  }

  @Test
  void whatIsNotModelledIsToldWhereItMatters() {
    Ruleset opaque = chain("postrouting", new Match.Unknown("socket"), snat("203.0.113.1"));
    assertEquals(
        "socket", new FlowPredictor(host().netfilter(opaque).build()).predict(TCP).unmodelled());
    Ruleset harmless = chain("postrouting", new Match.Unknown("socket"), new Statement.Accept());
    assertNull(new FlowPredictor(host().netfilter(harmless).build()).predict(TCP).unmodelled());
    AddressRange one = new AddressRange(ip("192.0.2.1"), ip("192.0.2.1"));
    Statement dnat = new Statement.Dnat(new NatTarget.Addresses(one, null, false, false, false));
    assertEquals(
        "DNAT maps this destination to 192.0.2.1",
        new FlowPredictor(host().netfilter(chain("output", dnat)).build())
            .predict(TCP)
            .unmodelled());
  }

  @Test
  void aNatBranchThatThePacketDoesNotDecide() {
    Match chance = new Match.Hidden("statistic", false);
    Host one = host().netfilter(chain("postrouting", chance, snat("203.0.113.1")));
    assertTrue(
        conditional(one, TCP).contains(new ConditionalSource(ip("203.0.113.1"), "statistic")));
    assertTrue(new FlowPredictor(one.build()).predict(TCP).sources().contains(OWN));
  }

  @Test
  void forwardedTrafficMayGetASource() {
    Match another =
        new Match.Addresses(
            Match.Side.SOURCE, List.of(AddressRange.of(IpPrefix.parse("172.16.0.0/12"))), false);
    Host one = host().netfilter(chain("postrouting", another, snat("203.0.113.1")));
    ConditionalSource forwarded = new ConditionalSource(ip("203.0.113.1"), "forwarded");
    assertFalse(conditional(one, TCP).contains(forwarded), "a host that forwards nothing");
    assertTrue(conditional(one.sysctl("net.ipv4.ip_forward"), TCP).contains(forwarded));
    Host unknown =
        new Host()
            .address("eth0", "10.0.0.10/24")
            .route("main", "0.0.0.0/0", "eth0", "10.0.0.1", null)
            .netfilter(chain("postrouting", another, snat("203.0.113.1")));
    assertTrue(conditional(unknown, TCP).contains(forwarded), "without settings nothing tells");
  }

  @Test
  void theBindThatExplainsASource() {
    FlowPredictor p = new FlowPredictor(host().build());
    assertEquals(new Bind(OTHER, List.of()), p.bind(TCP, OTHER));
    assertEquals(OTHER, p.boundTo(TCP, OTHER));
    assertNull(p.bind(TCP, ip("192.0.2.1")));
    assertNull(p.boundTo(TCP, ip("192.0.2.1")));
    assertNull(p.bind(TCP, ip("2001:db8::1")), "of the other family");
    Host marked = host().rule(rule(0, 0xff, 0, null, null));
    marked.route("101", "0.0.0.0/0", "eth1", "10.0.1.1", null);
    FlowPredictor mapped =
        new FlowPredictor(
            host()
                .netfilter(
                    chain(
                        "postrouting",
                        new Match.Addresses(
                            Match.Side.SOURCE, List.of(new AddressRange(OTHER, OTHER)), false),
                        snat("203.0.113.9")))
                .build());
    assertEquals(OTHER, mapped.boundTo(TCP, ip("203.0.113.9")));
    assertNull(mapped.boundTo(TCP, OTHER), "which would be mapped");
  }

  @Test
  void addressTypesAreThoseOfTableLocal() {
    HostSnapshot s =
        host()
            .route(broadcast("10.0.0.255/32", RouteType.BROADCAST))
            .route(broadcast("192.0.2.0/24", RouteType.LOCAL))
            .route(broadcast("192.0.2.128/25", RouteType.BROADCAST))
            .build();
    SnapshotView view = new SnapshotView(s, null);
    assertEquals("multicast", view.addressType(ip("224.0.0.1")));
    assertEquals("multicast", view.addressType(ip("ff02::1")));
    assertEquals("broadcast", view.addressType(ip("255.255.255.255")));
    assertEquals("broadcast", view.addressType(IpAddress.ANY4));
    assertEquals("unicast", view.addressType(ip("0.1.2.3")));
    assertEquals("unicast", view.addressType(IpAddress.ANY6));
    assertEquals("local", view.addressType(OWN));
    assertEquals("broadcast", view.addressType(ip("10.0.0.255")));
    assertEquals("local", view.addressType(ip("192.0.2.7")));
    assertEquals("broadcast", view.addressType(ip("192.0.2.200")));
    assertEquals("unicast", view.addressType(FAR));
    HostSnapshot old = host().kernel("4.19").build();
    assertEquals("broadcast", new SnapshotView(old, null).addressType(ip("0.1.2.3")));
  }

  private static Route broadcast(String dst, RouteType type) {
    return new Route(
        type,
        IpPrefix.parse(dst),
        null,
        0,
        "local",
        "kernel",
        Scope.LINK,
        null,
        0,
        0,
        0,
        List.of());
  }

  @Test
  void masqueradeTakesTheAddressInTheSubnetOfTheNextHop() {
    HostSnapshot s =
        new Host()
            .address("eth0", "10.9.9.9/32")
            .address("eth0", "10.0.0.10/24")
            .address("eth0", "2001:db8::10/64")
            .build();
    SnapshotView view = new SnapshotView(s, null);
    assertEquals(OWN, view.masquerade(packet(FAR, ip("10.0.0.1"))));
    assertEquals(ip("10.9.9.9"), view.masquerade(packet(FAR, ip("10.5.0.1"))));
    assertEquals(OWN, view.masquerade(packet(ip("10.0.0.77"), null)), "on the link");
    assertEquals(OWN, view.masquerade(packet(ip("10.0.0.77"), ip("fe80::1"))));
    assertEquals(ip("2001:db8::10"), view.masquerade(packet(ip("2a00::1"), ip("fe80::1"))));
  }

  private static Packet packet(IpAddress dst, @Nullable IpAddress gateway) {
    return Packet.own(null, dst, 17, 1, 2, "eth0", gateway, 0, 0, 0);
  }
}
