package io.vipscope.core.flow;

import io.vipscope.core.frame.FrameHeader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Frames of flows as the flow table needs them, packed, each shard's in an area of its own: the
 * shards are the table's parts, of which each has its own flows. What every frame is asked for has
 * five words, so that little crosses from the reader's core to the worker's, and an area's lie one
 * after the other, so that the worker's core fetches them ahead. What only some are asked for has
 * words of its own, and so have IPv6 addresses. The words are outside the heap.
 */
public final class FrameBatch {

  /** Frames that all areas together can hold, but for the bounds below. */
  private static final int FRAMES = 1024;

  private static final int MIN_AREA = 64;

  /** Frames that the area of a shard can hold if there are no more than two. */
  public static final int MAX_AREA = 512;

  /** Places between areas, so that their beginnings are not in one set of a cache. */
  private static final int GAP = 8;

  private static final int UNKNOWN_BYTES = -1;

  /** VLAN id of a frame without a tag, as {@link #vlan} has it. */
  static final int NO_VLAN = 1;

  private static final int ROW_BYTES = 5 * Long.BYTES;
  private static final int REST_BYTES = 4 * Long.BYTES;
  private static final int V6_BYTES = 3 * Long.BYTES;
  private static final int CACHE_LINE = 64;

  // Words of a row: what every frame is asked for.
  /** IPv4: source above destination; IPv6: upper half of the source. */
  private static final int ADDRESSES = 0;

  /** {@link FlowTable#ports}. */
  private static final int PORTS = 8;

  private static final int TIME = 16;

  /** Flow hash 32, TCP flags 8, TTL 8, TOS 8, marks 8. */
  private static final int HEADER = 24;

  /** VLAN ids, as {@link #vlan}, 16 each; bytes of the IP packet 32. */
  private static final int SIZE = 32;

  // Words of the rest.
  /** Source MAC 48, above it the index of the frame's source 16. */
  private static final int SRC_MAC = 0;

  private static final int DST_MAC = 8;

  /** TCP sequence number 32, frame number less that of the batch 32. */
  private static final int PLACE = 16;

  /** TCP acknowledgement number 32, bytes of TCP data in the packet 32. */
  private static final int TCP_DATA = 24;

  // Marks.
  private static final int LATE = 1;
  private static final int ORPHAN = 1 << 1;
  private static final int ASKS = 1 << 2;
  private static final int NO_SRC_MAC = 1 << 3;
  private static final int NO_DST_MAC = 1 << 4;
  static final int PAYLOAD = 1 << 5;
  private static final int ICMP_MESSAGE = 1 << 6;
  private static final int FOLLOW = 1 << 7;

  /** SYN and ACK where {@link #HEADER} has them, and SYN alone. */
  private static final long OPENING = (long) (Protocols.SYN | Protocols.ACK) << 24;

  private static final long OPENS = (long) Protocols.SYN << 24;

  private static final long SPECIAL =
      (long) (Protocols.SYN | Protocols.FIN | Protocols.RST) << 24
          | LATE
          | ORPHAN
          | ASKS
          | ICMP_MESSAGE;

  private static final long MAC = 0xffff_ffff_ffffL;
  private static final long LOW_32 = 0xffff_ffffL;

  /** Holds the words; the addresses below point into it. */
  @SuppressWarnings("unused") // it must live as long as they do
  private final MemorySegment memory;

  private final long rows;
  private final long rests;

  /** Lower half of the source, upper and lower half of the destination. */
  private final long v6s;

  /** Capture clock at a frame that is older than one before it. */
  private final long[] lateClockNs;

  /** Frames that a shard's area can hold. */
  private final int area;

  /** From the beginning of an area to that of the next. */
  private final int stride;

  private final int[] sizes;
  private long firstFrame;
  private int count;
  private boolean full;

  /** The place of the frame that is written or was committed last, and its shard. */
  private int at;

  private int shardAt;

  /**
   * @param shards parts of the flow table
   */
  public FrameBatch(int shards) {
    area = Math.clamp(FRAMES / shards, MIN_AREA, MAX_AREA);
    stride = area + GAP;
    sizes = new int[shards];
    int places = shards * stride;
    lateClockNs = new long[places];
    memory =
        Arena.ofAuto().allocate((long) places * (ROW_BYTES + REST_BYTES + V6_BYTES), CACHE_LINE);
    rows = memory.address();
    rests = rows + (long) places * ROW_BYTES;
    v6s = rests + (long) places * REST_BYTES;
  }

  /** Empties it. */
  public void clear() {
    count = 0;
    full = false;
    Arrays.fill(sizes, 0);
  }

  public int count() {
    return count;
  }

  /** Whether a shard's area is full: no further frame can be added. */
  public boolean isFull() {
    return full;
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
   * @param shard the shard that has its flow
   */
  public void add(
      FrameHeader h, long tsNs, long clockNs, long frame, int hash, int source, int shard) {
    begin(shard);
    int marks = 0;
    if (clockNs != tsNs) {
      marks = LATE;
      lateClockNs[at] = clockNs;
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
    if (h.v6) {
      setV6(h.srcLo, h.dstHi, h.dstLo);
    }
    setRow(
        h.v6 ? h.srcHi : h.srcLo << 32 | h.dstLo,
        FlowTable.ports(h.v6, FlowKeys.srcPort(h), FlowKeys.dstPort(h), FlowKeys.protocol(h)),
        tsNs,
        header(hash, h.tcpFlags, h.ttl, h.tos, marks),
        size(h.vlan + 2, h.innerVlan + 2, h.ipBytes));
    int tcpBytes = h.fragment || h.tcpFlags == 0 ? UNKNOWN_BYTES : h.payloadBytes;
    setRest(source, h.srcMac, h.dstMac, h.tcpSeq, (long) h.tcpAck << 32 | tcpBytes & LOW_32, frame);
    commit();
  }

  private static int marks(FrameHeader h) {
    int marks = 0;
    if (h.fragment && h.fragmentOffset > 0 && h.srcPort == 0 && h.dstPort == 0) {
      marks = ORPHAN;
    }
    if (FlowKeys.isEcho(h) && FlowKeys.isEchoRequest(h)) {
      marks |= ASKS;
    }
    if (FlowKeys.isIcmpMessage(FlowKeys.protocol(h))) {
      marks |= ICMP_MESSAGE;
    }
    return marks;
  }

  static long header(int hash, int tcpFlags, int ttl, int tos, int marks) {
    return (long) hash << 32
        | (tcpFlags & 0xffL) << 24
        | (ttl & 0xff) << 16
        | (tos & 0xff) << 8
        | marks;
  }

  /** Codes of VLAN ids are those of {@link #vlan}. */
  static long size(int vlan, int innerVlan, int ipBytes) {
    return (long) vlan << 48 | (long) innerVlan << 32 | ipBytes & LOW_32;
  }

  /**
   * Begins a frame of a shard; what is written next is its, until it is committed or another
   * begins.
   */
  void begin(int shard) {
    shardAt = shard;
    at = shard * stride + sizes[shard];
  }

  /** Writes what every frame is asked for. */
  void setRow(long addresses, long ports, long tsNs, long header, long size) {
    long row = row(at);
    NativeWords.set(row + ADDRESSES, addresses);
    NativeWords.set(row + PORTS, ports);
    NativeWords.set(row + TIME, tsNs);
    NativeWords.set(row + HEADER, header);
    NativeWords.set(row + SIZE, size);
  }

  void setV6(long srcLo, long dstHi, long dstLo) {
    long v6 = v6s + (long) at * V6_BYTES;
    NativeWords.set(v6, srcLo);
    NativeWords.set(v6 + 8, dstHi);
    NativeWords.set(v6 + 16, dstLo);
  }

  void setRest(int source, long srcMac, long dstMac, int tcpSeq, long tcpData, long frame) {
    if (count == 0) {
      firstFrame = frame;
    }
    long rest = rest(at);
    NativeWords.set(rest + SRC_MAC, (long) source << 48 | srcMac & MAC);
    NativeWords.set(rest + DST_MAC, dstMac & MAC);
    NativeWords.set(rest + PLACE, (long) tcpSeq << 32 | frame - firstFrame);
    NativeWords.set(rest + TCP_DATA, tcpData);
  }

  /** Adds the frame whose words have been written. */
  void commit() {
    full |= ++sizes[shardAt] == area;
    count++;
  }

  /** The place of the frame that was committed last. */
  int last() {
    return at;
  }

  /** Address of what every frame is asked for. */
  long row(int i) {
    return rows + (long) i * ROW_BYTES;
  }

  private long rest(int i) {
    return rests + (long) i * REST_BYTES;
  }

  /** Frames of a shard. */
  public int size(int shard) {
    return sizes[shard];
  }

  /** The place of a shard's first frame; the others follow. */
  int first(int shard) {
    return shard * stride;
  }

  /** Capture time of a shard's n-th frame. */
  public long timeNs(int shard, int n) {
    return timeNs(first(shard) + n);
  }

  /** The first word of the key: both IPv4 addresses, or the upper half of the IPv6 source. */
  long addresses(int i) {
    return NativeWords.get(row(i) + ADDRESSES);
  }

  /** One of the other three words of IPv6 addresses. */
  long v6(int i, int word) {
    return NativeWords.get(v6s + (long) i * V6_BYTES + word * 8L);
  }

  long ports(int i) {
    return NativeWords.get(row(i) + PORTS);
  }

  long timeNs(int i) {
    return NativeWords.get(row(i) + TIME);
  }

  private long header(int i) {
    return NativeWords.get(row(i) + HEADER);
  }

  /** The capture clock at the frame. */
  long clockNs(int i) {
    return (header(i) & LATE) == 0 ? timeNs(i) : lateClockNs[i];
  }

  int hash(int i) {
    return (int) (header(i) >>> 32);
  }

  int tcpFlags(int i) {
    return (int) header(i) >>> 24;
  }

  int ttl(int i) {
    return (int) header(i) >>> 16 & 0xff;
  }

  int tos(int i) {
    return (int) header(i) >>> 8 & 0xff;
  }

  /**
   * Whether more must be done about the frame than counting it: SYN, FIN, RST, an echo request, a
   * time before that of an earlier frame, an orphan fragment, an ICMP message.
   */
  boolean isSpecial(int i) {
    return (header(i) & SPECIAL) != 0;
  }

  /** A SYN without ACK. */
  boolean opensTcp(int i) {
    return (header(i) & OPENING) == OPENS;
  }

  /** Marks a frame: {@link AckSample}. */
  void follow(int i) {
    NativeWords.set(row(i) + HEADER, header(i) | FOLLOW);
  }

  /** Whether acknowledgements of the connection that it opens are looked at. */
  boolean isFollowed(int i) {
    return (header(i) & FOLLOW) != 0;
  }

  /** A later fragment whose first was not seen. */
  boolean isOrphan(int i) {
    return (header(i) & ORPHAN) != 0;
  }

  /** An ICMP echo request. */
  boolean isEchoRequest(int i) {
    return (header(i) & ASKS) != 0;
  }

  /** Whether it carries more than a TCP header; true for every other protocol. */
  boolean hasPayload(int i) {
    return (header(i) & PAYLOAD) != 0;
  }

  long srcMac(int i) {
    return (header(i) & NO_SRC_MAC) == 0
        ? NativeWords.get(rest(i) + SRC_MAC) & MAC
        : FrameHeader.NO_MAC;
  }

  long dstMac(int i) {
    return (header(i) & NO_DST_MAC) == 0 ? NativeWords.get(rest(i) + DST_MAC) : FrameHeader.NO_MAC;
  }

  int source(int i) {
    return (int) (NativeWords.get(rest(i) + SRC_MAC) >>> 48);
  }

  int ipBytes(int i) {
    return (int) NativeWords.get(row(i) + SIZE);
  }

  int tcpSeq(int i) {
    return (int) (NativeWords.get(rest(i) + PLACE) >>> 32);
  }

  int tcpAck(int i) {
    return (int) (NativeWords.get(rest(i) + TCP_DATA) >>> 32);
  }

  /** Bytes of data of a TCP packet; negative for a fragment, or one cut short: not known. */
  int tcpBytes(int i) {
    return (int) NativeWords.get(rest(i) + TCP_DATA);
  }

  /** Outermost VLAN id + 2; 1 without a tag. */
  int vlan(int i) {
    return (int) (NativeWords.get(row(i) + SIZE) >>> 48);
  }

  /** Second VLAN id + 2; 1 without one. */
  int innerVlan(int i) {
    return (int) (NativeWords.get(row(i) + SIZE) >>> 32) & 0xffff;
  }

  long frame(int i) {
    return firstFrame + (NativeWords.get(rest(i) + PLACE) & LOW_32);
  }
}
