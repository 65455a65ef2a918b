package io.vipscope.core.pipeline;

import io.vipscope.core.failover.InstanceNames;
import io.vipscope.core.flow.LocalAddresses;
import io.vipscope.core.model.snapshot.VrrpInstance;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.MacAddress;
import io.vipscope.core.ownership.HostDirectory;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which audited host an address or a MAC belongs to, over all snapshots. Once a pipeline runs, its
 * cold thread alone uses an instance.
 */
public final class HostIndex implements HostDirectory, InstanceNames {

  private final Map<String, AuditedHost> hosts = new LinkedHashMap<>();
  private final Set<IpAddress> vips;
  private final Map<IpAddress, List<AuditedHost>> byAddress = new HashMap<>();
  private final Map<Long, AuditedHost> byMac = new HashMap<>();

  /**
   * @param extraVips VIPs named on the command line, beside those of keepalived.conf
   */
  public HostIndex(Collection<AuditedHost> audited, Collection<IpAddress> extraVips) {
    Set<IpAddress> named = new LinkedHashSet<>(extraVips);
    audited.forEach(h -> named.addAll(h.vips()));
    vips = Set.copyOf(named);
    update(audited);
  }

  /** Takes newer state of the hosts. The VIPs stay those that were named at the start. */
  void update(Collection<AuditedHost> audited) {
    byAddress.clear();
    for (AuditedHost host : audited) {
      hosts.put(host.name(), host);
      for (IpAddress address : host.addresses()) {
        if (!vips.contains(address)) {
          byAddress.computeIfAbsent(address, _ -> new ArrayList<>()).add(host);
        }
      }
      host.snapshots().stream()
          .flatMap(s -> s.macs().stream())
          .map(MacAddress::bits)
          .filter(mac -> !MacAddress.isVirtualRouter(mac))
          .forEach(mac -> byMac.put(mac, host));
    }
  }

  public Collection<AuditedHost> hosts() {
    return hosts.values();
  }

  public @Nullable AuditedHost host(@Nullable String name) {
    return name == null ? null : hosts.get(name);
  }

  /** The VIPs, named by keepalived.conf or by the user. */
  public Set<IpAddress> vips() {
    return vips;
  }

  public boolean isVip(IpAddress address) {
    return vips.contains(address);
  }

  @Override
  public @Nullable String instanceOf(IpAddress vip, @Nullable String holder) {
    AuditedHost first = host(holder);
    String name = first == null ? null : instanceOf(vip, first);
    for (AuditedHost host : hosts.values()) {
      if (name == null) {
        name = instanceOf(vip, host);
      }
    }
    return name;
  }

  private static @Nullable String instanceOf(IpAddress vip, AuditedHost host) {
    for (VrrpInstance instance : host.snapshots().getLast().instances()) {
      if (instance.names(vip)) {
        return instance.name();
      }
    }
    return null;
  }

  /** The hosts that have this address as their own; empty for a VIP. */
  List<AuditedHost> hostsOfAddress(IpAddress address) {
    return byAddress.getOrDefault(address, List.of());
  }

  @Override
  public @Nullable String hostOfAddress(IpAddress address) {
    List<AuditedHost> owners = hostsOfAddress(address);
    return owners.size() == 1 ? owners.getFirst().name() : null;
  }

  @Override
  public @Nullable String hostOfMac(long mac) {
    AuditedHost host = byMac.get(mac);
    return host == null ? null : host.name();
  }

  /** Whether the address is a VIP or an audited host's own. */
  boolean isLocal(IpAddress address) {
    return isVip(address) || byAddress.containsKey(address);
  }

  /** The form that reader and workers use: one group per pair; hosts without a pair form one. */
  public LocalAddresses localAddresses() {
    Map<String, Set<IpAddress>> groups = new LinkedHashMap<>();
    for (AuditedHost host : hosts.values()) {
      String pair = host.pair();
      Set<IpAddress> group =
          groups.computeIfAbsent(pair == null ? "" : pair, _ -> new LinkedHashSet<>());
      group.addAll(host.addresses());
      group.addAll(host.vips());
    }
    if (!groups.isEmpty()) {
      Set<IpAddress> unplaced = new LinkedHashSet<>(vips);
      groups.values().forEach(unplaced::removeAll);
      groups.values().iterator().next().addAll(unplaced);
    }
    return groups.isEmpty()
        ? LocalAddresses.NONE
        : new LocalAddresses(List.copyOf(groups.values()), vips);
  }
}
