package io.vipscope.core.model.fib;

import io.vipscope.core.model.selection.RouteError;
import io.vipscope.core.model.snapshot.PolicyRule;
import org.jspecify.annotations.Nullable;

/**
 * The end of a rule walk: a table's answer, a failure, or something that cannot be told.
 *
 * @param rule the rule that decided; null where none did
 * @param table the table the kernel reports
 * @param unknown names what is not modelled and could decide
 */
public record FibAnswer(
    @Nullable TableAnswer found,
    @Nullable PolicyRule rule,
    @Nullable String table,
    @Nullable RouteError error,
    @Nullable String unknown) {

  static FibAnswer found(PolicyRule rule, String table, TableAnswer answer) {
    return new FibAnswer(answer, rule, table, null, null);
  }

  static FibAnswer failed(@Nullable PolicyRule rule, @Nullable String table, RouteError error) {
    return new FibAnswer(null, rule, table, error, null);
  }

  static FibAnswer unknown(PolicyRule rule, String what) {
    return new FibAnswer(null, rule, null, null, what);
  }
}
