package io.vipscope.core.flow;

import java.util.Arrays;
import java.util.BitSet;

/**
 * Numbers for pairs of MAC addresses: a segment has few of them, and a flow keeps a number in place
 * of 12 bytes. One thread uses an instance.
 */
final class MacPairs {

  static final int NONE = -1;

  private final int limit;
  private long[] src = new long[64];
  private long[] dst = new long[64];
  private int[] index = new int[256];
  private int count;
  private final BitSet free = new BitSet();

  /**
   * @param limit pairs at most, below 2^24: more than any sound segment has; an attack with random
   *     addresses ends there
   */
  MacPairs(int limit) {
    this.limit = limit;
  }

  long src(int id) {
    return src[id];
  }

  long dst(int id) {
    return dst[id];
  }

  /** The number of a pair; {@link #NONE} if it is new and there is no room. */
  int id(long srcMac, long dstMac) {
    int place = place(srcMac, dstMac);
    if (index[place] != 0) {
      return index[place] - 1;
    }
    int id = free.nextSetBit(0);
    if (id >= 0) {
      free.clear(id);
    } else if (count < limit) {
      id = count++;
    } else {
      return NONE;
    }
    if (id == src.length) {
      src = Arrays.copyOf(src, 2 * id);
      dst = Arrays.copyOf(dst, 2 * id);
    }
    src[id] = srcMac;
    dst[id] = dstMac;
    if (2 * count > index.length) {
      index = new int[2 * index.length];
      reindex();
    } else {
      index[place] = id + 1;
    }
    return id;
  }

  /** Forgets all pairs but these. */
  void keep(BitSet used) {
    free.set(0, count);
    free.andNot(used);
    Arrays.fill(index, 0);
    reindex();
  }

  private void reindex() {
    for (int id = 0; id < count; id++) {
      if (!free.get(id)) {
        index[place(src[id], dst[id])] = id + 1;
      }
    }
  }

  /** Where the pair stands in the index, or would stand. */
  private int place(long srcMac, long dstMac) {
    int mask = index.length - 1;
    int place = (int) FlowHash.mix(srcMac * 31 + dstMac) & mask;
    while (index[place] != 0
        && (src[index[place] - 1] != srcMac || dst[index[place] - 1] != dstMac)) {
      place = place + 1 & mask;
    }
    return place;
  }
}
