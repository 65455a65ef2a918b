package io.vipscope.core.model.selection;

import io.vipscope.core.model.snapshot.AddressLabel;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.net.IpAddress;
import org.jspecify.annotations.Nullable;

/** Classes of IPv6 addresses: {@code ipv6_addr_label}, {@code __ipv6_addr_type}. */
public final class Ipv6Labels {

  private static final long NO_LABEL = 0xffffffffL;

  static final int LINK_LOCAL = 2;
  private static final int SITE_LOCAL = 5;
  private static final int GLOBAL = 14;

  private Ipv6Labels() {}

  /** The first entry in dump order that fits: the table is sorted, longest prefix first. */
  static long label(HostSnapshot s, IpAddress address, @Nullable String dev) {
    for (AddressLabel entry : s.labels()) {
      if (entry.prefix().contains(address) && (entry.dev() == null || entry.dev().equals(dev))) {
        return entry.label();
      }
    }
    return NO_LABEL;
  }

  /** The scope by address alone, as the comparison uses it ({@code __ipv6_addr_src_scope}). */
  public static int scope(IpAddress a) {
    if (a.isMulticast()) {
      return (int) (a.hi() >>> 48) & 0xf;
    }
    if (a.isAny()) {
      return -1;
    }
    if (a.isLoopback() || a.isLinkLocal()) {
      return LINK_LOCAL;
    }
    return a.hi() >>> 54 == 0xfec0 >>> 6 ? SITE_LOCAL : GLOBAL;
  }

  /** IPv4-mapped, IPv4-compatible or loopback: always taken as preferred. */
  static boolean alwaysPreferred(IpAddress a) {
    boolean mapped = a.hi() == 0 && a.lo() >>> 32 == 0xffff;
    boolean compatible = a.hi() == 0 && a.lo() >>> 32 == 0 && a.lo() != 0;
    return mapped || compatible;
  }

  /** 2001:10::/28. */
  static boolean orchid(IpAddress a) {
    return a.hi() >>> 36 == 0x2001001L;
  }
}
