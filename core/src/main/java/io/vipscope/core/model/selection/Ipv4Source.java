package io.vipscope.core.model.selection;

import io.vipscope.core.model.snapshot.AddressFlag;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.InterfaceAddress;
import io.vipscope.core.model.snapshot.Link;
import io.vipscope.core.model.snapshot.Scope;
import io.vipscope.core.net.IpAddress;
import org.jspecify.annotations.Nullable;

/** IPv4 source address selection by device: {@code inet_select_addr} (net/ipv4/devinet.c). */
public final class Ipv4Source {

  private Ipv4Source() {}

  /**
   * The address for a device; {@code deprecated} and labels play no part.
   *
   * @param nexthop the gateway, or for MASQUERADE the next hop; null = none
   * @param scope the widest scope number allowed: the route's
   * @return null if there is none: 0.0.0.0 leaves
   */
  public static @Nullable IpAddress select(
      HostSnapshot s, @Nullable String dev, @Nullable IpAddress nexthop, int scope) {
    Link device = s.link(dev);
    IpAddress first = null;
    if (device != null) {
      int localnet = s.sysctls().orConf(device.name(), "route_localnet") ? Scope.LINK : Scope.HOST;
      for (InterfaceAddress a : device.addresses()) {
        if (a.v6() || a.has(AddressFlag.SECONDARY) || Math.min(a.scope(), localnet) > scope) {
          continue;
        }
        if (nexthop == null || a.subnet().contains(nexthop)) {
          return a.local();
        }
        first = first == null ? a.local() : first;
      }
    }
    return first != null ? first : fallback(s, device, scope);
  }

  /** {@code in_dev_select_addr} over the devices of the domain, also those that are down. */
  private static @Nullable IpAddress fallback(HostSnapshot s, @Nullable Link device, int scope) {
    for (Link link : L3Domain.devices(s, device)) {
      for (InterfaceAddress a : link.addresses()) {
        if (!a.v6()
            && !a.has(AddressFlag.SECONDARY)
            && a.scope() != Scope.LINK
            && a.scope() <= scope) {
          return a.local();
        }
      }
    }
    return null;
  }
}
