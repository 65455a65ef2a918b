package io.vipscope.core.ownership;

import io.vipscope.core.net.IpAddress;
import io.vipscope.core.ownership.OwnershipTimeline.Change;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the wire has shown of one host's VIPs, in capture order, which is nearly that of time. A
 * pair that flaps makes it long: what is asked for every flow looks at its end alone.
 */
public final class ChangeLog {

  /** Of a host of which nothing was seen. */
  static final ChangeLog EMPTY = new ChangeLog();

  private final List<Change> all = new ArrayList<>();
  private final Map<IpAddress, List<Change>> byVip = new LinkedHashMap<>();

  /** The latest time up to each change. */
  private long[] latestNs = new long[8];

  void add(Change change) {
    int n = all.size();
    latestNs = n == latestNs.length ? Arrays.copyOf(latestNs, 2 * n) : latestNs;
    latestNs[n] = n == 0 ? change.tsNs() : Math.max(latestNs[n - 1], change.tsNs());
    all.add(change);
    byVip.computeIfAbsent(change.vip(), _ -> new ArrayList<>()).add(change);
  }

  public int size() {
    return all.size();
  }

  /** The latest time of a change; the lowest value if there was none. */
  public long latestNs() {
    return all.isEmpty() ? Long.MIN_VALUE : latestNs[all.size() - 1];
  }

  /** Changes in capture order, without those before the first that is later than a time. */
  public List<Change> after(long tsNs) {
    int low = 0;
    int high = all.size();
    while (low < high) {
      int middle = low + high >>> 1;
      if (latestNs[middle] > tsNs) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return all.subList(low, all.size());
  }

  /** The changes of each VIP, in capture order. */
  public Collection<List<Change>> byVip() {
    return byVip.values();
  }
}
