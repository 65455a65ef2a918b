package io.vipscope.core.model.fib;

import static io.vipscope.core.model.fib.Routes.hop;
import static io.vipscope.core.model.fib.Routes.metric;
import static io.vipscope.core.model.fib.Routes.object;
import static io.vipscope.core.model.fib.Routes.route;
import static io.vipscope.core.model.fib.Routes.scope;
import static io.vipscope.core.model.fib.Routes.table;
import static io.vipscope.core.model.fib.Routes.tos;
import static io.vipscope.core.model.fib.Routes.type;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vipscope.core.model.explanation.Step;
import io.vipscope.core.model.selection.Host;
import io.vipscope.core.model.selection.RouteError;
import io.vipscope.core.model.selection.RouteQuery;
import io.vipscope.core.model.snapshot.PolicyRule;
import io.vipscope.core.model.snapshot.Range;
import io.vipscope.core.model.snapshot.Route;
import io.vipscope.core.model.snapshot.RouteType;
import io.vipscope.core.model.snapshot.RuleAction;
import io.vipscope.core.model.snapshot.Scope;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.IpPrefix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** {@code fib_rules_lookup}: what rules do, and what the one trie does without them. */
class RuleWalkTest {

  private static final RouteQuery FAR = RouteQuery.to(IpAddress.parse("198.51.100.7"));
  private static final RouteQuery FAR6 = RouteQuery.to(IpAddress.parse("2001:db8:77::7"));
  private static final RuleAction OTHER = new RuleAction.Lookup("100");

  /** Table main leads to eth0, table 100 to eth1. */
  private final Host host =
      new Host()
          .route(route("0.0.0.0/0", hop("eth0")))
          .route(table(route("198.51.0.0/16", hop("eth1")), "100"))
          .route(route("::/0", hop("eth0")))
          .route(table(route("2001:db8:77::/48", hop("eth1")), "100"));

  private List<Step> trace = new ArrayList<>();

  private FibAnswer ask(RouteQuery q) {
    trace = new ArrayList<>();
    return new Fib(host.build(), q.v6()).lookup(q, false, false, trace);
  }

  private @Nullable String device(RouteQuery q) {
    TableAnswer found = ask(q).found();
    return found == null || found.ways().getFirst().hop() == null
        ? null
        : found.ways().getFirst().hop().dev();
  }

  /** A rule with one selector set. */
  private static PolicyRule rule(RuleAction action, Object... selectors) {
    PolicyRule r = PolicyRule.lookup(false, 1000, "100");
    boolean v6 = false;
    boolean inverted = false;
    @Nullable IpPrefix from = null;
    @Nullable IpPrefix to = null;
    @Nullable String iif = null;
    @Nullable String oif = null;
    int mark = 0;
    int mask = 0;
    int tos = 0;
    int protocol = 0;
    @Nullable Range sport = null;
    @Nullable Range dport = null;
    @Nullable Range uid = null;
    int length = -1;
    @Nullable String group = null;
    long priority = r.priority();
    List<String> open = new ArrayList<>();
    for (int i = 0; i < selectors.length; i += 2) {
      Object value = selectors[i + 1];
      switch ((String) selectors[i]) {
        case "v6" -> v6 = (boolean) value;
        case "not" -> inverted = (boolean) value;
        case "from" -> from = IpPrefix.parse((String) value);
        case "to" -> to = IpPrefix.parse((String) value);
        case "iif" -> iif = (String) value;
        case "oif" -> oif = (String) value;
        case "mark" -> mark = (int) value;
        case "mask" -> mask = (int) value;
        case "tos" -> tos = (int) value;
        case "protocol" -> protocol = (int) value;
        case "sport" -> sport = (Range) value;
        case "dport" -> dport = (Range) value;
        case "uid" -> uid = (Range) value;
        case "length" -> length = (int) value;
        case "group" -> group = (String) value;
        case "priority" -> priority = (int) value;
        case "open" -> open.add((String) value);
        default -> throw new IllegalArgumentException((String) selectors[i]);
      }
    }
    return new PolicyRule(
        v6, priority, inverted, from, to, iif, oif, mark, mask, tos, protocol, sport, dport, uid,
        action, length, group, open);
  }

  private void assertMatches(boolean expected, RouteQuery q, Object... selectors) {
    PolicyRule rule = rule(OTHER, selectors);
    var s = host.build();
    assertEquals(expected ? RuleMatch.Truth.YES : RuleMatch.Truth.NO, RuleMatch.test(rule, q, s));
    Object[] inverted = Arrays.copyOf(selectors, selectors.length + 2);
    inverted[selectors.length] = "not";
    inverted[selectors.length + 1] = true;
    assertEquals(
        expected ? RuleMatch.Truth.NO : RuleMatch.Truth.YES,
        RuleMatch.test(rule(OTHER, inverted), q, s));
  }

  @Test
  void selectors() {
    assertMatches(true, FAR);
    assertMatches(true, FAR, "iif", "lo");
    assertMatches(false, FAR, "iif", "eth0");
    assertMatches(true, FAR.withOif("eth0"), "oif", "eth0");
    assertMatches(false, FAR.withOif("eth1"), "oif", "eth0");
    assertMatches(false, FAR, "oif", "eth0");
    assertMatches(true, FAR.withMark(0x13), "mark", 0x10, "mask", 0xf0);
    assertMatches(false, FAR.withMark(0x23), "mark", 0x10, "mask", 0xf0);
    assertMatches(true, FAR.withUid(33), "uid", new Range(1, 33));
    assertMatches(false, FAR.withUid(34), "uid", new Range(1, 33));
    assertMatches(true, FAR.withUid(-1), "uid", new Range(34, 0xffffffffL));
    assertMatches(true, FAR, "to", "198.51.100.0/24");
    assertMatches(false, FAR, "to", "198.51.101.0/24");
    assertMatches(true, FAR.withIpproto(6), "protocol", 6);
    assertMatches(false, FAR, "protocol", 6);
    assertMatches(true, FAR.withSport(5).withDport(6), "sport", new Range(5, 5));
    assertMatches(true, FAR.withSport(5).withDport(6), "dport", new Range(6, 6));
    assertMatches(false, FAR.withSport(6).withDport(6), "sport", new Range(5, 5));
    assertMatches(false, FAR.withSport(5).withDport(5), "dport", new Range(6, 6));
  }

  @Test
  void portsThatAreNotKnownMatchNoRange() {
    assertMatches(false, FAR, "sport", new Range(0, 9));
    assertMatches(false, FAR, "dport", new Range(0, 9));
  }

  @Test
  void anUnsetSourceIsZeroToIpv4AndMatchesNoPrefixOfIpv6() {
    assertMatches(true, FAR, "from", "0.0.0.0/1");
    assertMatches(false, FAR, "from", "10.0.0.0/8");
    assertMatches(true, FAR.withFrom(IpAddress.parse("10.0.0.1")), "from", "10.0.0.0/8");
    assertMatches(false, FAR6, "v6", true, "from", "::/1");
    assertMatches(true, FAR6, "v6", true, "from", "::/0");
    assertMatches(true, FAR6.withFrom(IpAddress.parse("2001::1")), "v6", true, "from", "::/1");
  }

  @Test
  void tosIsComparedInPartByIpv4AndAsAWholeByIpv6() {
    assertMatches(true, FAR.withTos(0xb8), "tos", 0x18);
    assertMatches(true, FAR.withTos(0x1b), "tos", 0x18);
    assertMatches(false, FAR.withTos(0x10), "tos", 0x18);
    assertMatches(false, FAR6.withTos(0xb8), "v6", true, "tos", 0x18);
    assertMatches(true, FAR6.withTos(0x1b), "v6", true, "tos", 0x18);
  }

  @Test
  void whatCannotBeEvaluatedIsUnknownIfTheRestHolds() {
    var s = host.build();
    PolicyRule open = rule(OTHER, "open", "tun_id");
    assertEquals(RuleMatch.Truth.UNKNOWN, RuleMatch.test(open, FAR, s));
    PolicyRule inverted = rule(OTHER, "open", "tun_id", "not", true);
    assertEquals(RuleMatch.Truth.UNKNOWN, RuleMatch.test(inverted, FAR, s));
    PolicyRule other = rule(OTHER, "open", "tun_id", "iif", "eth0");
    assertEquals(RuleMatch.Truth.NO, RuleMatch.test(other, FAR, s));
  }

  /** {@code l3mdev_fib_rule_match}. */
  @Test
  void l3mdevMatchesNothingWithoutAVrf() {
    host.device("red", "vrf", null, "default", "UP")
        .device("eth2", null, "red", "default", "UP")
        .device("eth3", null, null, "default", "UP");
    var s = host.build();
    PolicyRule vrf = rule(OTHER, "open", "l3mdev");
    assertEquals(RuleMatch.Truth.NO, RuleMatch.test(vrf, FAR, s));
    assertEquals(RuleMatch.Truth.NO, RuleMatch.test(vrf, FAR.withOif("eth3"), s));
    assertEquals(RuleMatch.Truth.NO, RuleMatch.test(vrf, FAR.withOif("eth9"), s));
    assertEquals(RuleMatch.Truth.UNKNOWN, RuleMatch.test(vrf, FAR.withOif("eth2"), s));
    assertEquals(RuleMatch.Truth.UNKNOWN, RuleMatch.test(vrf, FAR.withOif("red"), s));
    PolicyRule not = rule(OTHER, "open", "l3mdev", "not", true);
    assertEquals(RuleMatch.Truth.YES, RuleMatch.test(not, FAR, s));
  }

  @Test
  void rulesAreAskedInOrder() {
    host.rule(PolicyRule.lookup(false, 1000, "100"));
    assertEquals("eth1", device(FAR));
    assertEquals("100", ask(FAR).table());
    RouteQuery elsewhere = RouteQuery.to(IpAddress.parse("8.8.8.8"));
    assertEquals("eth0", device(elsewhere));
    assertEquals(
        List.of(Step.Effect.NO_ROUTE, Step.Effect.DECIDED),
        trace.stream()
            .map(s -> s instanceof Step.Rule(var _, var effect) ? effect : null)
            .toList());
  }

  @Test
  void gotoGoesOnAtItsTargetAndNeverBack() {
    PolicyRule other = rule(OTHER, "priority", 2000);
    host.rule(other).rule(rule(new RuleAction.Goto(3000)));
    assertEquals("eth1", device(FAR), "without a target it does nothing");
    assertEquals(1, trace.size());
    host.rule(rule(new RuleAction.Goto(32766), "priority", 900));
    assertEquals("eth0", device(FAR));
    assertTrue(
        trace.contains(
            new Step.Rule(rule(new RuleAction.Goto(32766), "priority", 900), Step.Effect.JUMPED)));
    host.rule(rule(new RuleAction.Goto(0), "priority", 800));
    assertEquals("eth0", device(FAR), "back to the first");
    host.rule(rule(new RuleAction.Goto(1000), "priority", 700));
    assertEquals("eth1", device(FAR), "over the one of 900");
  }

  @Test
  void gotoTheRuleBehindIt() {
    host.rule(rule(OTHER, "priority", 1001)).rule(rule(new RuleAction.Goto(1001)));
    assertEquals("eth1", device(FAR));
    assertEquals(2, trace.size());
  }

  @Test
  void actionsThatEndTheWalk() {
    for (var each :
        List.of(
            List.of(RouteType.UNREACHABLE, RouteError.ENETUNREACH),
            List.of(RouteType.PROHIBIT, RouteError.EACCES),
            List.of(RouteType.BLACKHOLE, RouteError.EINVAL))) {
      PolicyRule rejects = rule(new RuleAction.Reject((RouteType) each.getFirst()));
      host.rule(rejects);
      FibAnswer failed = ask(FAR);
      assertEquals(each.getLast(), failed.error());
      assertEquals(rejects, failed.rule());
      assertNull(failed.table());
      assertEquals(List.of(new Step.Rule(rejects, Step.Effect.REJECTED)), trace);
    }
    host.rule(rule(new RuleAction.Nop()));
    assertEquals(RouteError.EINVAL, ask(FAR).error(), "nop goes on");
  }

  @Test
  void anActionThatIsNotKnownMayDoAnything() {
    PolicyRule odd = rule(new RuleAction.Other("nat"));
    host.rule(odd);
    assertEquals(FibAnswer.unknown(odd, "rule4 1000: action nat"), ask(FAR));
    assertEquals(List.of(new Step.Rule(odd, Step.Effect.UNKNOWN)), trace);
  }

  @Test
  void anUnknownRuleIsHarmlessWhereItChangesNothing() {
    host.rule(rule(new RuleAction.Nop(), "open", "tun_id"));
    host.rule(rule(new RuleAction.Lookup("777"), "open", "tun_id"));
    assertEquals("eth0", device(FAR));
    PolicyRule harmful = rule(OTHER, "open", "tun_id");
    host.rule(harmful);
    assertEquals(FibAnswer.unknown(harmful, "rule4 1000: tun_id"), ask(FAR));
    assertEquals(List.of(new Step.Rule(harmful, Step.Effect.UNKNOWN)), trace);
  }

  /** {@code fib4_rule_suppress}: of an answer that leads somewhere. */
  @Test
  void shortPrefixesAreSuppressed() {
    PolicyRule sixteen = rule(OTHER, "length", 16);
    host.rule(sixteen);
    assertEquals("eth0", device(FAR));
    assertEquals(new Step.Rule(sixteen, Step.Effect.SUPPRESSED), trace.getFirst());
    host.rule(rule(OTHER, "length", 15));
    assertEquals("eth1", device(FAR));
    host.route(table(type(route("198.51.100.7/32"), RouteType.PROHIBIT), "101"));
    host.rule(rule(new RuleAction.Lookup("101"), "length", 32));
    assertEquals(RouteError.EACCES, ask(FAR).error());
    assertEquals("101", ask(FAR).table());
  }

  @Test
  void deviceGroupsAreSuppressed() {
    host.device("eth1", null, null, "10", "UP");
    host.rule(rule(OTHER, "group", "10"));
    assertEquals("eth0", device(FAR));
    host.rule(rule(OTHER, "group", "11"));
    assertEquals("eth1", device(FAR));
    host.device("eth1", null, null, "default", "UP").rule(rule(OTHER, "group", "0"));
    assertEquals("eth1", device(FAR), "by the rule before");
    assertEquals(
        List.of(Step.Effect.SUPPRESSED, Step.Effect.DECIDED),
        trace.stream()
            .map(s -> s instanceof Step.Rule(var _, var effect) ? effect : null)
            .toList());
    host.route(table(route("198.51.100.0/24"), "102"));
    host.rule(rule(new RuleAction.Lookup("102"), "group", "0"));
    assertEquals("eth1", device(FAR), "a route without a way");
  }

  @Test
  void withoutAnyAnswerTheNetworkIsUnreachable() {
    host.noRules();
    FibAnswer none = ask(FAR);
    assertEquals(RouteError.ENETUNREACH, none.error());
    assertNull(none.rule());
    assertEquals(List.of(new Step.NoLookup(Step.NoLookup.Why.NO_ROUTE, null)), trace);
  }

  @Test
  void aFailedNeighbourLeavesTheAnswerOpen() {
    host.route(route("2001:db8:78::/64", hop("eth0", "fe80::7")))
        .route(type(route("2001:db8:78::/48", hop("lo")), RouteType.PROHIBIT))
        .neighbour("fe80::7", "eth0", "FAILED");
    FibAnswer open = ask(RouteQuery.to(IpAddress.parse("2001:db8:78::7")));
    assertEquals("rule6 32766: whether a gateway answers", open.unknown());
    assertEquals(Step.Effect.UNKNOWN, ((Step.Rule) trace.getLast()).effect());
  }

  private FibAnswer merged(Host one, RouteQuery q) {
    Fib fib = new Fib(one.build(), false);
    assertTrue(fib.mayBeMerged());
    trace = new ArrayList<>();
    return fib.lookup(q, true, false, trace);
  }

  /** {@code fib_find_alias}: local before main, then by tos and metric. */
  @Test
  void inTheOneTrieTheLongestPrefixWinsAndLocalOfEqualOnes() {
    Route local = table(type(route("198.51.0.0/16", hop("lo")), RouteType.LOCAL), "local");
    Route longer = route("198.51.100.0/24", hop("eth0"));
    FibAnswer byMain = merged(new Host().route(local).route(longer), FAR);
    assertNotNull(byMain.found());
    assertEquals(longer, byMain.found().route());
    assertEquals("main", byMain.table());
    assertEquals(32766, byMain.rule() == null ? -1 : byMain.rule().priority());
    Route equal = tos(metric(route("198.51.0.0/16", hop("eth0")), 0), 0x10);
    FibAnswer byLocal = merged(new Host().route(equal).route(local), FAR.withTos(0x10));
    assertNotNull(byLocal.found());
    assertEquals(local, byLocal.found().route());
    assertEquals("main", byLocal.table(), "as the kernel reports it");
    assertEquals(0, byLocal.rule() == null ? -1 : byLocal.rule().priority());
    assertEquals(List.of(new Step.Table("main", true, true)), trace);
    Route later = metric(route("198.51.0.0/16", hop("eth1")), 5);
    Route first = metric(route("198.51.0.0/16", hop("eth0")), 1);
    FibAnswer byMetric = merged(new Host().route(later).route(first), FAR);
    assertNotNull(byMetric.found());
    assertEquals(first, byMetric.found().route());
  }

  @Test
  void aRejectRouteOfTheOneTrieEndsTheLookup() {
    Route reject = type(route("198.51.0.0/16"), RouteType.PROHIBIT);
    Route standard = table(route("0.0.0.0/0", hop("eth0")), "default");
    FibAnswer failed = merged(new Host().route(reject).route(standard), FAR);
    assertEquals(RouteError.EACCES, failed.error());
    assertEquals("main", failed.table());
    assertEquals(2, trace.size());
    FibAnswer found = merged(new Host().route(standard), FAR);
    assertEquals("default", found.table());
    assertEquals(1, trace.size());
    Route rejected = table(type(route("0.0.0.0/0"), RouteType.UNREACHABLE), "default");
    FibAnswer last = merged(new Host().route(rejected), FAR);
    assertEquals(RouteError.EHOSTUNREACH, last.error());
    assertEquals("default", last.table());
    assertEquals(2, trace.size());
    FibAnswer none = merged(new Host(), FAR);
    assertEquals(RouteError.ENETUNREACH, none.error());
    assertNull(none.table());
  }

  /** {@code fib6_rule_delete} does not note that rules are custom. */
  @Test
  void whichRulesMayNeverHaveBeenWalked() {
    assertFalse(new Fib(host.build(), true).mayBeMerged());
    assertTrue(new Fib(host.build(), false).mayBeMerged());
    Host without = new Host().noRules();
    assertTrue(new Fib(without.build(), true).mayBeMerged());
    assertFalse(new Fib(without.build(), false).mayBeMerged());
    Host custom = new Host().rule(PolicyRule.lookup(true, 5, "100"));
    assertFalse(new Fib(custom.build(), true).mayBeMerged());
    Fib deleted = new Fib(new Host().noRules().route(route("::/0", hop("eth0"))).build(), true);
    FibAnswer asBefore = deleted.lookup(FAR6, true, false, new ArrayList<>());
    assertNotNull(asBefore.found());
    assertEquals(
        RouteError.ENETUNREACH, deleted.lookup(FAR6, false, false, new ArrayList<>()).error());
  }

  /** {@code __ip_dev_find}. */
  @Test
  void anAddressIsLocalIfADeviceHoldsItOrARouteSaysSo() {
    Host one =
        new Host()
            .address("eth0", "10.0.0.10/24")
            .route(table(type(route("192.0.2.0/24", hop("lo")), RouteType.LOCAL), "local"))
            .route(table(type(route("203.0.113.0/24", hop("lo")), RouteType.BROADCAST), "local"))
            .route(type(route("198.51.100.0/24", hop("lo")), RouteType.LOCAL));
    Fib fib = new Fib(one.build(), false);
    assertTrue(fib.isLocal(IpAddress.parse("10.0.0.10"), false));
    assertTrue(fib.isLocal(IpAddress.parse("192.0.2.7"), false));
    assertTrue(fib.isLocal(IpAddress.parse("192.0.2.7"), true));
    assertFalse(fib.isLocal(IpAddress.parse("203.0.113.7"), false));
    assertFalse(fib.isLocal(IpAddress.parse("10.0.0.11"), false));
    assertFalse(fib.isLocal(IpAddress.parse("198.51.100.7"), false));
    assertTrue(fib.isLocal(IpAddress.parse("198.51.100.7"), true), "one trie with main");
  }

  @Test
  void scopesThatSourcesAndGatewaysDependOn() {
    Route host1 = scope(route("10.9.0.0/24", hop("eth0")), Scope.HOST);
    Host one =
        new Host()
            .route(host1)
            .route(scope(route("10.8.0.0/24", hop("eth0")), Scope.LINK))
            .route(object(scope(route("10.7.0.0/24", hop("eth0")), Scope.LINK), 1))
            .route(object(route("10.6.0.0/24", hop("eth0")), 1));
    Fib fib = new Fib(one.build(), false);
    assertEquals(List.of(host1), fib.hostScope());
    assertEquals(List.of(Scope.UNIVERSE, Scope.LINK), fib.objectScopes());
    assertEquals(List.of(), new Fib(one.build(), true).hostScope());
    assertEquals(List.of(), new Fib(one.build(), true).objectScopes());
  }
}
