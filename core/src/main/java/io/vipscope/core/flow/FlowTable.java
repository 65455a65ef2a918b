package io.vipscope.core.flow;

/**
 * Storage of live flows: a slab of fixed-size slots and an open-addressing index over them. One
 * thread uses an instance.
 *
 * <p>A slot is {@link #STRIDE} longs inside a chunk; {@link #at} points {@link #words} and {@link
 * #base} at it. Slots keep their number for life, so the sweep can walk them in order. Chunks are
 * taken when first needed, up to the limit given at the start; after that the table is full and
 * says so.
 */
final class FlowTable {

  static final int NONE = -1;

  // Word offsets within a slot. The key words come first: a comparison stays on one cache line.
  static final int SRC_HI = 0;
  static final int SRC_LO = 1;
  static final int DST_HI = 2;
  static final int DST_LO = 3;

  /** srcPort 16, dstPort 16, v6 1, key protocol 24 bits: see {@link #ports}. */
  static final int PORTS = 4;

  /** VLAN of the opener's direction, of the other one, inner VLAN: 16 bits each, 0 = not set. */
  static final int VLANS = 5;

  static final int START_NS = 6;
  static final int LAST_NS = 7;

  /** Capture clock at the last frame: idle times run from here. */
  static final int LAST_CLOCK_NS = 8;

  static final int LAST_OPENER_NS = 9;
  static final int FRAME = 10;
  static final int PKTS_TO = 11;
  static final int PKTS_FROM = 12;
  static final int BYTES_TO = 13;
  static final int BYTES_FROM = 14;
  static final int SRC_MAC = 15;
  static final int DST_MAC = 16;

  /** Initial sequence number in the low half, flags of {@link FlowTracker} in the high half. */
  static final int TCP = 17;

  static final int META = 18;
  static final int ASKED_HI = 19;
  static final int ASKED_LO = 20;
  static final int HASH = 21;
  static final int REPORTED_NS = 22;
  static final int STRIDE = 23;

  private static final int CHUNK_BITS = 10;
  private static final int CHUNK_SLOTS = 1 << CHUNK_BITS;

  private final long[][] chunks;

  /** Upper half: hash; lower half: slot + 1; 0 = empty. */
  private final long[] index;

  private final int mask;
  private final int limit;
  private final int[] free;
  private int freeCount;
  private int highWater;
  private int size;

  /** The chunk of the slot last given to {@link #at}. */
  long[] words = new long[0];

  /** Offset of that slot within {@link #words}. */
  int base;

  FlowTable(int maxFlows) {
    limit = maxFlows;
    chunks = new long[(maxFlows + CHUNK_SLOTS - 1) / CHUNK_SLOTS][];
    int capacity = Integer.highestOneBit(Math.max(64, maxFlows)) << 1;
    index = new long[capacity < maxFlows + maxFlows / 2 ? capacity << 1 : capacity];
    mask = index.length - 1;
    free = new int[maxFlows];
  }

  int size() {
    return size;
  }

  /** Slots ever used: the sweep's range. */
  int highWater() {
    return highWater;
  }

  static long ports(boolean v6, int srcPort, int dstPort, int keyProtocol) {
    return (long) srcPort << 48 | (long) dstPort << 32 | (v6 ? 1L << 31 : 0) | keyProtocol;
  }

  static long swapPorts(long ports) {
    return ports >>> 48 << 32 | (ports >>> 32 & 0xffff) << 48 | ports & 0xffffffffL;
  }

  /** Points {@link #words} and {@link #base} at a slot. */
  void at(int slot) {
    words = chunks[slot >>> CHUNK_BITS];
    base = (slot & CHUNK_SLOTS - 1) * STRIDE;
  }

  /** Whether the slot holds a flow (frame numbers start at 1). */
  boolean used(int slot) {
    at(slot);
    return words[base + FRAME] != 0;
  }

  /** First index place to look at for a hash. */
  int start(int hash) {
    return hash & mask;
  }

  int after(int place) {
    return place + 1 & mask;
  }

  /** Slot at an index place if its hash is this one; {@link #NONE} at an empty place; -2 else. */
  int slotAt(int place, int hash) {
    long entry = index[place];
    if (entry == 0) {
      return NONE;
    }
    return (int) (entry >>> 32) == hash ? (int) entry - 1 : -2;
  }

  /** Takes a slot for a new flow and points at it, zeroed; {@link #NONE} if the table is full. */
  int insert(int hash) {
    int slot;
    if (freeCount > 0) {
      slot = free[--freeCount];
    } else if (highWater < limit) {
      slot = highWater++;
      if (chunks[slot >>> CHUNK_BITS] == null) {
        chunks[slot >>> CHUNK_BITS] = new long[CHUNK_SLOTS * STRIDE];
      }
    } else {
      return NONE;
    }
    int place = hash & mask;
    while (index[place] != 0) {
      place = place + 1 & mask;
    }
    index[place] = (long) hash << 32 | slot + 1;
    size++;
    at(slot);
    java.util.Arrays.fill(words, base, base + STRIDE, 0);
    words[base + HASH] = hash;
    return slot;
  }

  /** Gives a slot back; later entries of the probe chain move up, so no tombstones remain. */
  void remove(int slot) {
    at(slot);
    int hash = (int) words[base + HASH];
    words[base + FRAME] = 0;
    int place = hash & mask;
    while ((int) index[place] != slot + 1) {
      place = place + 1 & mask;
    }
    int hole = place;
    int next = place + 1 & mask;
    while (index[next] != 0) {
      int home = (int) (index[next] >>> 32) & mask;
      if ((next - home & mask) >= (next - hole & mask)) {
        index[hole] = index[next];
        hole = next;
      }
      next = next + 1 & mask;
    }
    index[hole] = 0;
    free[freeCount++] = slot;
    size--;
  }
}
