package io.vipscope.core.model.snapshot;

import io.vipscope.core.net.IpAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One {@code vrrp_instance} of keepalived.conf, as far as it bears on addresses and adverts.
 *
 * @param dev the {@code interface}; null if not given
 * @param vrid {@code virtual_router_id}; 0 if not given
 * @param state {@code MASTER} or {@code BACKUP}; null if not given
 * @param priority 0 if not given (keepalived then takes 100)
 * @param advertIntervalMs default 1000
 * @param version 2 or 3; 0 = keepalived's default
 * @param group the {@code vrrp_sync_group} it is a member of; null without one
 * @param routes {@code virtual_routes}: as keepalived would add them
 * @param rules {@code virtual_rules}: as keepalived would add them
 */
public record VrrpInstance(
    String name,
    @Nullable String dev,
    int vrid,
    @Nullable String state,
    int priority,
    long advertIntervalMs,
    int version,
    boolean noPreempt,
    boolean useVmac,
    boolean promoteSecondaries,
    @Nullable String group,
    @Nullable IpAddress unicastSource,
    List<IpAddress> unicastPeers,
    List<VirtualAddress> addresses,
    List<Route> routes,
    List<PolicyRule> rules) {

  public VrrpInstance {
    unicastPeers = List.copyOf(unicastPeers);
    addresses = List.copyOf(addresses);
    routes = List.copyOf(routes);
    rules = List.copyOf(rules);
  }

  /** Whether the instance carries the address. */
  public boolean names(IpAddress address) {
    return addresses.stream().anyMatch(a -> a.address().equals(address));
  }
}
