package io.vipscope.core.pipeline;

import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.MacAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The hosts of the pairs of one segment: which address and which MAC is whose. Immutable. */
final class SegmentHosts {

  private final Map<String, AuditedHost> hosts = new LinkedHashMap<>();
  private final Set<IpAddress> vips = new HashSet<>();
  private final Map<IpAddress, List<AuditedHost>> byAddress = new HashMap<>();
  private final Map<Long, AuditedHost> byMac = new HashMap<>();

  SegmentHosts(Collection<AuditedHost> audited, Collection<IpAddress> named) {
    vips.addAll(named);
    for (AuditedHost host : audited) {
      hosts.put(host.name(), host);
      vips.addAll(host.vips());
    }
    for (AuditedHost host : audited) {
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

  Collection<AuditedHost> hosts() {
    return hosts.values();
  }

  Set<IpAddress> vips() {
    return vips;
  }

  boolean isVip(IpAddress address) {
    return vips.contains(address);
  }

  /** The hosts that have this address as their own; empty for a VIP. */
  List<AuditedHost> hostsOfAddress(IpAddress address) {
    return byAddress.getOrDefault(address, List.of());
  }

  /** The addresses that hosts have as their own. */
  Set<IpAddress> addresses() {
    return byAddress.keySet();
  }

  @Nullable AuditedHost hostOfMac(long mac) {
    return byMac.get(mac);
  }

  /** The hosts of the MACs of all interfaces, but for those of virtual routers. */
  Map<Long, AuditedHost> byMac() {
    return byMac;
  }

  boolean knows(IpAddress address) {
    return isVip(address) || byAddress.containsKey(address);
  }
}
