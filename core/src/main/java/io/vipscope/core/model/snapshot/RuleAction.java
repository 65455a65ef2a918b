package io.vipscope.core.model.snapshot;

/** What a policy rule does when it matches (FR_ACT_*). */
public sealed interface RuleAction {

  /** Looks in a table; no match continues with the next rule. */
  record Lookup(String table) implements RuleAction {}

  /** Continues at the first rule of that priority; with no such rule it does nothing. */
  record Goto(long priority) implements RuleAction {}

  /** Continues with the next rule. */
  record Nop() implements RuleAction {}

  /** Ends the lookup without a route: EINVAL, ENETUNREACH or EACCES. */
  record Reject(RouteType type) implements RuleAction {}

  /** An action this program does not know, as printed. */
  record Other(String text) implements RuleAction {}
}
