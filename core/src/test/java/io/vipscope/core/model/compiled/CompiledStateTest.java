package io.vipscope.core.model.compiled;

import static io.vipscope.core.model.selection.Host.ip;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

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
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.PolicyRule;
import io.vipscope.core.model.snapshot.Range;
import io.vipscope.core.model.snapshot.RouteType;
import io.vipscope.core.model.snapshot.RuleAction;
import io.vipscope.core.net.IpPrefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The tables where they answer, where they leave it to the model, and what they tell apart. */
class CompiledStateTest {

  private static final int UDP = 17;

  private static Host host() {
    return new Host()
        .address("eth0", "10.0.0.10/24")
        .address("eth1", "10.0.1.10/24")
        .address("eth0", "2001:db8:1::10/64")
        .route("main", "10.0.0.0/24", "eth0", null, "10.0.0.10")
        .route("main", "0.0.0.0/0", "eth0", "10.0.0.1", null)
        .route("main", "::/0", "eth0", "fe80::1", null)
        .local("10.0.0.10/32");
  }

  private static FlowQuery to(String dst, int sport, int dport) {
    return new FlowQuery(ip(dst), UDP, sport, dport);
  }

  private static FlowQuery to(String dst) {
    return to(dst, 40_000, 53);
  }

  /** A rule before all others for a family. */
  private static HostSnapshot ruled(HostSnapshot s, PolicyRule... first) {
    List<PolicyRule> rules = new ArrayList<>(s.rules(false));
    rules.addAll(1, List.of(first));
    return s.withRouting(false, Objects.requireNonNull(s.routes(false)), rules);
  }

  private static PolicyRule rule(
      int protocol,
      @Nullable Range sport,
      @Nullable Range dport,
      RuleAction action,
      int suppressed) {
    return RuleBuilder.of(false, action)
        .protocol(protocol)
        .ports(sport, dport)
        .suppressed(suppressed)
        .build();
  }

  private static void assertTold(HostSnapshot s, FlowQuery one, FlowQuery other) {
    CompiledState table = CompiledState.of(s);
    assertNotEquals(table.cell(one), table.cell(other));
  }

  private static void assertAlike(HostSnapshot s, FlowQuery one, FlowQuery other) {
    CompiledState table = CompiledState.of(s);
    assertEquals(table.cell(one), table.cell(other));
    assertNotEquals(CompiledState.NOT_COMPILED, table.cell(one));
  }

  @Test
  void tablesAnswerAsTheModel() {
    HostSnapshot s = host().route("main", "198.51.100.0/24", "eth1", "10.0.1.1", null).build();
    CompiledState table = CompiledState.of(s);
    FlowPredictor model = new FlowPredictor(s);
    for (String dst : List.of("203.0.113.5", "198.51.100.7", "2001:db8:77::7")) {
      FlowQuery q = to(dst);
      assertNotEquals(CompiledState.NOT_COMPILED, table.id(q), dst);
      assertEquals(model.predict(q), table.predict(q), dst);
    }
    assertEquals(table.id(to("203.0.113.5")), table.id(to("203.0.113.6")));
    assertNotEquals(table.id(to("203.0.113.5")), table.id(to("198.51.100.7")));
    assertEquals(table.prediction4(table.id(to("203.0.113.5"))), table.predict(to("203.0.113.5")));
    assertEquals(table.prediction6(table.id(to("2a00::1"))), table.predict(to("2a00::1")));
    assertEquals(model.predict(to("10.0.0.7")), table.predictor().predict(to("10.0.0.7")));
  }

  @Test
  void aNextHopThatIsTheDestinationIsLeftToTheModel() {
    HostSnapshot s = host().route("main", "192.0.2.1/32", "eth1", "192.0.2.1", null).build();
    CompiledState table = CompiledState.of(s);
    FlowQuery q = to("192.0.2.1");
    assertEquals(CompiledState.NOT_COMPILED, table.id(q));
    assertNotEquals(CompiledState.NOT_COMPILED, table.cell(q));
    assertEquals(new FlowPredictor(s).predict(q), table.predict(q));
    assertEquals(ip("192.0.2.1"), table.predict(q).predicted().iterator().next().gateway());
    assertNotEquals(CompiledState.NOT_COMPILED, table.id(to("192.0.2.2")));
  }

  @Test
  void aConditionalSourceThatIsTheDestinationIsLeftToTheModel() {
    HostSnapshot s =
        host()
            .markRule(false, 1, "100")
            .route("100", "10.0.1.10/32", "eth1", null, "10.0.1.10")
            .build();
    CompiledState table = CompiledState.of(s);
    FlowQuery q = to("10.0.1.10");
    assertEquals(CompiledState.NOT_COMPILED, table.id(q));
    assertEquals(new FlowPredictor(s).predict(q), table.predict(q));
  }

  @Test
  void familyWithoutRoutesIsNotCompiled() {
    HostSnapshot s = host().build();
    HostSnapshot without =
        new HostSnapshot(
            s.host(),
            s.tStartNs(),
            s.tEndNs(),
            s.kernel(),
            s.links(),
            null,
            s.routes6(),
            s.rules4(),
            s.rules6(),
            s.labels(),
            s.nexthops(),
            s.neighbours(),
            s.sysctls(),
            s.instances(),
            s.netfilter(),
            false);
    CompiledState table = CompiledState.of(without);
    assertEquals("no routes were collected", table.obstacle(false));
    assertNull(table.obstacle(true));
    FlowQuery q = to("203.0.113.5");
    assertEquals(CompiledState.NOT_COMPILED, table.cell(q));
    assertEquals(CompiledState.NOT_COMPILED, table.id(q));
    assertEquals(CompiledState.NOT_COMPILED, table.destination(q.dst()));
    assertEquals(new FlowPredictor(without).predict(q), table.predict(q));
    assertEquals(0, table.size(false).runs());
    assertSame(table, table.complete());
  }

  @Test
  void tooManyKindsOfFlowsAreNotCompiled() {
    List<PolicyRule> rules = new ArrayList<>();
    for (int i = 0; i < 700; i++) {
      Range port = new Range(1000 + 2 * i, 1000 + 2 * i);
      rules.add(rule(UDP, port, port, new RuleAction.Lookup("100"), -1));
    }
    CompiledState table = CompiledState.of(ruled(host().build(), rules.toArray(PolicyRule[]::new)));
    assertEquals("it tells too many kinds of flows apart", table.obstacle(false));
    assertEquals(CompiledState.NOT_COMPILED, table.id(to("203.0.113.5")));
  }

  @Test
  void completeAsksForEveryKindOnce() {
    CompiledState table =
        CompiledState.of(host().route("main", "198.51.100.0/24", "eth1", "10.0.1.1", null).build());
    assertEquals(0, table.size(false).predictions());
    assertEquals(0, table.size(true).predictions());
    table.complete();
    int asked = table.size(false).predictions();
    assertNotEquals(0, asked);
    assertNotEquals(0, table.size(true).predictions());
    table.id(to("203.0.113.5"));
    assertEquals(asked, table.size(false).predictions());
  }

  @Test
  void sizeIsThatOfTheTables() {
    HostSnapshot s =
        ruled(host().build(), rule(UDP, null, new Range(53, 53), new RuleAction.Nop(), -1));
    CompiledState.Size size = CompiledState.of(s).size(false);
    CompiledState.Size plain = CompiledState.of(host().build()).size(false);
    assertEquals(plain.destinations(), size.destinations());
    assertEquals(plain.runs(), size.runs());
    // UDP and TCP and so on are told apart anyway; now also the other protocols with ports, the
    // destination ports 0, 53 and the rest, and the source ports 0 and the rest.
    assertEquals((plain.combinations() + 3) * 3 * 2, size.combinations());
  }

  @Test
  void routesOfOneWayAreAlike() {
    HostSnapshot s =
        host()
            .route("main", "198.51.100.0/24", "eth1", "10.0.1.1", null)
            .route("main", "203.0.113.0/24", "eth1", "10.0.1.1", null)
            .route("main", "192.0.2.0/25", "eth1", "10.0.1.1", null)
            .route("main", "192.0.2.128/25", "eth1", "10.0.1.2", null)
            .build();
    assertAlike(s, to("198.51.100.7"), to("203.0.113.5"));
    assertAlike(s, to("198.51.100.7"), to("192.0.2.5"));
    assertTold(s, to("198.51.100.7"), to("192.0.2.200"));
    assertTold(s, to("198.51.100.7"), to("8.8.8.8"));
    CompiledState table = CompiledState.of(s);
    assertEquals(table.destination(ip("203.0.113.5")), table.destination(ip("198.51.100.7")));
    assertNotEquals(table.destination(ip("8.8.8.8")), table.destination(ip("198.51.100.7")));
    assertNotEquals(table.destination(ip("2001:db8:1::10")), table.destination(ip("2a00::1")));
  }

  @Test
  void lengthsAreToldApartWhereARuleSuppressesByThem() {
    Host host =
        host()
            .route("main", "198.51.100.0/24", "eth1", "10.0.1.1", null)
            .route("main", "192.0.2.0/25", "eth1", "10.0.1.1", null);
    FlowQuery of24 = to("198.51.100.7");
    FlowQuery of25 = to("192.0.2.5");
    assertAlike(host.build(), of24, of25);
    PolicyRule suppressing = rule(0, null, null, new RuleAction.Lookup("main"), 24);
    assertTold(ruled(host.build(), suppressing), of24, of25);
    PolicyRule other = rule(0, null, null, new RuleAction.Lookup("main"), -1);
    assertAlike(ruled(host.build(), other), of24, of25);
  }

  /** {@code fib_table_lookup}: only another device leads on to shorter prefixes. */
  @Test
  void whatALongerRouteHidesIsOfNoAccount() {
    Host host =
        host()
            .route("main", "198.51.0.0/16", "eth1", "10.0.1.2", null)
            .route("main", "198.51.100.0/24", "eth1", "10.0.1.1", null)
            .route("main", "192.0.2.0/24", "eth1", "10.0.1.1", null);
    assertAlike(host.build(), to("198.51.100.7"), to("192.0.2.5"));
    Host byAnother =
        host()
            .route("main", "198.51.0.0/16", "eth0", "10.0.0.2", null)
            .route("main", "198.51.100.0/24", "eth1", "10.0.1.1", null)
            .route("main", "192.0.2.0/24", "eth1", "10.0.1.1", null);
    assertTold(byAnother.build(), to("198.51.100.7"), to("192.0.2.5"));
    Host inAnotherTable =
        host()
            .route("100", "198.51.0.0/16", "eth1", "10.0.1.2", null)
            .route("main", "198.51.100.0/24", "eth1", "10.0.1.1", null)
            .route("main", "192.0.2.0/24", "eth1", "10.0.1.1", null);
    assertTold(inAnotherTable.build(), to("198.51.100.7"), to("192.0.2.5"));
    Host rejected =
        host()
            .reject(RouteType.PROHIBIT, "main", "198.51.0.0/16")
            .route("main", "198.51.100.0/24", "eth1", "10.0.1.1", null)
            .route("main", "192.0.2.0/24", "eth1", "10.0.1.1", null);
    assertTold(rejected.build(), to("198.51.100.7"), to("192.0.2.5"));
    Host rejecting =
        host()
            .route("main", "198.51.0.0/16", "eth1", "10.0.1.2", null)
            .reject(RouteType.PROHIBIT, "main", "198.51.100.0/24")
            .reject(RouteType.PROHIBIT, "main", "192.0.2.0/24");
    assertAlike(rejecting.build(), to("198.51.100.7"), to("192.0.2.5"));
    Host throwing =
        host()
            .reject(RouteType.THROW, "main", "198.51.0.0/16")
            .route("main", "198.51.100.0/24", "eth1", "10.0.1.1", null)
            .route("main", "192.0.2.0/24", "eth1", "10.0.1.1", null);
    assertTold(throwing.build(), to("198.51.100.7"), to("192.0.2.5"));
  }

  @Test
  void portsOfRulesAreToldApartAtTheirEdges() {
    HostSnapshot s =
        ruled(
            host().build(),
            rule(UDP, new Range(1000, 1999), new Range(80, 90), new RuleAction.Lookup("100"), -1));
    String far = "203.0.113.5";
    assertTold(s, to(far, 999, 53), to(far, 1000, 53));
    assertAlike(s, to(far, 1000, 53), to(far, 1999, 53));
    assertTold(s, to(far, 1999, 53), to(far, 2000, 53));
    assertTold(s, to(far, 5, 79), to(far, 5, 80));
    assertTold(s, to(far, 5, 90), to(far, 5, 91));
    assertTold(s, to(far, 0, 53), to(far, 1, 53));
    assertTold(s, to(far, 5, 0), to(far, 5, 1));
    FlowQuery sctp = new FlowQuery(ip(far), 132, 5, 80);
    FlowQuery gre = new FlowQuery(ip(far), 47, 5, 80);
    assertTold(s, sctp, gre);
    assertAlike(host().build(), sctp, gre);
    FlowQuery esp = new FlowQuery(ip(far), 50, 5, 80);
    assertAlike(s, gre, esp);
    HostSnapshot byProtocol = ruled(host().build(), rule(50, null, null, new RuleAction.Nop(), -1));
    assertTold(byProtocol, gre, esp);
  }

  /** A chain that NATs in OUTPUT (destinations) or POSTROUTING (sources). */
  private static Ruleset nat(String hook, Expression... rule) {
    Ruleset.Rule only = new Ruleset.Rule(List.of(rule), "rule", 0);
    return new Ruleset(
        true,
        List.of(new Ruleset.Chain("ip", "nat", hook, hook, "nat", 0, false, false, List.of(only))));
  }

  private static NatTarget range(String first, String last, @Nullable Range ports) {
    AddressRange addresses = new AddressRange(ip(first), ip(last));
    return new NatTarget.Addresses(addresses, ports, false, false, false);
  }

  private static Match toward(String prefix) {
    List<AddressRange> ranges = List.of(AddressRange.of(IpPrefix.parse(prefix)));
    return new Match.Addresses(Match.Side.DESTINATION, ranges, false);
  }

  @Test
  void addressesChosenByHashAreNotCompiled() {
    NatTarget many = range("192.0.2.1", "192.0.2.9", null);
    HostSnapshot s = host().netfilter(nat("postrouting", new Statement.Snat(many))).build();
    CompiledState table = CompiledState.of(s);
    assertEquals("NAT takes an address by a hash of source and destination", table.obstacle(false));
    assertEquals(CompiledState.NOT_COMPILED, table.id(to("203.0.113.5")));
  }

  @Test
  void manyMappedDestinationsAreNotCompiled() {
    NatTarget one = range("192.0.2.1", "192.0.2.1", null);
    List<AddressRange> ranges = new ArrayList<>();
    for (int i = 0; i < 32; i++) {
      ranges.add(AddressRange.of(IpPrefix.parse("198.51.100." + 2 * i + "/32")));
    }
    Match few = new Match.Addresses(Match.Side.DESTINATION, ranges, false);
    Ruleset dnat = nat("output", few, new Statement.Dnat(one));
    assertNull(CompiledState.of(host().netfilter(dnat).build()).obstacle(false));
    ranges.add(AddressRange.of(IpPrefix.parse("198.51.100.77/32")));
    Match more = new Match.Addresses(Match.Side.DESTINATION, ranges, false);
    assertEquals(
        "DNAT may map more than 32 destinations to others",
        CompiledState.of(host().netfilter(nat("output", more, new Statement.Dnat(one))).build())
            .obstacle(false));
  }

  @Test
  void destinationsThatNatMakesOfOthersAreToldApart() {
    NatTarget one = range("192.0.2.1", "192.0.2.1", null);
    Ruleset dnat = nat("output", toward("198.51.100.7/32"), new Statement.Dnat(one));
    HostSnapshot s = host().netfilter(dnat).build();
    assertTold(s, to("192.0.2.1"), to("192.0.2.2"));
    assertTold(s, to("198.51.100.7"), to("198.51.100.8"));
    assertAlike(s, to("192.0.2.2"), to("198.51.100.8"));
    Ruleset rewrite = nat("output", new Statement.Rewrite(false, ip("192.0.2.1")));
    assertTold(host().netfilter(rewrite).build(), to("192.0.2.1"), to("192.0.2.2"));
    Ruleset ofSource = nat("output", new Statement.Rewrite(true, ip("192.0.2.1")));
    assertAlike(host().netfilter(ofSource).build(), to("192.0.2.1"), to("192.0.2.2"));
    NatTarget either =
        new NatTarget.OneOf(
            List.of(
                one,
                new NatTarget.Lookup(
                    List.of(
                        new NatTarget.Entry(
                            List.of(toward("198.51.100.9/32")),
                            range("192.0.2.4", "192.0.2.4", new Range(80, 90)))))));
    HostSnapshot looked =
        host()
            .netfilter(nat("output", toward("198.51.100.8/30"), new Statement.Dnat(either)))
            .build();
    assertTold(looked, to("192.0.2.4"), to("192.0.2.5"));
    assertTold(looked, to("203.0.113.5", 5, 79), to("203.0.113.5", 5, 80));
    assertTold(looked, to("203.0.113.5", 90, 5), to("203.0.113.5", 91, 5));
  }

  @Test
  void portsAndProtocolsOfNetfilterAreToldApart() {
    Match sports = new Match.Ports(true, List.of(new Range(1000, 1999)), false);
    String far = "203.0.113.5";
    Statement snat = new Statement.Snat(range("10.0.0.10", "10.0.0.10", new Range(5000, 6000)));
    HostSnapshot s = host().netfilter(nat("postrouting", sports, snat)).build();
    assertTold(s, to(far, 999, 5), to(far, 1000, 5));
    assertTold(s, to(far, 4999, 5), to(far, 5000, 5));
    assertTold(s, to(far, 6000, 5), to(far, 6001, 5));
    // Where destination ports are mapped, the first of a range stands for those that may be theirs.
    assertTold(s, to(far, 5, 1000), to(far, 5, 1001));
    assertAlike(s, to(far, 5, 1001), to(far, 5, 1999));
    Match dports = new Match.Ports(false, List.of(new Range(80, 90)), false);
    HostSnapshot d =
        host().netfilter(nat("postrouting", dports, new Statement.Masquerade())).build();
    assertTold(d, to(far, 5, 79), to(far, 5, 80));
    assertTold(d, to(far, 5, 90), to(far, 5, 91));
    assertAlike(d, to(far, 80, 5), to(far, 91, 5));
    Match masked =
        new Match.Numeric(Match.Field.PROTOCOL, 0xf0, List.of(new Range(0x20, 0x20)), false);
    HostSnapshot p =
        host().netfilter(nat("postrouting", masked, new Statement.Masquerade())).build();
    FlowQuery inside = new FlowQuery(ip(far), 0x25, 5, 5);
    FlowQuery outside = new FlowQuery(ip(far), 0x35, 5, 5);
    assertTold(p, inside, outside);
    assertAlike(host().build(), inside, outside);
    Match mark = new Match.Numeric(Match.Field.MARK, 0xff, List.of(new Range(0x25, 0x25)), false);
    HostSnapshot m = host().netfilter(nat("postrouting", mark, new Statement.Masquerade())).build();
    assertAlike(m, inside, outside);
  }
}
