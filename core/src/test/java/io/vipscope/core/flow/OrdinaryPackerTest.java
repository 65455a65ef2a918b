package io.vipscope.core.flow;

import static io.vipscope.core.FrameBuilder.ACK;
import static io.vipscope.core.FrameBuilder.SYN;
import static io.vipscope.core.FrameBuilder.ip;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vipscope.core.FrameBuilder;
import io.vipscope.core.frame.FrameDecoder;
import io.vipscope.core.frame.FrameHeader;
import io.vipscope.core.frame.FrameKind;
import io.vipscope.core.frame.LinkType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ordinary frames are packed in a short way: the words must be those of the general one. */
class OrdinaryPackerTest {

  private static final String HOST = "10.0.0.10";
  private static final String HOST6 = "2001:db8::10";
  private static final String PEER = "203.0.113.5";
  private static final String PEER6 = "2001:db8:5::1";
  private static final int TUNNEL = 4789;
  private static final int SHARDS = 8;
  private static final long TIME_NS = 1_700_000_000_123_456_789L;

  private static final List<FrameBuilder> FRAMES =
      List.of(
          FrameBuilder.tcp(HOST, 40000, PEER, 443, SYN, 77),
          FrameBuilder.tcp(PEER, 443, HOST, 40000, ACK, 0xffff_fffeL).ttl(3),
          FrameBuilder.tcp(HOST, 40001, PEER, 443, ACK).vlan(10),
          FrameBuilder.tcp(HOST, 40001, PEER, 443, ACK).vlan(0),
          FrameBuilder.udp(HOST, 5000, PEER, 53),
          FrameBuilder.udp(PEER, 53, HOST, 5000).vlan(4095),
          FrameBuilder.tcp(HOST6, 40000, PEER6, 443, SYN, 99),
          FrameBuilder.tcp(PEER6, 443, HOST6, 40000, ACK).vlan(7),
          FrameBuilder.udp(HOST6, 5000, PEER6, 53));

  private final Arena arena = Arena.ofConfined();
  private final FlowHash hash = new FlowHash(42);
  private final LocalAddresses local =
      new LocalAddresses(List.of(List.of(ip(HOST), ip("10.0.0.100"), ip(HOST6))));
  private final OrdinaryPacker packer =
      new OrdinaryPacker(hash, local, SHARDS, port -> port == TUNNEL);

  @AfterEach
  void free() {
    arena.close();
  }

  @Test
  void plainFramesAreOrdinary() {
    for (int i = 0; i < FRAMES.size(); i++) {
      byte[] bytes = FRAMES.get(i).ethernet();
      assertTrue(isSame(bytes, bytes.length), "frame " + i);
    }
  }

  @Test
  void whatMustBeLookedIntoIsNot() {
    for (FrameBuilder frame :
        List.of(
            FrameBuilder.udp(HOST, 5000, PEER, TUNNEL),
            FrameBuilder.icmp(HOST, PEER, 8, 1),
            FrameBuilder.tcp(HOST, 1, PEER, 2, ACK).vlan(1).vlan(2))) {
      byte[] bytes = frame.ethernet();
      assertFalse(isSame(bytes, bytes.length));
    }
  }

  /** Frames cut off and with bytes changed: either way the same, whatever lies behind them. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void theShortWayIsExactlyTheLongOne(long seed) {
    Random random = new Random(seed);
    int ordinary = 0;
    for (int i = 0; i < 50_000; i++) {
      byte[] bytes = FRAMES.get(random.nextInt(FRAMES.size())).ethernet();
      for (int changes = random.nextInt(3); changes > 0; changes--) {
        bytes[random.nextInt(Math.min(bytes.length, 60))] = (byte) random.nextInt(256);
      }
      int length = random.nextInt(4) == 0 ? random.nextInt(bytes.length + 1) : bytes.length;
      ordinary += isSame(bytes, length) ? 1 : 0;
    }
    int found = ordinary;
    assertTrue(found > 20_000, () -> found + " ordinary frames");
  }

  /** Whether a frame is ordinary; fails if its words then differ from those of the long way. */
  private boolean isSame(byte[] bytes, int length) {
    FrameBatch first = new FrameBatch(SHARDS);
    FrameBatch second = new FrameBatch(SHARDS);
    boolean written = write(first, bytes, length, (byte) 0);
    assertEquals(written, write(second, bytes, length, (byte) 0xff));
    if (!written) {
      return false;
    }
    FrameHeader h = new FrameHeader();
    MemorySegment data = MemorySegment.ofArray(bytes).asSlice(0, length);
    new FrameDecoder().decode(data, 0, length, bytes.length, LinkType.ETHERNET, h);
    assertEquals(FrameKind.FLOW, h.kind);
    FrameBatch wanted = new FrameBatch(SHARDS);
    int flowHash = hash.of(h);
    int shard = hash.shard(h, flowHash, local) & SHARDS - 1;
    wanted.add(h, TIME_NS, TIME_NS, 5, flowHash, 9, shard);
    assertEquals(words(wanted), words(first));
    assertEquals(words(wanted), words(second));
    return true;
  }

  private boolean write(FrameBatch batch, byte[] bytes, int length, byte around) {
    MemorySegment memory = arena.allocate(length + 128L);
    memory.fill(around);
    MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, 64, length);
    boolean written = packer.write(batch, memory.address() + 64, length, TIME_NS, 5, 9);
    if (written) {
      packer.commit(batch);
    }
    return written;
  }

  private static List<Object> words(FrameBatch b) {
    int i = b.last();
    boolean v6 = FlowTable.isV6(b.ports(i));
    boolean tcp = FlowKeys.ipProtocol(FlowTable.keyProtocol(b.ports(i))) == Protocols.TCP;
    return List.of(
        b.addresses(i),
        v6 ? LongStream.range(0, 3).map(w -> b.v6(i, (int) w)).boxed().toList() : List.of(),
        b.ports(i),
        b.clockNs(i),
        List.of(b.hash(i), b.tcpFlags(i), b.ttl(i), b.tos(i), b.ipBytes(i), b.tcpSeq(i)),
        tcp ? List.of(b.tcpAck(i), b.tcpBytes(i)) : List.of(),
        List.of(b.isSpecial(i), b.isOrphan(i), b.isEchoRequest(i), b.hasPayload(i)),
        List.of(b.srcMac(i), b.dstMac(i), b.source(i), b.vlan(i), b.innerVlan(i), b.frame(i)),
        IntStream.range(0, SHARDS).map(b::size).boxed().toList());
  }
}
