package io.vipscope.core.model.selection;

import io.vipscope.core.model.explanation.Step;
import io.vipscope.core.model.snapshot.PolicyRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One way a lookup may end; a lookup has several where the state does not say which.
 *
 * @param egress null on error, or where {@code unknown} says why there is no answer
 * @param error null on success
 * @param rule the rule that decided; null where none did
 * @param routeNamesSource the route's {@code src} is the source
 * @param unknown what is not modelled and could decide; null if nothing is
 */
record Outcome(
    @Nullable Egress egress,
    @Nullable RouteError error,
    @Nullable String table,
    @Nullable PolicyRule rule,
    boolean routeNamesSource,
    @Nullable String unknown,
    List<Step> trace) {

  Outcome {
    trace = List.copyOf(trace);
  }

  static Outcome failed(
      RouteError error, @Nullable String table, @Nullable PolicyRule rule, List<Step> trace) {
    return new Outcome(null, error, table, rule, false, null, trace);
  }

  static Outcome unknown(@Nullable PolicyRule rule, String what, List<Step> trace) {
    return new Outcome(null, null, null, rule, false, what, trace);
  }

  /** Whether it says the same as another; tables and reasons aside. */
  boolean sameAnswer(Outcome other) {
    return java.util.Objects.equals(egress, other.egress)
        && error == other.error
        && java.util.Objects.equals(unknown, other.unknown);
  }
}
