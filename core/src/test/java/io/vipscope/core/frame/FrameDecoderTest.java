package io.vipscope.core.frame;

import static io.vipscope.core.FrameBuilder.SYN;
import static io.vipscope.core.FrameBuilder.bytes;
import static io.vipscope.core.FrameBuilder.ip;
import static io.vipscope.core.FrameBuilder.join;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vipscope.core.FrameBuilder;
import io.vipscope.core.net.IpAddress;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class FrameDecoderTest {

  private static final String A = "10.0.0.10";
  private static final String B = "203.0.113.5";
  private static final String A6 = "2001:db8::a";
  private static final String B6 = "2001:db8::b";

  private static FrameHeader decode(byte[] frame, int linkType) {
    return decode(frame, frame.length, linkType);
  }

  private static FrameHeader decode(byte[] frame, int length, int linkType) {
    FrameHeader h = new FrameHeader();
    new FrameDecoder().decode(MemorySegment.ofArray(frame), 0, length, frame.length, linkType, h);
    return h;
  }

  private static FrameHeader ethernet(FrameBuilder frame) {
    return decode(frame.ethernet(), LinkType.ETHERNET);
  }

  private static FrameBuilder syn() {
    return FrameBuilder.tcp(A, 40000, B, 443, SYN, 0xfedcba98L);
  }

  private static FrameBuilder syn6() {
    return FrameBuilder.tcp(A6, 40000, B6, 443, SYN);
  }

  private static void assertSyn(FrameHeader h) {
    assertEquals(FrameKind.FLOW, h.kind);
    assertEquals(ip(A), new IpAddress(h.v6, h.srcHi, h.srcLo));
    assertEquals(ip(B), new IpAddress(h.v6, h.dstHi, h.dstLo));
    assertPorts(h);
    assertEquals(0xfedcba98, h.tcpSeq);
  }

  private static void assertSyn6(FrameHeader h) {
    assertEquals(FrameKind.FLOW, h.kind);
    assertEquals(ip(A6), new IpAddress(h.v6, h.srcHi, h.srcLo));
    assertEquals(ip(B6), new IpAddress(h.v6, h.dstHi, h.dstLo));
    assertPorts(h);
  }

  private static void assertPorts(FrameHeader h) {
    assertEquals(6, h.protocol);
    assertEquals(40000, h.srcPort);
    assertEquals(443, h.dstPort);
    assertEquals(SYN, h.tcpFlags);
    assertEquals(64, h.ttl);
  }

  private static void assertTags(int outer, int inner, FrameBuilder frame) {
    FrameHeader h = ethernet(frame);
    assertSyn(h);
    assertEquals(outer, h.vlan);
    assertEquals(inner, h.innerVlan);
  }

  // Links.

  @Test
  void ethernetFrame() {
    FrameHeader h = ethernet(syn().macs(0x525400000001L, 0x5254000000feL));
    assertSyn(h);
    assertEquals(0x525400000001L, h.srcMac);
    assertEquals(0x5254000000feL, h.dstMac);
    assertEquals(40, h.ipBytes);
    assertEquals(14, h.l3Offset);
    assertEquals(34, h.l4Offset);
  }

  @Test
  void ipv6OverEthernet() {
    FrameHeader h = ethernet(syn6());
    assertSyn6(h);
    assertEquals(60, h.ipBytes);
  }

  @Test
  void tags() {
    assertTags(-1, -1, syn());
    assertTags(100, -1, syn().vlan(100));
    assertTags(4094, -1, syn().vlan(0xe000 | 4094));
    assertTags(100, 7, syn().vlan(7).tag(0x88a8, 100));
    assertTags(100, 7, syn().vlan(7).tag(0x9100, 100));
    assertTags(100, 7, syn().vlan(9).vlan(7).vlan(100));
  }

  @Test
  void priorityTagIsNoVlan() {
    assertTags(-1, -1, syn().vlan(0xe000));
    assertTags(7, -1, syn().vlan(7).vlan(0));
  }

  @Test
  void tooManyTags() {
    FrameBuilder frame = syn();
    for (int i = 0; i < FrameDecoder.MAX_LAYERS; i++) {
      frame = frame.vlan(1);
    }
    assertEquals(FrameKind.FLOW, ethernet(frame).kind);
    assertEquals(FrameKind.TOO_MANY_LAYERS, ethernet(frame.vlan(1)).kind);
  }

  @Test
  void cookedCapture() {
    FrameHeader h = decode(syn().macs(5, 6).sll(), LinkType.LINUX_SLL);
    assertSyn(h);
    assertEquals(5, h.srcMac);
    assertEquals(FrameHeader.NO_MAC, h.dstMac);
    assertSyn6(decode(syn6().sll(), LinkType.LINUX_SLL));
    assertEquals(30, decode(syn().vlan(30).sll(), LinkType.LINUX_SLL).vlan);
  }

  @Test
  void cookedCaptureVersion2() {
    FrameHeader h = decode(syn().macs(5, 6).sll2(), LinkType.LINUX_SLL2);
    assertSyn(h);
    assertEquals(5, h.srcMac);
    assertSyn6(decode(syn6().sll2(), LinkType.LINUX_SLL2));
    assertEquals(30, decode(syn().vlan(30).sll2(), LinkType.LINUX_SLL2).vlan);
  }

  @Test
  void loopbackInBothByteOrders() {
    assertSyn(decode(syn().loopback(), LinkType.NULL));
    assertSyn6(decode(syn6().loopback(), LinkType.NULL));
    assertSyn(decode(join(bytes(4, 2), syn().raw()), LinkType.LOOP));
    byte[] appletalk = join(bytes(4, 16), syn().raw());
    assertEquals(FrameKind.NON_IP, decode(appletalk, LinkType.NULL).kind);
  }

  @Test
  void rawPackets() {
    assertSyn(decode(syn().raw(), LinkType.RAW));
    assertSyn6(decode(syn6().raw(), LinkType.RAW));
    assertEquals(FrameHeader.NO_MAC, decode(syn().raw(), LinkType.RAW).srcMac);
  }

  @Test
  void unknownLinkType() {
    assertEquals(FrameKind.UNKNOWN_LINK_TYPE, decode(syn().ethernet(), 147).kind);
  }

  @Test
  void everythingIsResetBetweenFrames() {
    FrameHeader h = new FrameHeader();
    byte[] full = syn6().vlan(7).tag(0x88a8, 100).ethernet();
    byte[] none = FrameBuilder.other(0x88cc, new byte[20]).ethernet();
    FrameDecoder decoder = new FrameDecoder();
    decoder.decode(MemorySegment.ofArray(full), 0, full.length, full.length, 1, h);
    decoder.decode(MemorySegment.ofArray(none), 0, none.length, none.length, 1, h);
    assertEquals(FrameKind.NON_IP, h.kind);
    assertEquals(-1, h.vlan);
    assertEquals(-1, h.innerVlan);
    assertEquals(-1, h.protocol);
    assertEquals(0, h.srcPort);
    assertFalse(h.v6);
    assertEquals(0, h.srcHi);
  }

  // IP.

  @Test
  void paddingIsNotCounted() {
    byte[] padded = join(syn().ethernet(), new byte[40]);
    FrameHeader h = decode(padded, LinkType.ETHERNET);
    assertSyn(h);
    assertEquals(40, h.ipBytes);
    assertEquals(0, h.payloadBytes);
  }

  @Test
  void lengthZeroMeansTheWholeFrame() {
    byte[] frame = syn().ethernet();
    frame[16] = 0;
    frame[17] = 0;
    assertEquals(40, decode(frame, LinkType.ETHERNET).ipBytes);
  }

  @Test
  void headersThatContradictThemselves() {
    byte[] version = syn().raw();
    version[0] = 0x55;
    assertEquals(FrameKind.MALFORMED, decode(version, LinkType.RAW).kind);
    byte[] headerLength = syn().raw();
    headerLength[0] = 0x44;
    assertEquals(FrameKind.MALFORMED, decode(headerLength, LinkType.RAW).kind);
    byte[] totalLength = syn().raw();
    totalLength[3] = 19;
    assertEquals(FrameKind.MALFORMED, decode(totalLength, LinkType.RAW).kind);
    byte[] noRoomForPorts = syn().raw();
    noRoomForPorts[3] = 23;
    assertEquals(FrameKind.MALFORMED, decode(noRoomForPorts, LinkType.RAW).kind);
  }

  @Test
  void optionsOfIpv4AreSkipped() {
    byte[] raw = syn().raw();
    byte[] withOption = new byte[raw.length + 4];
    System.arraycopy(raw, 0, withOption, 0, 20);
    System.arraycopy(raw, 20, withOption, 24, 20);
    withOption[0] = 0x46;
    withOption[3] = 44;
    assertSyn(decode(withOption, LinkType.RAW));
  }

  @Test
  void extensionHeadersAreSkipped() {
    byte[] tcp = java.util.Arrays.copyOfRange(syn6().raw(), 40, 60);
    byte[] hopByHop = join(bytes(1, 43, 0), new byte[6]);
    byte[] routing = join(bytes(1, 60, 1), new byte[14]);
    byte[] destination = join(bytes(1, 51, 0), new byte[6]);
    byte[] authentication = join(bytes(1, 6, 4), new byte[22]); // 4: (4 + 2) words of 4 bytes
    FrameHeader h =
        ethernet(
            FrameBuilder.ip(A6, B6, 0, join(hopByHop, routing, destination, authentication, tcp)));
    assertSyn6(h);
    assertEquals(14 + 40 + 8 + 16 + 8 + 24, h.l4Offset);
  }

  @Test
  void tooManyExtensionHeaders() {
    byte[] many = new byte[8 * 200];
    for (int i = 0; i < 200; i++) {
      many[8 * i] = 60;
    }
    assertEquals(FrameKind.TOO_MANY_LAYERS, ethernet(FrameBuilder.ip(A6, B6, 60, many)).kind);
  }

  @Test
  void encryptedPayloadIsAFlowWithoutPorts() {
    FrameHeader h = ethernet(FrameBuilder.ip(A6, B6, 50, bytes(4, 1, 2)));
    assertEquals(FrameKind.FLOW, h.kind);
    assertEquals(50, h.protocol);
    assertEquals(0, h.srcPort);
  }

  @Test
  void fragments() {
    byte[] udp = bytes(2, 5000, 53, 100, 0);
    for (boolean v6 : new boolean[] {false, true}) {
      String a = v6 ? A6 : A;
      String b = v6 ? B6 : B;
      FrameHeader first = ethernet(FrameBuilder.fragment(a, b, 17, 77, 0, true, udp));
      assertTrue(first.fragment);
      assertEquals(0, first.fragmentOffset);
      assertEquals(77, first.fragmentId);
      assertEquals(5000, first.srcPort);
      FrameHeader later = ethernet(FrameBuilder.fragment(a, b, 17, 77, 1480, false, udp));
      assertTrue(later.fragment);
      assertEquals(1480, later.fragmentOffset);
      assertEquals(77, later.fragmentId);
      assertEquals(17, later.protocol);
      assertEquals(0, later.srcPort);
      assertEquals(FrameKind.FLOW, later.kind);
      FrameHeader whole = ethernet(FrameBuilder.fragment(a, b, 17, 77, 0, false, udp));
      assertFalse(whole.fragment);
      assertEquals(53, whole.dstPort);
    }
  }

  @Test
  void echoAndErrors() {
    FrameHeader echo = ethernet(FrameBuilder.icmp(A, B, 8, 0xbeef));
    assertEquals(8, echo.icmpType);
    assertEquals(0xbeef, echo.icmpId);
    assertEquals(0xbeef, ethernet(FrameBuilder.icmp(A6, B6, 129, 0xbeef)).icmpId);
    assertEquals(-1, ethernet(FrameBuilder.icmp(A, B, 3, 0xbeef)).icmpId);
    assertEquals(-1, ethernet(syn()).icmpType);
  }

  @Test
  void controlFrames() {
    assertControl(ControlKind.ARP, FrameBuilder.arp(1, 5, A, A).vlan(30));
    assertControl(ControlKind.VRRP, FrameBuilder.vrrp2(A, 51, 100, 1, B));
    assertControl(ControlKind.VRRP, FrameBuilder.vrrp3(A6, 51, 100, 1, B6));
    assertControl(ControlKind.ND, FrameBuilder.solicitation(A6, B6, B6, 5));
    assertControl(ControlKind.MLD, FrameBuilder.icmp(A6, B6, 143, 0));
    assertControl(ControlKind.IGMP, FrameBuilder.ip(A, B, 2, new byte[8]));
  }

  private static void assertControl(ControlKind expected, FrameBuilder frame) {
    FrameHeader h = ethernet(frame);
    assertEquals(FrameKind.CONTROL, h.kind);
    assertEquals(expected, h.control);
  }

  @Test
  void framesWithoutIp() {
    assertEquals(FrameKind.NON_IP, ethernet(FrameBuilder.other(0x88cc, new byte[20])).kind);
    byte[] spanningTree = join(bytes(1, 0x42, 0x42, 3), new byte[35]);
    assertEquals(
        FrameKind.NON_IP, ethernet(FrameBuilder.other(spanningTree.length, spanningTree)).kind);
  }

  @Test
  void truncatedUntilThePortsAreThere() {
    byte[] frame = syn().vlan(7).ethernet();
    int ports = 18 + 20 + 4;
    for (int length = 0; length <= frame.length; length++) {
      FrameHeader h = decode(frame, length, LinkType.ETHERNET);
      assertEquals(length < ports ? FrameKind.TRUNCATED : FrameKind.FLOW, h.kind, "at " + length);
    }
  }

  @Test
  void truncatedUntilThePortsOfIpv6AreThere() {
    byte[] frame = syn6().ethernet();
    for (int length = 0; length <= frame.length; length++) {
      FrameHeader h = decode(frame, length, LinkType.ETHERNET);
      assertEquals(
          length < 14 + 40 + 4 ? FrameKind.TRUNCATED : FrameKind.FLOW, h.kind, "at " + length);
    }
  }

  @Test
  void lengthBeyondTheSegmentIsCut() {
    byte[] frame = syn().ethernet();
    FrameHeader h = new FrameHeader();
    new FrameDecoder().decode(MemorySegment.ofArray(frame), 20, 1000, 1000, LinkType.ETHERNET, h);
    new FrameDecoder().decode(MemorySegment.ofArray(frame), 999, 10, 10, LinkType.ETHERNET, h);
    assertEquals(FrameKind.TRUNCATED, h.kind);
    new FrameDecoder().decode(MemorySegment.ofArray(frame), 0, -5, 10, LinkType.ETHERNET, h);
    assertEquals(FrameKind.TRUNCATED, h.kind);
  }
}
