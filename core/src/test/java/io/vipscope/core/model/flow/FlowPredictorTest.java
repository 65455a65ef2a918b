package io.vipscope.core.model.flow;

import static io.vipscope.core.model.selection.Host.ip;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vipscope.core.model.netfilter.AddressRange;
import io.vipscope.core.model.netfilter.Expression;
import io.vipscope.core.model.netfilter.Match;
import io.vipscope.core.model.netfilter.NatTarget;
import io.vipscope.core.model.netfilter.Ruleset;
import io.vipscope.core.model.netfilter.Ruleset.Chain;
import io.vipscope.core.model.netfilter.Ruleset.Rule;
import io.vipscope.core.model.netfilter.Statement;
import io.vipscope.core.model.selection.Host;
import io.vipscope.core.model.selection.RuleBuilder;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.Nexthop;
import io.vipscope.core.model.snapshot.PolicyRule;
import io.vipscope.core.model.snapshot.Range;
import io.vipscope.core.model.snapshot.Route;
import io.vipscope.core.model.snapshot.RouteType;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.IpPrefix;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FlowPredictorTest {

  private static final FlowQuery Q = new FlowQuery(ip("198.51.100.7"), 17, 40000, 443);

  private static Chain nat(String table, String hook, Rule... rules) {
    int priority = hook.equals("output") ? -100 : 100;
    return new Chain("ip", table, "c", hook, "nat", priority, false, false, List.of(rules));
  }

  private static Rule rule(Expression... parts) {
    return new Rule(List.of(parts), "rule", 0);
  }

  private static Match is(Match.Side side, String address) {
    return new Match.Addresses(
        side, List.of(new AddressRange(ip(address), ip(address))), /* negated= */ false);
  }

  private static NatTarget to(String address) {
    AddressRange one = new AddressRange(ip(address), ip(address));
    return new NatTarget.Addresses(one, null, false, false, false);
  }

  private static FlowPredictor predictor(Chain... chains) {
    return new FlowPredictor(
        new Host()
            .address("eth0", "10.0.0.10/24")
            .address("eth0", "10.0.0.100/32")
            .local("10.0.0.10/32")
            .local("10.0.0.100/32")
            .route("main", "0.0.0.0/0", "eth0", "10.0.0.1", null)
            .netfilter(new Ruleset(true, List.of(chains)))
            .build());
  }

  /** {@code nf_nat_setup_info}: what conntrack keeps of a mapped flow, rules see behind DNAT. */
  @Test
  void bindIsSeenBehindDnat() {
    FlowPredictor p =
        predictor(
            nat(
                "t",
                "output",
                rule(
                    is(Match.Side.DESTINATION, "192.0.2.9"),
                    new Statement.Dnat(to("198.51.100.7")))),
            nat(
                "t",
                "postrouting",
                rule(
                    is(Match.Side.ORIGINAL_DESTINATION, "198.51.100.7"),
                    new Statement.Snat(to("203.0.113.1"))),
                rule(is(Match.Side.SOURCE, "10.0.0.100"), new Statement.Snat(to("203.0.113.9")))));
    Bind bind = p.bind(Q, ip("203.0.113.9"));
    assertEquals(
        new Bind(ip("10.0.0.100"), List.of("sent to 192.0.2.9, mapped to this one")), bind);
    assertNull(p.bind(Q, ip("203.0.113.8")));
  }

  /** {@code nft_ct_get_eval}: what only a rule behind DNAT looks for, before it. */
  @Test
  void originalDestinationOfAnotherRuleIsTried() {
    FlowPredictor p =
        predictor(
            nat("t", "output", rule(new Statement.Dnat(to("198.51.100.7")))),
            nat(
                "t",
                "postrouting",
                rule(
                    is(Match.Side.ORIGINAL_DESTINATION, "192.0.2.9"),
                    new Statement.Snat(to("203.0.113.9")))));
    assertEquals(
        List.of(new ConditionalSource(ip("203.0.113.9"), "sent to 192.0.2.9, mapped to this one")),
        p.predict(Q).conditional());
  }

  /** As Linux 6.18 sent it: the rule's source, with the port that DNAT wrote. */
  @Test
  void portThatDnatMapsMayHaveChosenTheSource() {
    Match port = new Match.Ports(false, List.of(new Range(8443, 8443)), /* negated= */ false);
    Statement to443 =
        new Statement.Dnat(new NatTarget.Addresses(null, new Range(443, 443), false, false, false));
    PolicyRule rule = RuleBuilder.lookup(false, "100").ports(null, new Range(8443, 8443)).build();
    HostSnapshot s =
        new Host()
            .address("eth0", "10.0.0.10/24")
            .address("eth0", "10.0.0.100/32")
            .local("10.0.0.10/32")
            .local("10.0.0.100/32")
            .route("main", "0.0.0.0/0", "eth0", "10.0.0.1", null)
            .route("100", "0.0.0.0/0", "eth0", "10.0.0.1", "10.0.0.100")
            .rule(rule)
            .netfilter(new Ruleset(true, List.of(nat("t", "output", rule(port, to443)))))
            .build();
    assertEquals(
        List.of(
            new ConditionalSource(ip("10.0.0.100"), "sent to its port 8443, mapped to this one")),
        new FlowPredictor(s).predict(Q).conditional());
    FlowQuery other = new FlowQuery(Q.dst(), 17, 40000, 444);
    assertEquals(List.of(), new FlowPredictor(s).predict(other).conditional());
  }

  /** {@code nft_meta_get_eval_skugid}: of a flow that DNAT mapped too. */
  @Test
  void otherUserMayHaveSentToAnotherDestination() {
    Match root =
        new Match.Numeric(
            Match.Field.UID, 0xffffffffL, List.of(new Range(0, 0)), /* negated= */ false);
    FlowPredictor p =
        predictor(
            nat("t", "output", rule(new Statement.Dnat(to("198.51.100.7")))),
            nat(
                "t",
                "postrouting",
                rule(root, new Statement.Snat(to("203.0.113.1"))),
                rule(
                    is(Match.Side.ORIGINAL_DESTINATION, "192.0.2.9"),
                    new Statement.Snat(to("203.0.113.9")))));
    ConditionalSource wanted =
        new ConditionalSource(
            ip("203.0.113.9"), "uid other than 0, sent to 192.0.2.9, mapped to this one");
    assertTrue(p.predict(Q).conditional().contains(wanted));
  }

  /**
   * {@code nf_hook_entries_grow}: the newest chain is the first of its priority. iptables adds a
   * chain to a table that is there when its first rule comes ({@code nft_xt_builtin_init}).
   */
  @Test
  void chainOfAnOlderTableOfIptablesMayBeTheNewest() {
    Chain older = nat("nat", "postrouting", rule(new Statement.Snat(to("203.0.113.1"))));
    Chain newer = nat("b", "postrouting", rule(new Statement.Snat(to("203.0.113.2"))));
    FlowPrediction p = predictor(older, newer).predict(Q);
    assertEquals("203.0.113.2", String.valueOf(p.predicted().getFirst().source()));
    assertEquals("the order of chains of equal priority", p.unmodelled());
    Chain same = nat("nat", "postrouting", rule(new Statement.Snat(to("203.0.113.2"))));
    assertNull(predictor(same, newer).predict(Q).unmodelled(), "any order gives the same");
  }

  @ParameterizedTest
  @CsvSource({"a, b", "a, a", "b, nat"})
  void otherChainsAreAsNewAsTheirTable(String first, String second) {
    Chain older = nat(first, "postrouting", rule(new Statement.Snat(to("203.0.113.1"))));
    Chain newer = nat(second, "postrouting", rule(new Statement.Snat(to("203.0.113.2"))));
    FlowPrediction p = predictor(older, newer).predict(Q);
    assertEquals("203.0.113.2", String.valueOf(p.predicted().getFirst().source()));
    assertNull(p.unmodelled());
  }

  /** What is not modelled behind a condition belongs to what is conditional. */
  @Test
  void anUnknownUnderAConditionIsNoUnknown() {
    Rule chance = rule(new Match.Hidden("statistic", false), new Statement.Unknown("queue"));
    FlowPrediction p = predictor(nat("t", "postrouting", chance)).predict(Q);
    assertEquals(Set.of(ip("10.0.0.10")), p.sources());
    assertNull(p.unmodelled());
    Rule always = rule(new Statement.Unknown("queue"));
    assertEquals("queue", predictor(nat("t", "postrouting", always)).predict(Q).unmodelled());
  }

  /** A condition alone gives nothing if what is not modelled has to hold as well. */
  @Test
  void whatIsNotModelledIsNamedAmongTheConditions() {
    Match marked =
        new Match.Numeric(
            Match.Field.MARK, 0xffffffffL, List.of(new Range(1, 1)), /* negated= */ false);
    Match socket = new Match.Unknown("socket");
    Statement snat = new Statement.Snat(to("203.0.113.9"));
    FlowPrediction p = predictor(nat("t", "postrouting", rule(marked, socket, snat))).predict(Q);
    assertNull(p.unmodelled());
    assertEquals(List.of(new ConditionalSource(ip("203.0.113.9"), "fwmark 0x1, socket")), own(p));
    FlowPrediction always = predictor(nat("t", "postrouting", rule(socket, snat))).predict(Q);
    assertEquals("socket", always.unmodelled());
    assertEquals(List.of(), own(always), "no mark, user or device is needed");
  }

  private static List<ConditionalSource> own(FlowPrediction p) {
    return p.conditional().stream().filter(c -> !c.condition().equals("forwarded")).toList();
  }

  @Test
  void aFlowThatIsSentElsewhereHasNoError() {
    FlowPrediction p =
        predictor(nat("t", "output", rule(new Statement.Dnat(to("192.0.2.9"))))).predict(Q);
    assertEquals(List.of(), p.predicted());
    assertNull(p.error());
    assertEquals("DNAT maps this destination to 192.0.2.9", p.unmodelled());
  }

  /** {@code inet_addr_valid_or_nonlocal}: whatever table local calls local. */
  @Test
  void anAddressThatALocalRouteHoldsCanBeBound() {
    HostSnapshot s =
        new Host()
            .address("eth0", "10.0.0.10/24")
            .local("10.0.0.10/32")
            .local("10.50.0.0/24")
            .route("main", "0.0.0.0/0", "eth0", "10.0.0.1", null)
            .build();
    FlowPredictor p = new FlowPredictor(s);
    assertEquals(new Bind(ip("10.50.0.7"), List.of()), p.bind(Q, ip("10.50.0.7")));
    assertNull(p.bind(Q, ip("10.51.0.7")));
  }

  /** {@code rt6_fill_node}: of the ways of an IPv6 multipath route one {@code src} is shown. */
  @Test
  void aWayOfAnIpv6MultipathRouteMayHaveASourceOfItsOwn() {
    IpAddress named = ip("2001:db8::10");
    IpAddress hidden = ip("2001:db8::20");
    Host host =
        new Host()
            .address("eth0", "10.0.0.10/24")
            .address("eth0", hidden + "/64")
            .address("eth0", named + "/64")
            .route("main", "2001:db8:8::/48", "eth0", "fe80::1", named.toString());
    Route shown = Objects.requireNonNull(host.build().routes(true)).getFirst();
    HostSnapshot s =
        host.route(
                shown
                    .withDst(IpPrefix.parse("2001:db8:7::/48"))
                    .withNexthops(
                        List.of(
                            Nexthop.of("eth0", ip("fe80::1")), Nexthop.of("eth1", ip("fe80::2")))))
            .build();
    FlowPrediction p =
        new FlowPredictor(s).predict(new FlowQuery(ip("2001:db8:7::7"), 6, 40_000, 443));
    assertEquals(Set.of(named), p.sources());
    assertTrue(
        p.conditional()
            .contains(
                new ConditionalSource(
                    hidden, "by a way of the multipath route with a src of its own")),
        p.conditional()::toString);
    FlowPrediction single =
        new FlowPredictor(s).predict(new FlowQuery(ip("2001:db8:8::7"), 6, 40_000, 443));
    assertEquals(List.of(), single.conditional());
  }

  /** {@code fib_find_alias}: of routes to one prefix the first. */
  @Test
  void typeOfAnAddressWithTwoRoutesOfOneLength() {
    HostSnapshot s =
        new Host()
            .reject(RouteType.BROADCAST, "local", "10.0.0.255/32")
            .reject(RouteType.LOCAL, "local", "10.0.0.255/32")
            .reject(RouteType.LOCAL, "local", "10.0.0.0/24")
            .build();
    assertEquals("broadcast", new SnapshotView(s, null).addressType(ip("10.0.0.255")));
    assertEquals("local", new SnapshotView(s, null).addressType(ip("10.0.0.254")));
  }
}
