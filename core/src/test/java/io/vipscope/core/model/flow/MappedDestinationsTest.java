package io.vipscope.core.model.flow;

import static io.vipscope.core.model.selection.Host.ip;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vipscope.core.model.netfilter.AddressRange;
import io.vipscope.core.model.netfilter.Expression;
import io.vipscope.core.model.netfilter.Match;
import io.vipscope.core.model.netfilter.NatTarget;
import io.vipscope.core.model.netfilter.Ruleset;
import io.vipscope.core.model.netfilter.Statement;
import io.vipscope.core.model.selection.Host;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.Range;
import io.vipscope.core.model.snapshot.RouteType;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.IpPrefix;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The destinations that NAT may have mapped to the one on the wire. */
class MappedDestinationsTest {

  private static final FlowQuery Q = new FlowQuery(ip("192.0.2.1"), 17, 40_000, 443);

  private static Host host() {
    return new Host()
        .address("eth0", "10.0.0.10/24")
        .route("main", "0.0.0.0/0", "eth0", "10.0.0.1", null)
        .route("main", "198.51.100.0/24", "eth0", "10.0.0.1", null)
        .route("main", "203.0.113.5/32", "eth0", "10.0.0.1", null)
        .route("main", "::/0", "eth0", "fe80::1", null)
        .reject(RouteType.PROHIBIT, "main", "172.16.0.0/12");
  }

  private static HostSnapshot with(Expression... parts) {
    return with("ip", List.of(parts));
  }

  private static HostSnapshot with(String family, List<? extends Expression> rule) {
    return host().netfilter(new Ruleset(true, List.of(chain(family, rule)))).build();
  }

  private static Ruleset.Chain chain(String family, List<? extends Expression> rule) {
    Ruleset.Rule only = new Ruleset.Rule(List.copyOf(rule), "rule", 0);
    return new Ruleset.Chain(family, "t", "c", "output", "nat", -100, false, false, List.of(only));
  }

  private static Match to(Match.Side side, boolean negated, String... prefixes) {
    return new Match.Addresses(
        side,
        List.of(prefixes).stream().map(p -> AddressRange.of(IpPrefix.parse(p))).toList(),
        negated);
  }

  private static NatTarget.Addresses target(String first, String last) {
    AddressRange range = new AddressRange(ip(first), ip(last));
    return new NatTarget.Addresses(range, null, false, false, false);
  }

  private static Statement dnat() {
    return new Statement.Dnat(target("192.0.2.1", "192.0.2.1"));
  }

  private static List<String> of(HostSnapshot s) {
    return MappedDestinations.of(s, Q).stream().map(q -> q.dst() + " " + q.dport()).toList();
  }

  @Test
  void withoutAMappingThereIsNone() {
    assertEquals(List.of(), of(host().build()));
    Match some = to(Match.Side.DESTINATION, false, "198.51.100.7/32");
    assertEquals(List.of(), of(with(some, new Statement.Masquerade())));
    assertEquals(List.of(), of(with(some, new Statement.Rewrite(true, ip("192.0.2.1")))));
  }

  @Test
  void theFirstOfEachRangeThatTheRuleNames() {
    Match some = to(Match.Side.DESTINATION, false, "198.51.100.0/24", "8.8.8.8/32");
    List<String> both = List.of("198.51.100.0 443", "8.8.8.8 443");
    assertEquals(both, of(with(some, dnat())));
    Statement netmap = new Statement.Netmap(AddressRange.of(IpPrefix.parse("192.0.2.0/24")));
    assertEquals(both, of(with(some, netmap)));
    assertEquals(both, of(with(some, new Statement.Rewrite(false, ip("192.0.2.1")))));
    Match original = to(Match.Side.ORIGINAL_DESTINATION, false, "198.51.100.0/24");
    assertEquals(List.of("198.51.100.0 443"), of(with(original, dnat())));
  }

  @Test
  void ofARuleThatNamesNoneOneBehindEachRoute() {
    List<String> routed = List.of("1.0.0.1 443", "198.51.100.1 443", "203.0.113.5 443");
    assertEquals(routed, of(with(dnat())));
    assertEquals(routed, of(with(to(Match.Side.DESTINATION, true, "8.8.8.8/32"), dnat())));
    assertEquals(routed, of(with(to(Match.Side.SOURCE, false, "8.8.8.8/32"), dnat())));
    FlowQuery six = new FlowQuery(ip("2001:db8::1"), 17, 1, 443);
    assertEquals(
        List.of(ip("2000::1")),
        MappedDestinations.of(with("inet", List.of(dnat())), six).stream()
            .map(FlowQuery::dst)
            .toList());
    assertTrue(
        MappedDestinations.of(with("ip", List.of(dnat())), six).isEmpty(), "of another family");
  }

  /** Such a rule leaves the address: a flow to it may have been sent to another port. */
  @Test
  void theDestinationItselfWhereThePortAloneIsMapped() {
    Statement port =
        new Statement.Dnat(new NatTarget.Addresses(null, new Range(443, 443), false, false, false));
    Match from = new Match.Ports(false, List.of(new Range(8443, 8443)), false);
    List<String> all = of(with(from, port));
    assertTrue(all.contains("192.0.2.1 8443"), all::toString);
    assertFalse(all.contains("192.0.2.1 443"), "that is the flow on the wire");
    Match some = to(Match.Side.DESTINATION, false, "192.0.2.0/24");
    assertTrue(of(with(some, from, port)).contains("192.0.2.1 8443"));
    assertFalse(of(with(from, dnat())).contains("192.0.2.1 8443"));
  }

  @Test
  void theFirstOfEachRangeOfPorts() {
    Match some = to(Match.Side.DESTINATION, false, "8.8.8.8/32");
    List<Range> ports = List.of(new Range(53, 60), new Range(80, 80));
    assertEquals(
        List.of("8.8.8.8 443", "8.8.8.8 53", "8.8.8.8 80"),
        of(with(some, new Match.Ports(false, ports, false), dnat())));
    assertEquals(
        List.of("8.8.8.8 443"), of(with(some, new Match.Ports(false, ports, true), dnat())));
    assertEquals(
        List.of("8.8.8.8 443"), of(with(some, new Match.Ports(true, ports, false), dnat())));
  }

  @Test
  void theFlowItselfIsNotAnother() {
    Match same = to(Match.Side.DESTINATION, false, "192.0.2.1/32", "8.8.8.8/32");
    assertEquals(List.of("8.8.8.8 443"), of(with(same, dnat())));
  }

  @Test
  void whatOtherRulesLookForIsTriedToo() {
    Ruleset two =
        new Ruleset(
            true,
            List.of(
                chain("ip", List.of(to(Match.Side.DESTINATION, false, "8.8.8.8/32"), dnat())),
                chain("ip", List.of(to(Match.Side.ORIGINAL_DESTINATION, false, "9.9.9.9/32")))));
    assertEquals(List.of("8.8.8.8 443", "9.9.9.9 443"), of(host().netfilter(two).build()));
  }

  @Test
  void atMost64() {
    List<AddressRange> ranges = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      ranges.add(AddressRange.of(IpPrefix.parse("8.8.8." + i + "/32")));
    }
    Match many = new Match.Addresses(Match.Side.DESTINATION, ranges, false);
    assertEquals(64, of(with(many, dnat())).size());
  }

  private static Statement narrowed(Ruleset rules, IpAddress dst) {
    return (Statement)
        MappedDestinations.narrowed(rules, dst)
            .chains()
            .getFirst()
            .rules()
            .getFirst()
            .expressions()
            .getFirst();
  }

  private static Ruleset rules(Expression... parts) {
    return new Ruleset(true, List.of(chain("ip", List.of(parts))));
  }

  @Test
  void aRangeThatHoldsTheDestinationTakesJustIt() {
    NatTarget.Addresses range = target("192.0.2.1", "192.0.2.9");
    Statement dnat = new Statement.Dnat(range);
    assertEquals(
        new Statement.Dnat(range.toOnly(ip("192.0.2.5"))), narrowed(rules(dnat), ip("192.0.2.5")));
    assertEquals(dnat, narrowed(rules(dnat), ip("192.0.2.10")));
    Statement snat = new Statement.Snat(range);
    assertEquals(snat, narrowed(rules(snat), ip("192.0.2.5")));
    Statement written = new Statement.Rewrite(false, ip("9.9.9.9"));
    assertEquals(
        new Statement.Snat(range.toAny()), narrowed(rules(snat, written), ip("192.0.2.5")));
    Statement source = new Statement.Rewrite(true, ip("9.9.9.9"));
    assertEquals(snat, narrowed(rules(snat, source), ip("192.0.2.5")));
  }

  @Test
  void addressesByHash() {
    assertTrue(Destinations.byHash(with(new Statement.Snat(target("192.0.2.1", "192.0.2.9")))));
    assertTrue(Destinations.byHash(with(new Statement.Dnat(target("192.0.2.1", "192.0.2.9")))));
    assertFalse(Destinations.byHash(with(dnat())));
    Statement netmap = new Statement.Netmap(AddressRange.of(IpPrefix.parse("192.0.2.0/24")));
    assertTrue(Destinations.byHash(with(netmap)));
    NatTarget ports = new NatTarget.Addresses(null, new Range(1, 9), false, false, false);
    assertFalse(Destinations.byHash(with(new Statement.Snat(ports))));
    NatTarget hashed = target("192.0.2.1", "192.0.2.9");
    NatTarget single = target("192.0.2.1", "192.0.2.1");
    NatTarget.Lookup map =
        new NatTarget.Lookup(
            List.of(
                new NatTarget.Entry(List.of(), single), new NatTarget.Entry(List.of(), hashed)));
    assertTrue(Destinations.byHash(with(new Statement.Snat(map))));
    NatTarget.Lookup plain = new NatTarget.Lookup(List.of(new NatTarget.Entry(List.of(), single)));
    assertFalse(Destinations.byHash(with(new Statement.Snat(plain))));
    assertTrue(
        Destinations.byHash(
            with(new Statement.Snat(new NatTarget.OneOf(List.of(single, hashed))))));
    assertFalse(
        Destinations.byHash(with(new Statement.Snat(new NatTarget.OneOf(List.of(single))))));
    assertFalse(Destinations.byHash(with(new Statement.Snat(new NatTarget.Unknown("x")))));
    assertFalse(Destinations.byHash(with(new Statement.Masquerade())));
  }

  @Test
  void blocksThatNetfilterNames() {
    for (Match.Side side : List.of(Match.Side.DESTINATION, Match.Side.ORIGINAL_DESTINATION)) {
      var blocks = Destinations.withoutRoutes(with(to(side, true, "8.8.8.0/25")), false);
      assertTrue(blocks.contains(IpPrefix.parse("8.8.8.0/25")));
    }
    HostSnapshot source = with(to(Match.Side.SOURCE, false, "8.8.8.0/25"));
    assertFalse(Destinations.withoutRoutes(source, false).contains(IpPrefix.parse("8.8.8.0/25")));
    HostSnapshot six = with(to(Match.Side.DESTINATION, false, "2001:db8:5::/48"));
    assertTrue(Destinations.withoutRoutes(six, true).contains(IpPrefix.parse("2001:db8:5::/48")));
    assertFalse(Destinations.withoutRoutes(six, false).contains(IpPrefix.parse("2001:db8:5::/48")));
    var multicast = Destinations.withoutRoutes(host().build(), true);
    assertTrue(multicast.contains(IpPrefix.parse("ff00::/16")));
    assertTrue(multicast.contains(IpPrefix.parse("ffff::/16")));
    assertFalse(
        Destinations.withoutRoutes(host().build(), false).contains(IpPrefix.parse("ff00::/16")));
  }

  @Test
  void prefixesOfAnIpv6AddressByWhichTheLongestMatchGoes() {
    HostSnapshot s = host().address("eth0", "2001:db8:1::10/48").build();
    var blocks = Destinations.withoutRoutes(s, true);
    assertTrue(blocks.contains(IpPrefix.parse("2001:db8:1::/48")));
    assertTrue(blocks.contains(IpPrefix.parse("2000::/4")));
    assertTrue(blocks.contains(IpPrefix.parse("::/1")));
    assertFalse(blocks.contains(IpPrefix.parse("2001:db8:1::/49")));
    assertTrue(blocks.contains(IpPrefix.parse("2001:db8:1::10/128")));
    var blocks4 = Destinations.withoutRoutes(s, false);
    assertTrue(blocks4.contains(IpPrefix.parse("10.0.0.0/24")));
    assertTrue(blocks4.contains(IpPrefix.parse("10.0.0.10/32")));
    assertFalse(blocks4.contains(IpPrefix.parse("10.0.0.0/23")));
  }

  @Test
  void sentencesAreThoseOfTheFirstFirmWay() {
    HostSnapshot s = with("ip", List.of(new Statement.Dnat(target("9.9.9.9", "9.9.9.9"))));
    List<String> all = new FlowPredictor(s).trace(Q);
    assertTrue(all.contains("DNAT to 9.9.9.9 by ip t c: rule"), all::toString);
    assertTrue(all.size() > 2);
    HostSnapshot hidden =
        with(
            "ip",
            List.of(
                new Match.Hidden("day", false), new Statement.Dnat(target("9.9.9.9", "9.9.9.9"))));
    assertFalse(new FlowPredictor(hidden).trace(Q).contains("DNAT to 9.9.9.9 by ip t c: rule"));
  }
}
