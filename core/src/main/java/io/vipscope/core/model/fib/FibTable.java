package io.vipscope.core.model.fib;

import io.vipscope.core.model.snapshot.Route;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.IpPrefix;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** One routing table: routes by destination prefix, those of one prefix in the kernel's order. */
final class FibTable {

  static final FibTable EMPTY = new FibTable(List.of(), Comparator.comparingLong(Route::metric));

  private final Map<IpPrefix, List<Route>> byPrefix = new HashMap<>();
  private final int[] lengths;

  /**
   * @param order of routes of the same prefix; equal ones stay in the order of the dump
   */
  FibTable(Collection<Route> routes, Comparator<Route> order) {
    for (Route route : routes) {
      byPrefix.computeIfAbsent(route.dst(), _ -> new ArrayList<>()).add(route);
    }
    byPrefix.values().forEach(bucket -> bucket.sort(order));
    lengths =
        byPrefix.keySet().stream()
            .map(IpPrefix::length)
            .distinct()
            .sorted(Comparator.reverseOrder())
            .mapToInt(Integer::intValue)
            .toArray();
  }

  boolean isEmpty() {
    return byPrefix.isEmpty();
  }

  /** The routes whose prefix holds the address, grouped by prefix, longest first. */
  List<List<Route>> matching(IpAddress address) {
    List<List<Route>> buckets = new ArrayList<>();
    for (int length : lengths) {
      List<Route> bucket = byPrefix.get(IpPrefix.of(address, length));
      if (bucket != null) {
        buckets.add(bucket);
      }
    }
    return buckets;
  }
}
