package io.vipscope.core.flow;

import static io.vipscope.core.FrameBuilder.ACK;
import static io.vipscope.core.FrameBuilder.FIN;
import static io.vipscope.core.FrameBuilder.RST;
import static io.vipscope.core.FrameBuilder.SYN;
import static io.vipscope.core.FrameBuilder.SYN_ACK;
import static io.vipscope.core.FrameBuilder.bytes;
import static io.vipscope.core.FrameBuilder.ip;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vipscope.core.FrameBuilder;
import java.util.List;
import org.junit.jupiter.api.Test;

class FlowTrackerTest {

  private static final String HOST = "10.0.0.10";
  private static final String VIP = "10.0.0.100";
  private static final String PEER = "203.0.113.5";

  private static FrameBuilder there(int flags) {
    return FrameBuilder.tcp(HOST, 40000, PEER, 443, flags);
  }

  private static FrameBuilder there(int flags, long seq) {
    return FrameBuilder.tcp(HOST, 40000, PEER, 443, flags, seq);
  }

  private static FrameBuilder back(int flags) {
    return FrameBuilder.tcp(PEER, 443, HOST, 40000, flags);
  }

  private static Capture established() {
    return Capture.plain().at(0, there(SYN)).at(0.1, back(SYN_ACK)).at(0.2, there(ACK));
  }

  private static Capture onHost() {
    return Capture.of(new LocalAddresses(List.of(List.of(ip(HOST), ip(VIP)))));
  }

  // Who opened it.

  @Test
  void synSenderOpens() {
    FlowRecord flow = established().only();
    assertEquals(Opener.SYN, flow.opener());
    assertEquals(ip(HOST), flow.src());
    assertEquals(40000, flow.srcPort());
    assertEquals(443, flow.dstPort());
    assertEquals(2, flow.pktsToServer());
    assertEquals(1, flow.pktsToClient());
    assertEquals(FlowState.ESTABLISHED, flow.state());
  }

  @Test
  void bytesCountFromTheIpHeaderOn() {
    FlowRecord flow = established().only();
    assertEquals(80, flow.bytesToServer());
    assertEquals(40, flow.bytesToClient());
  }

  @Test
  void synAckReceiverOpens() {
    FrameBuilder answer = back(SYN_ACK).macs(1, 2).ttl(50);
    FlowRecord flow = Capture.plain().at(0, answer).only();
    assertEquals(Opener.SYNACK, flow.opener());
    assertEquals(ip(HOST), flow.src());
    assertEquals(40000, flow.srcPort());
    assertEquals(2, flow.srcMac());
    assertEquals(1, flow.dstMac());
    assertFalse(flow.openerSeen());
    assertEquals(-1, flow.ttl());
  }

  @Test
  void openersOwnFrameTellsMacsAndTtl() {
    FlowRecord flow =
        Capture.plain()
            .at(0, back(SYN_ACK).macs(1, 2))
            .at(0.1, there(ACK).macs(7, 8).ttl(63))
            .only();
    assertEquals(7, flow.srcMac());
    assertEquals(8, flow.dstMac());
    assertEquals(63, flow.ttl());
    assertTrue(flow.openerSeen());
  }

  @Test
  void midStreamHasNoOpener() {
    FlowRecord flow = Capture.plain().at(0, back(ACK)).at(0.1, there(ACK)).only();
    assertEquals(Opener.UNKNOWN, flow.opener());
    assertFalse(flow.firstFrameReset());
  }

  @Test
  void firstFrameReset() {
    FlowRecord flow = Capture.plain().at(0, back(RST | ACK)).only();
    assertEquals(Opener.UNKNOWN, flow.opener());
    assertTrue(flow.firstFrameReset());
  }

  @Test
  void laterResetIsNoFirstReset() {
    FlowRecord flow = established().at(1, back(RST)).only();
    assertFalse(flow.firstFrameReset());
    assertEquals(FlowState.CLOSED, flow.state());
    assertEquals(EndReason.RST, flow.reason());
  }

  @Test
  void firstUdpFrameOpens() {
    FlowRecord flow =
        onHost()
            .at(0, FrameBuilder.udp(HOST, 5000, PEER, 53))
            .at(1, FrameBuilder.udp(PEER, 53, HOST, 5000))
            .only();
    assertEquals(Opener.FIRST_FRAME, flow.opener());
    assertEquals(ip(HOST), flow.src());
    assertEquals(1, flow.pktsToClient());
  }

  @Test
  void answerOfAWildcardSocketFromAnotherAddress() {
    List<FlowRecord> flows =
        onHost()
            .at(0, FrameBuilder.udp(PEER, 5000, VIP, 53))
            .at(299, FrameBuilder.udp(HOST, 53, PEER, 5000))
            .end();
    assertEquals(2, flows.size());
    FlowRecord reply = flows.get(1);
    assertEquals(Opener.LISTENER, reply.opener());
    assertEquals(ip(PEER), reply.src());
    assertEquals(5000, reply.srcPort());
    assertEquals(ip(HOST), reply.dst());
    assertEquals(53, reply.dstPort());
    assertEquals(ip(VIP), reply.asked());
    assertEquals(0, reply.pktsToServer());
    assertEquals(1, reply.pktsToClient());
  }

  @Test
  void answerTimeRunsFromTheLastQuestion() {
    List<FlowRecord> flows =
        onHost()
            .at(0, FrameBuilder.udp(PEER, 5000, VIP, 53))
            .at(200, FrameBuilder.udp(PEER, 5000, VIP, 53))
            .at(499, FrameBuilder.udp(HOST, 53, PEER, 5000))
            .end();
    assertEquals(Opener.LISTENER, flows.get(1).opener());
  }

  @Test
  void answerAfterFiveMinutesIsAFlowOfItsOwn() {
    // The VIP's own frames keep the first flow alive; they are no question.
    List<FlowRecord> flows =
        onHost()
            .at(0, FrameBuilder.udp(PEER, 5000, VIP, 53))
            .at(250, FrameBuilder.udp(VIP, 53, PEER, 5000))
            .at(301, FrameBuilder.udp(HOST, 53, PEER, 5000))
            .end();
    assertEquals(Opener.FIRST_FRAME, flows.get(1).opener());
    assertEquals(ip(HOST), flows.get(1).src());
    assertNull(flows.get(1).asked());
  }

  @Test
  void questionToAnotherPortExcusesNobody() {
    List<FlowRecord> flows =
        onHost()
            .at(0, FrameBuilder.udp(PEER, 5000, VIP, 54))
            .at(1, FrameBuilder.udp(HOST, 53, PEER, 5000))
            .end();
    assertEquals(Opener.FIRST_FRAME, flows.get(1).opener());
  }

  @Test
  void questionOfAnotherPeerPortExcusesNobody() {
    List<FlowRecord> flows =
        onHost()
            .at(0, FrameBuilder.udp(PEER, 5001, VIP, 53))
            .at(1, FrameBuilder.udp(HOST, 53, PEER, 5000))
            .end();
    assertEquals(Opener.FIRST_FRAME, flows.get(1).opener());
  }

  @Test
  void answerOfAHostWithoutListedAddressesIsAFlowOfItsOwn() {
    List<FlowRecord> flows =
        Capture.plain()
            .at(0, FrameBuilder.udp(PEER, 5000, VIP, 53))
            .at(1, FrameBuilder.udp(HOST, 53, PEER, 5000))
            .end();
    assertEquals(Opener.FIRST_FRAME, flows.get(1).opener());
  }

  @Test
  void answerIsNoQuestion() {
    // HOST asked PEER; a further frame of VIP from the same port is VIP's own flow.
    List<FlowRecord> flows =
        onHost()
            .at(0, FrameBuilder.udp(HOST, 53, PEER, 5000))
            .at(1, FrameBuilder.udp(PEER, 5000, HOST, 53))
            .at(2, FrameBuilder.udp(VIP, 53, PEER, 5000))
            .end();
    assertEquals(Opener.FIRST_FRAME, flows.get(1).opener());
    assertEquals(ip(VIP), flows.get(1).src());
  }

  @Test
  void echoRequestSenderOpens() {
    FlowRecord flow =
        Capture.plain()
            .at(0, FrameBuilder.icmp(HOST, PEER, 8, 77))
            .at(1, FrameBuilder.icmp(PEER, HOST, 0, 77))
            .only();
    assertEquals(ip(HOST), flow.src());
    assertEquals(77, flow.icmpId());
    assertEquals(0, flow.srcPort());
    assertEquals(0, flow.dstPort());
    assertEquals(FlowState.ESTABLISHED, flow.state());
  }

  @Test
  void echoReplyReceiverOpens() {
    FlowRecord flow = Capture.plain().at(0, FrameBuilder.icmp(PEER, HOST, 0, 77)).only();
    assertEquals(ip(HOST), flow.src());
    assertEquals(1, flow.pktsToClient());
  }

  @Test
  void echoReplyOfIpv6() {
    FlowRecord flow =
        Capture.plain().at(0, FrameBuilder.icmp("2001:db8::5", "2001:db8::10", 129, 7)).only();
    assertEquals(ip("2001:db8::10"), flow.src());
    assertEquals(7, flow.icmpId());
    assertEquals(58, flow.protocol());
  }

  @Test
  void pingsOfBothEndsUnderOneIdentifierAreTwoFlows() {
    List<FlowRecord> flows =
        Capture.plain()
            .at(0, FrameBuilder.icmp(HOST, PEER, 8, 7))
            .at(1, FrameBuilder.icmp(PEER, HOST, 8, 7))
            .at(2, FrameBuilder.icmp(PEER, HOST, 0, 7))
            .at(3, FrameBuilder.icmp(HOST, PEER, 0, 7))
            .at(4, FrameBuilder.icmp(HOST, PEER, 8, 7))
            .end();
    assertEquals(2, flows.size());
    FlowRecord own = flows.get(0).src().equals(ip(HOST)) ? flows.get(0) : flows.get(1);
    FlowRecord peers = flows.get(0).src().equals(ip(HOST)) ? flows.get(1) : flows.get(0);
    assertEquals(ip(PEER), peers.src());
    assertEquals(List.of(2L, 1L), List.of(own.pktsToServer(), own.pktsToClient()));
    assertEquals(List.of(1L, 1L), List.of(peers.pktsToServer(), peers.pktsToClient()));
    assertEquals(7, own.icmpId());
    assertEquals(7, peers.icmpId());
  }

  @Test
  void echoesOfTwoIdentifiersAreTwoFlows() {
    List<FlowRecord> flows =
        Capture.plain()
            .at(0, FrameBuilder.icmp(HOST, PEER, 8, 1))
            .at(0, FrameBuilder.icmp(HOST, PEER, 8, 2))
            .end();
    assertEquals(2, flows.size());
  }

  @Test
  void icmpErrorsAreRecordsOfTheirOwn() {
    List<FlowRecord> flows =
        Capture.plain()
            .at(0, FrameBuilder.udp(HOST, 5000, PEER, 53))
            .at(1, FrameBuilder.icmp(PEER, HOST, 3, 0))
            .at(2, FrameBuilder.icmp(PEER, HOST, 11, 0))
            .at(3, FrameBuilder.icmp(HOST, PEER, 3, 0))
            .at(4, FrameBuilder.icmp(PEER, HOST, 3, 0))
            .end();
    assertEquals(4, flows.size());
    FlowRecord error = flows.get(1);
    assertTrue(error.icmpMessage());
    assertEquals(Opener.UNKNOWN, error.opener());
    assertEquals(ip(PEER), error.src());
    assertEquals(-1, error.icmpId());
    assertEquals(2, error.pktsToServer());
    assertFalse(flows.get(0).icmpMessage());
  }

  // Fragments.

  @Test
  void laterFragmentsFollowTheFirst() {
    FlowRecord flow =
        Capture.plain()
            .at(0, FrameBuilder.fragment(HOST, PEER, 17, 9, 0, true, bytes(2, 5000, 53, 99, 0)))
            .at(0, FrameBuilder.fragment(HOST, PEER, 17, 9, 8, false, bytes(2, 1, 2, 3, 4)))
            .only();
    assertEquals(2, flow.pktsToServer());
    assertEquals(53, flow.dstPort());
    assertFalse(flow.orphanFragment());
  }

  @Test
  void laterFragmentsOfIpv6FollowTheFirst() {
    String src = "2001:db8::1";
    String dst = "2001:db8::2";
    FlowRecord flow =
        Capture.plain()
            .at(0, FrameBuilder.fragment(src, dst, 17, 9, 0, true, bytes(2, 5000, 53, 99, 0)))
            .at(0, FrameBuilder.fragment(src, dst, 17, 9, 8, false, bytes(2, 1, 2, 3, 4)))
            .only();
    assertEquals(2, flow.pktsToServer());
    assertEquals(5000, flow.srcPort());
  }

  @Test
  void laterFragmentsOfAnEchoFollowTheFirst() {
    FlowRecord flow =
        Capture.plain()
            .at(0, FrameBuilder.fragment(HOST, PEER, 1, 9, 0, true, bytes(2, 0x800, 0, 77, 1)))
            .at(0, FrameBuilder.fragment(HOST, PEER, 1, 9, 8, false, bytes(2, 1, 2, 3, 4)))
            .only();
    assertEquals(77, flow.icmpId());
    assertEquals(2, flow.pktsToServer());
  }

  @Test
  void fragmentOfAnotherDatagramHasNoPorts() {
    List<FlowRecord> flows =
        Capture.plain()
            .at(0, FrameBuilder.fragment(HOST, PEER, 17, 9, 0, true, bytes(2, 5000, 53, 99, 0)))
            .at(0, FrameBuilder.fragment(HOST, PEER, 17, 10, 8, false, bytes(2, 1, 2, 3, 4)))
            .end();
    assertEquals(2, flows.size());
    assertTrue(flows.get(1).orphanFragment());
    assertEquals(0, flows.get(1).srcPort());
    assertEquals(0, flows.get(1).dstPort());
  }

  @Test
  void orphanFragmentOfAnEchoHasNoIdentifier() {
    FlowRecord flow =
        Capture.plain()
            .at(0, FrameBuilder.fragment(HOST, PEER, 1, 10, 8, false, bytes(2, 1, 2, 3, 4)))
            .only();
    assertTrue(flow.orphanFragment());
    assertEquals(-1, flow.icmpId());
  }

  @Test
  void orphanFragmentsAreNoPartOfAnEchoWithIdentifierZero() {
    List<FlowRecord> flows =
        Capture.plain()
            .at(0, FrameBuilder.icmp(HOST, PEER, 8, 0))
            .at(1, FrameBuilder.fragment(HOST, PEER, 1, 10, 8, false, bytes(2, 1, 2, 3, 4)))
            .end();
    assertEquals(2, flows.size());
    assertFalse(flows.get(0).orphanFragment());
    assertEquals(0, flows.get(0).icmpId());
    assertTrue(flows.get(1).orphanFragment());
  }

  // When a flow ends.

  private static void assertIdle(Capture capture, FrameBuilder again, double last, double idle) {
    capture.sweep(last + idle);
    assertEquals(List.of(), capture.written(), "swept early");
    capture.at(last + idle + 0.003, again);
    assertEquals(1, capture.written().size(), "not ended by its next frame");
    assertEquals(EndReason.TIMEOUT, capture.written().getFirst().reason());
    assertDue(last + idle, capture.dueNs().getFirst());
    assertEquals(2, capture.end().size());
  }

  /** Idle times are counted in ticks of about a millisecond, and nothing ends early. */
  private static void assertDue(double seconds, long dueNs) {
    double late = dueNs / (double) Capture.SECOND - seconds;
    assertTrue(late > 0 && late < 0.0022, () -> late + " s late");
  }

  @Test
  void tcpBeforeEstablishedIdlesSixtySeconds() {
    assertIdle(Capture.plain().at(0, there(SYN)), there(SYN), 0, 60);
  }

  @Test
  void synAckDoesNotEstablish() {
    assertIdle(Capture.plain().at(0, there(SYN)).at(0.5, back(SYN_ACK)), there(SYN), 0.5, 60);
  }

  @Test
  void establishedTcpIdlesSixHundredSeconds() {
    assertIdle(established(), there(ACK), 0.2, 600);
  }

  @Test
  void udpIdlesThreeHundredSeconds() {
    FrameBuilder frame = FrameBuilder.udp(HOST, 5000, PEER, 53);
    assertIdle(Capture.plain().at(0, frame), frame, 0, 300);
  }

  @Test
  void otherProtocolsIdleThreeHundredSeconds() {
    FrameBuilder frame = FrameBuilder.ip(HOST, PEER, 50, bytes(4, 1, 2));
    assertIdle(Capture.plain().at(0, frame), frame, 0, 300);
  }

  @Test
  void icmpIdlesThirtySeconds() {
    FrameBuilder frame = FrameBuilder.icmp(HOST, PEER, 8, 1);
    assertIdle(Capture.plain().at(0, frame), frame, 0, 30);
  }

  @Test
  void icmpV6IdlesThirtySeconds() {
    FrameBuilder frame = FrameBuilder.icmp("2001:db8::1", "2001:db8::2", 128, 1);
    assertIdle(Capture.plain().at(0, frame), frame, 0, 30);
  }

  @Test
  void sweepEndsAtTheIdleTimesEnd() {
    Capture capture = Capture.plain().at(0, there(SYN)).sweep(1000);
    assertEquals(EndReason.TIMEOUT, capture.written().getFirst().reason());
    assertEquals(1, capture.dueNs().size());
    assertDue(60, capture.dueNs().getFirst());
  }

  @Test
  void recordIsTheSameWhetherSweptOrNot() {
    FlowRecord swept = established().sweep(700).at(701, there(ACK)).written().getFirst();
    FlowRecord unswept = established().at(701, there(ACK)).written().getFirst();
    assertEquals(swept, unswept);
  }

  @Test
  void frameOutOfTimeOrderFindsTheSameFlowWhetherSweptOrNot() {
    FrameBuilder other = FrameBuilder.udp(HOST, 1, PEER, 2);
    List<FlowRecord> swept =
        Capture.plain().at(0, there(SYN)).at(90, other).sweep(90).at(50, there(SYN)).end();
    List<FlowRecord> unswept =
        Capture.plain().at(0, there(SYN)).at(90, other).at(50, there(SYN)).end();
    assertEquals(swept, unswept);
  }

  @Test
  void oneFrameFromTheFutureDoesNotSplitFlowsForEver() {
    Capture capture = Capture.plain().at(0, there(ACK)).at(1e6, FrameBuilder.udp(HOST, 1, PEER, 2));
    for (int i = 1; i <= 10; i++) {
      capture.at(i, there(ACK));
    }
    assertEquals(3, capture.end().size());
  }

  @Test
  void partialSweepTellsOnlyWhatARoundHasSeen() {
    Capture capture = Capture.plain();
    for (int port = 1; port <= 8; port++) {
      capture.at(0, FrameBuilder.udp(HOST, port, PEER, 53));
    }
    FlowTracker tracker = capture.tracker();
    long now = 400 * Capture.SECOND;
    assertTrue(tracker.sweep(now, 5) < now);
    assertEquals(5, capture.written().size());
    assertTrue(tracker.sweep(now + 1, 3) < now);
    assertEquals(8, capture.written().size());
    assertTrue(tracker.sweep(now + 2, 7) < now, "the second round began at now + 2");
    assertTrue(tracker.sweep(now + 3, 1) < now);
    assertEquals(now + 2, tracker.sweep(now + 4, 1));
  }

  @Test
  void bothFinsClose() {
    FlowRecord flow =
        established().at(1, there(FIN | ACK)).at(1.1, back(FIN | ACK)).at(1.2, there(ACK)).only();
    assertEquals(FlowState.CLOSED, flow.state());
    assertEquals(EndReason.FIN, flow.reason());
    assertEquals(3, flow.pktsToServer() - 1);
  }

  @Test
  void oneFinDoesNotClose() {
    FlowRecord flow = established().at(1, there(FIN | ACK)).only();
    assertEquals(FlowState.ESTABLISHED, flow.state());
    assertEquals(EndReason.SHUTDOWN, flow.reason());
  }

  @Test
  void synAfterFinBeginsAFlow() {
    List<FlowRecord> flows =
        established()
            .at(1, there(FIN | ACK))
            .at(1.1, back(FIN | ACK))
            .at(2, there(SYN, 1000))
            .end();
    assertEquals(2, flows.size());
    assertEquals(EndReason.FIN, flows.get(0).reason());
    assertEquals(Opener.SYN, flows.get(1).opener());
    assertEquals(6, flows.get(1).flowId());
  }

  @Test
  void synAfterResetBeginsAFlow() {
    List<FlowRecord> flows = established().at(1, back(RST)).at(2, there(SYN, 1000)).end();
    assertEquals(2, flows.size());
    assertEquals(EndReason.RST, flows.get(0).reason());
  }

  @Test
  void synWithAnotherInitialSequenceNumberBeginsAFlow() {
    assertEquals(2, established().at(2, there(SYN, 5000)).end().size());
    assertEquals(2, Capture.plain().at(0, there(SYN, 1)).at(1, there(SYN, 2)).end().size());
  }

  @Test
  void synAgainDoesNotBeginAFlow() {
    FlowRecord flow = Capture.plain().at(0, there(SYN)).at(1, there(SYN)).only();
    assertEquals(2, flow.pktsToServer());
    assertEquals(5, established().at(2, there(SYN)).at(3, back(SYN_ACK)).only().pktsToServer() + 2);
  }

  @Test
  void synAfterMidStreamBeginsAFlow() {
    List<FlowRecord> flows = Capture.plain().at(0, there(ACK)).at(1, there(SYN)).end();
    assertEquals(2, flows.size());
    assertEquals(Opener.SYN, flows.get(1).opener());
  }

  @Test
  void synOfThePeerOnAnEstablishedConnectionBeginsAFlow() {
    List<FlowRecord> flows = established().at(1, back(SYN)).end();
    assertEquals(2, flows.size());
    assertEquals(ip(PEER), flows.get(1).src());
  }

  @Test
  void synAfterAConnectionKnownByItsSynAckBeginsAFlow() {
    List<FlowRecord> flows =
        Capture.plain()
            .at(0, back(SYN_ACK))
            .at(0.1, there(ACK))
            .at(100, there(SYN, 777))
            .at(100.1, back(SYN_ACK))
            .end();
    assertEquals(2, flows.size());
    assertEquals(Opener.SYN, flows.get(1).opener());
  }

  @Test
  void synJustAfterItsAnswerJoinsIt() {
    FlowRecord flow = Capture.plain().at(0, back(SYN_ACK)).at(0.001, there(SYN)).only();
    assertEquals(ip(HOST), flow.src());
    assertEquals(1, flow.pktsToServer());
  }

  @Test
  void simultaneousOpenIsOneFlowOfTheFirstSyn() {
    FlowRecord flow = Capture.plain().at(0, there(SYN)).at(0.01, back(SYN)).only();
    assertEquals(ip(HOST), flow.src());
  }

  // The key.

  @Test
  void flowIdIsThePlaceInTheCapture() {
    List<FlowRecord> flows =
        Capture.plain()
            .at(0, there(SYN))
            .at(1, there(SYN))
            .at(2, FrameBuilder.udp(HOST, 1, PEER, 2))
            .end();
    assertEquals(List.of(1L, 3L), flows.stream().map(FlowRecord::flowId).toList());
  }

  @Test
  void twoVlansAreTwoFlows() {
    List<FlowRecord> flows =
        Capture.plain()
            .at(0, there(SYN).vlan(100))
            .at(0, there(SYN).vlan(200))
            .at(0, there(SYN))
            .end();
    assertEquals(List.of(100, 200, -1), flows.stream().map(FlowRecord::vlan).toList());
  }

  @Test
  void twoVlansAreOneFlowWithoutTheVlanKey() {
    Capture capture = new Capture(10, LocalAddresses.NONE, FlowTimeouts.DEFAULT, false);
    FlowRecord flow = capture.at(0, there(SYN).vlan(100)).at(0, there(SYN).vlan(200)).only();
    assertEquals(2, flow.pktsToServer());
    assertEquals(-1, flow.vlan());
  }

  @Test
  void repliesUnderAnotherTagJoin() {
    FlowRecord flow =
        Capture.plain()
            .at(0, there(SYN).vlan(100))
            .at(0.1, back(SYN_ACK).vlan(200))
            .at(0.2, there(ACK).vlan(100))
            .at(0.3, back(ACK).vlan(200))
            .only();
    assertEquals(2, flow.pktsToServer());
    assertEquals(2, flow.pktsToClient());
    assertEquals(100, flow.vlan());
  }

  @Test
  void untaggedRepliesJoin() {
    FlowRecord flow = Capture.plain().at(0, there(SYN).vlan(100)).at(0.1, back(SYN_ACK)).only();
    assertEquals(1, flow.pktsToClient());
  }

  @Test
  void repliesGoToTheFlowOfTheirOwnTagFirst() {
    List<FlowRecord> flows =
        Capture.plain()
            .at(0, there(SYN).vlan(100))
            .at(0, there(SYN).vlan(200))
            .at(0.1, back(SYN_ACK).vlan(200))
            .at(0.1, back(SYN_ACK).vlan(100))
            .end();
    assertEquals(2, flows.size());
    assertEquals(List.of(1L, 1L), flows.stream().map(FlowRecord::pktsToClient).toList());
  }

  @Test
  void openerUnderAnotherTagThanItsAnswer() {
    FlowRecord flow =
        Capture.plain().at(0, back(SYN_ACK).vlan(200)).at(0.1, there(ACK).vlan(100)).only();
    assertEquals(100, flow.vlan());
    assertEquals(1, flow.pktsToServer());
  }

  @Test
  void innerTagIsNoPartOfTheKey() {
    FlowRecord flow =
        Capture.plain()
            .at(0, there(SYN).vlan(7).tag(0x88a8, 100))
            .at(1, there(SYN).vlan(8).tag(0x88a8, 100))
            .only();
    assertEquals(100, flow.vlan());
    assertEquals(7, flow.innerVlan());
  }

  // Limits and interim records.

  @Test
  void flowIdleLongestMakesRoom() {
    Capture capture = new Capture(4, LocalAddresses.NONE, FlowTimeouts.DEFAULT, true);
    for (int port = 1; port <= 4; port++) {
      capture.at(port, FrameBuilder.udp(HOST, port, PEER, 53));
    }
    capture.at(5, FrameBuilder.udp(PEER, 53, HOST, 1));
    capture.at(6, FrameBuilder.udp(HOST, 5, PEER, 53));
    capture.at(7, FrameBuilder.udp("2001:db8::1", 5, "2001:db8::2", 53));
    assertEquals(List.of(2, 3), capture.written().stream().map(FlowRecord::srcPort).toList());
    assertTrue(capture.written().stream().allMatch(f -> f.reason() == EndReason.EVICTED));
    assertEquals(2, capture.tracker().evicted());
    assertEquals(6, capture.tracker().flows());
    assertEquals(7, capture.tracker().trackedFrames());
    assertEquals(0, capture.tracker().untrackedFrames());
    assertEquals(6, capture.end().size());
  }

  @Test
  void macPairsOfEndedFlowsAreForgotten() {
    Capture capture = new Capture(8, LocalAddresses.NONE, FlowTimeouts.DEFAULT, true, 100);
    FrameBuilder kept = FrameBuilder.udp(HOST, 1, PEER, 53).macs(1, 2);
    for (int i = 0; i < 5_000; i++) {
      if (i % 4 == 0) {
        capture.at(i * 0.01, kept);
      }
      capture.at(i * 0.01, FrameBuilder.udp(HOST, 2 + i, PEER, 53).macs(100 + i, 7));
    }
    assertEquals(0, capture.tracker().untrackedFrames());
    List<FlowRecord> flows = capture.end();
    assertEquals(5_001, flows.size());
    for (FlowRecord flow : flows) {
      boolean first = flow.srcPort() == 1;
      assertEquals(first ? 1 : 98 + flow.srcPort(), flow.srcMac());
      assertEquals(first ? 2 : 7, flow.dstMac());
    }
  }

  @Test
  void activeTimeoutWritesInterimRecords() {
    Capture capture =
        new Capture(
            4, LocalAddresses.NONE, FlowTimeouts.DEFAULT.withActive(10 * Capture.SECOND), true);
    for (int i = 0; i <= 25; i++) {
      capture.at(i, there(ACK));
    }
    List<FlowRecord> records = capture.end();
    assertEquals(
        List.of(EndReason.ACTIVE, EndReason.ACTIVE, EndReason.SHUTDOWN),
        records.stream().map(FlowRecord::reason).toList());
    assertEquals(List.of(11L, 21L, 26L), records.stream().map(FlowRecord::pktsToServer).toList());
  }

  @Test
  void onlyFlowsOfAuditedHostsAreToldAtOnce() {
    Capture capture = onHost().at(0, there(SYN)).at(0, FrameBuilder.udp("1.1.1.1", 1, PEER, 2));
    assertEquals(List.of(1L), capture.begun().stream().map(FlowRecord::flowId).toList());
  }

  // Frames of VIPs.

  private static Capture onVip() {
    return Capture.of(new LocalAddresses(List.of(List.of(ip(HOST), ip(VIP))), List.of(ip(VIP))));
  }

  private static FrameBuilder toVip(int flags) {
    return FrameBuilder.tcp(PEER, 4000, VIP, 80, flags).macs(1, 2);
  }

  private static FrameBuilder fromVip(int flags, long mac) {
    return FrameBuilder.tcp(VIP, 80, PEER, 4000, flags).macs(mac, 1);
  }

  @Test
  void firstAnswerOfAVipIsToldAndTheQuestionIsNot() {
    Capture capture = onVip().at(0.1, toVip(SYN)).at(0.2, fromVip(SYN_ACK, 2)).at(0.3, toVip(ACK));
    assertEquals(1, capture.used().size(), capture.used()::toString);
    VipFrame answer = capture.used().getFirst();
    assertEquals(ip(VIP), answer.src());
    assertEquals(80, answer.srcPort());
    assertEquals(2, answer.srcMac());
    assertEquals(2, answer.frame());
    assertEquals(1, answer.flowId());
    assertFalse(answer.forward());
    assertFalse(answer.payload());
  }

  @Test
  void framesOfAVipAreToldOnceASecondAndDirection() {
    Capture capture = onVip().at(0.1, toVip(SYN)).at(0.2, fromVip(SYN_ACK, 2));
    for (int i = 0; i < 3000; i++) {
      capture.at(1 + i / 1000.0, toVip(ACK)).at(1.0005 + i / 1000.0, fromVip(ACK, 2));
    }
    int told = capture.used().size();
    assertTrue(told >= 6 && told <= 9, () -> told + " of 6002 frames");
  }

  @Test
  void frameUnderAnotherMacIsToldWithIt() {
    Capture capture = onVip().at(0.1, toVip(SYN)).at(0.2, fromVip(SYN_ACK, 2));
    capture.at(3, fromVip(RST, 3));
    VipFrame last = capture.used().getLast();
    assertEquals(3, last.srcMac());
    assertTrue(last.reset());
  }

  @Test
  void otherAddressesAreNotToldOf() {
    Capture capture = onVip().at(0, there(SYN)).at(0.1, back(SYN_ACK)).at(5, there(ACK));
    assertEquals(List.of(), capture.used());
  }
}
