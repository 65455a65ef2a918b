package io.vipscope.core.pipeline;

import io.vipscope.core.net.IpAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the addresses and MACs of one segment's frames mean, all put together: every flow is asked
 * for a dozen times. Immutable.
 */
final class SegmentView {

  private static final Address VIP = new Address(true, List.of());

  /**
   * Whose an address is.
   *
   * @param hosts that have it as their own; none for a VIP
   */
  private record Address(boolean vip, List<AuditedHost> hosts) {
    Address {
      hosts = List.copyOf(hosts);
    }
  }

  private final List<AuditedHost> hosts;
  private final Map<IpAddress, Address> addresses = new HashMap<>();

  // An open-addressing table by MAC: place by place.
  private final long[] macs;
  private final @Nullable AuditedHost[] macHosts;

  /**
   * Puts it together: the first part that knows an address or MAC counts.
   *
   * @param sure in this order
   * @param possible pairs of other segments, for a frame without a tag that none of these knows: an
   *     address may be that of hosts in several of them
   */
  SegmentView(List<SegmentHosts> sure, List<SegmentHosts> possible) {
    Map<Long, AuditedHost> byMac = new LinkedHashMap<>();
    List<AuditedHost> all = new ArrayList<>();
    for (SegmentHosts of : sure) {
      all.addAll(of.hosts());
      of.byMac().forEach(byMac::putIfAbsent);
      of.vips().forEach(vip -> addresses.putIfAbsent(vip, VIP));
      of.addresses()
          .forEach(a -> addresses.putIfAbsent(a, new Address(false, of.hostsOfAddress(a))));
    }
    Map<IpAddress, List<AuditedHost>> anywhere = new HashMap<>();
    for (SegmentHosts of : possible) {
      for (IpAddress a : of.addresses()) {
        anywhere.computeIfAbsent(a, _ -> new ArrayList<>()).addAll(of.hostsOfAddress(a));
      }
    }
    for (SegmentHosts of : possible) {
      all.addAll(of.hosts());
      of.byMac().forEach(byMac::putIfAbsent);
      of.vips().forEach(vip -> addresses.putIfAbsent(vip, VIP));
      for (IpAddress a : of.addresses()) {
        addresses.computeIfAbsent(a, _ -> new Address(false, anywhere.getOrDefault(a, List.of())));
      }
    }
    hosts = List.copyOf(all);
    macs = new long[Math.max(4, Integer.highestOneBit(Math.max(1, byMac.size())) << 2)];
    macHosts = new AuditedHost[macs.length];
    byMac.forEach((mac, host) -> {
      int place = place(mac);
      macs[place] = mac;
      macHosts[place] = host;
    });
  }

  private int place(long mac) {
    int mask = macs.length - 1;
    int place = Long.hashCode(mac * 0x9e37_79b9_7f4a_7c15L) & mask;
    while (macHosts[place] != null && macs[place] != mac) {
      place = place + 1 & mask;
    }
    return place;
  }

  /** The hosts that may be seen there. */
  List<AuditedHost> hosts() {
    return hosts;
  }

  /** Whether the address is a VIP or a host's own. */
  boolean knows(IpAddress address) {
    return addresses.containsKey(address);
  }

  boolean isVip(IpAddress address) {
    Address known = addresses.get(address);
    return known != null && known.vip();
  }

  /** The hosts that have this address as their own; empty for a VIP. */
  List<AuditedHost> hostsOfAddress(IpAddress address) {
    Address known = addresses.get(address);
    return known == null ? List.of() : known.hosts();
  }

  /** The host one of whose interfaces has this MAC; null for none. */
  @Nullable AuditedHost hostOfMac(long mac) {
    return macHosts[place(mac)];
  }
}
