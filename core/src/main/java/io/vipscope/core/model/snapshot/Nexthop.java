package io.vipscope.core.model.snapshot;

import io.vipscope.core.net.IpAddress;
import org.jspecify.annotations.Nullable;

/**
 * One way out of a route ({@code struct fib_nh_common}).
 *
 * @param dev device name; null for routes without one
 * @param gateway null = on-link; may be IPv6 for an IPv4 route
 * @param weight share in a multipath route, from 1
 */
public record Nexthop(
    @Nullable String dev,
    @Nullable IpAddress gateway,
    int weight,
    boolean dead,
    boolean linkdown,
    boolean onlink) {

  public static Nexthop of(@Nullable String dev, @Nullable IpAddress gateway) {
    return new Nexthop(dev, gateway, 1, false, false, false);
  }
}
