package io.vipscope.core.ownership;

import static io.vipscope.core.FrameBuilder.bytes;
import static io.vipscope.core.FrameBuilder.ip;
import static io.vipscope.core.FrameBuilder.join;
import static io.vipscope.core.FrameBuilder.mac;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vipscope.core.FrameBuilder;
import io.vipscope.core.frame.ControlKind;
import io.vipscope.core.frame.FrameDecoder;
import io.vipscope.core.frame.FrameHeader;
import io.vipscope.core.frame.FrameKind;
import io.vipscope.core.frame.LinkType;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ControlParserTest {

  private static final long MAC1 = mac("52:54:00:00:00:01");
  private static final long MAC2 = mac("52:54:00:00:00:02");
  private static final String ALL_NODES = "ff02::1";

  private static List<ControlEvent> parse(FrameBuilder frame) {
    return parse(frame.ethernet());
  }

  private static List<ControlEvent> parse(byte[] frame) {
    MemorySegment bytes = MemorySegment.ofArray(frame);
    FrameHeader h = new FrameHeader();
    new FrameDecoder().decode(bytes, 0, frame.length, frame.length, LinkType.ETHERNET, h);
    return ControlParser.parse(h, bytes, 7, 99);
  }

  private static <E extends ControlEvent> E only(Class<E> kind, FrameBuilder frame) {
    List<ControlEvent> events = parse(frame);
    assertEquals(1, events.size());
    return assertInstanceOf(kind, events.getFirst());
  }

  @Test
  void version2Advert() {
    FrameBuilder frame =
        FrameBuilder.vrrp2("10.0.0.11", 51, 150, 2, "10.0.0.100", "10.0.0.101")
            .macs(MAC1, 5)
            .vlan(30);
    assertEquals(
        new ControlEvent.Advert(
            7,
            99,
            30,
            MAC1,
            ip("10.0.0.11"),
            2,
            51,
            150,
            2_000_000_000L,
            List.of(ip("10.0.0.100"), ip("10.0.0.101")),
            true),
        only(ControlEvent.Advert.class, frame));
  }

  @Test
  void version3AdvertOfIpv4() {
    ControlEvent.Advert advert =
        only(ControlEvent.Advert.class, FrameBuilder.vrrp3("10.0.0.11", 51, 150, 25, "10.0.0.100"));
    assertEquals(3, advert.version());
    assertEquals(250_000_000L, advert.intervalNs());
    assertEquals(List.of(ip("10.0.0.100")), advert.addresses());
    assertEquals(-1, advert.segment());
  }

  @Test
  void version3AdvertOfIpv6() {
    ControlEvent.Advert advert =
        only(
            ControlEvent.Advert.class,
            FrameBuilder.vrrp3("fe80::1", 52, 100, 100, "fe80::100", "2001:db8::100"));
    assertEquals(ip("fe80::1"), advert.source());
    assertEquals(List.of(ip("fe80::100"), ip("2001:db8::100")), advert.addresses());
  }

  @Test
  void reservedBitsAreNoPartOfTheInterval() {
    ControlEvent.Advert advert =
        only(
            ControlEvent.Advert.class,
            FrameBuilder.vrrp3("10.0.0.11", 51, 150, 0xf000 | 100, "10.0.0.100"));
    assertEquals(1_000_000_000L, advert.intervalNs());
  }

  @Test
  void priorityZero() {
    assertEquals(
        0,
        only(ControlEvent.Advert.class, FrameBuilder.vrrp2("10.0.0.11", 51, 0, 1, "10.0.0.100"))
            .priority());
  }

  @Test
  void carpIsNoVrrp() {
    // Version 2, type 1, as VRRP; always 36 bytes, with 7 words of authentication.
    byte[] carp = join(bytes(1, 0x21, 51, 0, 7, 0, 1), new byte[30]);
    byte[] frame = FrameBuilder.ip("10.0.0.11", "224.0.0.18", 112, carp).ethernet();
    FrameHeader h = new FrameHeader();
    new FrameDecoder()
        .decode(MemorySegment.ofArray(frame), 0, frame.length, frame.length, LinkType.ETHERNET, h);
    assertEquals(FrameKind.FLOW, h.kind);
    assertEquals(ControlKind.NONE, h.control);
    assertEquals(List.of(), parse(frame));
  }

  @Test
  void vrrpOfSevenAddressesIsNoCarp() {
    String[] seven = {
      "10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5", "10.0.0.6", "10.0.0.7"
    };
    assertEquals(
        7,
        only(ControlEvent.Advert.class, FrameBuilder.vrrp2("10.0.0.11", 51, 150, 1, seven))
            .addresses()
            .size());
  }

  @Test
  void gratuitousArpRequest() {
    assertEquals(
        new ControlEvent.Claim(7, 99, -1, MAC1, ip("10.0.0.100"), MAC1, false),
        only(ControlEvent.Claim.class, FrameBuilder.arp(1, MAC1, "10.0.0.100", "10.0.0.100")));
  }

  @Test
  void gratuitousArpReplyNamesTheMacInside() {
    FrameBuilder frame = FrameBuilder.arp(2, MAC1, "10.0.0.100", "10.0.0.100").macs(MAC2, -1);
    assertEquals(
        new ControlEvent.Claim(7, 99, -1, MAC2, ip("10.0.0.100"), MAC1, true),
        only(ControlEvent.Claim.class, frame));
  }

  @Test
  void ordinaryArpIsABinding() {
    for (int operation : new int[] {1, 2}) {
      assertEquals(
          new ControlEvent.Binding(7, 99, -1, MAC1, ip("10.0.0.11"), MAC1, operation == 2),
          only(
              ControlEvent.Binding.class,
              FrameBuilder.arp(operation, MAC1, "10.0.0.11", "10.0.0.1")));
    }
  }

  @Test
  void arpProbeSaysNothing() {
    assertEquals(List.of(), parse(FrameBuilder.arp(1, MAC1, "0.0.0.0", "10.0.0.100")));
  }

  @Test
  void reverseArpSaysNothing() {
    assertEquals(List.of(), parse(FrameBuilder.arp(3, MAC1, "10.0.0.11", "10.0.0.11")));
  }

  @Test
  void unsolicitedAdvertisementToAllNodesIsAClaim() {
    FrameBuilder frame =
        FrameBuilder.advertisement("fe80::1", ALL_NODES, "2001:db8::100", 0x20, MAC1).macs(MAC2, 5);
    assertEquals(
        new ControlEvent.Claim(7, 99, -1, MAC2, ip("2001:db8::100"), MAC1, true),
        only(ControlEvent.Claim.class, frame));
  }

  @Test
  void advertisementWithoutOptionNamesTheFramesMac() {
    FrameBuilder frame =
        FrameBuilder.advertisement("fe80::1", ALL_NODES, "2001:db8::100", 0x20, -1).macs(MAC2, 5);
    assertEquals(MAC2, only(ControlEvent.Claim.class, frame).mac());
  }

  @Test
  void solicitedAdvertisementIsABinding() {
    FrameBuilder frame =
        FrameBuilder.advertisement("fe80::1", "fe80::9", "2001:db8::100", 0x60, MAC1);
    assertEquals(ip("2001:db8::100"), only(ControlEvent.Binding.class, frame).address());
  }

  @Test
  void solicitationBindsItsSender() {
    FrameBuilder frame =
        FrameBuilder.solicitation("fe80::1", "ff02::1:ff00:1", "2001:db8::100", MAC1);
    ControlEvent.Binding binding = only(ControlEvent.Binding.class, frame);
    assertEquals(ip("fe80::1"), binding.address());
    assertEquals(MAC1, binding.mac());
  }

  @Test
  void duplicateAddressDetectionSaysNothing() {
    assertEquals(
        List.of(), parse(FrameBuilder.solicitation("::", "ff02::1:ff00:1", "2001:db8::100", -1)));
  }

  @Test
  void optionOfLengthZeroEndsTheOptions() {
    byte[] frame =
        FrameBuilder.advertisement("fe80::1", ALL_NODES, "2001:db8::100", 0x20, MAC1)
            .macs(MAC2, 5)
            .ethernet();
    frame[frame.length - 7] = 0;
    assertEquals(MAC2, ((ControlEvent.Claim) parse(frame).getFirst()).mac());
  }

  static List<byte[]> controlFrames() {
    return List.of(
        FrameBuilder.vrrp2("10.0.0.11", 51, 150, 1, "10.0.0.100", "10.0.0.101").ethernet(),
        FrameBuilder.vrrp3("fe80::1", 51, 150, 1, "fe80::100").vlan(9).ethernet(),
        FrameBuilder.arp(1, MAC1, "10.0.0.100", "10.0.0.100").ethernet(),
        FrameBuilder.advertisement("fe80::1", ALL_NODES, "fe80::100", 0, MAC1).ethernet(),
        FrameBuilder.solicitation("fe80::1", ALL_NODES, "fe80::100", MAC1).ethernet());
  }

  @ParameterizedTest
  @MethodSource("controlFrames")
  void cutAtEveryLength(byte[] frame) {
    MemorySegment whole = MemorySegment.ofArray(frame);
    boolean silent = false;
    for (int length = 0; length <= frame.length; length++) {
      MemorySegment cut = MemorySegment.ofArray(Arrays.copyOf(frame, length));
      FrameHeader h = new FrameHeader();
      new FrameDecoder().decode(cut, 0, length, frame.length, LinkType.ETHERNET, h);
      silent |= ControlParser.parse(h, cut, 1, 1).isEmpty();
      // The header may come from more bytes than were kept of the frame.
      new FrameDecoder().decode(whole, 0, frame.length, frame.length, LinkType.ETHERNET, h);
      ControlParser.parse(h, cut, 1, 1);
    }
    assertTrue(silent);
    assertEquals(1, parse(frame).size());
  }

  @Test
  void addressesBeforeTheCutCount() {
    byte[] frame =
        FrameBuilder.vrrp2("10.0.0.11", 51, 150, 1, "10.0.0.100", "10.0.0.101").ethernet();
    int cut = 14 + 20 + 8 + 4;
    MemorySegment bytes = MemorySegment.ofArray(Arrays.copyOf(frame, cut));
    FrameHeader h = new FrameHeader();
    new FrameDecoder().decode(bytes, 0, cut, frame.length, LinkType.ETHERNET, h);
    ControlEvent.Advert advert =
        (ControlEvent.Advert) ControlParser.parse(h, bytes, 1, 1).getFirst();
    assertEquals(List.of(ip("10.0.0.100")), advert.addresses());
  }
}
