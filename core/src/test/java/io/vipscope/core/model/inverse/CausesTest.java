package io.vipscope.core.model.inverse;

import static io.vipscope.core.model.selection.Host.ip;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vipscope.core.model.flow.FlowPredictor;
import io.vipscope.core.model.flow.FlowQuery;
import io.vipscope.core.model.netfilter.AddressRange;
import io.vipscope.core.model.netfilter.Match;
import io.vipscope.core.model.netfilter.NatTarget;
import io.vipscope.core.model.netfilter.Ruleset;
import io.vipscope.core.model.netfilter.Statement;
import io.vipscope.core.model.selection.Host;
import io.vipscope.core.model.snapshot.AddressFlag;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.Range;
import io.vipscope.core.model.snapshot.Route;
import io.vipscope.core.model.snapshot.RouteType;
import io.vipscope.core.model.snapshot.RuleAction;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.IpPrefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Each cause where it explains the source, and not where it does not. */
class CausesTest {

  private static final IpAddress OWN = ip("10.0.0.10");
  private static final IpAddress VIP = ip("10.0.0.100");
  private static final IpAddress FAR = ip("198.51.100.7");
  private static final FlowQuery QUERY = new FlowQuery(FAR, 6, 40000, 443);
  private static final long SECOND = 1_000_000_000L;

  private boolean known = true;
  private List<HostSnapshot> neighbours = List.of();
  private List<HostSnapshot> ofHost = List.of();
  private List<HostSnapshot> ofOthers = List.of();

  /**
   * Primary 10.0.0.10 and, if it is held, the secondary 10.0.0.100 on eth0, 192.0.2.1 on eth1; no
   * default route.
   */
  private static Host bare(boolean holdsVip) {
    Host host =
        new Host()
            .address("eth0", OWN + "/24")
            .address("eth1", "192.0.2.1/24")
            .route("main", "10.0.0.0/24", "eth0", null, OWN.toString())
            .local(OWN + "/32")
            .sysctl("net.ipv4.conf.eth0.rp_filter");
    return holdsVip
        ? host.address("eth0", VIP + "/24", AddressFlag.SECONDARY).local(VIP + "/32")
        : host;
  }

  private static Host plain(boolean holdsVip) {
    return bare(holdsVip).route("main", "0.0.0.0/0", "eth0", "10.0.0.1", null);
  }

  /** Its default route names the VIP as source. */
  private static Host routed() {
    return bare(true).route("main", "0.0.0.0/0", "eth0", "10.0.0.1", VIP.toString());
  }

  private Explanation explain(Host host, IpAddress source) {
    return explain(host.build(), source);
  }

  private Explanation explain(HostSnapshot state, IpAddress source) {
    Observation o = new Observation(QUERY, source, state, neighbours, known);
    return Explanation.of(new Evidence(o, ofHost, ofOthers), new Causes(FlowPredictor::new));
  }

  private List<String> words(Host host, IpAddress source) {
    return explain(host, source).causes().stream().map(CauseText::word).toList();
  }

  private static String clauses(Explanation e) {
    return String.join(
        "; ",
        e.causes().stream()
            .map(c -> CauseText.clause(c, e.observation().source(), ns -> "second " + ns / SECOND))
            .toList());
  }

  @Test
  void whatTheStateGivesNeedsNoCause() {
    Explanation e = explain(plain(true), OWN);
    assertTrue(e.expected());
    assertEquals(List.of(), e.causes());
  }

  @Test
  void boundVip() {
    Explanation e = explain(plain(true), VIP);
    assertFalse(e.expected());
    assertEquals("a socket bound to it would do that", clauses(e));
    assertTrue(e.causes().getFirst().checked());
  }

  @Test
  void boundPrimaryWhereTheVipIsExpected() {
    assertEquals(List.of("bind", "route"), words(routedOverAnother(), OWN));
  }

  /** A route with the VIP as source hides one without. */
  private static Host routedOverAnother() {
    return plain(true).route("main", "198.51.100.0/24", "eth0", "10.0.0.1", VIP.toString());
  }

  @Test
  void aVipThatIsNotHeldCannotBeBound() {
    assertEquals(List.of("snat-elsewhere", "stale-address"), words(plain(false), VIP));
  }

  @Test
  void bindOfAnAddressThatNatMapsToTheSource() {
    IpAddress mapped = ip("10.0.0.77");
    Host host = routed().netfilter(snat(OWN, mapped));
    Explanation e = explain(host, mapped);
    assertEquals(List.of("bind", "snat-elsewhere", "stale-address"), words(e), clauses(e));
    assertTrue(clauses(e).startsWith("a socket bound to 10.0.0.10 would do that"), clauses(e));
  }

  @Test
  void bindOfWhichAMarkIsAPart() {
    Host host =
        bare(true)
            .reject(RouteType.PROHIBIT, "main", "0.0.0.0/0")
            .markRule(false, 1, "77")
            .route("77", "0.0.0.0/0", "eth0", "10.0.0.1", null);
    Explanation e = explain(host, VIP);
    assertEquals("EACCES", e.prediction().error());
    assertEquals("a socket bound to it would do that if this holds, too: fwmark 0x1", clauses(e));
  }

  private static List<String> words(Explanation e) {
    return e.causes().stream().map(CauseText::word).toList();
  }

  @Test
  void markThatARuleTests() {
    Host host =
        plain(true)
            .markRule(false, 1, "77")
            .route("77", "0.0.0.0/0", "eth0", "10.0.0.1", VIP.toString());
    Explanation e = explain(host, VIP);
    assertEquals(List.of("bind", "mark"), words(e));
    assertTrue(clauses(e).contains("it leaves so if this holds: fwmark 0x1"), clauses(e));
  }

  @Test
  void markThatASelectorTakesElsewhereLeavesOthers() {
    Match marked = new Match.Numeric(Match.Field.MARK, 3, List.of(new Range(0, 0)), true);
    Ruleset nat = chain(List.of(new Ruleset.Rule(List.of(marked, to(VIP)), "mark and 3 snat", 0)));
    Host host =
        plain(true)
            .markRule(false, 1, "77")
            .reject(RouteType.PROHIBIT, "77", "0.0.0.0/0")
            .netfilter(nat);
    Explanation e = explain(host, VIP);
    assertEquals(List.of("bind", "mark"), words(e));
    assertTrue(clauses(e).endsWith("fwmark other than 0x0/0x3"), clauses(e));
  }

  @Test
  void markThatLeadsToAnotherSourceIsNoCause() {
    Host host =
        plain(true).markRule(false, 1, "77").route("77", "0.0.0.0/0", "eth1", "192.0.2.254", null);
    assertEquals(List.of("bind"), words(host, VIP));
  }

  @Test
  void deviceThatASocketIsBoundTo() {
    Host host =
        plain(true)
            .route("main", "0.0.0.0/1", "eth1", "192.0.2.254", null)
            .route("main", "128.0.0.0/1", "eth0", "10.0.0.1", null);
    Explanation e = explain(host, ip("192.0.2.1"));
    assertEquals(List.of("bind", "device"), words(e));
    assertTrue(clauses(e).contains("bound to device eth1"), clauses(e));
  }

  @Test
  void userThatANatRuleTests() {
    Match www = new Match.Numeric(Match.Field.UID, 0xffffffffL, List.of(new Range(33, 33)), false);
    Ruleset nat = chain(List.of(new Ruleset.Rule(List.of(www, to(VIP)), "skuid 33 snat", 0)));
    Explanation e = explain(plain(true).netfilter(nat), VIP);
    assertEquals(List.of("bind", "uid"), words(e));
  }

  @Test
  void policyRuleThatIsAbsent() {
    Explanation e = explain(ruled(VIP), OWN);
    assertEquals(List.of("bind", "rule", "route"), words(e));
    assertEquals(
        "a socket bound to it would do that; without rule4 1000 (from all) it is used; without"
            + " route default via 10.0.0.1 dev eth0 of table 77 it is used",
        clauses(e));
  }

  /** A rule leads to a table whose route names a source; table main would not. */
  private static Host ruled(IpAddress source) {
    return plain(true)
        .rule(false, null, false, new RuleAction.Lookup("77"))
        .route("77", "0.0.0.0/0", "eth0", "10.0.0.1", source.toString());
  }

  @Test
  void policyRuleThatMakesNoDifferenceIsNoCause() {
    assertEquals(List.of("bind"), words(ruled(OWN), VIP));
  }

  @Test
  void routeThatIsAbsent() {
    Explanation e = explain(routedOverAnother(), OWN);
    assertTrue(
        clauses(e)
            .contains(
                "without route 198.51.100.0/24 via 10.0.0.1 dev eth0 of table main it is used"),
        clauses(e));
  }

  @Test
  void routeForAnotherSourceThatHidesOne() {
    IpAddress own = ip("2001:db8::10");
    IpAddress vip = ip("2001:db8::100");
    IpAddress far = ip("2001:db8:7::7");
    HostSnapshot plain =
        new Host()
            .address("eth0", vip + "/128", AddressFlag.DEPRECATED)
            .address("eth0", own + "/64")
            .route("main", "::/0", "eth0", "fe80::1", own.toString())
            .route("main", "2001:db8:7::/48", "eth0", "fe80::1", vip.toString())
            .build();
    List<Route> routes = new ArrayList<>(Objects.requireNonNull(plain.routes6()));
    Route hiding = routes.get(1);
    routes.add(
        new Route(
            hiding.type(),
            hiding.dst(),
            IpPrefix.parse("2001:db8:9::/48"),
            0,
            "main",
            "boot",
            hiding.scope(),
            null,
            hiding.metric(),
            0,
            0,
            hiding.nexthops()));
    HostSnapshot state = plain.withRouting(true, routes, plain.rules6());
    Observation o = new Observation(new FlowQuery(far, 6, 40000, 443), vip, state, List.of(), true);
    Explanation e =
        Explanation.of(new Evidence(o, List.of(), List.of()), new Causes(FlowPredictor::new));
    assertFalse(e.expected());
    assertEquals(List.of("bind", "route"), words(e), clauses(e));
    assertTrue(clauses(e).contains("2001:db8:7::/48 from 2001:db8:9::/48"), clauses(e));
  }

  @Test
  void routeBehindWhichNothingIsLeftIsNoCause() {
    assertEquals(List.of("bind"), words(routed(), OWN));
  }

  @Test
  void natRuleThatIsAbsent() {
    Explanation e = explain(plain(true).netfilter(snat(OWN, VIP)), OWN);
    assertEquals(List.of("nat-rule"), words(e), "a bound primary is mapped, too");
    assertEquals(
        "it is used without this rule of ip edge postrouting: ip saddr 10.0.0.10 snat to 10.0.0.100",
        clauses(e));
  }

  @Test
  void ruleThatKeepsAFlowFromItsNatIsACause() {
    Ruleset.Rule accept = new Ruleset.Rule(List.of(new Statement.Accept()), "accept", 0);
    List<Ruleset.Rule> rules = new ArrayList<>(List.of(accept));
    rules.addAll(snat(OWN, VIP).chains().getFirst().rules());
    Explanation e = explain(plain(true).netfilter(chain(rules)), VIP);
    assertEquals(List.of("bind", "nat-rule"), words(e));
    assertTrue(
        clauses(e).endsWith("it is used without this rule of ip edge postrouting: accept"),
        clauses(e));
  }

  @Test
  void natRuleForOthersIsNoCause() {
    assertEquals(List.of("bind"), words(plain(true).netfilter(snat(ip("10.0.0.9"), OWN)), VIP));
  }

  @Test
  @Tag("slow")
  void rulesThatWereNotTriedAreCounted() {
    List<Ruleset.Rule> rules = new ArrayList<>();
    for (int i = 0; i < 6000; i++) {
      rules.add(new Ruleset.Rule(List.of(new Match.Constant(false), to(VIP)), "rule " + i, 0));
    }
    Explanation e = explain(plain(true).netfilter(chain(rules)), VIP);
    assertEquals(List.of("bind", "untried"), words(e));
    Cause.Untried untried = assertInstanceOf(Cause.Untried.class, e.causes().getLast());
    assertTrue(untried.count() > 0 && untried.count() < 6000, untried::toString);
    assertFalse(untried.checked());
  }

  @Test
  void neighbouringSnapshot() {
    HostSnapshot before = routed().at(10 * SECOND).build();
    neighbours = List.of(before);
    ofHost = List.of(before);
    Explanation e = explain(plain(true).at(20 * SECOND), VIP);
    assertEquals(List.of("bind", "other-state"), words(e));
    assertTrue(clauses(e).endsWith("the neighbouring state of second 10 gives it"), clauses(e));
  }

  @Test
  void olderSnapshotsAreCountedAndTheNearestIsNamed() {
    ofHost =
        List.of(
            routed().at(10 * SECOND).build(),
            routed().at(11 * SECOND).build(),
            plain(true).at(12 * SECOND).build(),
            routed().at(30 * SECOND).build());
    Explanation e = explain(plain(true).at(20 * SECOND), VIP);
    assertEquals(List.of("bind", "other-state", "other-state"), words(e));
    assertTrue(
        clauses(e)
            .endsWith(
                "the state of second 11 gives it, and 1 more beyond; the state of second 30 gives"
                    + " it"),
        clauses(e));
  }

  @Test
  void thoseBeyondTheNearestAreCountedIfTheyGiveIt() {
    ofHost =
        List.of(
            routed().at(9 * SECOND).build(),
            routed().at(10 * SECOND).build(),
            plain(true).at(11 * SECOND).build(),
            plain(true).at(12 * SECOND).build(),
            plain(true).at(13 * SECOND).build(),
            routed().at(14 * SECOND).build(),
            routed().at(15 * SECOND).build());
    assertEquals(List.of(new Cause.OtherState(ofHost.getLast(), false, true, 3)), otherStates());
  }

  /** One that ended at the same time as that in force counts once, as a later one. */
  @Test
  void anotherSnapshotOfTheSameMoment() {
    ofHost =
        List.of(
            routed().at(10 * SECOND).build(),
            routed().at(20 * SECOND).build(),
            routed().at(30 * SECOND).build());
    assertEquals(
        List.of(
            new Cause.OtherState(ofHost.get(0), false, true, 0),
            new Cause.OtherState(ofHost.get(1), false, true, 1)),
        otherStates());
  }

  @Test
  void oneThatIsNoNeighbourIsTold() {
    ofHost = List.of(routed().at(10 * SECOND).build(), plain(true).at(15 * SECOND).build());
    neighbours = List.of(ofHost.getLast());
    assertEquals(List.of(new Cause.OtherState(ofHost.getFirst(), false, true, 0)), otherStates());
  }

  private List<Cause> otherStates() {
    return explain(plain(true).at(20 * SECOND), VIP).causes().stream()
        .filter(c -> c instanceof Cause.OtherState)
        .toList();
  }

  @Test
  void snapshotsThatGiveAnotherSourceAreNoCause() {
    ofHost = List.of(plain(true).at(10 * SECOND).build(), plain(false).at(30 * SECOND).build());
    assertEquals(List.of("bind"), words(plain(true).at(20 * SECOND), VIP));
  }

  @Test
  void bindByTheNeighbouringSnapshotAlone() {
    HostSnapshot before = plain(true).at(10 * SECOND).build();
    neighbours = List.of(before);
    ofHost = List.of(before);
    Explanation e = explain(plain(false).at(20 * SECOND), VIP);
    assertEquals(List.of("bind", "snat-elsewhere", "stale-address"), words(e));
    assertTrue(clauses(e).contains("would do that, by the state of second 10"), clauses(e));
  }

  @Test
  void staleAddressNamesItsHolder() {
    ofOthers = List.of(plain(true).at(19 * SECOND).build(), plain(false).at(19 * SECOND).build());
    Explanation e = explain(plain(false).at(20 * SECOND), VIP);
    Cause.StaleAddress stale = assertInstanceOf(Cause.StaleAddress.class, e.causes().getLast());
    assertEquals(List.of(ofOthers.getFirst()), stale.holders());
    assertFalse(stale.checked());
  }

  @Test
  void natThatWasNotCollectedMayDoIt() {
    assertEquals(
        List.of("bind", "snat-unknown"), words(plain(true).netfilter(Ruleset.UNKNOWN), VIP));
  }

  @Test
  void addressThatNobodyKnows() {
    known = false;
    assertEquals(List.of("snat-elsewhere", "spoof"), words(plain(true), ip("203.0.113.9")));
  }

  @Test
  void aHostThatForwardsMayNotBeTheSender() {
    known = false;
    Host router = plain(true).sysctl("net.ipv4.ip_forward");
    assertEquals(List.of("snat-elsewhere", "forwarded", "spoof"), words(router, ip("203.0.113.9")));
  }

  @Test
  void nothingExplainsIt() {
    // A bound VIP is mapped to the primary, whatever else holds, and no rule is in the way.
    Explanation e = explain(plain(true).netfilter(snat(VIP, OWN)), VIP);
    assertEquals(List.of("unexplained"), words(e));
  }

  @Test
  void whatIsNotModelledMayExplainIt() {
    Match socket = new Match.Unknown("socket");
    Ruleset nat = chain(List.of(new Ruleset.Rule(List.of(socket, to(VIP)), "socket snat", 0)));
    Host host = plain(false).netfilter(nat);
    Explanation e = explain(host, OWN);
    assertEquals("socket", e.prediction().unmodelled());
    Explanation other = explain(host, ip("10.0.0.55"));
    assertEquals(List.of("snat-elsewhere", "stale-address"), words(other));
    // As where nothing explains it, but for the rule that may.
    List<Ruleset.Rule> rules = new ArrayList<>(nat.chains().getFirst().rules());
    rules.addAll(snat(VIP, OWN).chains().getFirst().rules());
    Explanation open = explain(plain(true).netfilter(chain(rules)), VIP);
    assertEquals("socket", open.prediction().unmodelled());
    assertFalse(open.expected());
    assertEquals(List.of(), open.causes());
  }

  @Test
  void remediesAreAddedToAnExplanation() {
    Explanation e = explain(plain(true), VIP);
    Remedy remedy = new Remedy(OWN, "ip route replace default via 10.0.0.1 dev eth0");
    assertEquals(List.of(), e.remedies());
    assertEquals(
        new Explanation(e.observation(), e.prediction(), e.trace(), e.causes(), List.of(remedy)),
        e.withRemedies(List.of(remedy)));
  }

  private static Statement to(IpAddress target) {
    return new Statement.Snat(
        new NatTarget.Addresses(new AddressRange(target, target), null, false, false, false));
  }

  private static Ruleset snat(IpAddress source, IpAddress target) {
    Match of =
        new Match.Addresses(
            Match.Side.SOURCE, List.of(AddressRange.of(IpPrefix.host(source))), false);
    return chain(
        List.of(
            new Ruleset.Rule(
                List.of(of, to(target)), "ip saddr " + source + " snat to " + target, 0)));
  }

  private static Ruleset chain(List<Ruleset.Rule> rules) {
    return new Ruleset(
        true,
        List.of(
            new Ruleset.Chain(
                "ip", "edge", "postrouting", "postrouting", "nat", 100, false, false, rules)));
  }
}
