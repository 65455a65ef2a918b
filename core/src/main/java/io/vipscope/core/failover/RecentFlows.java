package io.vipscope.core.failover;

import io.vipscope.core.net.IpAddress;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Flows from or to VIPs that had a frame within about the last second.
 *
 * <p>An open-addressing table over arrays: every such flow is told of each second, and what is
 * known already is only given a new time.
 */
final class RecentFlows {

  /** Each flow is told of once in 2^30 ns: whatever is in use was seen within that time. */
  private static final long WINDOW_NS = 1L << 30;

  private static final int FIRST_PLACES = 1 << 6;
  private static final long MULTIPLIER = 0x9e37_79b9_7f4a_7c15L;

  /** Flow id and time of each place, side by side; no flow has id 0: a free place. */
  private long[] seen = new long[2 * FIRST_PLACES];

  private int[] segments = new int[FIRST_PLACES];
  private @Nullable IpAddress[] sources = new IpAddress[FIRST_PLACES];
  private @Nullable IpAddress[] destinations = new IpAddress[FIRST_PLACES];
  private int size;

  void seen(long flowId, int segment, IpAddress src, IpAddress dst, long tsNs) {
    int place = place(flowId);
    if (seen[2 * place] == 0) {
      if (2 * (size + 1) > segments.length) {
        forget(tsNs - 2 * WINDOW_NS);
        place = place(flowId);
      }
      put(place, flowId, segment, src, dst);
    }
    seen[2 * place + 1] = tsNs;
  }

  private int place(long flowId) {
    int mask = segments.length - 1;
    int place = (int) (flowId * MULTIPLIER >>> 32) & mask;
    while (seen[2 * place] != 0 && seen[2 * place] != flowId) {
      place = place + 1 & mask;
    }
    return place;
  }

  private void put(
      int place, long flowId, int segment, @Nullable IpAddress src, @Nullable IpAddress dst) {
    seen[2 * place] = flowId;
    segments[place] = segment;
    sources[place] = src;
    destinations[place] = dst;
    size++;
  }

  /** Makes room: what was not seen since a time goes, and the table grows if that is not enough. */
  private void forget(long beforeNs) {
    long[] oldSeen = seen;
    int[] oldSegments = segments;
    @Nullable IpAddress[] oldSources = sources;
    @Nullable IpAddress[] oldDestinations = destinations;
    int kept = 0;
    for (int i = 0; i < oldSegments.length; i++) {
      kept += oldSeen[2 * i] != 0 && oldSeen[2 * i + 1] >= beforeNs ? 1 : 0;
    }
    int places = Math.max(FIRST_PLACES, Integer.highestOneBit(Math.max(1, kept)) << 3);
    seen = new long[2 * places];
    segments = new int[places];
    sources = new IpAddress[places];
    destinations = new IpAddress[places];
    size = 0;
    for (int i = 0; i < oldSegments.length; i++) {
      if (oldSeen[2 * i] != 0 && oldSeen[2 * i + 1] >= beforeNs) {
        int place = place(oldSeen[2 * i]);
        put(place, oldSeen[2 * i], oldSegments[i], oldSources[i], oldDestinations[i]);
        seen[2 * place + 1] = oldSeen[2 * i + 1];
      }
    }
  }

  /** How many flows of these VIPs were in use at a time. */
  int inUse(int segment, Set<IpAddress> vips, long tsNs) {
    int count = 0;
    for (int i = 0; i < segments.length; i++) {
      IpAddress src = sources[i];
      IpAddress dst = destinations[i];
      if (src != null
          && dst != null
          && segments[i] == segment
          && seen[2 * i + 1] >= tsNs - WINDOW_NS
          && seen[2 * i + 1] <= tsNs
          && (vips.contains(src) || vips.contains(dst))) {
        count++;
      }
    }
    return count;
  }
}
