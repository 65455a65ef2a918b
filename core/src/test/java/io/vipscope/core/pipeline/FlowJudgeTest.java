package io.vipscope.core.pipeline;

import static io.vipscope.core.FrameBuilder.ip;
import static io.vipscope.core.pipeline.Lab.BEHIND_VIP;
import static io.vipscope.core.pipeline.Lab.BEHIND_VIP0;
import static io.vipscope.core.pipeline.Lab.FAR;
import static io.vipscope.core.pipeline.Lab.VIP;
import static io.vipscope.core.pipeline.Lab.VIP0;
import static io.vipscope.core.pipeline.Lab.advert;
import static io.vipscope.core.pipeline.Lab.flow;
import static io.vipscope.core.pipeline.Lab.own;
import static io.vipscope.core.pipeline.Lab.snapshot;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vipscope.core.flow.FlowRecord;
import io.vipscope.core.flow.Opener;
import io.vipscope.core.model.inverse.Evidence;
import io.vipscope.core.model.inverse.Observation;
import io.vipscope.core.model.netfilter.AddressRange;
import io.vipscope.core.model.netfilter.Match;
import io.vipscope.core.model.netfilter.NatTarget;
import io.vipscope.core.model.netfilter.Ruleset;
import io.vipscope.core.model.netfilter.Statement;
import io.vipscope.core.model.selection.RuleBuilder;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.PolicyRule;
import io.vipscope.core.model.snapshot.Route;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.IpPrefix;
import io.vipscope.core.ownership.ControlEvent;
import io.vipscope.core.ownership.OwnershipTimeline;
import io.vipscope.core.verdict.Direction;
import io.vipscope.core.verdict.FlowVerdict;
import io.vipscope.core.verdict.Origin;
import io.vipscope.core.verdict.Severity;
import io.vipscope.core.verdict.SourceClass;
import io.vipscope.core.verdict.UndecidedCode;
import io.vipscope.core.verdict.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** lb1 is judged; lb2 is the other one of the pair. */
class FlowJudgeTest {

  private static final HostSnapshot MASTER = snapshot(1, true, 99, 100);
  private static final HostSnapshot BACKUP = snapshot(1, false, 99, 100);

  private AuditOptions options = AuditOptions.DEFAULT;
  private List<ControlEvent> wire = List.of();
  private List<FlowRecord> before = List.of();
  private List<AuditedHost.Gap> gaps = List.of();

  private FlowVerdict judge(FlowRecord flow, HostSnapshot... lb1) {
    FlowJudge judge = judgeOf(lb1);
    return judge.judge(flow, judge.place(flow));
  }

  private @Nullable Evidence evidence(FlowRecord flow, HostSnapshot... lb1) {
    FlowJudge judge = judgeOf(lb1);
    return judge.evidence(flow, judge.place(flow));
  }

  private FlowJudge judgeOf(HostSnapshot... lb1) {
    HostIndex index =
        new HostIndex(
            List.of(
                new AuditedHost("lb1", AuditedPair.of("edge"), List.of(lb1), gaps),
                Lab.host(2, snapshot(2, false, 99, 100))),
            List.of());
    OwnershipTimeline timeline = new OwnershipTimeline(index, true);
    wire.forEach(timeline::apply);
    Services services = new Services();
    FlowJudge judge = new FlowJudge(index, timeline, new NextHops(true), services, options);
    for (FlowRecord earlier : before) {
      services.observe(earlier, judge.place(earlier), index);
    }
    return judge;
  }

  private static void assertVerdict(
      Verdict verdict, Severity severity, @Nullable UndecidedCode code, FlowVerdict v) {
    assertEquals(verdict, v.verdict(), v.reason());
    assertEquals(severity, v.severity());
    assertEquals(code, v.code());
  }

  private static PolicyRule markRule() {
    return RuleBuilder.lookup(false, "77").mark(1, -1).build();
  }

  private static FlowRecord udp(double seconds, IpAddress src, IpAddress dst) {
    return flow(seconds, 1, src, dst, 17, Opener.FIRST_FRAME, false, false);
  }

  @Test
  void predictedSourceMatches() {
    FlowVerdict v = judge(flow(150, 1, own(1), FAR), MASTER);
    assertVerdict(Verdict.MATCH, Severity.INFO, null, v);
    assertEquals("lb1", v.host());
    assertEquals("edge", v.pair());
    assertEquals(Direction.OUTBOUND, v.direction());
    assertEquals(SourceClass.PRIMARY, v.sourceClass());
    assertEquals(List.of(own(1)), v.predicted());
    assertEquals("eth0", v.sourceDev());
    assertEquals(MASTER.tEndNs(), v.stateTimeNs());
    assertEquals(List.of(), v.causes());
  }

  @Test
  void predictedVipMatches() {
    wire = List.of(advert(120, 1, 100));
    FlowVerdict v = judge(flow(120.5, 1, VIP, BEHIND_VIP), MASTER);
    assertVerdict(Verdict.MATCH, Severity.INFO, null, v);
    assertEquals(SourceClass.VIP, v.sourceClass());
    assertEquals(SourceClass.VIP, v.predictedClass());
    assertEquals(VIP, v.vip());
    assertEquals("lb1", v.owner());
    assertEquals(1, v.epoch());
  }

  @Test
  void assumedStateMakesNoMismatchWhereTheAssumptionDecides() {
    wire = List.of(advert(120, 1, 100));
    FlowVerdict decides = judge(flow(121, 1, VIP0, BEHIND_VIP), BACKUP);
    assertEquals(List.of(VIP), decides.predicted());
    assertVerdict(Verdict.CONDITIONAL, Severity.NOTICE, null, decides);
    FlowVerdict either = judge(flow(121, 1, VIP0, FAR), BACKUP);
    assertVerdict(Verdict.MISMATCH, Severity.CRITICAL, null, either);
    FlowVerdict foreign = judge(flow(121, 1, ip("192.0.2.9"), BEHIND_VIP), BACKUP);
    assertVerdict(Verdict.MISMATCH, Severity.CRITICAL, null, foreign);
  }

  @Test
  void boundVipIsAMismatchOfLittleWeightWhileHeld() {
    FlowVerdict v = judge(flow(150, 1, VIP0, FAR), MASTER);
    assertVerdict(Verdict.MISMATCH, Severity.INFO, null, v);
    assertEquals(List.of("bind"), v.causes());
    assertEquals(SourceClass.VIP, v.sourceClass());
    assertEquals(SourceClass.PRIMARY, v.predictedClass());
    assertEquals(VIP0, v.vip());
    assertEquals(List.of("secondary"), v.sourceFlags());
  }

  @Test
  void boundPrimaryIsAMismatchToo() {
    FlowVerdict v = judge(flow(150, 1, own(1), BEHIND_VIP0), MASTER);
    assertVerdict(Verdict.MISMATCH, Severity.INFO, null, v);
    assertEquals(List.of("bind"), v.causes());
    assertEquals(List.of(VIP0), v.predicted());
    assertEquals(VIP0, v.vip(), "the predicted one");
  }

  @Test
  void unknownNatIsAnotherCause() {
    HostSnapshot state = snapshot(1, true, 99, 100, Ruleset.UNKNOWN, null);
    FlowVerdict v = judge(flow(150, 1, VIP0, FAR), state);
    assertVerdict(Verdict.MISMATCH, Severity.WARNING, null, v);
    assertEquals(List.of("bind", "snat-unknown"), v.causes());
  }

  @Test
  void vipThatIsNotHeldIsCritical() {
    FlowVerdict v = judge(flow(150, 1, VIP, FAR), BACKUP);
    assertEquals(Verdict.MISMATCH, v.verdict());
    assertEquals(Severity.CRITICAL, v.severity());
    assertTrue(v.causes().contains("stale-address"));
    assertEquals("lb1", v.host(), "its MAC sent it");
  }

  @Test
  void vipThatTheWireGivesToTheOtherIsCritical() {
    wire = List.of(advert(105, 1, 100), advert(110, 2, 150));
    FlowVerdict v = judge(flow(111, 1, VIP, BEHIND_VIP), MASTER);
    // What only the snapshot before the change gives is conditional.
    assertEquals(Verdict.CONDITIONAL, v.verdict());
    assertEquals("lb2", v.owner());
    FlowVerdict far = judge(flow(111, 1, VIP, FAR), MASTER);
    assertEquals(Verdict.MISMATCH, far.verdict());
    assertEquals(Severity.CRITICAL, far.severity());
  }

  @Test
  void foreignSourceIsCritical() {
    FlowVerdict v = judge(flow(150, 1, ip("192.0.2.9"), FAR), MASTER);
    assertEquals(Verdict.MISMATCH, v.verdict());
    assertEquals(Severity.CRITICAL, v.severity());
    assertEquals(SourceClass.FOREIGN, v.sourceClass());
    assertEquals(Direction.OUTBOUND, v.direction());
    assertTrue(v.causes().contains("spoof"));
  }

  @Test
  void foreignSourceMayBeForwardedWhereNothingTells() {
    FlowVerdict v = judge(flow(150, 1, ip("192.0.2.9"), FAR), Lab.settings(MASTER, Map.of()));
    assertEquals(Verdict.UNDECIDED, v.verdict());
    assertEquals(UndecidedCode.NO_STATE, v.code());
    assertEquals(SourceClass.FOREIGN, v.sourceClass());
    assertEquals(List.of(), v.causes());
  }

  @Test
  void forwardingIsThatOfTheStateInForce() {
    HostSnapshot router =
        Lab.settings(snapshot(1, true, 199, 200), Map.of("net.ipv4.ip_forward", "1"));
    FlowRecord early = flow(150, 1, ip("192.0.2.9"), FAR);
    FlowRecord late = flow(250, 1, ip("192.0.2.9"), FAR);
    assertEquals(Direction.OUTBOUND, judge(early, MASTER, router).direction());
    assertEquals(Direction.TRANSIT, judge(late, MASTER, router).direction());
    assertNull(judge(late, MASTER, router).verdict());
  }

  @Test
  void neighbouringSnapshotMakesItConditional() {
    FlowVerdict v = judge(flow(150, 1, VIP, BEHIND_VIP), BACKUP, snapshot(1, true, 199, 200));
    assertVerdict(Verdict.CONDITIONAL, Severity.NOTICE, null, v);
    assertEquals(
        List.of("state changed between 1970-01-01T00:01:40Z and 1970-01-01T00:03:20Z"),
        v.conditions());
    assertEquals(List.of(own(1)), v.predicted());
    assertEquals(List.of(), v.causes());
  }

  @Test
  void markMakesItConditional() {
    HostSnapshot state = marked();
    FlowVerdict v = judge(flow(150, 1, VIP0, FAR), state);
    assertVerdict(Verdict.CONDITIONAL, Severity.NOTICE, null, v);
    assertEquals(List.of("fwmark 0x1"), v.conditions());
    assertEquals(Verdict.MATCH, judge(flow(150, 1, own(1), FAR), state).verdict());
  }

  private static HostSnapshot marked() {
    HostSnapshot plain = snapshot(1, true, 99, 100, Ruleset.NONE, markRule());
    List<Route> routes = new ArrayList<>(Objects.requireNonNull(plain.routes4()));
    routes.add(Lab.route("77", "0.0.0.0/0", "eth0", "10.0.0.1", VIP0));
    return plain.withRouting(false, routes, plain.rules4());
  }

  @Test
  void lostEventsOfTheHostDecideNothing() {
    gaps = List.of(new AuditedHost.Gap(150 * Lab.SECOND, 151 * Lab.SECOND));
    assertEquals(Verdict.MATCH, judge(flow(149, 1, own(1), FAR), MASTER).verdict());
    assertVerdict(
        Verdict.UNDECIDED,
        Severity.NOTICE,
        UndecidedCode.NO_STATE,
        judge(flow(150.5, 1, own(1), FAR), MASTER));
    assertEquals(Verdict.MATCH, judge(flow(152, 1, own(1), FAR), MASTER).verdict());
  }

  @Test
  void stateThatIsTooOldDecidesNothing() {
    options = new AuditOptions(true, true, true, 60 * Lab.SECOND);
    assertEquals(Verdict.MATCH, judge(flow(160, 1, own(1), FAR), MASTER).verdict());
    assertVerdict(
        Verdict.UNDECIDED,
        Severity.NOTICE,
        UndecidedCode.STATE_STALE,
        judge(flow(160.001, 1, own(1), FAR), MASTER));
    assertEquals(UndecidedCode.STATE_STALE, judge(flow(39.9, 1, own(1), FAR), MASTER).code());
    assertEquals(Verdict.MATCH, judge(flow(40, 1, own(1), FAR), MASTER).verdict());
  }

  @Test
  void stateWithoutTimeIsNeverTooOld() {
    options = new AuditOptions(true, true, true, 1);
    HostSnapshot always = snapshot(1, true, HostSnapshot.ALWAYS, HostSnapshot.ALWAYS);
    assertEquals(Verdict.MATCH, judge(flow(1e9, 1, own(1), FAR), always).verdict());
  }

  @Test
  void familyWithoutRoutesDecidesNothing() {
    HostSnapshot state = MASTER.withRouting(false, null, MASTER.rules4());
    FlowVerdict v = judge(flow(150, 1, own(1), FAR), state);
    assertVerdict(Verdict.UNDECIDED, Severity.NOTICE, UndecidedCode.NO_STATE, v);
  }

  @Test
  void midStreamDecidesNothing() {
    FlowVerdict v = judge(flow(150, 1, own(1), FAR, 6, Opener.UNKNOWN, false, false), MASTER);
    assertVerdict(Verdict.UNDECIDED, Severity.NOTICE, UndecidedCode.MID_STREAM, v);
    assertEquals(Direction.UNKNOWN, v.direction());
  }

  @Test
  void firstFrameResetIsNotJudged() {
    FlowVerdict v = judge(flow(150, 1, own(1), FAR, 6, Opener.UNKNOWN, true, false), MASTER);
    assertNull(v.verdict());
    assertEquals(Direction.UNKNOWN, v.direction());
  }

  @Test
  void icmpErrorIsNotJudged() {
    int unreachable = 1 | (3 + 1) << 8;
    FlowVerdict v =
        judge(flow(150, 1, own(1), FAR, unreachable, Opener.UNKNOWN, false, false), MASTER);
    assertNull(v.verdict());
    assertEquals(Direction.UNKNOWN, v.direction());
  }

  @Test
  void fragmentWithoutItsFirstDecidesNothing() {
    for (int protocol : new int[] {6, 17}) {
      Opener opener = protocol == 6 ? Opener.UNKNOWN : Opener.FIRST_FRAME;
      FlowVerdict v = judge(flow(150, 1, own(1), FAR, protocol, opener, false, true), MASTER);
      assertVerdict(Verdict.UNDECIDED, Severity.NOTICE, UndecidedCode.FRAGMENT, v);
    }
  }

  @Test
  void flowTowardsTheHostIsNotJudged() {
    wire = List.of(advert(120, 1, 100));
    FlowVerdict v = judge(flow(121, 9, FAR, VIP), MASTER);
    assertNull(v.verdict());
    assertNull(v.sourceClass());
    assertEquals(Direction.INBOUND, v.direction());
    assertEquals("lb1", v.host());
    assertEquals(VIP, v.vip());
    assertEquals("lb1", v.owner());
  }

  @Test
  void flowOfOthersIsNobodys() {
    FlowVerdict v = judge(flow(150, 9, FAR, ip("192.0.2.1")), MASTER);
    assertNull(v.host());
    assertNull(v.verdict());
  }

  @Test
  void vipThroughAVirtualMacBelongsToItsOwnerThen() {
    wire = List.of(advert(120, 2, 100));
    FlowRecord flow = withMac(flow(121, 1, VIP, FAR), 0x00005e000133L);
    assertEquals("lb2", judge(flow, BACKUP).host());
  }

  @Test
  void vipFromAnUnknownMacOfNobody() {
    FlowVerdict v = judge(withMac(flow(121, 1, VIP, FAR), 0xabL), BACKUP);
    assertNull(v.host());
    assertVerdict(Verdict.UNDECIDED, Severity.NOTICE, UndecidedCode.NO_STATE, v);
  }

  private static FlowRecord withMac(FlowRecord f, long mac) {
    return with(f, mac, f.ttl());
  }

  private static FlowRecord withTtl(FlowRecord f, int ttl) {
    return with(f, f.srcMac(), ttl);
  }

  private static FlowRecord with(FlowRecord f, long mac, int ttl) {
    return new FlowRecord(
        f.flowId(),
        f.source(),
        f.vlan(),
        f.innerVlan(),
        f.src(),
        f.srcPort(),
        f.dst(),
        f.dstPort(),
        f.keyProtocol(),
        f.icmpId(),
        f.startNs(),
        f.endNs(),
        f.pktsToServer(),
        f.pktsToClient(),
        f.bytesToServer(),
        f.bytesToClient(),
        mac,
        f.dstMac(),
        f.openerSeen(),
        ttl,
        f.tos(),
        f.state(),
        f.reason(),
        f.opener(),
        f.firstFrameReset(),
        f.orphanFragment(),
        f.asked());
  }

  @Test
  void advertisedAddressThatNobodyNamedDecidesNothing() {
    IpAddress unnamed = ip("10.1.0.200");
    wire =
        List.of(
            new ControlEvent.Advert(
                1,
                110 * Lab.SECOND,
                -1,
                Lab.mac(1),
                own(1),
                2,
                52,
                100,
                Lab.SECOND,
                List.of(unnamed),
                true));
    FlowVerdict v = judge(flow(111, 1, unnamed, FAR), MASTER);
    assertVerdict(Verdict.UNDECIDED, Severity.NOTICE, UndecidedCode.NO_STATE, v);
  }

  @Test
  void doubtAboutTheOpenerComesBeforeConditions() {
    // Nothing was heard towards lb1: the UDP frame may be an answer, whatever the state says.
    HostSnapshot later = snapshot(1, true, 199, 200);
    assertVerdict(
        Verdict.UNDECIDED,
        Severity.NOTICE,
        UndecidedCode.MID_STREAM,
        judge(udp(150, VIP, BEHIND_VIP), BACKUP, later));
    before = List.of(flow(140, 9, FAR, own(1)));
    FlowVerdict v = judge(udp(150, VIP, BEHIND_VIP), BACKUP, later);
    assertEquals(Verdict.CONDITIONAL, v.verdict());
  }

  /** A router that gives forwarded packets the second VIP as their source. */
  private static HostSnapshot router() {
    Match clients =
        new Match.Addresses(
            Match.Side.SOURCE, List.of(AddressRange.of(IpPrefix.parse("172.16.0.0/12"))), false);
    AddressRange to = new AddressRange(VIP0, VIP0);
    Statement snat = new Statement.Snat(new NatTarget.Addresses(to, null, false, false, false));
    Ruleset.Rule rule = new Ruleset.Rule(List.of(clients, snat), "rule", 0);
    Ruleset nat =
        new Ruleset(
            true,
            List.of(
                new Ruleset.Chain(
                    "ip", "t", "c", "postrouting", "nat", 100, false, false, List.of(rule))));
    return Lab.settings(MASTER.withNetfilter(nat), Map.of("net.ipv4.ip_forward", "1"));
  }

  @Test
  void packetWithTheHostsOwnTtlWasNotForwarded() {
    FlowVerdict own = judge(flow(150, 1, VIP0, FAR), router());
    assertVerdict(Verdict.MISMATCH, Severity.INFO, null, own);
    assertEquals(Origin.LOCAL, own.origin());
    assertEquals(List.of("bind"), own.causes());
    FlowVerdict clients = judge(withTtl(flow(150, 1, VIP0, FAR), 63), router());
    assertEquals(Verdict.CONDITIONAL, clients.verdict());
    assertEquals(List.of("forwarded"), clients.conditions());
    assertEquals(Origin.FORWARDED, clients.origin());
  }

  @Test
  void ttlSaysLittleWhereTheSettingsAreUnknown() {
    HostSnapshot state = Lab.settings(MASTER, Map.of());
    assertEquals(Origin.LOCAL, judge(flow(150, 1, own(1), FAR), state).origin());
    assertEquals(Origin.UNKNOWN, judge(withTtl(flow(150, 1, own(1), FAR), 63), state).origin());
  }

  @Test
  void boundVipThatAnotherHoldsIsCriticalThoughItIsStillThere() {
    // lb1 has crashed with the VIP on its device: its later snapshot shows it still.
    wire = List.of(advertOfVip0(105, 1), advertOfVip0(110, 2));
    FlowVerdict v = judge(flow(121, 1, VIP0, FAR), MASTER, snapshot(1, true, 115, 116));
    assertVerdict(Verdict.MISMATCH, Severity.CRITICAL, null, v);
    assertEquals(List.of("bind"), v.causes());
    assertEquals("lb2", v.owner());
  }

  private static ControlEvent.Advert advertOfVip0(double seconds, int n) {
    ControlEvent.Advert a = advert(seconds, n, 100);
    return new ControlEvent.Advert(
        a.frame(),
        a.tsNs(),
        a.segment(),
        a.frameMac(),
        a.source(),
        a.version(),
        a.vrid(),
        a.priority(),
        a.intervalNs(),
        List.of(VIP0),
        true);
  }

  @Test
  void udpThatMayBeAnAnswerIsNoMismatch() {
    assertVerdict(
        Verdict.UNDECIDED,
        Severity.NOTICE,
        UndecidedCode.MID_STREAM,
        judge(udp(150, VIP0, FAR), MASTER));
    before = List.of(flow(140, 9, FAR, own(1)));
    assertEquals(Verdict.MISMATCH, judge(udp(150, VIP0, FAR), MASTER).verdict());
  }

  @Test
  void evidenceIsTheStateThatWasJudgedBy() {
    HostSnapshot later = snapshot(1, false, 199, 200);
    Evidence e = evidence(flow(150, 1, VIP0, FAR), MASTER, later);
    assertNotNull(e);
    Observation o = e.observation();
    assertSame(MASTER, o.state());
    assertEquals(List.of(later), o.neighbours());
    assertEquals(VIP0, o.source());
    assertEquals(FAR, o.query().dst());
    assertTrue(o.known());
    assertEquals(List.of(MASTER, later), e.ofHost());
    assertEquals(List.of("lb2"), e.ofOthers().stream().map(HostSnapshot::host).toList());
  }

  @Test
  void evidenceFollowsTheWire() {
    wire = List.of(advert(120, 1, 100));
    Evidence e = evidence(flow(121, 1, VIP0, BEHIND_VIP), BACKUP);
    assertNotNull(e);
    assertTrue(e.observation().state().assumed());
    assertEquals(List.of(BACKUP), e.observation().neighbours());
  }

  @Test
  void whatIsComparedWithNoPredictionHasNoEvidence() {
    assertNull(evidence(flow(121, 9, FAR, VIP), MASTER), "inbound");
    assertNull(
        evidence(flow(150, 1, own(1), FAR), MASTER.withRouting(false, null, MASTER.rules4())));
    assertNull(evidence(flow(150, 1, own(1), FAR, 6, Opener.UNKNOWN, false, false), MASTER));
    assertNotNull(evidence(flow(150, 1, own(1), FAR), MASTER), "a match has");
  }

  @Test
  void causesOfRecordsAreThoseThatCanBeAskedFor() {
    for (IpAddress source : List.of(own(1), VIP, VIP0, ip("192.0.2.9"))) {
      for (HostSnapshot state : List.of(MASTER, BACKUP, marked())) {
        for (Ruleset nat : List.of(Ruleset.NONE, Ruleset.UNKNOWN)) {
          FlowVerdict v = judge(flow(150, 1, source, BEHIND_VIP0), state.withNetfilter(nat));
          assertTrue(FlowVerdict.CAUSES.containsAll(v.causes()), v.causes()::toString);
          assertEquals(v.verdict() == Verdict.MISMATCH, !v.causes().isEmpty());
        }
      }
    }
  }

  @Test
  void whatTheWireCannotOrderIsUndecided() {
    wire = List.of(advert(108, 1, 100), advert(110, 2, 150));
    FlowVerdict near = judge(flow(110.05, 1, VIP, BEHIND_VIP), BACKUP);
    assertVerdict(Verdict.UNDECIDED, Severity.NOTICE, UndecidedCode.FAILOVER, near);
    FlowVerdict same = judge(flow(110.05, 1, VIP, FAR), BACKUP);
    assertEquals(Verdict.MISMATCH, same.verdict(), "neither state gives it");
    FlowVerdict later = judge(flow(110.2, 1, VIP, BEHIND_VIP), BACKUP);
    assertVerdict(Verdict.MISMATCH, Severity.CRITICAL, null, later);
  }

  // Why the kernel chose a VIP.

  private @Nullable String choice(FlowRecord flow, HostSnapshot state) {
    FlowJudge judge = judgeOf(state);
    return judge.vipChoice(flow, judge.place(flow));
  }

  @Test
  void vipAloneInItsSubnetIsChosenForItsMask() {
    String why = choice(flow(150, 1, VIP, BEHIND_VIP), MASTER);
    assertTrue(why != null && why.startsWith("mask: 10.1.0.100/24"), () -> "" + why);
  }

  @Test
  void anotherRouteThatNamesTheVipDoesNotMatter() {
    List<Route> routes = new ArrayList<>(Objects.requireNonNull(MASTER.routes4()));
    routes.add(Lab.route("main", "10.0.0.0/8", "eth0", "10.0.0.1", VIP));
    HostSnapshot state = MASTER.withRouting(false, routes, MASTER.rules4());
    String why = choice(flow(150, 1, VIP, BEHIND_VIP), state);
    assertTrue(why != null && why.startsWith("mask: 10.1.0.100/24"), () -> "" + why);
    assertNull(choice(flow(150, 1, VIP, ip("10.9.0.1")), state), "this one decides there");
  }

  @Test
  void routeThatNamesTheVipIsSomebodysWill() {
    // Of protocol kernel in this laboratory, but for a subnet that the VIP is not in.
    assertNull(choice(flow(150, 1, VIP0, ip("198.51.100.7")), naming("boot")));
  }

  private static HostSnapshot naming(String protocol) {
    List<Route> routes = new ArrayList<>(Objects.requireNonNull(MASTER.routes4()));
    Route r = Lab.route("main", "198.51.100.0/24", "eth0", "10.0.0.1", VIP0);
    assertEquals(protocol, r.protocol());
    routes.add(r);
    return MASTER.withRouting(false, routes, MASTER.rules4());
  }
}
