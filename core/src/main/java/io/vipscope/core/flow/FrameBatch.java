package io.vipscope.core.flow;

import io.vipscope.core.frame.FrameHeader;

/**
 * Frames of flows as the flow table needs them, packed: eight words each, so that a frame crosses
 * from the reader's core to the worker's in one cache line's worth. IPv6 addresses have words of
 * their own, which frames of IPv4 do not touch.
 */
public final class FrameBatch {

  /** Frames a batch can hold. */
  public static final int CAPACITY = 512;

  private static final int STRIDE = 8;
  private static final int V6_STRIDE = 3;

  // Word offsets.
  /** IPv4: source above destination; IPv6: upper half of the source. */
  private static final int ADDRESSES = 0;

  /** {@link FlowTable#ports}. */
  private static final int PORTS = 1;

  private static final int TIME = 2;

  /** Flow hash 32, TCP flags 8, TTL 8, TOS 8, marks 8. */
  private static final int HEADER = 3;

  /** Source MAC 48, below the index of the frame's source 16. */
  private static final int SRC_MAC = 4;

  /** Destination MAC 48, below the worker 16. */
  private static final int DST_MAC = 5;

  /** Bytes of the IP packet 32, TCP sequence number 32. */
  private static final int SIZE = 6;

  /** VLAN ids, as {@link #vlan}, 16 each; frame number less that of the batch 32. */
  private static final int PLACE = 7;

  // Marks.
  private static final int LATE = 1;
  private static final int ORPHAN = 1 << 1;
  private static final int ASKS = 1 << 2;
  private static final int NO_SRC_MAC = 1 << 3;
  private static final int NO_DST_MAC = 1 << 4;
  private static final int PAYLOAD = 1 << 5;

  private static final long SPECIAL =
      (long) (Protocols.SYN | Protocols.FIN | Protocols.RST) << 24 | LATE | ORPHAN | ASKS;

  private static final long MAC = 0xffff_ffff_ffffL;

  private final long[] words = new long[CAPACITY * STRIDE];

  /** Lower half of the source, upper and lower half of the destination. */
  private final long[] v6 = new long[CAPACITY * V6_STRIDE];

  /** Capture clock at a frame that is older than one before it. */
  private final long[] lateClockNs = new long[CAPACITY];

  private long firstFrame;
  private int count;

  /** Empties it. */
  public void clear() {
    count = 0;
  }

  public int count() {
    return count;
  }

  public boolean isFull() {
    return count == CAPACITY;
  }

  /**
   * Adds a frame.
   *
   * @param h what the decoder found: a frame of a flow
   * @param tsNs its capture time
   * @param clockNs the capture clock: the highest time seen so far
   * @param frame its number in the capture, from 1
   * @param hash {@link FlowHash#of(FrameHeader)}
   * @param source index of the source it came from, below 2^12
   * @param worker the worker that has its flow
   */
  public void add(
      FrameHeader h, long tsNs, long clockNs, long frame, int hash, int source, int worker) {
    int i = count++;
    if (i == 0) {
      firstFrame = frame;
    }
    int o = i * STRIDE;
    long[] w = words;
    if (h.v6) {
      w[o + ADDRESSES] = h.srcHi;
      int p = i * V6_STRIDE;
      v6[p] = h.srcLo;
      v6[p + 1] = h.dstHi;
      v6[p + 2] = h.dstLo;
    } else {
      w[o + ADDRESSES] = h.srcLo << 32 | h.dstLo;
    }
    w[o + PORTS] =
        FlowTable.ports(h.v6, FlowKeys.srcPort(h), FlowKeys.dstPort(h), FlowKeys.protocol(h));
    w[o + TIME] = tsNs;
    int marks = 0;
    if (clockNs != tsNs) {
      marks = LATE;
      lateClockNs[i] = clockNs;
    }
    if (h.protocol != Protocols.TCP) {
      marks |= PAYLOAD | marks(h);
    } else if (h.payloadBytes > 0) {
      marks |= PAYLOAD;
    }
    if (h.srcMac < 0) {
      marks |= NO_SRC_MAC;
    }
    if (h.dstMac < 0) {
      marks |= NO_DST_MAC;
    }
    w[o + HEADER] =
        (long) hash << 32
            | (h.tcpFlags & 0xffL) << 24
            | (h.ttl & 0xff) << 16
            | (h.tos & 0xff) << 8
            | marks;
    w[o + SRC_MAC] = (long) source << 48 | h.srcMac & MAC;
    w[o + DST_MAC] = (long) worker << 48 | h.dstMac & MAC;
    w[o + SIZE] = (long) h.ipBytes << 32 | h.tcpSeq & 0xffff_ffffL;
    w[o + PLACE] = (long) (h.vlan + 2) << 48 | (long) (h.innerVlan + 2) << 32 | frame - firstFrame;
  }

  private static int marks(FrameHeader h) {
    int marks = 0;
    if (h.fragment && h.fragmentOffset > 0 && h.srcPort == 0 && h.dstPort == 0) {
      marks = ORPHAN;
    }
    if (FlowKeys.isEcho(h) && FlowKeys.isEchoRequest(h)) {
      marks |= ASKS;
    }
    return marks;
  }

  /** The first word of the key: both IPv4 addresses, or the upper half of the IPv6 source. */
  long addresses(int i) {
    return words[i * STRIDE + ADDRESSES];
  }

  /** One of the other three words of IPv6 addresses. */
  long v6(int i, int word) {
    return v6[i * V6_STRIDE + word];
  }

  long ports(int i) {
    return words[i * STRIDE + PORTS];
  }

  long timeNs(int i) {
    return words[i * STRIDE + TIME];
  }

  /** The capture clock at the frame. */
  long clockNs(int i) {
    return (words[i * STRIDE + HEADER] & LATE) == 0 ? words[i * STRIDE + TIME] : lateClockNs[i];
  }

  int hash(int i) {
    return (int) (words[i * STRIDE + HEADER] >>> 32);
  }

  int tcpFlags(int i) {
    return (int) words[i * STRIDE + HEADER] >>> 24;
  }

  int ttl(int i) {
    return (int) words[i * STRIDE + HEADER] >>> 16 & 0xff;
  }

  int tos(int i) {
    return (int) words[i * STRIDE + HEADER] >>> 8 & 0xff;
  }

  /**
   * Whether more must be done about the frame than counting it: SYN, FIN, RST, an echo request, a
   * time before that of an earlier frame, an orphan fragment, an ICMP message.
   */
  boolean isSpecial(int i) {
    return (words[i * STRIDE + HEADER] & SPECIAL) != 0
        || FlowKeys.isIcmpMessage(FlowTable.keyProtocol(words[i * STRIDE + PORTS]));
  }

  /** A later fragment whose first was not seen. */
  boolean isOrphan(int i) {
    return (words[i * STRIDE + HEADER] & ORPHAN) != 0;
  }

  /** An ICMP echo request. */
  boolean isEchoRequest(int i) {
    return (words[i * STRIDE + HEADER] & ASKS) != 0;
  }

  /** Whether it carries more than a TCP header; true for every other protocol. */
  boolean hasPayload(int i) {
    return (words[i * STRIDE + HEADER] & PAYLOAD) != 0;
  }

  long srcMac(int i) {
    return (words[i * STRIDE + HEADER] & NO_SRC_MAC) == 0
        ? words[i * STRIDE + SRC_MAC] & MAC
        : FrameHeader.NO_MAC;
  }

  long dstMac(int i) {
    return (words[i * STRIDE + HEADER] & NO_DST_MAC) == 0
        ? words[i * STRIDE + DST_MAC] & MAC
        : FrameHeader.NO_MAC;
  }

  int source(int i) {
    return (int) (words[i * STRIDE + SRC_MAC] >>> 48);
  }

  /** The worker that has the frame's flow. */
  int worker(int i) {
    return (int) (words[i * STRIDE + DST_MAC] >>> 48);
  }

  int ipBytes(int i) {
    return (int) (words[i * STRIDE + SIZE] >>> 32);
  }

  int tcpSeq(int i) {
    return (int) words[i * STRIDE + SIZE];
  }

  /** Outermost VLAN id + 2; 1 without a tag. */
  int vlan(int i) {
    return (int) (words[i * STRIDE + PLACE] >>> 48);
  }

  /** Second VLAN id + 2; 1 without one. */
  int innerVlan(int i) {
    return (int) (words[i * STRIDE + PLACE] >>> 32) & 0xffff;
  }

  long frame(int i) {
    return firstFrame + (words[i * STRIDE + PLACE] & 0xffff_ffffL);
  }
}
