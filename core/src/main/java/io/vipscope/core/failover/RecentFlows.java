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

  // Words of a place, side by side.
  /** No flow has id 0: a free place. */
  private static final int ID = 0;

  private static final int TIME = 1;

  /** That of the last frame: replies may come under another tag. */
  private static final int SEGMENT = 2;

  private static final int WORDS = 3;

  private long[] seen = new long[WORDS * FIRST_PLACES];
  private @Nullable IpAddress[] sources = new IpAddress[FIRST_PLACES];
  private @Nullable IpAddress[] destinations = new IpAddress[FIRST_PLACES];
  private int size;

  void seen(long flowId, int segment, IpAddress src, IpAddress dst, long tsNs) {
    int place = place(flowId);
    if (seen[WORDS * place + ID] == 0) {
      if (2 * (size + 1) > sources.length) {
        forget(tsNs - 2 * WINDOW_NS);
        place = place(flowId);
      }
      put(place, flowId, src, dst);
    }
    seen[WORDS * place + TIME] = tsNs;
    seen[WORDS * place + SEGMENT] = segment;
  }

  private int place(long flowId) {
    int mask = sources.length - 1;
    int place = (int) (flowId * MULTIPLIER >>> 32) & mask;
    while (seen[WORDS * place + ID] != 0 && seen[WORDS * place + ID] != flowId) {
      place = place + 1 & mask;
    }
    return place;
  }

  private void put(int place, long flowId, @Nullable IpAddress src, @Nullable IpAddress dst) {
    seen[WORDS * place + ID] = flowId;
    sources[place] = src;
    destinations[place] = dst;
    size++;
  }

  /** Makes room: what was not seen since a time goes, and the table grows if that is not enough. */
  private void forget(long beforeNs) {
    long[] oldSeen = seen;
    @Nullable IpAddress[] oldSources = sources;
    @Nullable IpAddress[] oldDestinations = destinations;
    int kept = 0;
    for (int i = 0; i < oldSources.length; i++) {
      kept += isSince(oldSeen, i, beforeNs) ? 1 : 0;
    }
    int places = Math.max(FIRST_PLACES, Integer.highestOneBit(Math.max(1, kept)) << 3);
    seen = new long[WORDS * places];
    sources = new IpAddress[places];
    destinations = new IpAddress[places];
    size = 0;
    for (int i = 0; i < oldSources.length; i++) {
      if (isSince(oldSeen, i, beforeNs)) {
        int place = place(oldSeen[WORDS * i + ID]);
        put(place, oldSeen[WORDS * i + ID], oldSources[i], oldDestinations[i]);
        seen[WORDS * place + TIME] = oldSeen[WORDS * i + TIME];
        seen[WORDS * place + SEGMENT] = oldSeen[WORDS * i + SEGMENT];
      }
    }
  }

  private static boolean isSince(long[] words, int place, long ns) {
    return words[WORDS * place + ID] != 0 && words[WORDS * place + TIME] >= ns;
  }

  /** How many flows of these VIPs were in use at a time. */
  int inUse(int segment, Set<IpAddress> vips, long tsNs) {
    int count = 0;
    for (int i = 0; i < sources.length; i++) {
      IpAddress src = sources[i];
      IpAddress dst = destinations[i];
      if (src != null
          && dst != null
          && seen[WORDS * i + SEGMENT] == segment
          && isSince(seen, i, tsNs - WINDOW_NS)
          && seen[WORDS * i + TIME] <= tsNs
          && (vips.contains(src) || vips.contains(dst))) {
        count++;
      }
    }
    return count;
  }
}
