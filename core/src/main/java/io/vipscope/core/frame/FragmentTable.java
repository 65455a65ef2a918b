package io.vipscope.core.frame;

/**
 * Remembers the first fragments of datagrams, so that later ones can be given their ports. One
 * thread owns an instance.
 *
 * <p>A datagram is known by VLAN, addresses, identification and, in IPv4, protocol (RFC 791, RFC
 * 8200 section 4.5). The table has {@value #CAPACITY} places in sets of {@value #WAYS}; a new
 * datagram takes the place of the oldest of its set. Entries hold for 30 s of capture time, as
 * reassembly does in Linux.
 */
public final class FragmentTable {

  static final int CAPACITY = 4096;
  static final int WAYS = 4;
  static final long LIFETIME_NS = 30_000_000_000L;

  private static final int SETS = CAPACITY / WAYS;

  private final long[] srcHi = new long[CAPACITY];
  private final long[] srcLo = new long[CAPACITY];
  private final long[] dstHi = new long[CAPACITY];
  private final long[] dstLo = new long[CAPACITY];

  /** Identification, family, VLAN and IPv4 protocol. */
  private final long[] datagram = new long[CAPACITY];

  /** Source port, destination port, ICMP type + 1, protocol: 16 + 16 + 16 + 16 bits. */
  private final long[] ports = new long[CAPACITY];

  /** Identifier of an ICMP echo, else -1. */
  private final int[] icmpId = new int[CAPACITY];

  private final long[] seenNs = new long[CAPACITY];
  private final boolean[] used = new boolean[CAPACITY];

  /** Notes a first fragment. */
  public void remember(FrameHeader header, long tsNs) {
    int place = find(header);
    if (place < 0) {
      place = oldest(set(header));
    }
    used[place] = true;
    srcHi[place] = header.srcHi;
    srcLo[place] = header.srcLo;
    dstHi[place] = header.dstHi;
    dstLo[place] = header.dstLo;
    datagram[place] = datagram(header);
    ports[place] =
        (long) header.srcPort << 48
            | (long) header.dstPort << 32
            | (header.icmpType + 1L) << 16
            | header.protocol;
    icmpId[place] = header.icmpId;
    seenNs[place] = tsNs;
  }

  /**
   * Fills ports, ICMP type and identifier of a later fragment from its first, and the protocol: in
   * IPv6 a later fragment names the next header, which may be an extension header.
   *
   * @return false if the first is not known or too old
   */
  public boolean lookup(FrameHeader header, long tsNs) {
    int place = find(header);
    if (place < 0 || Math.abs(tsNs - seenNs[place]) > LIFETIME_NS) {
      return false;
    }
    long word = ports[place];
    header.srcPort = (int) (word >>> 48);
    header.dstPort = (int) (word >>> 32) & 0xffff;
    header.icmpType = ((int) word >>> 16) - 1;
    header.protocol = (int) word & 0xffff;
    header.icmpId = icmpId[place];
    return true;
  }

  private static long datagram(FrameHeader h) {
    long vlan = h.vlan + 1L;
    long family = h.v6 ? 0x100 : h.protocol;
    return vlan << 48 | family << 32 | h.fragmentId & 0xffffffffL;
  }

  private static int set(FrameHeader h) {
    long mixed = h.srcHi * 31 + h.srcLo;
    mixed = mixed * 31 + h.dstHi;
    mixed = mixed * 31 + h.dstLo;
    mixed = (mixed * 31 + datagram(h)) * 0x9e3779b97f4a7c15L;
    return (int) (mixed >>> 32 & SETS - 1) * WAYS;
  }

  private int find(FrameHeader h) {
    long wanted = datagram(h);
    int first = set(h);
    for (int place = first; place < first + WAYS; place++) {
      if (used[place]
          && datagram[place] == wanted
          && srcHi[place] == h.srcHi
          && srcLo[place] == h.srcLo
          && dstHi[place] == h.dstHi
          && dstLo[place] == h.dstLo) {
        return place;
      }
    }
    return -1;
  }

  private int oldest(int first) {
    int best = first;
    for (int place = first; place < first + WAYS; place++) {
      if (!used[place]) {
        return place;
      }
      if (seenNs[place] < seenNs[best]) {
        best = place;
      }
    }
    return best;
  }
}
