package io.vipscope.core.model.selection;

import io.vipscope.core.model.snapshot.PolicyRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One way a socket's lookups may end.
 *
 * @param result source, rule and basis of the first pass, the rest of the last
 * @param egressRule the last pass's rule
 */
record SocketOutcome(Outcome result, @Nullable PolicyRule egressRule) {

  static SocketOutcome of(Outcome single) {
    return new SocketOutcome(single, single.rule());
  }

  static SocketPrediction together(SocketKind kind, List<SocketOutcome> outcomes) {
    return new SocketPrediction(
        kind,
        RoutePrediction.of(outcomes.stream().map(SocketOutcome::result).toList()),
        outcomes.getFirst().egressRule());
  }
}
