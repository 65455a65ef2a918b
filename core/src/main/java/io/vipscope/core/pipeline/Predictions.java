package io.vipscope.core.pipeline;

import io.vipscope.core.model.compiled.CompiledState;
import io.vipscope.core.model.flow.FlowPrediction;
import io.vipscope.core.model.flow.FlowPredictor;
import io.vipscope.core.model.flow.FlowQuery;
import io.vipscope.core.model.inverse.Cause;
import io.vipscope.core.model.inverse.Causes;
import io.vipscope.core.model.inverse.Observation;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.net.IpAddress;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The compiled states of an audit, each made when it is first asked, and how many answers came from
 * their tables. One thread uses an instance.
 */
final class Predictions {

  private static final int REMEMBERED = 20_000;

  private final IdentityHashMap<HostSnapshot, CompiledState> states = new IdentityHashMap<>();
  private final Map<Trace, List<String>> traces = new Recent<>();
  private final Map<Why, List<Cause>> causes = new Recent<>();
  private final Causes explained = new Causes(this::predictor);
  private long compiled;
  private long pure;

  /** Flows of one kind to the same destination have the same steps. */
  private record Trace(CompiledState state, int cell, IpAddress dst) {}

  private record Kind(CompiledState state, int cell) {}

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
    return cell == CompiledState.NOT_COMPILED
        ? table.predictor().trace(query)
        : traces.computeIfAbsent(
            new Trace(table, cell, query.dst()), _ -> table.predictor().trace(query));
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
