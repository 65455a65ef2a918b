package io.vipscope.core.model.snapshot;

import io.vipscope.core.net.IpAddress;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An address of {@code virtual_ipaddress} or {@code virtual_ipaddress_excluded}, as written, with
 * keepalived's defaults filled in (vrrp_ipaddress.c, {@code alloc_ipaddress}).
 *
 * @param prefixLength the written mask; 32 or 128 without one
 * @param dev null = the instance's interface
 * @param scope see {@link Scope}
 * @param flags what keepalived passes on; IPv6 has NODAD unless {@code -nodad}
 * @param preferredS preferred lifetime it passes on; 0 for an IPv6 /128 without {@code
 *     preferred_lft}
 * @param excluded listed in {@code virtual_ipaddress_excluded}
 */
public record VirtualAddress(
    IpAddress address,
    int prefixLength,
    @Nullable String dev,
    int scope,
    @Nullable IpAddress peer,
    @Nullable IpAddress broadcast,
    @Nullable String label,
    Set<AddressFlag> flags,
    long preferredS,
    boolean excluded) {

  public VirtualAddress {
    flags = Set.copyOf(flags);
  }

  /**
   * Whether it is this one: keepalived removes an address with its mask, and an IPv4 one with its
   * far end, which must be in the subnet ({@code inet_rtm_deladdr}).
   */
  public boolean is(InterfaceAddress a) {
    return a.local().equals(address)
        && a.prefixLength() == prefixLength
        && (a.v6() || a.subnet().contains(peer == null ? address : peer));
  }
}
