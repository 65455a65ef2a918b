package io.vipscope.core.frame;

/**
 * Ports of first fragments, for the later ones of the same datagram. Fixed size: a new datagram
 * takes the place of an older one with the same place in the table. One thread uses an instance.
 */
public final class FragmentTable {

  private static final int CAPACITY = 4096;
  private static final long LIFETIME_NS = 30_000_000_000L;
  private static final int WORDS = 8;

  private final long[] words = new long[CAPACITY * WORDS];

  /** Keeps the ports of a first fragment. */
  public void remember(FrameHeader h, long tsNs) {
    int o = place(h);
    words[o] = h.srcHi;
    words[o + 1] = h.srcLo;
    words[o + 2] = h.dstHi;
    words[o + 3] = h.dstLo;
    words[o + 4] = key(h);
    words[o + 5] = tsNs;
    words[o + 6] = (long) h.srcPort << 16 | h.dstPort;
    words[o + 7] = (long) h.icmpType << 32 | h.icmpId & 0xffffffffL;
  }

  /** Fills in the ports of a later fragment, if its first one is known and recent. */
  public void lookup(FrameHeader h, long tsNs) {
    int o = place(h);
    if (words[o + 4] == key(h)
        && words[o] == h.srcHi
        && words[o + 1] == h.srcLo
        && words[o + 2] == h.dstHi
        && words[o + 3] == h.dstLo
        && Math.abs(tsNs - words[o + 5]) <= LIFETIME_NS) {
      h.srcPort = (int) (words[o + 6] >>> 16);
      h.dstPort = (int) words[o + 6] & 0xffff;
      h.icmpType = (int) (words[o + 7] >> 32);
      h.icmpId = (int) words[o + 7];
    }
  }

  /** Identification, protocol and VLAN; the set top bit tells an entry from an empty place. */
  private static long key(FrameHeader h) {
    return 1L << 63
        | (long) (h.vlan + 1 & 0x1fff) << 40
        | (long) h.protocol << 32
        | h.fragmentId & 0xffffffffL;
  }

  private static int place(FrameHeader h) {
    long mixed = (h.srcLo * 31 + h.dstLo) * 31 + key(h) + h.srcHi + 7 * h.dstHi;
    mixed *= 0x9e3779b97f4a7c15L;
    return (int) (mixed >>> 52) * WORDS;
  }
}
