package io.vipscope.core.model.selection;

import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.net.IpAddress;
import org.jspecify.annotations.Nullable;

/**
 * Predicts what one host's kernel does with packets of its own, before netfilter.
 *
 * <p>Assumptions and guarantees: pure functions of the snapshot, safe for use by many threads. A
 * family whose routes were not collected is {@code unknown}. BPF hooks, xfrm policies, route caches
 * of sockets and socket options that the query does not name are not modelled.
 */
public final class RouteLookup {

  private RouteLookup() {}

  /** What {@code ip route get} says to root: one lookup. */
  public static RoutePrediction routeGet(HostSnapshot s, RouteQuery q) {
    return RoutePrediction.of(HostTables.of(s).once(q, false));
  }

  /**
   * What a socket that connects does: IPv4 looks up without a source and again with the one found
   * ({@code ip_route_connect}); IPv6 keeps the first route ({@code ip6_dst_lookup_tail}).
   *
   * <p>Source, rule and {@code routeNamesSource} are those of the first pass, device, gateway,
   * table and error those of the last.
   *
   * @param q with a source: a bound socket; its protocol says whether it is TCP, whose source port
   *     is not known in the first pass unless it was bound
   */
  public static RoutePrediction connect(HostSnapshot s, RouteQuery q) {
    return RoutePrediction.of(HostTables.of(s).connect(q));
  }

  /**
   * As {@link #connect(HostSnapshot, RouteQuery)}, where it is known whether the application bound
   * the source port, so that already the first pass has it, or the kernel chose it later.
   */
  public static RoutePrediction connect(HostSnapshot s, RouteQuery q, boolean portBound) {
    return RoutePrediction.of(HostTables.of(s).connect(q, portBound));
  }

  /** What {@code sendto()} of an unconnected socket does, ping and raw sockets included. */
  public static RoutePrediction send(HostSnapshot s, RouteQuery q) {
    return RoutePrediction.of(HostTables.of(s).send(q));
  }

  /**
   * The lookup for a packet that an OUTPUT hook changed ({@code ip_route_me_harder}, {@code
   * ip6_route_me_harder}): its source is given and may be any address (FLOWI_FLAG_ANYSRC). IPv4
   * then looks up with uid 0.
   */
  public static RoutePrediction reroute(HostSnapshot s, RouteQuery q) {
    return RoutePrediction.of(HostTables.of(s).once(q.v6() ? q : q.withUid(0), true));
  }

  /**
   * {@code inet_select_addr}: the address for a device.
   *
   * @param gateway the gateway, or for MASQUERADE the next hop; null = none
   * @param scope the widest scope number allowed: the route's
   * @return null if there is none: 0.0.0.0 leaves
   */
  public static @Nullable IpAddress selectIpv4(
      HostSnapshot s, @Nullable String dev, @Nullable IpAddress gateway, int scope) {
    return Ipv4Source.select(s, dev, gateway, scope);
  }

  /**
   * {@code ipv6_dev_get_saddr}: the address for a destination that is reached by a device.
   *
   * @param dev null = not known yet
   * @return null if there is none
   */
  public static @Nullable IpAddress selectIpv6(
      HostSnapshot s, @Nullable String dev, IpAddress dst) {
    return Ipv6Source.select(s, dev, dst);
  }
}
