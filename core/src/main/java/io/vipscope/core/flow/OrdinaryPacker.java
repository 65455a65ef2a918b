package io.vipscope.core.flow;

import io.vipscope.core.frame.EtherType;
import java.util.function.IntPredicate;

/**
 * Packs ordinary frames, which most are, straight from their bytes: Ethernet with at most one tag,
 * IPv4 without options or IPv6 without extension headers, no fragment, TCP or UDP that carries no
 * tunnel, captured as far as the key needs, and no older than the frames before. The result is
 * exactly that of decoding it ({@link io.vipscope.core.frame.FrameDecoder}) and adding it. The
 * reader's thread owns an instance.
 */
public final class OrdinaryPacker {

  private static final int ETHERNET_HEADER = 14;
  private static final int TAG = 4;
  private static final int V4_HEADER = 20;
  private static final int V6_HEADER = 40;

  /** A TCP header up to its flags. */
  private static final int TCP_BYTES = 14;

  private static final int UDP_BYTES = 8;

  /** The shortest frame that may be ordinary, in bytes: enough for the loads below. */
  private static final int MIN_BYTES = ETHERNET_HEADER + V4_HEADER + UDP_BYTES;

  /** Of the first word of an IPv4 header: version, header length, fragment bits and offset. */
  private static final long V4_SHAPE = 0xff00_0000_0000_3fffL;

  private static final long V4_ORDINARY = 0x45L << 56;

  private final FlowHash hash;
  private final LocalAddresses local;
  private final int shards;
  private final IntPredicate tunnelPort;

  // Of the frame that was written last.
  private int tcpSeq;
  private long tcpData;

  /**
   * @param shards parts of the flow table, a power of two
   * @param tunnelPort whether UDP to a port may carry frames that must be looked into
   */
  public OrdinaryPacker(FlowHash hash, LocalAddresses local, int shards, IntPredicate tunnelPort) {
    this.hash = hash;
    this.local = local;
    this.shards = shards;
    this.tunnelPort = tunnelPort;
  }

  /**
   * Writes a frame's words into a batch that is not full, without adding it yet; or is false and
   * does nothing, for a frame that is not ordinary.
   *
   * @param at address of its first byte
   * @param length bytes captured, all of which are there
   * @param tsNs its capture time: no earlier frame has a later one
   * @param frame its number in the capture, from 1
   * @param source index of the source it came from, below 2^12
   */
  public boolean write(FrameBatch batch, long at, int length, long tsNs, long frame, int source) {
    if (length < MIN_BYTES) {
      return false;
    }
    int l3 = ETHERNET_HEADER;
    int type = NativeWords.u16(at + 12);
    int vlan = FrameBatch.NO_VLAN;
    if (type == EtherType.VLAN) {
      int id = NativeWords.u16(at + ETHERNET_HEADER) & 0xfff;
      vlan = id == 0 ? FrameBatch.NO_VLAN : id + 2;
      type = NativeWords.u16(at + ETHERNET_HEADER + 2);
      l3 += TAG;
    }
    boolean ordinary =
        type == EtherType.IPV4
            ? v4(batch, at, l3, length, vlan, tsNs)
            : type == EtherType.IPV6 && v6(batch, at, l3, length, vlan, tsNs);
    if (!ordinary) {
      return false;
    }
    long macs = NativeWords.i64(at);
    long srcMac = macs << 32 | NativeWords.i32(at + 8) & FlowSlot.LOW_32;
    batch.setRest(source, srcMac, macs >>> 16, tcpSeq, tcpData, frame);
    return true;
  }

  /** Adds the frame that was written last. */
  public void commit(FrameBatch batch) {
    batch.commit();
  }

  private boolean v4(FrameBatch batch, long at, int l3, int length, int vlan, long tsNs) {
    long ip = at + l3;
    int l4 = l3 + V4_HEADER;
    long first = NativeWords.i64(ip);
    if ((first & V4_SHAPE) != V4_ORDINARY) {
      return false;
    }
    long second = NativeWords.i64(ip + 8);
    int ipBytes = (int) (first >>> 32) & 0xffff;
    int protocol = (int) (second >>> 48) & 0xff;
    int transport = transport(at, l4, Math.min(length, l3 + ipBytes), l3 + ipBytes, protocol);
    if (transport < 0) {
      return false;
    }
    int ports = NativeWords.i32(at + l4);
    int srcPort = ports >>> 16;
    int dstPort = ports & 0xffff;
    long addresses = NativeWords.i64(ip + 12);
    long src = addresses >>> 32;
    long dst = addresses & FlowSlot.LOW_32;
    int flowHash = hash.of(0, src, srcPort, 0, dst, dstPort, protocol);
    int shard =
        protocol == Protocols.TCP || local.isEmpty()
            ? flowHash & shards - 1
            : hash.shard(false, 0, src, srcPort, 0, dst, dstPort, protocol, flowHash, local)
                & shards - 1;
    batch.begin(shard);
    batch.setRow(
        addresses,
        FlowTable.ports(false, srcPort, dstPort, protocol),
        tsNs,
        FrameBatch.header(
            flowHash,
            transport >>> 8,
            (int) (second >>> 56),
            (int) (first >>> 48) & 0xff,
            transport & 0xff),
        FrameBatch.size(vlan, FrameBatch.NO_VLAN, ipBytes));
    return true;
  }

  private boolean v6(FrameBatch batch, long at, int l3, int length, int vlan, long tsNs) {
    long ip = at + l3;
    int l4 = l3 + V6_HEADER;
    if (length < l4) {
      return false;
    }
    long first = NativeWords.i64(ip);
    int ipBytes = V6_HEADER + ((int) (first >>> 16) & 0xffff);
    int protocol = (int) (first >>> 8) & 0xff;
    if (first >>> 60 != 6) {
      return false;
    }
    int transport = transport(at, l4, Math.min(length, l3 + ipBytes), l3 + ipBytes, protocol);
    if (transport < 0) {
      return false;
    }
    int ports = NativeWords.i32(at + l4);
    int srcPort = ports >>> 16;
    int dstPort = ports & 0xffff;
    long srcHi = NativeWords.i64(ip + 8);
    long srcLo = NativeWords.i64(ip + 16);
    long dstHi = NativeWords.i64(ip + 24);
    long dstLo = NativeWords.i64(ip + 32);
    int flowHash = hash.of(srcHi, srcLo, srcPort, dstHi, dstLo, dstPort, protocol);
    int shard =
        hash.shard(true, srcHi, srcLo, srcPort, dstHi, dstLo, dstPort, protocol, flowHash, local)
            & shards - 1;
    batch.begin(shard);
    batch.setV6(srcLo, dstHi, dstLo);
    batch.setRow(
        srcHi,
        FlowTable.ports(true, srcPort, dstPort, protocol),
        tsNs,
        FrameBatch.header(
            flowHash,
            transport >>> 8,
            (int) first & 0xff,
            (int) (first >>> 52) & 0xff,
            transport & 0xff),
        FrameBatch.size(vlan, FrameBatch.NO_VLAN, ipBytes));
    return true;
  }

  /**
   * TCP flags above the frame's marks; negative if the frame is not ordinary.
   *
   * @param there where in the frame end the bytes that are both captured and of the packet
   * @param end where in the frame the packet ends
   */
  private int transport(long at, int l4, int there, int end, int protocol) {
    if (protocol == Protocols.TCP && there - l4 >= TCP_BYTES) {
      int word = NativeWords.u16(at + l4 + 12);
      long numbers = NativeWords.i64(at + l4 + 4);
      int bytes = Math.max(0, end - l4 - (word >>> 12 << 2));
      tcpSeq = (int) (numbers >>> 32);
      tcpData = numbers << 32 | bytes;
      if ((word & 0xff) == 0) {
        return -1; // no flag at all: nothing that a connection sends
      }
      return (word & 0xff) << 8 | (bytes > 0 ? FrameBatch.PAYLOAD : 0);
    }
    if (protocol == Protocols.UDP
        && there - l4 >= UDP_BYTES
        && !tunnelPort.test(NativeWords.u16(at + l4 + 2))) {
      tcpSeq = 0;
      tcpData = 0;
      return FrameBatch.PAYLOAD;
    }
    return -1;
  }
}
