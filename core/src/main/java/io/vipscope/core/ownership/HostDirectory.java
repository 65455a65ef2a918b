package io.vipscope.core.ownership;

import io.vipscope.core.net.IpAddress;
import org.jspecify.annotations.Nullable;

/** Which audited host an address or a MAC belongs to, seen in a segment. */
public interface HostDirectory {

  /** The host that has this address as its own, not as a VIP; null if none or several. */
  @Nullable String hostOfAddress(int segment, IpAddress address);

  /** The host one of whose interfaces has this MAC; null for none, and for a VRRP MAC. */
  @Nullable String hostOfMac(int segment, long mac);

  /** Whether the address is a VIP, named by keepalived.conf or by the user. */
  boolean isVip(int segment, IpAddress address);

  /** What people call a segment; empty for the only one. */
  default String segmentName(int segment) {
    return segment < 0 ? "" : "vlan " + segment;
  }
}
