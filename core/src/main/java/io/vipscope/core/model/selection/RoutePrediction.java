package io.vipscope.core.model.selection;

import io.vipscope.core.model.snapshot.PolicyRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a lookup.
 *
 * @param candidates every way the packet may leave; the first is the one to show; empty on error
 * @param exact false: the state does not determine it, {@code candidates} is the whole set
 * @param unknown names what is not modelled and could change the answer; null if nothing does
 * @param rule the rule that decided; null where none did
 * @param routeNamesSource the route's {@code src} was the source
 */
public record RoutePrediction(
    List<Egress> candidates,
    boolean exact,
    @Nullable String table,
    @Nullable RouteError error,
    @Nullable String unknown,
    @Nullable PolicyRule rule,
    boolean routeNamesSource,
    List<Step> trace) {

  public RoutePrediction {
    candidates = List.copyOf(candidates);
    trace = List.copyOf(trace);
  }

  static RoutePrediction failed(RouteError error, List<Step> trace) {
    return new RoutePrediction(List.of(), true, null, error, null, null, false, trace);
  }
}
