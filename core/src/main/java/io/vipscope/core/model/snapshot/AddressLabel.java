package io.vipscope.core.model.snapshot;

import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.IpPrefix;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One entry of the IPv6 address label table (net/ipv6/addrlabel.c).
 *
 * @param dev only for this device; null = for all
 */
public record AddressLabel(IpPrefix prefix, @Nullable String dev, long label) {

  /** The kernel's {@code ip6addrlbl_init_table}; not the table of RFC 6724. */
  public static List<AddressLabel> defaults() {
    return List.of(
        of("::1/128", 0),
        of("::/96", 3),
        of("::ffff:0:0/96", 4),
        of("2001::/32", 6),
        of("2001:10::/28", 7),
        of("3ffe::/16", 12),
        of("2002::/16", 2),
        of("fec0::/10", 11),
        of("fc00::/7", 5),
        new AddressLabel(IpPrefix.of(IpAddress.ANY6, 0), null, 1));
  }

  private static AddressLabel of(String prefix, long label) {
    return new AddressLabel(IpPrefix.parse(prefix), null, label);
  }
}
