package io.vipscope.core.pipeline;

import io.vipscope.core.model.compiled.CompiledState;
import io.vipscope.core.model.coverage.RuleItem;
import io.vipscope.core.model.coverage.RuleItems;
import io.vipscope.core.model.explanation.Step;
import io.vipscope.core.model.flow.FlowPath;
import io.vipscope.core.model.flow.FlowPrediction;
import io.vipscope.core.model.flow.FlowPredictor;
import io.vipscope.core.model.flow.FlowQuery;
import io.vipscope.core.model.inverse.Cause;
import io.vipscope.core.model.inverse.Causes;
import io.vipscope.core.model.inverse.Observation;
import io.vipscope.core.model.netfilter.Ruleset;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.PolicyRule;
import io.vipscope.core.model.snapshot.Route;
import io.vipscope.core.net.IpAddress;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The compiled states of an audit, each made when it is first asked, and how many answers came from
 * their tables. One thread uses an instance.
 */
final class Predictions {

  private static final int REMEMBERED = 20_000;

  /** With more routes, trying what the state is without one takes too long beside an audit. */
  private static final int MAX_ROUTES = 50_000;

  private final IdentityHashMap<HostSnapshot, CompiledState> states = new IdentityHashMap<>();
  private final Map<Trace, List<String>> traces = new Recent<>();

  /** Of flows of one kind, if they do not name the destination: those to all destinations. */
  private final Map<Kind, List<String>> anywhere = new Recent<>();

  private final Map<Why, List<Cause>> causes = new Recent<>();
  private final Map<Use, Set<RuleItem>> uses = new Recent<>();
  private final Map<Why, List<String>> absences = new Recent<>();
  private final Map<Why, Optional<Route>> routes = new Recent<>();
  private final IdentityHashMap<HostSnapshot, RuleItems> items = new IdentityHashMap<>();
  private final Causes explained = new Causes(this::predictor);
  private long compiled;
  private long pure;

  /** Flows of one kind to the same destination have the same steps. */
  private record Trace(CompiledState state, int cell, IpAddress dst) {}

  // Written out as in IpAddress: every flow asks.

  private record Kind(CompiledState state, int cell) {
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Kind k && cell == k.cell && state.equals(k.state);
    }

    @Override
    public int hashCode() {
      return state.hashCode() * 31 + cell;
    }
  }

  private record Use(Kind kind, IpAddress source, int tos) {
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Use u
          && tos == u.tos
          && kind.equals(u.kind)
          && source.equals(u.source);
    }

    @Override
    public int hashCode() {
      return (kind.hashCode() * 31 + source.hashCode()) * 31 + tos;
    }
  }

  private record Why(List<Kind> kinds, IpAddress source, boolean known) {}

  FlowPrediction predict(HostSnapshot state, FlowQuery query) {
    CompiledState table = table(state);
    int id = table.id(query);
    if (id == CompiledState.NOT_COMPILED) {
      pure++;
      return table.predictor().predict(query);
    }
    compiled++;
    return query.dst().v6() ? table.prediction6(id) : table.prediction4(id);
  }

  /** One sentence for each step that leads to a prediction. */
  List<String> trace(HostSnapshot state, FlowQuery query) {
    CompiledState table = table(state);
    int cell = table.cell(query);
    if (cell == CompiledState.NOT_COMPILED) {
      return table.predictor().trace(query);
    }
    Kind kind = new Kind(table, cell);
    List<String> shared = anywhere.get(kind);
    if (shared != null) {
      return shared;
    }
    List<String> steps =
        traces.computeIfAbsent(
            new Trace(table, cell, query.dst()), _ -> table.predictor().trace(query));
    String dst = query.dst().toString();
    if (steps.stream().noneMatch(step -> step.contains(dst))) {
      anywhere.put(kind, steps);
    }
    return steps;
  }

  /** What would explain a mismatch; asked of the model once for flows of one kind. */
  List<Cause> causes(Observation o) {
    List<Kind> kinds = new ArrayList<>();
    kinds.add(kind(o.state(), o.query()));
    o.neighbours().forEach(neighbour -> kinds.add(kind(neighbour, o.query())));
    return kinds.stream().anyMatch(k -> k.cell() == CompiledState.NOT_COMPILED)
        ? explained.ofMismatch(o)
        : causes.computeIfAbsent(
            new Why(kinds, o.source(), o.known()), _ -> explained.ofMismatch(o));
  }

  /** The rules, routes and NAT rules that give a flow its source. */
  Set<RuleItem> uses(HostSnapshot state, FlowQuery query, IpAddress source, int tos) {
    Kind kind = kind(state, query);
    return kind.cell() == CompiledState.NOT_COMPILED
        ? usesOf(state, query, source, tos)
        : uses.computeIfAbsent(new Use(kind, source, tos), _ -> usesOf(state, query, source, tos));
  }

  private Set<RuleItem> usesOf(HostSnapshot state, FlowQuery query, IpAddress source, int tos) {
    FlowPath path = predictor(state).path(query, source, tos);
    return path == null ? Set.of() : items.computeIfAbsent(state, RuleItems::of).on(path);
  }

  /** The route by which a flow comes by its source; null if the state does not give that source. */
  @Nullable Route route(HostSnapshot state, FlowQuery query, IpAddress source) {
    Kind kind = kind(state, query);
    return kind.cell() == CompiledState.NOT_COMPILED
        ? routeOf(state, query, source)
        : routes
            .computeIfAbsent(
                new Why(List.of(kind), source, true),
                _ -> Optional.ofNullable(routeOf(state, query, source)))
            .orElse(null);
  }

  private @Nullable Route routeOf(HostSnapshot state, FlowQuery query, IpAddress source) {
    FlowPath path = predictor(state).path(query, source, -1);
    if (path != null) {
      for (Step step : path.steps().reversed()) {
        if (step instanceof Step.RouteChosen(Route route, var _, int _)) {
          return route;
        }
      }
    }
    return null;
  }

  /** What must be absent, each alone, for the source to be the only one; by its item's key. */
  List<String> absences(Observation o) {
    Kind kind = kind(o.state(), o.query());
    return kind.cell() == CompiledState.NOT_COMPILED
        ? absencesOf(o)
        : absences.computeIfAbsent(new Why(List.of(kind), o.source(), true), _ -> absencesOf(o));
  }

  private static List<String> absencesOf(Observation o) {
    List<Route> routes = o.state().routes(o.query().dst().v6());
    if (routes == null || routes.size() > MAX_ROUTES) {
      return List.of();
    }
    List<String> keys = new ArrayList<>();
    for (Cause cause : Causes.absences(o)) {
      switch (cause) {
        case Cause.WithoutRule(PolicyRule rule, boolean alone) when alone ->
            keys.add(RuleItems.key(rule));
        case Cause.WithoutRoute(Route route, boolean alone) when alone && route.prefsrc() != null ->
            keys.add(RuleItems.key(route));
        case Cause.WithoutNat(String chain, Ruleset.Rule rule, boolean alone) when alone ->
            keys.add(RuleItems.key(chain, rule));
        default -> {}
      }
    }
    return keys;
  }

  /** The cell of a flow, if all flows of it have the same answer. */
  private Kind kind(HostSnapshot state, FlowQuery query) {
    CompiledState table = table(state);
    return table.id(query) == CompiledState.NOT_COMPILED
        ? new Kind(table, CompiledState.NOT_COMPILED)
        : new Kind(table, table.cell(query));
  }

  FlowPredictor predictor(HostSnapshot state) {
    return table(state).predictor();
  }

  private CompiledState table(HostSnapshot state) {
    return states.computeIfAbsent(state, CompiledState::of);
  }

  /** Answers that came from a table. */
  long compiled() {
    return compiled;
  }

  /** Answers for which the model was asked, as the state could not be compiled for them. */
  long pure() {
    return pure;
  }

  /** Least recently used entries go first. */
  private static final class Recent<K, V> extends LinkedHashMap<K, V> {

    private static final long serialVersionUID = 1L;

    Recent() {
      super(64, 0.75f, true);
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
      return size() > REMEMBERED;
    }
  }
}
