package io.vipscope.core.flow;

import java.lang.foreign.Arena;
import java.util.Arrays;

/**
 * Storage of live flows of one family: slots of fixed size outside the heap, and an open-addressing
 * index over them. One thread at a time uses an instance.
 *
 * <p>A slot has two parts. Its <em>line</em> is what every frame of the flow reads and writes: one
 * cache line of {@value #V4_LINE_BYTES} bytes for IPv4, one and a half for IPv6. The <em>rest</em>,
 * {@value #REST_BYTES} bytes, is written when a flow begins and read when it ends. With two index
 * places of 4 bytes an IPv4 flow takes 96 bytes; up to 104 after the index has grown, which doubles
 * it.
 *
 * <p>Slots keep their number for life, so the sweep can walk them in order. Memory is taken when
 * first needed, up to the limit given at the start; after that the table is full and says so. The
 * index grows with the flows, so that few flows have a small one that stays in the cache.
 */
final class FlowTable {

  static final int NONE = -1;

  // Words of the line.

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

  /**
   * Capture clock at the last frame, in ticks, 32; below it the initial sequence number (TCP), or
   * the tick of the opener's last frame (others).
   */
  static final int CLOCK = 4;

  /** Bytes of the opener 48, TTL 8, TOS 8. */
  static final int TO_BYTES = 5;

  /**
   * Bytes of the other end 48, flags 16, some of them set: {@link FlowSlot}. 0: the slot is free.
   */
  static final int FROM_BYTES = 6;

  /** Frames of the opener 32, of the other end 32; what goes beyond 2^31 is in {@link #REST}. */
  static final int FRAMES = 7;

  /** Lower half of the source, upper and lower half of the destination. */
  static final int V6_ADDRESSES = 8;

  // Words of the rest.

  static final int START_NS = 0;

  /** Number of the first frame 48, number of the address that the opener had asked + 1 16. */
  static final int FIRST = 1;

  /**
   * Id of the MAC pair 20, when an interim record was written 24, frames of the opener and of the
   * other end in units of 2^31, 10 each.
   */
  static final int REST = 2;

  private static final int V4_LINE_BYTES = 64;
  private static final int V6_LINE_BYTES = 96;
  private static final int REST_BYTES = 24;

  private static final int CHUNK_BITS = 12;
  private static final int CHUNK_SLOTS = 1 << CHUNK_BITS;

  /** Chunks taken together at most: about 20 MB. */
  private static final int MAX_EXTENT = 1 << 6;

  private static final int CACHE_LINE = 64;

  /** Index places per slot at least: probe chains stay short. */
  private static final int PLACES_PER_SLOT = 2;

  /** Places at which the search for a hash begins together: within one cache line. */
  private static final int BUCKET = 4;

  private static final int FIRST_PLACES = 1 << 10;

  private final FlowHash hash;
  private final boolean v6;
  private final int lineBytes;
  private final int limit;

  /** Bits of an index entry that hold slot + 1; those above hold the lowest bits of the hash. */
  private final int slotBits;

  private final int slotMask;

  /** Holds the slots' memory; it goes when the table does. */
  private final Arena arena = Arena.ofAuto();

  /** Where each chunk's lines begin; the rests of its slots follow them. */
  private long[] chunks = new long[0];

  private int[] index = new int[FIRST_PLACES];

  /** An index place is what is left of a hash without its lower bits. */
  private int placeShift = shift(FIRST_PLACES);

  /** A chain of free slots: each holds the next one + 1 in its first word. */
  private int free = NONE;

  private int highWater;
  private int size;

  /**
   * @param maxFlows 1 to 2^28
   */
  FlowTable(FlowHash hash, boolean v6, int maxFlows) {
    this.hash = hash;
    this.v6 = v6;
    lineBytes = v6 ? V6_LINE_BYTES : V4_LINE_BYTES;
    limit = maxFlows;
    slotBits = Integer.SIZE - Integer.numberOfLeadingZeros(maxFlows);
    slotMask = (1 << slotBits) - 1;
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

  /** Address of a slot's line. */
  long line(int slot) {
    return chunks[slot >>> CHUNK_BITS] + (long) (slot & CHUNK_SLOTS - 1) * lineBytes;
  }

  /** Address of a slot's rest. */
  long rest(int slot) {
    return chunks[slot >>> CHUNK_BITS]
        + (long) CHUNK_SLOTS * lineBytes
        + (long) (slot & CHUNK_SLOTS - 1) * REST_BYTES;
  }

  /** A word of a line or rest. */
  static long get(long part, int word) {
    return NativeWords.get(part + ((long) word << 3));
  }

  static void set(long part, int word, long value) {
    NativeWords.set(part + ((long) word << 3), value);
  }

  /** Whether the slot holds a flow. */
  boolean isUsed(int slot) {
    return get(line(slot), FROM_BYTES) != 0;
  }

  /** First index place to look at for a hash: where its bucket begins. */
  int start(int flowHash) {
    return (flowHash >>> placeShift) & -BUCKET;
  }

  int after(int place) {
    return place + 1 & index.length - 1;
  }

  /** What stands at an index place; 0 = nothing. */
  int entry(int place) {
    return index[place];
  }

  /** Slot of an entry if its hash may be this one, else {@link #NONE}. */
  int slotOf(int entry, int flowHash) {
    return (entry ^ flowHash << slotBits) >>> slotBits == 0 && entry != 0
        ? (entry & slotMask) - 1
        : NONE;
  }

  /**
   * The slot at which a hash's flow probably is, or {@link #NONE}. Only the bucket of the hash is
   * looked at, and the next one if that is full.
   */
  int probable(int flowHash) {
    int bucket = start(flowHash);
    int slot = inBucket(bucket, flowHash);
    return slot == NONE && index[bucket + BUCKET - 1] != 0
        ? inBucket(bucket + BUCKET & index.length - 1, flowHash)
        : slot;
  }

  /**
   * Looks at a bucket without a branch: one that depends on memory not loaded yet, and is guessed
   * wrong, stops all loads behind it.
   */
  private int inBucket(int bucket, int flowHash) {
    int[] places = index;
    int tag = flowHash << slotBits;
    int found = 0;
    for (int i = BUCKET - 1; i >= 0; i--) {
      int entry = places[bucket + i];
      int same = ((entry ^ tag) >>> slotBits) - 1 >> Integer.SIZE - 1; // all bits, or none
      found = found & ~same | entry & slotMask & same;
    }
    return found - 1;
  }

  /** Takes a slot for a new flow, zeroed; {@link #NONE} if the table is full. */
  int insert(int flowHash) {
    int slot;
    if (free != NONE) {
      slot = free;
      free = (int) get(line(slot), ADDRESSES) - 1;
    } else if (highWater < limit) {
      slot = highWater++;
      if (slot >>> CHUNK_BITS == chunks.length) {
        addChunks();
      }
    } else {
      return NONE;
    }
    if (PLACES_PER_SLOT * (size + 1) > index.length) {
      growIndex();
    }
    put(flowHash, slot);
    size++;
    clear(slot);
    return slot;
  }

  /** As many chunks as there are, so that few flows take little and many are not cut up. */
  private void addChunks() {
    int old = chunks.length;
    int wanted = (limit + CHUNK_SLOTS - 1) / CHUNK_SLOTS;
    int more = Math.min(Math.clamp(old, 1, MAX_EXTENT), wanted - old);
    long chunkBytes = (long) CHUNK_SLOTS * (lineBytes + REST_BYTES);
    long extent = arena.allocate(more * chunkBytes, CACHE_LINE).address();
    chunks = Arrays.copyOf(chunks, old + more);
    for (int i = 0; i < more; i++) {
      chunks[old + i] = extent + i * chunkBytes;
    }
  }

  private void growIndex() {
    int[] old = index;
    index = new int[2 * old.length];
    placeShift = shift(index.length);
    for (int entry : old) {
      if (entry != 0) {
        int slot = (entry & slotMask) - 1;
        put(hashOf(slot), slot);
      }
    }
  }

  private static int shift(int places) {
    return Integer.numberOfLeadingZeros(places) + 1;
  }

  private void put(int flowHash, int slot) {
    int place = start(flowHash);
    while (index[place] != 0) {
      place = after(place);
    }
    index[place] = flowHash << slotBits | slot + 1;
  }

  private void clear(int slot) {
    long line = line(slot);
    for (int i = 0; i < lineBytes; i += Long.BYTES) {
      NativeWords.set(line + i, 0);
    }
    long rest = rest(slot);
    for (int i = 0; i < REST_BYTES; i += Long.BYTES) {
      NativeWords.set(rest + i, 0);
    }
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
    long line = line(slot);
    set(line, FROM_BYTES, 0);
    set(line, ADDRESSES, free + 1L);
    free = slot;
    size--;
  }

  private int distance(int from, int to) {
    return to - from & index.length - 1;
  }

  private int hashOf(int slot) {
    long line = line(slot);
    long ports = get(line, PORTS);
    long first = get(line, ADDRESSES);
    return hash.of(
        v6 ? first : 0,
        v6 ? get(line, V6_ADDRESSES) : first >>> 32,
        (int) (ports >>> 48),
        v6 ? get(line, V6_ADDRESSES + 1) : 0,
        v6 ? get(line, V6_ADDRESSES + 2) : first & 0xffff_ffffL,
        (int) (ports >>> 32) & 0xffff,
        keyProtocol(ports));
  }
}
