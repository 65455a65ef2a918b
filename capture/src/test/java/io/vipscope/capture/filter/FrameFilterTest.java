package io.vipscope.capture.filter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pcap4j.core.BpfProgram;
import org.pcap4j.core.BpfProgram.BpfCompileMode;
import org.pcap4j.core.PcapHandle;
import org.pcap4j.core.Pcaps;
import org.pcap4j.packet.namednumber.DataLinkType;

class FrameFilterTest {

  private static final int ETHERNET = 1;

  /** Frames to mutate: TCP and UDP over IPv4, TCP over IPv6, ARP, a VLAN tag. */
  private static final List<String> FRAMES =
      List.of(
          "525400000002525400000001080045000028000140004006b776c0a80001cb007105"
              + "c93a01bb000000010000000050020000000000000000",
          "5254000000025254000000010800450000200001400040110000c0a80001cb007105"
              + "c93a0035000c00000102030405060708",
          "52540000000252540000000186dd600000000014064020010db8000000000000000000000001"
              + "20010db8000000000000000000000002c93a01bb0000000100000000500200000000000000",
          "ffffffffffff5254000000010806000108000604000152540000000"
              + "1c0a80001000000000000c0a80002",
          "52540000000252540000000181000064080045000028000140004006b776c0a80001cb007105"
              + "c93a01bb000000010000000050020000000000000000");

  @BeforeAll
  static void libpcapIsThere() {
    try {
      assumeTrue(!Pcaps.libVersion().isEmpty());
    } catch (LinkageError e) {
      assumeTrue(false, "libpcap is not there");
    }
  }

  private static boolean matches(FrameFilter filter, byte[] frame) {
    return filter.matches(MemorySegment.ofArray(frame), 0, frame.length, frame.length);
  }

  @Test
  void selectsByPort() {
    FrameFilter filter = FrameFilter.compile("tcp port 443", ETHERNET);
    assertTrue(matches(filter, HexFormat.of().parseHex(FRAMES.get(0))));
    assertFalse(matches(filter, HexFormat.of().parseHex(FRAMES.get(1))));
    assertTrue(matches(filter, HexFormat.of().parseHex(FRAMES.get(2))));
  }

  @Test
  void anEmptyExpressionSelectsAll() {
    assertTrue(matches(FrameFilter.compile("", ETHERNET), new byte[0]));
  }

  @Test
  void rawFramesHaveTheirOwnProgram() {
    byte[] ip = HexFormat.of().parseHex(FRAMES.get(0).substring(28));
    assertTrue(matches(FrameFilter.compile("tcp dst port 443", 101), ip));
    assertTrue(matches(FrameFilter.compile("tcp dst port 443", 228), ip));
  }

  @Test
  void aLoadStartsAtTheFrame() {
    byte[] frame = HexFormat.of().parseHex("aabbcc" + FRAMES.get(0));
    FrameFilter filter = FrameFilter.compile("src host 192.168.0.1", ETHERNET);
    MemorySegment data = MemorySegment.ofArray(frame);
    assertTrue(filter.matches(data, 3, frame.length - 3, frame.length - 3));
    assertFalse(filter.matches(data, 3, 20, frame.length - 3), "the address is not captured");
  }

  @Test
  void aWrongExpressionIsTold() {
    FilterSyntaxException e =
        assertThrows(
            FilterSyntaxException.class, () -> FrameFilter.compile("tcp prot 80", ETHERNET));
    String message = String.valueOf(e.getMessage());
    assertTrue(message.contains("tcp prot 80"), message);
    assertFalse(message.contains("\n"), message);
    System.out.println("AGREE" + message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tcp port 443",
        "ip6 and tcp",
        "src net 192.168.0.0/16 or dst net 2001:db8::/32",
        "vlan 100 and host 192.168.0.1",
        "len > 60 and less 1000",
        "tcp[tcpflags] & (tcp-syn|tcp-fin) != 0",
        "ip[2:2] - ((ip[0] & 0xf) << 2) > 20",
        "ether[0] & 1 != 0 or arp",
        "portrange 1-1024 and not udp",
        "ip[8] / ip[9] > 3 or ip[8] % ip[9] = 1 or ip[4:2] * 3 ^ 5 > 100 or ip[6] >> 5 = 2",
        "ip6 protochain 6",
        "ether src 52:54:00:00:00:01"
      })
  void decidesAsLibpcapDoes(String expression) throws Exception {
    Random random = new Random(expression.hashCode());
    FrameFilter ours = FrameFilter.compile(expression, ETHERNET);
    try (PcapHandle handle = Pcaps.openDead(DataLinkType.EN10MB, 262_144)) {
      BpfProgram theirs =
          handle.compileFilter(
              expression, BpfCompileMode.OPTIMIZE, PcapHandle.PCAP_NETMASK_UNKNOWN);
      for (int i = 0; i < 2_000; i++) {
        byte[] frame = HexFormat.of().parseHex(FRAMES.get(random.nextInt(FRAMES.size())));
        for (int change = random.nextInt(4); change > 0; change--) {
          frame[random.nextInt(frame.length)] = (byte) random.nextInt(256);
        }
        int captured = random.nextInt(3) == 0 ? random.nextInt(frame.length + 1) : frame.length;
        assertEquals(
            theirs.applyFilter(frame, frame.length, captured),
            ours.matches(MemorySegment.ofArray(frame), 0, captured, frame.length),
            () -> HexFormat.of().formatHex(frame) + " " + captured);
      }
      theirs.free();
    }
  }
}
