package io.vipscope.core.model.selection;

import io.vipscope.core.model.explanation.Basis;
import io.vipscope.core.model.explanation.Step;
import io.vipscope.core.model.snapshot.Nexthop;
import io.vipscope.core.model.snapshot.PolicyRule;
import io.vipscope.core.model.snapshot.Route;
import io.vipscope.core.net.IpAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a lookup, or to a socket's sequence of lookups.
 *
 * @param candidates every way the packet may leave; the first is the one to show unless {@code
 *     error} is; empty where only errors are possible
 * @param exact false: the state does not determine it, or {@code unknown}; the answer is one of
 *     {@code candidates} or of {@link #errors}, but for a source that {@link #hidesSource}
 * @param table of the first answer; null where no table took part
 * @param error of the first answer; null if that is a success
 * @param unknown names what is not modelled and could change the answer; null if nothing does
 * @param rule the rule that decided the first answer's source, or its error; null where none did
 * @param routeNamesSource the route's {@code src} is the first answer's source
 * @param trace how the first answer came about
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

  /** The first answer; null if that is an error or unknown. */
  public @Nullable Egress first() {
    return error != null || unknown != null || candidates.isEmpty() ? null : candidates.getFirst();
  }

  /**
   * Whether the {@code src} of a candidate's way does not show. The ways of an IPv6 multipath route
   * are routes of their own, each with a {@code src}: added one by one they may name different
   * ones, and the dump shows that of the first ({@code fib6_dump_node}, {@code rt6_fill_node}).
   */
  public boolean hidesSource() {
    return hidesSource(trace, candidates);
  }

  private static boolean hidesSource(List<Step> trace, Collection<Egress> candidates) {
    boolean hides = false;
    for (Step step : trace) {
      if (step instanceof Step.RouteChosen(Route route, var _, int _)) {
        hides =
            route.v6()
                && route.nexthopId() == 0
                && route.nexthops().size() > 1
                && candidates.stream().anyMatch(e -> !first(route, e));
      } else if (step instanceof Step.Source(var _, Basis basis, var _, var _)) {
        hides &= basis != Basis.GIVEN;
      }
    }
    return hides;
  }

  private static boolean first(Route route, Egress egress) {
    Nexthop hop = route.nexthops().getFirst();
    return Objects.equals(hop.dev(), egress.dev())
        && Objects.equals(hop.gateway(), egress.gateway());
  }

  /** Every source that is possible; an absent one (0.0.0.0) is left out. */
  public Set<IpAddress> sources() {
    Set<IpAddress> sources = new LinkedHashSet<>();
    for (Egress egress : candidates) {
      if (egress.source() != null) {
        sources.add(egress.source());
      }
    }
    return sources;
  }

  /** Every error that is possible. */
  public Set<RouteError> errors() {
    Set<RouteError> errors = new LinkedHashSet<>();
    if (error != null) {
      errors.add(error);
    }
    if (!trace.isEmpty() && trace.getLast() instanceof Step.Undetermined(var _, var names)) {
      names.forEach(name -> errors.add(RouteError.valueOf(name)));
    }
    return errors;
  }

  static RoutePrediction of(List<Outcome> outcomes) {
    Outcome first = outcomes.getFirst();
    Set<Egress> egresses = new LinkedHashSet<>();
    Set<String> errors = new LinkedHashSet<>();
    boolean exact = true;
    String unknown = null;
    for (Outcome outcome : outcomes) {
      if (outcome.egress() != null) {
        egresses.add(outcome.egress());
      }
      if (outcome.error() != null) {
        errors.add(outcome.error().name());
      }
      unknown = unknown == null ? outcome.unknown() : unknown;
      exact &= first.sameAnswer(outcome);
    }
    List<Step> trace = new ArrayList<>(first.trace());
    if (!exact) {
      trace.add(new Step.Undetermined(egresses.size(), List.copyOf(errors)));
    }
    return new RoutePrediction(
        List.copyOf(egresses),
        exact && unknown == null && !hidesSource(first.trace(), egresses),
        first.table(),
        first.error(),
        unknown,
        first.rule(),
        first.routeNamesSource(),
        trace);
  }
}
