package io.vipscope.core.failover;

import io.vipscope.core.net.IpAddress;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Flows from or to VIPs that had a frame within about the last second. */
final class RecentFlows {

  /** Each flow is told of once in 2^30 ns: whatever is in use was seen within that time. */
  private static final long WINDOW_NS = 1L << 30;

  private record Seen(int segment, IpAddress src, IpAddress dst, long tsNs) {}

  private final Map<Long, Seen> flows = new LinkedHashMap<>(64, 0.75f, true);

  void seen(long flowId, int segment, IpAddress src, IpAddress dst, long tsNs) {
    flows.put(flowId, new Seen(segment, src, dst, tsNs));
    Iterator<Seen> oldest = flows.values().iterator();
    while (oldest.hasNext() && oldest.next().tsNs() < tsNs - 2 * WINDOW_NS) {
      oldest.remove();
    }
  }

  /** How many flows of these VIPs were in use at a time. */
  int inUse(int segment, Set<IpAddress> vips, long tsNs) {
    return (int)
        flows.values().stream()
            .filter(s -> s.tsNs() >= tsNs - WINDOW_NS && s.tsNs() <= tsNs)
            .filter(s -> s.segment() == segment)
            .filter(s -> vips.contains(s.src()) || vips.contains(s.dst()))
            .count();
  }
}
