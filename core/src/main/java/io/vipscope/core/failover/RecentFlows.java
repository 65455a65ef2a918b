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

  /** Flow ids; 0, which no flow has, is a free place. */
  private long[] ids = new long[FIRST_PLACES];

  private long[] lastNs = new long[FIRST_PLACES];
  private int[] segments = new int[FIRST_PLACES];
  private @Nullable IpAddress[] sources = new IpAddress[FIRST_PLACES];
  private @Nullable IpAddress[] destinations = new IpAddress[FIRST_PLACES];
  private int size;

  void seen(long flowId, int segment, IpAddress src, IpAddress dst, long tsNs) {
    int place = place(flowId);
    if (ids[place] == 0) {
      if (2 * (size + 1) > ids.length) {
        forget(tsNs - 2 * WINDOW_NS);
        place = place(flowId);
      }
      put(place, flowId, segment, src, dst);
    }
    lastNs[place] = tsNs;
  }

  private int place(long flowId) {
    int mask = ids.length - 1;
    int place = (int) (flowId * MULTIPLIER >>> 32) & mask;
    while (ids[place] != 0 && ids[place] != flowId) {
      place = place + 1 & mask;
    }
    return place;
  }

  private void put(
      int place, long flowId, int segment, @Nullable IpAddress src, @Nullable IpAddress dst) {
    ids[place] = flowId;
    segments[place] = segment;
    sources[place] = src;
    destinations[place] = dst;
    size++;
  }

  /** Makes room: what was not seen since a time goes, and the table grows if that is not enough. */
  private void forget(long beforeNs) {
    long[] oldIds = ids;
    long[] oldNs = lastNs;
    int[] oldSegments = segments;
    @Nullable IpAddress[] oldSources = sources;
    @Nullable IpAddress[] oldDestinations = destinations;
    int kept = 0;
    for (int i = 0; i < oldIds.length; i++) {
      kept += oldIds[i] != 0 && oldNs[i] >= beforeNs ? 1 : 0;
    }
    int places = Math.max(FIRST_PLACES, Integer.highestOneBit(Math.max(1, kept)) << 3);
    ids = new long[places];
    lastNs = new long[places];
    segments = new int[places];
    sources = new IpAddress[places];
    destinations = new IpAddress[places];
    size = 0;
    for (int i = 0; i < oldIds.length; i++) {
      if (oldIds[i] != 0 && oldNs[i] >= beforeNs) {
        int place = place(oldIds[i]);
        put(place, oldIds[i], oldSegments[i], oldSources[i], oldDestinations[i]);
        lastNs[place] = oldNs[i];
      }
    }
  }

  /** How many flows of these VIPs were in use at a time. */
  int inUse(int segment, Set<IpAddress> vips, long tsNs) {
    int count = 0;
    for (int i = 0; i < ids.length; i++) {
      IpAddress src = sources[i];
      IpAddress dst = destinations[i];
      if (src != null
          && dst != null
          && segments[i] == segment
          && lastNs[i] >= tsNs - WINDOW_NS
          && lastNs[i] <= tsNs
          && (vips.contains(src) || vips.contains(dst))) {
        count++;
      }
    }
    return count;
  }
}
