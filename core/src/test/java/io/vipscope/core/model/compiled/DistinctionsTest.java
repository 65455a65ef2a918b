package io.vipscope.core.model.compiled;

import static io.vipscope.core.model.selection.Host.ip;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.vipscope.core.model.flow.FlowPredictor;
import io.vipscope.core.model.flow.FlowQuery;
import io.vipscope.core.model.netfilter.AddressRange;
import io.vipscope.core.model.netfilter.Expression;
import io.vipscope.core.model.netfilter.Match;
import io.vipscope.core.model.netfilter.NatTarget;
import io.vipscope.core.model.netfilter.Ruleset;
import io.vipscope.core.model.netfilter.Statement;
import io.vipscope.core.model.selection.Host;
import io.vipscope.core.model.selection.RuleBuilder;
import io.vipscope.core.model.snapshot.Assumption;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.Nexthop;
import io.vipscope.core.model.snapshot.PolicyRule;
import io.vipscope.core.model.snapshot.Range;
import io.vipscope.core.model.snapshot.Route;
import io.vipscope.core.model.snapshot.RouteType;
import io.vipscope.core.model.snapshot.RuleAction;
import io.vipscope.core.model.snapshot.Scope;
import io.vipscope.core.net.IpPrefix;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What flows are told apart by, and by what they are not. */
class DistinctionsTest {

  private static Host host() {
    return new Host()
        .address("eth0", "10.0.0.10/24")
        .address("eth1", "10.0.1.10/24")
        .address("eth0", "2001:db8::10/64")
        .address("eth1", "2001:db8:1::10/64")
        .local("10.0.0.10/32")
        .local("10.0.1.10/32")
        .route("main", "0.0.0.0/0", "eth0", "10.0.0.1", null)
        .route("100", "0.0.0.0/0", "eth1", "10.0.1.1", null)
        .route("main", "::/0", "eth0", "fe80::1", null);
  }

  private static FlowQuery to(String dst, int protocol, int port) {
    return new FlowQuery(ip(dst), protocol, port == 0 ? 0 : 40_000, port);
  }

  private static void assertAsTheModel(HostSnapshot s, FlowQuery... flows) {
    FlowPredictor model = new FlowPredictor(s);
    CompiledState tables = CompiledState.of(s);
    for (FlowQuery q : flows) {
      if (tables.id(q) == CompiledState.NOT_COMPILED) {
        assertNotEquals(null, model.predict(q).unmodelled(), q::toString);
      } else {
        assertEquals(model.predict(q), tables.predict(q), q::toString);
      }
    }
  }

  private static Ruleset nat(Expression... rule) {
    Ruleset.Rule only = new Ruleset.Rule(List.of(rule), "rule", 0);
    return new Ruleset(
        true,
        List.of(
            new Ruleset.Chain(
                "ip", "t", "c", "postrouting", "nat", 100, false, false, List.of(only))));
  }

  private static Match protocol(int mask, int first, int last) {
    return new Match.Numeric(
        Match.Field.PROTOCOL, mask, List.of(new Range(first, last)), /* negated= */ false);
  }

  /** Six are told apart in any state, all others are alike. */
  @Test
  void protocolsThatARuleTests() {
    assertEquals(7, new Distinctions(host().build(), false).protocols().count());
    HostSnapshot one = host().netfilter(nat(protocol(0xff, 47, 48))).build();
    ValueClasses protocols = new Distinctions(one, false).protocols();
    assertEquals(9, protocols.count());
    assertNotEquals(protocols.of(47), protocols.of(99));
    assertEquals(protocols.of(98), protocols.of(99));
    HostSnapshot masked = host().netfilter(nat(protocol(0xfe, 0x30, 0x30))).build();
    ValueClasses both = new Distinctions(masked, false).protocols();
    assertNotEquals(both.of(0x30), both.of(0x32));
    assertNotEquals(both.of(0x31), both.of(0x32));
  }

  @Test
  void protocolThatTheUserKnowsTheMarkOf() {
    HostSnapshot s = host().markRule(false, 1, "100").build();
    HostSnapshot known =
        s.assuming(List.of(new Assumption(Assumption.Kind.MARK, 1, 47, Assumption.ANY)));
    assertNotEquals(
        CompiledState.of(known).cell(to("198.51.100.7", 47, 0)),
        CompiledState.of(known).cell(to("198.51.100.7", 48, 0)));
    assertAsTheModel(known, to("198.51.100.7", 47, 0), to("198.51.100.7", 48, 0));
  }

  /** {@code __mkroute_output}: a route shorter than 4 bits is none for multicast. */
  @Test
  void lengthsFromFourBitsOnAreAlike() {
    HostSnapshot s =
        host()
            .route("main", "32.0.0.0/3", "eth1", "10.0.1.1", null)
            .route("main", "64.0.0.0/4", "eth1", "10.0.1.1", null)
            .route("main", "96.0.0.0/5", "eth1", "10.0.1.1", null)
            .build();
    CompiledState tables = CompiledState.of(s);
    assertEquals(tables.destination(ip("64.0.0.1")), tables.destination(ip("96.0.0.1")));
    assertNotEquals(tables.destination(ip("32.0.0.1")), tables.destination(ip("64.0.0.1")));
  }

  /** A socket bound to eth1 finds the wider route, whose destinations are others. */
  @Test
  void anIpv6RouteHidesNoWiderOne() {
    HostSnapshot s =
        host()
            .route("main", "2001:db8:7::/48", "eth1", "fe80::2", "2001:db8:1::10")
            .route("main", "2001:db8:7:7::/64", "eth0", "fe80::1", null)
            .route("main", "2001:db8:8:7::/64", "eth0", "fe80::1", null)
            .build();
    FlowQuery inside = to("2001:db8:7:7::7", 6, 443);
    FlowQuery outside = to("2001:db8:8:7::7", 6, 443);
    CompiledState tables = CompiledState.of(s);
    assertNotEquals(tables.cell(inside), tables.cell(outside));
    assertAsTheModel(s, inside, outside);
  }

  /** A mark leads to the longer route of table 100 only; main goes by its own. */
  @Test
  void aRouteHidesNoneOfAnotherTable() {
    HostSnapshot s =
        host()
            .markRule(false, 1, "100")
            .route("100", "198.51.100.0/24", "eth1", "10.0.1.2", null)
            .route("100", "192.0.2.0/24", "eth1", "10.0.1.2", null)
            .route("main", "198.51.0.0/16", "eth1", "10.0.1.3", null)
            .build();
    FlowQuery inside = to("198.51.100.7", 6, 443);
    FlowQuery outside = to("192.0.2.7", 6, 443);
    CompiledState tables = CompiledState.of(s);
    assertNotEquals(tables.cell(inside), tables.cell(outside));
    assertAsTheModel(s, inside, outside);
  }

  /** {@code fib_table_lookup}: a route of a TOS hides nothing from others. */
  @Test
  void aRouteOfATosHidesNoWiderOne() {
    Host host = host().route("main", "198.51.0.0/16", "eth0", "10.0.0.3", null);
    for (String dst : List.of("198.51.100.0/24", "192.0.2.0/24")) {
      host.route(
          new Route(
              RouteType.UNICAST,
              IpPrefix.parse(dst),
              null,
              8,
              "main",
              "boot",
              Scope.UNIVERSE,
              null,
              0,
              0,
              0,
              List.of(Nexthop.of("eth0", ip("10.0.0.2")))));
    }
    HostSnapshot s = host.build();
    FlowQuery inside = to("198.51.100.7", 6, 443);
    FlowQuery outside = to("192.0.2.7", 6, 443);
    CompiledState tables = CompiledState.of(s);
    assertNotEquals(tables.cell(inside), tables.cell(outside));
    assertAsTheModel(s, inside, outside);
  }

  static Stream<List<Expression>> expressionsThatTellNothingApart() {
    AddressRange one = new AddressRange(ip("10.0.0.77"), ip("10.0.0.77"));
    Statement snat = new Statement.Snat(new NatTarget.Addresses(one, null, false, false, false));
    return Stream.of(
        List.of(new Match.Family(false), snat),
        List.of(new Match.CtState(Set.of("new"), false), snat),
        List.of(new Match.CtDnat(true), snat),
        List.of(new Match.AnyOf(List.of(List.of(new Match.Constant(true))), false), snat),
        List.of(new Match.Constant(true), snat),
        List.of(new Match.Hidden("statistic", false), snat),
        List.of(new Match.Unknown("socket"), snat),
        List.of(new Match.Device(true, Set.of("eth0"), false), snat),
        List.of(new Match.AddressType(Match.Side.SOURCE, Set.of("local"), false), snat),
        List.of(new Statement.SetMark(false, 0, 0, 1), snat),
        List.of(new Statement.SetTos(0, 8), snat),
        List.of(new Statement.Notrack(), snat),
        List.of(new Statement.Accept()),
        List.of(new Statement.Drop()),
        List.of(new Statement.Return(), snat),
        List.of(new Statement.Jump("none"), snat),
        List.of(new Statement.Goto("none"), snat),
        List.of(
            new Statement.Cases(
                List.of(new Statement.Case(List.of(new Match.Constant(true)), snat)))),
        List.of(new Statement.Masquerade()),
        List.of(new Statement.Redirect()),
        List.of(new Statement.Unknown("queue")));
  }

  @ParameterizedTest
  @MethodSource("expressionsThatTellNothingApart")
  void rulesWithoutPortsOrProtocols(List<Expression> rule) {
    HostSnapshot s = host().netfilter(nat(rule.toArray(Expression[]::new))).build();
    Distinctions plain = new Distinctions(host().build(), false);
    Distinctions by = new Distinctions(s, false);
    assertEquals(plain.protocols().count(), by.protocols().count());
    assertEquals(1, by.sourcePorts().count());
    assertEquals(1, by.destinationPorts().count());
    assertAsTheModel(s, to("198.51.100.7", 6, 443), to("8.8.8.8", 17, 53), to("8.8.4.4", 1, 0));
  }

  static Stream<RuleAction> actions() {
    return Stream.of(
        new RuleAction.Lookup("100"),
        new RuleAction.Goto(32766),
        new RuleAction.Nop(),
        new RuleAction.Reject(RouteType.PROHIBIT),
        new RuleAction.Other("unheard-of"));
  }

  @ParameterizedTest
  @MethodSource("actions")
  void whatAPolicyRuleDoes(RuleAction action) {
    HostSnapshot plain = host().build();
    HostSnapshot s = host().rule(false, null, false, action).build();
    assertEquals(
        new Distinctions(plain, false).protocols().count(),
        new Distinctions(s, false).protocols().count());
    assertAsTheModel(s, to("198.51.100.7", 6, 443), to("10.0.0.7", 17, 53));
  }

  /** A flow to any destination may have been sent to another port of it. */
  @Test
  void destinationsWhosePortAloneIsMapped() {
    PolicyRule rule = RuleBuilder.lookup(false, "77").ports(null, new Range(8443, 8443)).build();
    Match port = new Match.Ports(false, List.of(new Range(8443, 8443)), /* negated= */ false);
    Statement to443 =
        new Statement.Dnat(new NatTarget.Addresses(null, new Range(443, 443), false, false, false));
    Ruleset.Rule only = new Ruleset.Rule(List.of(port, to443), "rule", 0);
    HostSnapshot s =
        host()
            .address("eth0", "10.0.0.100/32")
            .local("10.0.0.100/32")
            .route("77", "0.0.0.0/0", "eth0", "10.0.0.1", "10.0.0.100")
            .rule(rule)
            .netfilter(
                new Ruleset(
                    true,
                    List.of(
                        new Ruleset.Chain(
                            "ip", "t", "c", "output", "nat", -100, false, false, List.of(only)))))
            .build();
    FlowQuery one = to("198.51.100.7", 6, 443);
    FlowQuery other = to("198.51.100.8", 6, 443);
    FlowQuery sent = to("198.51.100.7", 6, 8443);
    FlowQuery third = to("198.51.100.7", 6, 444);
    CompiledState tables = CompiledState.of(s);
    assertEquals(tables.cell(one), tables.cell(other));
    assertEquals(
        List.of("sent to its port 8443, mapped to this one"),
        tables.predict(one).conditional().stream()
            .filter(c -> c.source().equals(ip("10.0.0.100")))
            .map(c -> c.condition())
            .toList());
    assertAsTheModel(s, one, other, sent, third);
  }
}
