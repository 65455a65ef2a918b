package io.vipscope.core.frame;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vipscope.core.FrameBuilder;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever the bytes are: nothing is thrown, nothing outside the frame is read. */
class FrameDecoderFuzzTest {

  private static final int[] LINK_TYPES = {
    LinkType.ETHERNET,
    LinkType.LINUX_SLL,
    LinkType.LINUX_SLL2,
    LinkType.NULL,
    LinkType.RAW,
    LinkType.PPP,
    LinkType.CHDLC
  };

  private static final class Sample {
    final byte[] bytes;
    final int linkType;

    Sample(byte[] bytes, int linkType) {
      this.bytes = bytes;
      this.linkType = linkType;
    }
  }

  private static List<Sample> samples() {
    List<FrameBuilder> packets =
        List.of(
            FrameBuilder.tcp("10.0.0.1", 1, "10.0.0.2", 2, 2),
            FrameBuilder.tcp("2001:db8::1", 1, "2001:db8::2", 2, 2),
            FrameBuilder.udp("10.0.0.1", 1, "10.0.0.2", 2).vlan(5).tag(0x88a8, 6),
            FrameBuilder.udp("10.0.0.1", 1, "10.0.0.2", 2).vlan(5),
            FrameBuilder.udp("2001:db8::1", 1, "2001:db8::2", 2).vlan(7),
            FrameBuilder.icmp("10.0.0.1", "10.0.0.2", 8, 3),
            FrameBuilder.icmp("2001:db8::1", "2001:db8::2", 128, 3),
            FrameBuilder.ip("2001:db8::1", "2001:db8::2", 0, extensions()),
            FrameBuilder.fragment("10.0.0.1", "10.0.0.2", 17, 1, 0, true, new byte[16]),
            FrameBuilder.fragment("2001:db8::1", "2001:db8::2", 17, 1, 8, true, new byte[16]),
            FrameBuilder.vrrp2("10.0.0.1", 51, 100, 1, "10.0.0.9"),
            FrameBuilder.vrrp3("fe80::1", 51, 100, 1, "fe80::9"),
            FrameBuilder.arp(1, 5, "10.0.0.1", "10.0.0.2"),
            FrameBuilder.advertisement("fe80::1", "ff02::1", "fe80::9", 0, 5),
            FrameBuilder.other(0x8847, new byte[60]),
            FrameBuilder.other(0x8864, new byte[40]),
            FrameBuilder.other(0x88e7, new byte[60]),
            FrameBuilder.other(
                60, FrameBuilder.join(FrameBuilder.bytes(1, 0xaa, 0xaa, 3), new byte[57])));
    List<Sample> samples = new ArrayList<>();
    for (FrameBuilder packet : packets) {
      samples.add(new Sample(packet.ethernet(), LinkType.ETHERNET));
      samples.add(new Sample(packet.sll(), LinkType.LINUX_SLL));
      samples.add(new Sample(packet.sll2(), LinkType.LINUX_SLL2));
      samples.add(new Sample(packet.loopback(), LinkType.NULL));
      samples.add(new Sample(packet.raw(), LinkType.RAW));
    }
    return samples;
  }

  private static byte[] extensions() {
    byte[] bytes = new byte[8 * 4 + 20];
    bytes[0] = 43;
    bytes[8] = 60;
    bytes[16] = 44;
    bytes[24] = 6;
    return bytes;
  }

  /** Decodes from within a larger array whose other bytes differ; the result must not. */
  private static FrameHeader decode(byte[] frame, int length, int linkType) {
    FrameHeader first = within(frame, length, linkType, (byte) 0x00);
    FrameHeader second = within(frame, length, linkType, (byte) 0xff);
    assertEquals(text(first), text(second));
    return first;
  }

  private static FrameHeader within(byte[] frame, int length, int linkType, byte around) {
    byte[] memory = new byte[frame.length + 64];
    Arrays.fill(memory, around);
    System.arraycopy(frame, 0, memory, 32, length);
    FrameHeader h = used();
    new FrameDecoder().decode(MemorySegment.ofArray(memory), 32, length, frame.length, linkType, h);
    return h;
  }

  /** A header with something in every field, as the frame before has left it. */
  private static FrameHeader used() {
    FrameHeader h = new FrameHeader();
    h.kind = FrameKind.CONTROL;
    h.control = ControlKind.ND;
    h.srcMac = h.dstMac = h.srcHi = h.srcLo = h.dstHi = h.dstLo = 0x7777;
    h.vlan = h.innerVlan = h.protocol = h.srcPort = h.dstPort = h.icmpType = h.icmpId = 77;
    h.tcpFlags = h.tcpSeq = h.tcpAck = h.ttl = h.tos = h.ipBytes = h.payloadBytes = 77;
    h.fragment = true;
    h.v6 = true;
    h.fragmentOffset = h.fragmentId = h.l3Offset = h.l4Offset = 77;
    return h;
  }

  private static String text(FrameHeader h) {
    return String.join(
        " ",
        h.kind.toString(),
        h.control.toString(),
        Long.toHexString(h.srcMac),
        Long.toHexString(h.dstMac),
        h.vlan + "/" + h.innerVlan + " " + h.v6,
        h.srcHi + ":" + h.srcLo + ">" + h.dstHi + ":" + h.dstLo,
        h.protocol + " " + h.srcPort + " " + h.dstPort + " " + h.icmpType + " " + h.icmpId,
        h.tcpFlags + " " + h.tcpSeq + " " + h.tcpAck + " " + h.ttl + " " + h.tos,
        h.ipBytes + " " + h.payloadBytes + " " + h.fragment + h.fragmentOffset + h.fragmentId,
        h.l3Offset + " " + h.l4Offset);
  }

  private static void assertSane(FrameHeader h, int length) {
    assertEquals(h.kind == FrameKind.CONTROL, h.control != ControlKind.NONE);
    if (h.kind == FrameKind.FLOW) {
      assertTrue(h.protocol >= 0 && h.protocol <= 255);
      assertTrue(h.ipBytes >= 20);
      assertTrue(h.l3Offset < length);
    }
    assertTrue(h.vlan >= -1 && h.vlan <= 4095);
    assertTrue(h.srcPort >= 0 && h.srcPort <= 0xffff);
    assertTrue(h.payloadBytes >= 0);
    assertTrue(h.l4Offset >= h.l3Offset);
  }

  @Test
  void everySampleCutAtEveryLength() {
    for (Sample sample : samples()) {
      for (int length = 0; length <= sample.bytes.length; length++) {
        assertSane(decode(sample.bytes, length, sample.linkType), length);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void changedBytes(long seed) {
    Random random = new Random(seed);
    List<Sample> samples = samples();
    for (int i = 0; i < 50_000; i++) {
      Sample sample = samples.get(random.nextInt(samples.size()));
      byte[] frame = sample.bytes.clone();
      for (int change = random.nextInt(6); change >= 0; change--) {
        int at = random.nextInt(frame.length);
        frame[at] =
            switch (random.nextInt(3)) {
              case 0 -> (byte) random.nextInt();
              case 1 -> (byte) (frame[at] ^ 1 << random.nextInt(8));
              default -> random.nextBoolean() ? (byte) 0 : (byte) 0xff;
            };
      }
      int length = random.nextInt(4) == 0 ? random.nextInt(frame.length + 1) : frame.length;
      int linkType =
          random.nextInt(10) == 0 ? LINK_TYPES[random.nextInt(LINK_TYPES.length)] : sample.linkType;
      assertSane(decode(frame, length, linkType), length);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {5, 6})
  void noise(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 50_000; i++) {
      byte[] frame = new byte[random.nextInt(120)];
      random.nextBytes(frame);
      assertSane(decode(frame, frame.length, random.nextInt(300)), frame.length);
    }
  }
}
