package io.vipscope.core.failover;

import io.vipscope.core.net.IpAddress;
import org.jspecify.annotations.Nullable;

/** What keepalived.conf calls the VRRP instance of a VIP. */
public interface InstanceNames {

  /**
   * The instance's name.
   *
   * @param host the audited host that holds the VIP: its own keepalived.conf is asked first
   * @return null if no keepalived.conf names the VIP
   */
  @Nullable String instanceOf(IpAddress vip, @Nullable String host);
}
