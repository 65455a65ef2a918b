package io.vipscope.core.model.inverse;

import io.vipscope.core.model.flow.FlowPrediction;
import java.util.List;

/**
 * Why a flow has the source that was observed.
 *
 * @param prediction what the state in force gives
 * @param trace how that comes about, one sentence a step
 * @param causes what would explain the source, each alone; empty if it is {@link #expected}, or if
 *     nothing was found and something that is not modelled may be the cause
 * @param remedies what would make the host use another source; empty where none was looked for
 */
public record Explanation(
    Observation observation,
    FlowPrediction prediction,
    List<String> trace,
    List<Cause> causes,
    List<Remedy> remedies) {

  public Explanation {
    trace = List.copyOf(trace);
    causes = List.copyOf(causes);
    remedies = List.copyOf(remedies);
  }

  /** Explains a source with all that is known. */
  public static Explanation of(Evidence evidence, Causes finder) {
    Observation o = evidence.observation();
    FlowPrediction prediction = finder.prediction(o);
    boolean expected = prediction.sources().contains(o.source());
    List<Cause> causes = expected ? List.of() : finder.all(evidence);
    if (prediction.unmodelled() != null) {
      causes = causes.stream().filter(c -> !(c instanceof Cause.Unexplained)).toList();
    }
    return new Explanation(o, prediction, finder.trace(o), causes, List.of());
  }

  /** The same with one-line changes of the host. */
  public Explanation withRemedies(List<Remedy> found) {
    return new Explanation(observation, prediction, trace, causes, found);
  }

  /** The state in force gives the observed source by itself. */
  public boolean expected() {
    return prediction.sources().contains(observation.source());
  }
}
