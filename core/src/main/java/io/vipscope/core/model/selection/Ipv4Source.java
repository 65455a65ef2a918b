package io.vipscope.core.model.selection;

import io.vipscope.core.model.snapshot.AddressFlag;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.InterfaceAddress;
import io.vipscope.core.model.snapshot.Link;
import io.vipscope.core.model.snapshot.Scope;
import io.vipscope.core.net.IpAddress;
import org.jspecify.annotations.Nullable;

/** IPv4 source address selection by device: {@code inet_select_addr} (net/ipv4/devinet.c). */
final class Ipv4Source {

  private Ipv4Source() {}

  /**
   * The address for a device.
   *
   * @param gateway the next hop, never the destination; null = none
   * @param scope the widest scope number allowed: the route's
   * @return null if there is none: 0.0.0.0 leaves
   */
  static @Nullable IpAddress select(
      HostSnapshot s, @Nullable String dev, @Nullable IpAddress gateway, int scope) {
    Link device = s.link(dev);
    IpAddress first = null;
    if (device != null) {
      int localnet = s.sysctls().orConf(device.name(), "route_localnet") ? Scope.LINK : Scope.HOST;
      for (InterfaceAddress a : device.addresses(false)) {
        if (a.has(AddressFlag.SECONDARY) || Math.min(a.scope(), localnet) > scope) {
          continue;
        }
        if (gateway == null || a.subnet().contains(gateway)) {
          return a.local();
        }
        first = first == null ? a.local() : first;
      }
    }
    if (first != null) {
      return first;
    }
    for (Link link : s.links()) { // also devices that are down
      for (InterfaceAddress a : link.addresses(false)) {
        if (!a.has(AddressFlag.SECONDARY) && a.scope() != Scope.LINK && a.scope() <= scope) {
          return a.local();
        }
      }
    }
    return null;
  }
}
