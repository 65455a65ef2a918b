package io.vipscope.core.model.compiled;

import io.vipscope.core.net.IpAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The class of each address of one family: ascending first addresses, searched by bisection within
 * those that share the first 16 bits. Immutable.
 */
final class AddressClasses {

  private static final int HEADS = 1 << 16;

  /** Of a state that is not compiled. */
  static final AddressClasses NONE = new AddressClasses(false, List.of(), List.of(), List.of());

  /** Turns unsigned order into signed order. */
  private static final long FLIP = Long.MIN_VALUE;

  private final List<@Nullable IpAddress> examples;

  /** Index of the last start that is not above the first address with these 16 leading bits. */
  private final int[] heads;

  private final int[] starts4;

  private final long[] startsHi;
  private final long[] startsLo;
  private final int[] ids;

  private AddressClasses(
      boolean v6, List<IpAddress> starts, List<Integer> ids, List<@Nullable IpAddress> examples) {
    int n = starts.size();
    heads = new int[n == 0 ? 0 : HEADS + 1];
    this.examples = new ArrayList<>(examples);
    this.ids = new int[n];
    starts4 = new int[v6 ? 0 : n];
    startsHi = new long[v6 ? n : 0];
    startsLo = new long[v6 ? n : 0];
    for (int i = 0; i < n; i++) {
      IpAddress start = starts.get(i);
      this.ids[i] = ids.get(i);
      if (v6) {
        startsHi[i] = start.hi() ^ FLIP;
        startsLo[i] = start.lo() ^ FLIP;
      } else {
        starts4[i] = (int) start.lo() ^ Integer.MIN_VALUE;
      }
    }
    int last = 0;
    for (int head = 0; head < heads.length - 1; head++) {
      IpAddress first = v6 ? IpAddress.v6((long) head << 48, 0) : IpAddress.v4(head << 16);
      while (last + 1 < n && starts.get(last + 1).compareTo(first) <= 0) {
        last++;
      }
      heads[head] = last;
    }
    if (n > 0) {
      heads[HEADS] = n - 1;
    }
  }

  /**
   * @param starts first addresses in ascending order, the family's first address first
   * @param ids class of what begins there
   * @param examples one address of each class, null for those that no address has
   */
  static AddressClasses of(
      boolean v6, List<IpAddress> starts, List<Integer> ids, List<@Nullable IpAddress> examples) {
    return new AddressClasses(v6, starts, ids, examples);
  }

  /** The class of an IPv4 address in network order. */
  int of(int address) {
    int head = address >>> 16;
    int low = heads[head];
    int high = heads[head + 1];
    int flipped = address ^ Integer.MIN_VALUE;
    while (low < high) { // the last start that is not above the address
      int middle = (low + high + 1) >>> 1;
      if (starts4[middle] <= flipped) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return ids[low];
  }

  /** The class of an IPv6 address. */
  int of(long hi, long lo) {
    int head = (int) (hi >>> 48);
    int low = heads[head];
    int high = heads[head + 1];
    long flippedHi = hi ^ FLIP;
    long flippedLo = lo ^ FLIP;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      long start = startsHi[middle];
      if (start < flippedHi || start == flippedHi && startsLo[middle] <= flippedLo) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return ids[low];
  }

  /** How many classes there are. */
  int count() {
    return examples.size();
  }

  /** How many runs of addresses of one class there are. */
  int runs() {
    return ids.length;
  }

  /** An address of the class; null if there is none. */
  @Nullable IpAddress example(int id) {
    return examples.get(id);
  }
}
