package io.vipscope.core.flow;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Storage of live flows of one family: a slab of fixed-size slots and an open-addressing index over
 * them. One thread uses an instance.
 *
 * <p>A slot has {@value #V4_WORDS} words for IPv4 and {@value #V6_WORDS} for IPv6; with its two
 * index places of 4 bytes an IPv4 flow takes 96 bytes. {@link #at} points {@link #words} and {@link
 * #base} at one. Slots keep their number for life, so the sweep can walk them in order. Memory is
 * taken when first needed, up to the limit given at the start; after that the table is full and
 * says so.
 */
final class FlowTable {

  static final int NONE = -1;

  // Word offsets within a slot.

  /** IPv4: source above destination; IPv6: upper half of the source. */
  static final int ADDRESSES = 0;

  /** srcPort 16, dstPort 16, v6 1, key protocol: see {@link #ports}. */
  static final int PORTS = 1;

  /**
   * VLAN of the opener's direction, of the other one, inner VLAN: 16 bits each from below, 0 = not
   * set; source 12; opener 4.
   */
  static final int LINK = 2;

  static final int LAST_NS = 3;
  static final int START_NS = 4;

  /** Number of the first frame 48, flags 16. 0: the slot is free. */
  static final int FRAME = 5;

  /** Frames of the opener 40, id of the MAC pair 24. */
  static final int TO = 6;

  /** Bytes of the opener 48, TTL 8, TOS 8. */
  static final int TO_BYTES = 7;

  /** Frames of the other end 40, when an interim record was written last 24. */
  static final int FROM = 8;

  /** Bytes of the other end 48, number of the address that the opener had asked + 1 16. */
  static final int FROM_BYTES = 9;

  /**
   * Capture clock at the last frame, in ticks, 32; below it the initial sequence number (TCP), or
   * the tick of the opener's last frame (others).
   */
  static final int CLOCK = 10;

  static final int V4_WORDS = 11;

  /** Lower half of the source, upper and lower half of the destination. */
  static final int V6_ADDRESSES = V4_WORDS;

  static final int V6_WORDS = V4_WORDS + 3;

  private static final int CHUNK_BITS = 14;
  private static final int CHUNK_SLOTS = 1 << CHUNK_BITS;

  /** Index places per slot: probe chains stay short. */
  private static final int PLACES_PER_SLOT = 2;

  private final FlowHash hash;
  private final int stride;
  private final int limit;
  private final int capacity;

  /** Bits of an index entry that hold slot + 1; those above hold the lowest bits of the hash. */
  private final int slotBits;

  private final int slotMask;
  private final long[] @Nullable [] chunks;
  private int[] index = new int[0];

  /** A chain of free slots: each holds the next one + 1 in its first word. */
  private int free = NONE;

  private int highWater;
  private int size;

  /** The chunk of the slot last given to {@link #at}. */
  long[] words = new long[0];

  /** Offset of that slot within {@link #words}. */
  int base;

  /**
   * @param maxFlows 1 to 2^28
   */
  FlowTable(FlowHash hash, boolean v6, int maxFlows) {
    this.hash = hash;
    stride = v6 ? V6_WORDS : V4_WORDS;
    limit = maxFlows;
    capacity = Math.max(64, PLACES_PER_SLOT * maxFlows);
    slotBits = Integer.SIZE - Integer.numberOfLeadingZeros(maxFlows);
    slotMask = (1 << slotBits) - 1;
    chunks = new long[(maxFlows + CHUNK_SLOTS - 1) / CHUNK_SLOTS][];
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

  static boolean isV6(long ports) {
    return (ports & 1L << 31) != 0;
  }

  static int keyProtocol(long ports) {
    return (int) ports & 0x7fff_ffff;
  }

  static long swapPorts(long ports) {
    return ports >>> 48 << 32 | (ports >>> 32 & 0xffff) << 48 | ports & 0xffff_ffffL;
  }

  /** Points {@link #words} and {@link #base} at a slot. */
  void at(int slot) {
    words = chunk(slot);
    base = offset(slot);
  }

  /** The words among which a slot's are. */
  long[] chunk(int slot) {
    long[] chunk = chunks[slot >>> CHUNK_BITS];
    if (chunk == null) {
      chunk = new long[CHUNK_SLOTS * stride];
      chunks[slot >>> CHUNK_BITS] = chunk;
    }
    return chunk;
  }

  /** Where a slot's words begin in its {@link #chunk}. */
  int offset(int slot) {
    return (slot & CHUNK_SLOTS - 1) * stride;
  }

  /** Whether the slot holds a flow. */
  boolean isUsed(int slot) {
    return word(slot, FRAME) != 0;
  }

  /** A word of a slot, without pointing at it. */
  long word(int slot, int offset) {
    return chunk(slot)[offset(slot) + offset];
  }

  /** First index place to look at for a hash. */
  int start(int flowHash) {
    return (int) ((flowHash & 0xffff_ffffL) * capacity >>> 32);
  }

  int after(int place) {
    int next = place + 1;
    return next == capacity ? 0 : next;
  }

  /** What stands at an index place; 0 = nothing. */
  int entry(int place) {
    return index.length == 0 ? 0 : index[place];
  }

  /** Slot of an entry if its hash may be this one, else {@link #NONE}. */
  int slotOf(int entry, int flowHash) {
    return (entry ^ flowHash << slotBits) >>> slotBits == 0 && entry != 0
        ? (entry & slotMask) - 1
        : NONE;
  }

  /** Loads a slot's first words, so that they are in the cache when they are asked for. */
  long touch(int slot) {
    long[] chunk = chunk(slot);
    int o = offset(slot);
    return chunk[o] + chunk[o + CLOCK];
  }

  /** Takes a slot for a new flow and points at it, zeroed; {@link #NONE} if the table is full. */
  int insert(int flowHash) {
    int slot;
    if (free != NONE) {
      slot = free;
      at(slot);
      free = (int) words[base] - 1;
    } else if (highWater < limit) {
      slot = highWater++;
      at(slot);
    } else {
      return NONE;
    }
    if (index.length == 0) {
      index = new int[capacity];
    }
    int place = start(flowHash);
    while (index[place] != 0) {
      place = after(place);
    }
    index[place] = flowHash << slotBits | slot + 1;
    size++;
    Arrays.fill(words, base, base + stride, 0);
    return slot;
  }

  /** Gives a slot back; later entries of the probe chain move up, so no tombstones remain. */
  void remove(int slot) {
    int place = start(hashOf(slot));
    while ((index[place] & slotMask) != slot + 1) {
      place = after(place);
    }
    int hole = place;
    for (int next = after(place); index[next] != 0; next = after(next)) {
      int home = start(hashOf((index[next] & slotMask) - 1));
      if (distance(home, next) >= distance(hole, next)) {
        index[hole] = index[next];
        hole = next;
      }
    }
    index[hole] = 0;
    at(slot);
    words[base + FRAME] = 0;
    words[base] = free + 1L;
    free = slot;
    size--;
  }

  private int distance(int from, int to) {
    return to >= from ? to - from : to - from + capacity;
  }

  private int hashOf(int slot) {
    at(slot);
    long[] w = words;
    int o = base;
    long ports = w[o + PORTS];
    boolean v6 = isV6(ports);
    long first = w[o + ADDRESSES];
    return hash.of(
        v6 ? first : 0,
        v6 ? w[o + V6_ADDRESSES] : first >>> 32,
        (int) (ports >>> 48),
        v6 ? w[o + V6_ADDRESSES + 1] : 0,
        v6 ? w[o + V6_ADDRESSES + 2] : first & 0xffff_ffffL,
        (int) (ports >>> 32) & 0xffff,
        keyProtocol(ports));
  }
}
