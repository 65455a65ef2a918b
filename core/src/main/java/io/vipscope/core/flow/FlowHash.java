package io.vipscope.core.flow;

import io.vipscope.core.frame.FrameHeader;

/**
 * The project's own symmetric flow hash: both directions of a flow give the same value. Seeded, so
 * that nobody who does not know the seed can aim flows at one bucket.
 */
public class FlowHash {

  private static final long PRIME = 0x9e37_79b9_7f4a_7c15L;

  private final long seed;

  public FlowHash(long seed) {
    this.seed = seed;
  }

  /** A finalizer with full avalanche (the constants of SplitMix64). */
  static long mix(long z) {
    z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
    z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
    return z ^ z >>> 31;
  }

  /** Both halves of the 128-bit product, folded: every bit of either factor reaches every other. */
  private static long fold(long a, long b) {
    return a * b ^ Math.multiplyHigh(a, b);
  }

  private long end(long hi, long lo, int port) {
    long address = hi == 0 ? lo << 16 : fold(hi ^ PRIME, lo ^ seed);
    return address + port ^ seed;
  }

  /** Hash of a flow key; swapping source and destination does not change it. VLAN plays no part. */
  public int of(
      long srcHi, long srcLo, int srcPort, long dstHi, long dstLo, int dstPort, int keyProtocol) {
    long ends = fold(end(srcHi, srcLo, srcPort), end(dstHi, dstLo, dstPort));
    return (int) (fold(ends ^ keyProtocol, PRIME) >>> 32);
  }

  /** Hash of a decoded flow frame. */
  public int of(FrameHeader h) {
    return of(
        h.srcHi,
        h.srcLo,
        FlowKeys.srcPort(h),
        h.dstHi,
        h.dstLo,
        FlowKeys.dstPort(h),
        FlowKeys.protocol(h));
  }

  /**
   * The value that chooses the worker. For TCP and ICMP it is the flow hash. For other protocols an
   * answer may leave from another address of the host than was asked; question and answer must
   * still meet at one worker, so every address of a group counts as the same.
   */
  public int shard(FrameHeader h, int flowHash, LocalAddresses local) {
    return shard(
        h.v6,
        h.srcHi,
        h.srcLo,
        h.srcPort,
        h.dstHi,
        h.dstLo,
        h.dstPort,
        h.protocol,
        flowHash,
        local);
  }

  int shard(
      boolean v6,
      long srcHi,
      long srcLo,
      int srcPort,
      long dstHi,
      long dstLo,
      int dstPort,
      int protocol,
      int flowHash,
      LocalAddresses local) {
    if (protocol == Protocols.TCP || Protocols.isIcmp(protocol) || local.isEmpty()) {
      return flowHash;
    }
    int src = local.groupOf(v6, srcHi, srcLo);
    int dst = local.groupOf(v6, dstHi, dstLo);
    if (src < 0 && dst < 0) {
      return flowHash;
    }
    return of(
        src < 0 ? srcHi : 0,
        src < 0 ? srcLo : src,
        srcPort,
        dst < 0 ? dstHi : 0,
        dst < 0 ? dstLo : dst,
        dstPort,
        protocol);
  }
}
