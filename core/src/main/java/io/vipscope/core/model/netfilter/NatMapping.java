package io.vipscope.core.model.netfilter;

import io.vipscope.core.model.snapshot.Range;
import io.vipscope.core.net.IpAddress;
import org.jspecify.annotations.Nullable;

/** Which address of a range NAT takes ({@code get_unique_tuple}, {@code find_best_ips_proto}). */
final class NatMapping {

  private NatMapping() {}

  /**
   * The new source; the one the packet has if it may keep it.
   *
   * @param src the source that conntrack keeps
   * @param dst where the flow goes, as conntrack keeps it
   */
  static IpAddress source(NatTarget.Addresses to, IpAddress src, IpAddress dst, int sport) {
    AddressRange range = to.addresses();
    if (range == null) {
      return src;
    }
    if (range.single()) {
      return range.first();
    }
    Range ports = to.ports();
    boolean keeps = range.contains(src) && (ports == null || ports.contains(sport));
    return keeps && !to.random() ? src : pick(range, src, dst, to.persistent());
  }

  /** Whether the source port becomes another one. */
  static boolean otherPort(NatTarget.Addresses to, int sport) {
    return to.random() || to.ports() != null && !to.ports().contains(sport);
  }

  /**
   * The new destination.
   *
   * @param src null: the packet has none, which is as if it were 0
   */
  static IpAddress destination(NatTarget.Addresses to, @Nullable IpAddress src, IpAddress dst) {
    AddressRange range = to.addresses();
    if (range == null) {
      return dst;
    }
    return range.single() ? range.first() : pick(range, src, dst, to.persistent());
  }

  /** Network bits of the range, host bits of the address. */
  static IpAddress netmap(AddressRange range, IpAddress address) {
    long hostHi = range.first().hi() ^ range.last().hi();
    long hostLo = range.first().lo() ^ range.last().lo();
    return new IpAddress(
        address.v6(),
        range.first().hi() & ~hostHi | address.hi() & hostHi,
        range.first().lo() & ~hostLo | address.lo() & hostLo);
  }

  /**
   * {@code find_best_ips_proto}: a hash of the source, and of the destination unless persistent,
   * scaled into the range, word by word. Words stand in memory order, so a little-endian kernel
   * hashes them with their octets reversed.
   */
  private static IpAddress pick(
      AddressRange range, @Nullable IpAddress src, IpAddress dst, boolean persistent) {
    int[] s = src == null ? new int[4] : words(src);
    int[] d = words(dst);
    int[] min = words(range.first());
    int[] max = words(range.last());
    int last = range.first().v6() ? 3 : 0;
    int hash = Jhash.of(s, persistent ? 0 : d[last]);
    int[] result = new int[4];
    boolean full = false;
    for (int i = 0; i <= last; i++) {
      int low = full ? 0 : Integer.reverseBytes(min[i]);
      int distance = full ? -1 : Integer.reverseBytes(max[i]) - low + 1;
      int offset = (int) ((hash & 0xffffffffL) * (distance & 0xffffffffL) >>> 32);
      result[i] = Integer.reverseBytes(low + offset);
      full |= result[i] != max[i];
      if (!persistent) {
        hash ^= d[i];
      }
    }
    return address(result, range.first().v6());
  }

  private static int[] words(IpAddress a) {
    if (!a.v6()) {
      return new int[] {Integer.reverseBytes(a.asInt()), 0, 0, 0};
    }
    return new int[] {
      Integer.reverseBytes((int) (a.hi() >>> 32)),
      Integer.reverseBytes((int) a.hi()),
      Integer.reverseBytes((int) (a.lo() >>> 32)),
      Integer.reverseBytes((int) a.lo())
    };
  }

  private static IpAddress address(int[] w, boolean v6) {
    if (!v6) {
      return IpAddress.v4(Integer.reverseBytes(w[0]));
    }
    return IpAddress.v6(pair(w[0], w[1]), pair(w[2], w[3]));
  }

  private static long pair(int high, int low) {
    return (long) Integer.reverseBytes(high) << 32 | Integer.reverseBytes(low) & 0xffffffffL;
  }
}
