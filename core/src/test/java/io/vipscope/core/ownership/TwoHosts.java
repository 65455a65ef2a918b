package io.vipscope.core.ownership;

import static io.vipscope.core.FrameBuilder.ip;

import io.vipscope.core.net.IpAddress;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The pair of these tests: lb1 has 10.0.0.11 and MAC 1, lb2 has 10.0.0.12 and MAC 2. */
public final class TwoHosts implements HostDirectory {

  private final Set<IpAddress> vips;

  public TwoHosts(Set<IpAddress> vips) {
    this.vips = Set.copyOf(vips);
  }

  @Override
  public boolean isVip(int segment, IpAddress address) {
    return vips.contains(address);
  }

  @Override
  public @Nullable String hostOfAddress(int segment, IpAddress address) {
    return address.equals(ip("10.0.0.11")) ? "lb1" : address.equals(ip("10.0.0.12")) ? "lb2" : null;
  }

  @Override
  public @Nullable String hostOfMac(int segment, long mac) {
    return mac == 1 ? "lb1" : mac == 2 ? "lb2" : null;
  }
}
