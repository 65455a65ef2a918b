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

  /**
   * Whether two VIPs are those of different instances, although VRID and name are the same: some
   * keepalived.conf names each, and none names both in one instance.
   */
  default boolean areApart(IpAddress a, IpAddress b) {
    return false;
  }

  /** The {@code vrrp_sync_group} of a VIP's instance, found in the same way; null without one. */
  default @Nullable String groupOf(IpAddress vip, @Nullable String host) {
    return null;
  }
}
