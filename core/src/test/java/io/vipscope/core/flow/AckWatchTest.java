package io.vipscope.core.flow;

import static io.vipscope.core.FrameBuilder.ACK;
import static io.vipscope.core.FrameBuilder.FIN;
import static io.vipscope.core.FrameBuilder.RST;
import static io.vipscope.core.FrameBuilder.SYN;
import static io.vipscope.core.FrameBuilder.SYN_ACK;
import static io.vipscope.core.FrameBuilder.bytes;
import static io.vipscope.core.FrameBuilder.ip;
import static io.vipscope.core.FrameBuilder.join;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vipscope.core.FrameBuilder;
import java.util.List;
import org.junit.jupiter.api.Test;

class AckWatchTest {

  private static final String HOST = "10.0.0.10";
  private static final String PEER = "203.0.113.5";

  private final Capture capture = Capture.of(new LocalAddresses(List.of(List.of(ip(HOST)))));
  private double now;
  private int port = 40000;
  private long base = 1000;

  private void host(int flags, long seq, long ack, int data) {
    now += 0.001;
    capture.at(now, FrameBuilder.tcp(HOST, port, PEER, 443, flags, base + seq, 5000 + ack, data));
  }

  private void peer(int flags, long seq, long ack, int data) {
    now += 0.001;
    capture.at(now, FrameBuilder.tcp(PEER, 443, HOST, port, flags, 5000 + seq, base + ack, data));
  }

  private void handshake() {
    host(SYN, -1, 0, 0);
    peer(SYN_ACK, -1, 0, 0);
    host(ACK, 0, 0, 0);
  }

  /** Bytes acknowledged and, of them, unseen: all that was told. */
  private List<Long> told() {
    capture.end();
    return List.of(
        capture.acks().stream().mapToLong(AckSight::ackedBytes).sum(),
        capture.acks().stream().mapToLong(AckSight::unseenBytes).sum());
  }

  @Test
  void allOfItIsThere() {
    handshake();
    host(ACK, 0, 0, 300);
    peer(ACK, 0, 300, 700);
    host(ACK, 300, 700, 0);
    host(FIN | ACK, 300, 700, 0);
    peer(FIN | ACK, 700, 301, 0);
    host(ACK, 301, 701, 0);
    assertEquals(List.of(1002L, 0L), told());
    assertEquals(ip(HOST), capture.acks().getFirst().address());
    assertEquals(-1, capture.acks().getFirst().vlan());
  }

  @Test
  void segmentThatIsMissingBeforeOthers() {
    handshake();
    host(ACK, 100, 0, 200);
    peer(ACK, 0, 300, 0);
    assertEquals(List.of(300L, 100L), told());
    assertEquals(5, capture.acks().getLast().frame());
  }

  @Test
  void segmentThatIsMissingAtTheEnd() {
    handshake();
    host(ACK, 0, 0, 300);
    peer(ACK, 0, 500, 0);
    assertEquals(List.of(500L, 200L), told());
  }

  @Test
  void dataOfThePeerCountsToo() {
    handshake();
    host(ACK, 0, 250, 0);
    assertEquals(List.of(250L, 250L), told());
  }

  @Test
  void whatNobodyAcknowledgesMayHaveBeenLostBeforeTheMirror() {
    handshake();
    host(ACK, 100, 0, 200);
    peer(ACK, 0, 0, 0);
    assertEquals(List.of(0L, 0L), told());
  }

  @Test
  void retransmissionFillsTheHole() {
    handshake();
    host(ACK, 100, 0, 200);
    host(ACK, 0, 0, 100);
    peer(ACK, 0, 300, 0);
    assertEquals(List.of(300L, 0L), told());
  }

  @Test
  void dataThatComesShortlyAfterItsAcknowledgementIsThere() {
    handshake();
    peer(ACK, 0, 300, 0);
    host(ACK, 0, 0, 300);
    assertEquals(List.of(300L, 0L), told());
  }

  @Test
  void dataThatComesLongAfterItsAcknowledgementIsAnotherTry() {
    handshake();
    peer(ACK, 0, 300, 0);
    now += 1.1;
    peer(ACK, 0, 300, 0);
    host(ACK, 0, 0, 300);
    assertEquals(List.of(300L, 300L), told());
  }

  @Test
  void holesAreFilledFromBothSides() {
    handshake();
    host(ACK, 1000, 0, 10);
    host(ACK, 0, 0, 300);
    host(ACK, 800, 0, 200);
    peer(ACK, 0, 1010, 0);
    assertEquals(List.of(1010L, 500L), told());
  }

  @Test
  void moreHolesThanAreRemembered() {
    handshake();
    for (int i = 1; i <= 9; i++) {
      host(ACK, 200L * i, 0, 100);
      peer(ACK, 0, 200L * i + 100, 0);
    }
    // Of each: 100 bytes before it are not there. The first hole is as long as two segments.
    assertEquals(List.of(1900L, 1000L), told());
  }

  @Test
  void loneFinAndKeepAliveAreNoData() {
    handshake();
    host(ACK, 0, 0, 300);
    peer(ACK, 0, 300, 0);
    host(ACK, 299, 0, 1);
    peer(ACK, 0, 300, 0);
    peer(ACK, 0, 301, 0);
    assertEquals(List.of(301L, 0L), told());
  }

  @Test
  void oneDirectionAloneTellsNothing() {
    host(SYN, -1, 0, 0);
    for (int i = 0; i < 20; i++) {
      host(ACK, 100L * i, 500L * i, 100);
    }
    assertEquals(List.of(0L, 0L), told());
  }

  @Test
  void connectionWhoseBeginningIsMissingIsNotFollowed() {
    host(ACK, 5000, 70000, 100);
    peer(ACK, 70000, 5400, 1000);
    host(ACK, 5400, 71000, 100);
    assertEquals(List.of(0L, 0L), told());
  }

  @Test
  void connectionOfThePeer() {
    capture.at(0, FrameBuilder.tcp(PEER, 5, HOST, 443, SYN, 99));
    capture.at(0, FrameBuilder.tcp(HOST, 443, PEER, 5, SYN_ACK, 199, 100, 0));
    capture.at(0, FrameBuilder.tcp(PEER, 5, HOST, 443, ACK, 100, 200, 0));
    capture.at(0, FrameBuilder.tcp(PEER, 5, HOST, 443, ACK, 100, 300, 0));
    assertEquals(List.of(100L, 100L), told());
    assertEquals(ip(HOST), capture.acks().getFirst().address());
    assertEquals(1, capture.acks().getFirst().flowId());
  }

  @Test
  void addressesOfIpv6() {
    Capture v6 = Capture.of(new LocalAddresses(List.of(List.of(ip("2001:db8::1")))));
    v6.at(0, FrameBuilder.tcp("2001:db8::5", 5, "2001:db8::1", 443, SYN, 99));
    v6.at(0, FrameBuilder.tcp("2001:db8::1", 443, "2001:db8::5", 5, SYN_ACK, 199, 100, 0));
    v6.at(0, FrameBuilder.tcp("2001:db8::5", 5, "2001:db8::1", 443, ACK, 100, 300, 0));
    v6.end();
    assertEquals(100, v6.acks().getFirst().unseenBytes());
    assertEquals(ip("2001:db8::1"), v6.acks().getFirst().address());
  }

  @Test
  void firstFewConnectionsOfEachSecondAreFollowed() {
    for (int second = 1; second <= 2; second++) {
      for (int i = 0; i < 100; i++) {
        port = 1000 * second + i;
        now = second;
        handshake();
        peer(ACK, 0, 100, 0);
      }
    }
    assertEquals(List.of(2 * 64 * 100L, 2 * 64 * 100L), told());
  }

  @Test
  void numbersGoRound() {
    base = 0xffff_ff00L;
    handshake();
    host(ACK, 0, 0, 200);
    host(ACK, 300, 0, 200);
    peer(ACK, 0, 500, 0);
    assertEquals(List.of(500L, 100L), told());
  }

  @Test
  void numbersOfAResetAreNotLookedInto() {
    handshake();
    peer(RST | ACK, 77777, 9000, 0);
    assertEquals(List.of(0L, 0L), told());
  }

  @Test
  void connectionWithFragmentsIsLeftAlone() {
    handshake();
    byte[] tcp =
        join(
            bytes(2, port, 443),
            bytes(4, base, 5000),
            bytes(2, 5 << 12 | ACK, 0xffff, 0, 0),
            new byte[4]);
    capture.at(now, FrameBuilder.fragment(HOST, PEER, 6, 1, 0, true, tcp));
    peer(ACK, 0, 900, 0);
    assertEquals(List.of(0L, 0L), told());
  }

  @Test
  void othersAreNotFollowed() {
    capture.at(0, FrameBuilder.tcp("10.0.0.1", 1, PEER, 443, SYN, 1));
    capture.at(0, FrameBuilder.tcp(PEER, 443, "10.0.0.1", 1, SYN_ACK, 1, 2, 0));
    capture.at(0, FrameBuilder.tcp("10.0.0.1", 1, PEER, 443, ACK, 2, 2, 100));
    capture.at(0, FrameBuilder.tcp(PEER, 443, "10.0.0.1", 1, ACK, 2, 102, 0));
    assertEquals(List.of(0L, 0L), told());
  }

  @Test
  void endedConnectionsAreForgotten() {
    for (int i = 0; i < 1000; i++) {
      port = 10000 + i;
      handshake();
      host(ACK, 0, 0, 10);
      peer(RST | ACK, 0, 10, 0);
      now += 61;
      capture.sweep(now);
    }
    // Nothing is acknowledged but by the reset.
    port = 9999;
    handshake();
    host(ACK, 0, 0, 10);
    peer(ACK, 0, 10, 0);
    assertEquals(List.of(10L, 0L), told());
  }

  @Test
  void onlyTheFirstFramesOfAConnection() {
    handshake();
    for (int i = 0; i < 5000; i++) {
      host(ACK, 10L * i, 0, 10);
      peer(ACK, 0, 10L * (i + 1), 0);
    }
    assertEquals(List.of((4096L - 3) / 2 * 10, 0L), told());
    assertEquals(
        10_003,
        capture.written().getFirst().pktsToServer() + capture.written().getFirst().pktsToClient());
  }

  @Test
  void isToldOnceASecond() {
    handshake();
    for (int i = 0; i < 100; i++) {
      now += 0.1;
      host(ACK, 10L * i, 0, 10);
      peer(ACK, 0, 10L * (i + 1), 0);
    }
    capture.end();
    assertEquals(11, capture.acks().size(), 1);
  }
}
