package io.vipscope.core.model.netfilter;

import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.IpPrefix;
import java.util.ArrayList;
import java.util.List;

/** Addresses from first to last, both included. */
public record AddressRange(IpAddress first, IpAddress last) {

  /** A block as a range. */
  public static AddressRange of(IpPrefix prefix) {
    IpAddress n = prefix.network();
    int host = n.bits() - prefix.length();
    long lo = host >= 64 ? -1L : n.lo() | (1L << host) - 1;
    if (!n.v6()) {
      return new AddressRange(n, new IpAddress(false, 0, lo & 0xffffffffL));
    }
    long hi = host <= 64 ? n.hi() : host == 128 ? -1L : n.hi() | (1L << host - 64) - 1;
    return new AddressRange(n, IpAddress.v6(hi, lo));
  }

  public boolean contains(IpAddress address) {
    return address.v6() == first.v6()
        && first.compareTo(address) <= 0
        && address.compareTo(last) <= 0;
  }

  /** Whether it holds one address only. */
  public boolean single() {
    return first.equals(last);
  }

  /** How many addresses it holds; {@link Long#MAX_VALUE} for more than a long can count. */
  public long size() {
    long count = last.lo() - first.lo() + 1;
    return last.hi() != first.hi() || count <= 0 ? Long.MAX_VALUE : count;
  }

  /** One of its addresses, counted from 0, in a range of less than 2^63. */
  public IpAddress at(long index) {
    return new IpAddress(first.v6(), first.hi(), first.lo() + index);
  }

  /** The fewest blocks that hold the same addresses, in order. */
  public List<IpPrefix> prefixes() {
    List<IpPrefix> all = new ArrayList<>();
    IpAddress from = first;
    while (from.compareTo(last) <= 0) {
      int length = from.bits();
      while (length > 0) {
        IpPrefix wider = IpPrefix.of(from, length - 1);
        if (!wider.network().equals(from) || of(wider).last().compareTo(last) > 0) {
          break;
        }
        length--;
      }
      IpPrefix block = IpPrefix.of(from, length);
      all.add(block);
      IpAddress end = of(block).last();
      if (end.equals(last)) {
        break;
      }
      from = end.next();
    }
    return all;
  }

  @Override
  public String toString() {
    return single() ? first.toString() : first + "-" + last;
  }
}
