package io.vipscope.core.model.fib;

import io.vipscope.core.model.explanation.Step;
import io.vipscope.core.model.selection.RouteError;
import io.vipscope.core.model.selection.RouteQuery;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.Link;
import io.vipscope.core.model.snapshot.Nexthop;
import io.vipscope.core.model.snapshot.PolicyRule;
import io.vipscope.core.model.snapshot.Route;
import io.vipscope.core.model.snapshot.RouteType;
import io.vipscope.core.model.snapshot.RuleAction;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The walk over the policy rules: {@code fib_rules_lookup}. */
final class RuleWalk {

  private final HostSnapshot s;
  private final Nexthops nexthops;

  RuleWalk(HostSnapshot s, Nexthops nexthops) {
    this.s = s;
    this.nexthops = nexthops;
  }

  FibAnswer walk(
      List<PolicyRule> rules,
      RouteQuery q,
      Function<String, @Nullable TableAnswer> tables,
      List<Step> trace) {
    int i = 0;
    while (i < rules.size()) {
      PolicyRule rule = rules.get(i++);
      RuleMatch.Truth truth = RuleMatch.test(rule, q, s);
      if (truth == RuleMatch.Truth.NO) {
        continue;
      }
      if (truth == RuleMatch.Truth.UNKNOWN && !harmless(rule, tables)) {
        trace.add(new Step.Rule(rule, Step.Effect.UNKNOWN));
        return FibAnswer.unknown(rule, rule.id() + ": " + String.join(", ", rule.unmodelled()));
      }
      switch (rule.action()) {
        case RuleAction.Goto(long priority) -> {
          int target = first(rules, priority);
          if (target >= i) {
            trace.add(new Step.Rule(rule, Step.Effect.JUMPED));
            i = target;
          }
        }
        case RuleAction.Nop() -> {}
        case RuleAction.Other(String text) -> {
          trace.add(new Step.Rule(rule, Step.Effect.UNKNOWN));
          return FibAnswer.unknown(rule, rule.id() + ": action " + text);
        }
        case RuleAction.Reject(RouteType type) -> {
          trace.add(new Step.Rule(rule, Step.Effect.REJECTED));
          return FibAnswer.failed(rule, null, error(type));
        }
        case RuleAction.Lookup(String table) -> {
          TableAnswer answer = tables.apply(table);
          if (answer == null) {
            note(rule, Step.Effect.NO_ROUTE, trace);
          } else if (answer.open() != null) {
            trace.add(new Step.Rule(rule, Step.Effect.UNKNOWN));
            return FibAnswer.unknown(rule, rule.id() + ": " + answer.open());
          } else if (answer.error() != null) {
            trace.add(new Step.Rule(rule, Step.Effect.DECIDED));
            trace.add(new Step.RouteChosen(answer.route(), null, 1));
            return FibAnswer.failed(rule, table, answer.error());
          } else if (suppressed(rule, answer.route())) {
            note(rule, Step.Effect.SUPPRESSED, trace);
          } else {
            trace.add(new Step.Rule(rule, Step.Effect.DECIDED));
            return FibAnswer.found(rule, table, answer);
          }
        }
      }
    }
    trace.add(new Step.NoLookup(Step.NoLookup.Why.NO_ROUTE, null));
    return FibAnswer.failed(null, null, RouteError.ENETUNREACH);
  }

  /** The kernel's own rule for table local comes first in every lookup: not worth a step. */
  private static void note(PolicyRule rule, Step.Effect effect, List<Step> trace) {
    if (rule.priority() != 0 || !rule.isDefault()) {
      trace.add(new Step.Rule(rule, effect));
    }
  }

  /** Whether the walk goes on the same way, whether the rule matches or not. */
  private static boolean harmless(PolicyRule rule, Function<String, @Nullable TableAnswer> tables) {
    return rule.action() instanceof RuleAction.Nop
        || rule.action() instanceof RuleAction.Lookup(String table) && tables.apply(table) == null;
  }

  private static int first(List<PolicyRule> rules, long priority) {
    for (int i = 0; i < rules.size(); i++) {
      if (rules.get(i).priority() == priority) {
        return i;
      }
    }
    return -1;
  }

  private static RouteError error(RouteType type) {
    return switch (type) {
      case UNREACHABLE -> RouteError.ENETUNREACH; // a route of that type says EHOSTUNREACH
      case PROHIBIT -> RouteError.EACCES;
      default -> RouteError.EINVAL;
    };
  }

  /** {@code fib4_rule_suppress}, {@code fib6_rule_suppress}: of successful answers only. */
  private boolean suppressed(PolicyRule rule, Route route) {
    if (route.dst().length() <= rule.suppressPrefixLength()) {
      return true;
    }
    List<Nexthop> hops = nexthops.of(route);
    String group = rule.suppressGroup();
    Link link = hops.isEmpty() ? null : s.link(hops.getFirst().dev());
    return group != null
        && link != null
        && link.group().equals(group.equals("0") ? "default" : group);
  }
}
