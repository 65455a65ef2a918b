package io.vipscope.core.pipeline;

import io.vipscope.core.flow.FlowRecord;
import io.vipscope.core.frame.FrameHeader;
import io.vipscope.core.model.selection.Egress;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.Neighbour;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.MacAddress;
import io.vipscope.core.ownership.ControlEvent;
import io.vipscope.core.verdict.PathVerdict;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Which MACs stand for a next hop, from ARP and ND on the wire and from neighbour tables. */
final class NextHops {

  private record Place(int segment, IpAddress address) {}

  private final Map<Place, Set<Long>> seen = new HashMap<>();
  private final boolean segments;

  /**
   * @param segments whether VLANs are segments of their own, else all are one
   */
  NextHops(boolean segments) {
    this.segments = segments;
  }

  private Place place(int vlan, IpAddress address) {
    return new Place(segments ? vlan : FrameHeader.NO_VLAN, address);
  }

  /** Learns from a control event. */
  void apply(ControlEvent event) {
    switch (event) {
      case ControlEvent.Binding b -> learn(b.segment(), b.address(), b.mac());
      case ControlEvent.Claim c -> learn(c.segment(), c.address(), c.mac());
      case ControlEvent.Advert _ -> {}
    }
  }

  private void learn(int vlan, IpAddress address, long mac) {
    seen.computeIfAbsent(place(vlan, address), _ -> new HashSet<>()).add(mac);
  }

  /** Whether the flow's frames went to the predicted next hop. */
  PathVerdict check(FlowRecord flow, HostSnapshot state, Egress egress) {
    if (!flow.openerSeen() || flow.dstMac() == FrameHeader.NO_MAC || flow.dst().isMulticast()) {
      return PathVerdict.UNKNOWN;
    }
    IpAddress hop = egress.gateway() == null ? flow.dst() : egress.gateway();
    Set<Long> macs = new HashSet<>(seen.getOrDefault(place(flow.vlan(), hop), Set.of()));
    for (Neighbour neighbour : state.neighbours()) {
      MacAddress mac = neighbour.mac();
      if (mac != null && neighbour.address().equals(hop)) {
        macs.add(mac.bits());
      }
    }
    if (macs.isEmpty()) {
      return PathVerdict.UNKNOWN;
    }
    return macs.contains(flow.dstMac()) ? PathVerdict.MATCH : PathVerdict.MISMATCH;
  }
}
