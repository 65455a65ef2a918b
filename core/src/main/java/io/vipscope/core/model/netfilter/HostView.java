package io.vipscope.core.model.netfilter;

import io.vipscope.core.net.IpAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What netfilter asks the rest of the host's stack. */
public interface HostView {

  /** One way out. */
  record Way(@Nullable String dev, @Nullable IpAddress gateway) {}

  /**
   * All ways a lookup may end.
   *
   * @param error why there is none; null if there is one
   * @param unknown names what is not modelled there; null if nothing is
   */
  record Ways(List<Way> ways, @Nullable String error, @Nullable String unknown) {
    public Ways {
      ways = List.copyOf(ways);
    }
  }

  /** {@code ip_route_me_harder}: routes a packet again after a hook changed it. */
  Ways reroute(Packet packet);

  /** The address MASQUERADE takes for this packet; null: it has none and drops the packet. */
  @Nullable IpAddress masquerade(Packet packet);

  /** {@code local}, {@code unicast}, {@code broadcast}, {@code multicast}, {@code anycast}. */
  String addressType(IpAddress address);
}
