package io.vipscope.core.model.fib;

import io.vipscope.core.model.snapshot.Route;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.IpPrefix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * One routing table: routes by destination prefix, those of one prefix in the kernel's order.
 *
 * <p>A sorted array per prefix length, searched by bisection: a full table has a million routes,
 * and a node for each would take more memory than the routes.
 */
final class FibTable {

  static final FibTable EMPTY = new FibTable(List.of(), Comparator.comparingLong(Route::metric));

  private static final int MAX_LENGTH = 128;

  /** Longest prefixes first, then by network, then in the kernel's order. */
  private final Route[] routes;

  /** The lengths that occur, longest first. */
  private final int[] lengths;

  /** Where the routes of each of them begin, and where the last ones end. */
  private final int[] starts;

  /**
   * @param order of routes of the same prefix; equal ones stay in the order of the dump
   */
  FibTable(Collection<Route> all, Comparator<Route> order) {
    int[] counts = new int[MAX_LENGTH + 1];
    all.forEach(route -> counts[route.dst().length()]++);
    lengths = new int[(int) Arrays.stream(counts).filter(count -> count > 0).count()];
    starts = new int[lengths.length + 1];
    int[] next = new int[MAX_LENGTH + 1];
    int different = 0;
    for (int length = MAX_LENGTH; length >= 0; length--) {
      if (counts[length] > 0) {
        lengths[different] = length;
        next[length] = starts[different];
        starts[different + 1] = starts[different] + counts[length];
        different++;
      }
    }
    routes = new Route[all.size()];
    all.forEach(route -> routes[next[route.dst().length()]++] = route);
    Comparator<Route> sorted =
        (a, b) -> {
          int networks = a.dst().network().compareTo(b.dst().network());
          return networks != 0 ? networks : order.compare(a, b);
        };
    for (int i = 0; i < lengths.length; i++) {
      // Stable, and quick on a dump, which comes in the order of the trie.
      Arrays.sort(routes, starts[i], starts[i + 1], sorted);
    }
  }

  boolean isEmpty() {
    return routes.length == 0;
  }

  /** The routes whose prefix holds the address, grouped by prefix, longest first. */
  List<List<Route>> matching(IpAddress address) {
    List<List<Route>> buckets = new ArrayList<>();
    for (int i = 0; i < lengths.length; i++) {
      IpAddress network = IpPrefix.of(address, lengths[i]).network();
      int first = first(starts[i], starts[i + 1], network);
      int end = first;
      while (end < starts[i + 1] && routes[end].dst().network().equals(network)) {
        end++;
      }
      if (end > first) {
        buckets.add(Arrays.asList(routes).subList(first, end));
      }
    }
    return buckets;
  }

  /** The first route in a part of the array whose network is not below this one. */
  private int first(int from, int to, IpAddress network) {
    int low = from;
    int high = to;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (routes[middle].dst().network().compareTo(network) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
