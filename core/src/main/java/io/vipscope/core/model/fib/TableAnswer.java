package io.vipscope.core.model.fib;

import io.vipscope.core.model.selection.RouteError;
import io.vipscope.core.model.snapshot.Nexthop;
import io.vipscope.core.model.snapshot.Route;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a table answers: the ways the packet may go, more than one where the state does not say
 * which (multipath, neighbour state), the likeliest first.
 *
 * @param error of a reject route, which has one way without a next hop; null else
 * @param open names what the state does not tell and what decides between ways that are no
 *     alternatives of one kind: a reject route and another; null if nothing does
 */
public record TableAnswer(List<Way> ways, @Nullable RouteError error, @Nullable String open) {

  static TableAnswer of(List<Way> ways) {
    return new TableAnswer(ways, null, null);
  }

  static TableAnswer rejected(Way way, @Nullable RouteError error) {
    return new TableAnswer(List.of(way), error, null);
  }

  /**
   * A route with one of its next hops.
   *
   * @param hop null for a reject route
   * @param byObject the next hop comes from a nexthop object
   */
  public record Way(Route route, @Nullable Nexthop hop, boolean byObject) {}

  public TableAnswer {
    ways = List.copyOf(ways);
  }

  /** The route, of several the first. */
  public Route route() {
    return ways.getFirst().route();
  }
}
