package io.vipscope.core.model.snapshot;

import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.IpPrefix;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One address of a device ({@code struct in_ifaddr}, {@code struct inet6_ifaddr}).
 *
 * @param local the host's own address
 * @param peer the far end of a point-to-point address ({@code ifa_address}); null without one
 * @param prefixLength mask length in bits
 * @param scope see {@link Scope}
 * @param preferredS preferred lifetime left in seconds; {@link #FOREVER} without a limit
 * @param validS valid lifetime left in seconds; {@link #FOREVER} without a limit
 * @param protocol who added it (IFA_PROTO), as printed; null where not shown
 */
public record InterfaceAddress(
    IpAddress local,
    @Nullable IpAddress peer,
    int prefixLength,
    int scope,
    Set<AddressFlag> flags,
    long preferredS,
    long validS,
    @Nullable String label,
    @Nullable IpAddress broadcast,
    @Nullable String protocol) {

  public static final long FOREVER = 0xffffffffL;

  public InterfaceAddress {
    flags = Set.copyOf(flags);
  }

  /** A permanent address without flags. */
  public static InterfaceAddress of(IpAddress local, int prefixLength, int scope) {
    return new InterfaceAddress(
        local, null, prefixLength, scope, Set.of(), FOREVER, FOREVER, null, null, null);
  }

  public InterfaceAddress withFlags(Set<AddressFlag> newFlags) {
    return new InterfaceAddress(
        local, peer, prefixLength, scope, newFlags, preferredS, validS, label, broadcast, protocol);
  }

  public boolean has(AddressFlag flag) {
    return flags.contains(flag);
  }

  public boolean v6() {
    return local.v6();
  }

  /** The subnet: that of the peer where there is one ({@code ifa_address & ifa_mask}). */
  public IpPrefix subnet() {
    return IpPrefix.of(peer == null ? local : peer, prefixLength);
  }
}
