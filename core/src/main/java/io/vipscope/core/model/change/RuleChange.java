package io.vipscope.core.model.change;

import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.PolicyRule;
import io.vipscope.core.model.snapshot.RuleAction;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * {@code ip rule add|del}: {@code fib_nl_newrule}, {@code fib_nl_delrule}.
 *
 * @param rule of a deletion, what is absent matches anything
 * @param withPriority the command named a priority
 * @param withAction the command named a table or an action
 */
public record RuleChange(boolean add, PolicyRule rule, boolean withPriority, boolean withAction)
    implements Change {

  @Override
  public HostSnapshot applyTo(HostSnapshot s) {
    List<PolicyRule> rules = new ArrayList<>(s.rules(rule.v6()));
    if (add) {
      add(rules);
    } else {
      delete(rules);
    }
    return s.withRouting(rule.v6(), s.routes(rule.v6()), rules);
  }

  private void add(List<PolicyRule> rules) {
    PolicyRule added = withPriority ? rule : rule.withPriority(defaultPriority(rules));
    if (rules.contains(added)) {
      throw new ChangeException("that rule is there already");
    }
    int at = 0;
    while (at < rules.size() && rules.get(at).priority() <= added.priority()) {
      at++;
    }
    rules.add(at, added);
  }

  /** {@code fib_default_rule_pref}: before the second rule, which is the first after local. */
  private static long defaultPriority(List<PolicyRule> rules) {
    return rules.size() > 1 && rules.get(1).priority() > 0 ? rules.get(1).priority() - 1 : 0;
  }

  private void delete(List<PolicyRule> rules) {
    for (PolicyRule candidate : rules) {
      if (means(candidate)) {
        rules.remove(candidate);
        return;
      }
    }
    throw new ChangeException("there is no such rule");
  }

  /** {@code rule_find}: whether everything that the command names is the candidate's. */
  private boolean means(PolicyRule c) {
    return (!withPriority || c.priority() == rule.priority())
        && (!withAction || sameAction(c.action()))
        && c.inverted() == rule.inverted()
        && absentOr(rule.from(), c.from())
        && absentOr(rule.to(), c.to())
        && absentOr(rule.iif(), c.iif())
        && absentOr(rule.oif(), c.oif())
        && (rule.markMask() == 0 || c.mark() == rule.mark() && c.markMask() == rule.markMask())
        && (rule.tos() == 0 || c.tos() == rule.tos())
        && (rule.ipproto() == 0 || c.ipproto() == rule.ipproto())
        && absentOr(rule.sport(), c.sport())
        && absentOr(rule.dport(), c.dport())
        && absentOr(rule.uid(), c.uid());
  }

  private boolean sameAction(RuleAction action) {
    return action.equals(rule.action());
  }

  private static boolean absentOr(@Nullable Object wanted, @Nullable Object found) {
    return wanted == null || Objects.equals(wanted, found);
  }
}
