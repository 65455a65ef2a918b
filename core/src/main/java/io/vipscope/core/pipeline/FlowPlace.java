package io.vipscope.core.pipeline;

import io.vipscope.core.flow.FlowRecord;
import io.vipscope.core.flow.Opener;
import io.vipscope.core.flow.Protocols;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.MacAddress;
import io.vipscope.core.ownership.Ownership;
import io.vipscope.core.ownership.OwnershipTimeline;
import io.vipscope.core.verdict.Direction;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whose flow it is and which way it goes.
 *
 * @param host the audited host concerned, or null
 * @param sentByHost the flow's first frames carried one of that host's own MACs
 */
record FlowPlace(@Nullable AuditedHost host, Direction direction, boolean sentByHost) {

  private static final FlowPlace ELSEWHERE = new FlowPlace(null, Direction.UNKNOWN, false);

  /** Whether it concerns no audited host. */
  boolean isElsewhere() {
    return host == null && direction == Direction.UNKNOWN;
  }

  /**
   * Whether neither addresses nor MACs are an audited host's: nothing learned later changes that.
   */
  static boolean isForeign(FlowRecord flow, HostIndex index, boolean useMacs) {
    return !index.isLocal(flow.vlan(), flow.src())
        && !index.isLocal(flow.vlan(), flow.dst())
        && sender(flow, index, useMacs) == null;
  }

  private static @Nullable AuditedHost sender(FlowRecord flow, HostIndex index, boolean useMacs) {
    return useMacs ? index.ofMac(flow.vlan(), flow.srcMac()) : null;
  }

  /** Finds it; rules (1) to (4) of the flow's host in the order in which they are written. */
  static FlowPlace of(
      FlowRecord flow,
      HostIndex index,
      OwnershipTimeline timeline,
      StateSelector states,
      boolean useMacs) {
    AuditedHost sender = sender(flow, index, useMacs);
    boolean fromLocal = index.isLocal(flow.vlan(), flow.src());
    boolean toLocal = index.isLocal(flow.vlan(), flow.dst());
    if (sender == null && !fromLocal && !toLocal) {
      return ELSEWHERE;
    }
    AuditedHost source = hostOf(flow.src(), flow.srcMac(), flow, index, timeline, useMacs);
    AuditedHost target = hostOf(flow.dst(), flow.dstMac(), flow, index, timeline, useMacs);
    if (flow.icmpMessage() || flow.opener() == Opener.UNKNOWN && flow.protocol() == Protocols.TCP) {
      AuditedHost either = source != null ? source : target;
      return new FlowPlace(either, Direction.UNKNOWN, sender != null && sender.equals(either));
    }
    if (fromLocal) {
      return new FlowPlace(source, Direction.OUTBOUND, sender != null && sender.equals(source));
    }
    if (toLocal) {
      return new FlowPlace(target, Direction.INBOUND, false);
    }
    if (sender != null && !flow.src().isAny()) {
      boolean forwards = states.at(sender, flow.startNs()).state().forwards(flow.src().v6());
      return new FlowPlace(sender, forwards ? Direction.TRANSIT : Direction.OUTBOUND, true);
    }
    return ELSEWHERE;
  }

  private static @Nullable AuditedHost hostOf(
      IpAddress address,
      long mac,
      FlowRecord flow,
      HostIndex index,
      OwnershipTimeline timeline,
      boolean useMacs) {
    AuditedHost byMac = useMacs ? index.ofMac(flow.vlan(), mac) : null;
    List<AuditedHost> own = index.hostsOfAddress(flow.vlan(), address);
    if (own.size() == 1) {
      return own.getFirst();
    }
    if (!own.isEmpty()) {
      return own.contains(byMac) ? byMac : null;
    }
    if (!index.isVip(flow.vlan(), address)) {
      return null;
    }
    if (byMac != null && !MacAddress.isVirtualRouter(mac)) {
      return byMac;
    }
    Ownership ownership = timeline.at(flow.vlan(), address, flow.startNs());
    if (ownership != null) {
      return index.host(ownership.host());
    }
    return soleHolder(flow, address, index);
  }

  /**
   * Nothing was heard of the VIP: the one host whose snapshots show it at that time, if one does.
   */
  private static @Nullable AuditedHost soleHolder(FlowRecord flow, IpAddress vip, HostIndex index) {
    AuditedHost holder = null;
    for (AuditedHost host : index.hosts(flow.vlan())) {
      if (host.latestBefore(flow.startNs()).holds(vip)) {
        if (holder != null) {
          return null;
        }
        holder = host;
      }
    }
    return holder;
  }
}
