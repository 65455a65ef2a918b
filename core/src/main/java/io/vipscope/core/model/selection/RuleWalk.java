package io.vipscope.core.model.selection;

import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.Nexthop;
import io.vipscope.core.model.snapshot.PolicyRule;
import io.vipscope.core.model.snapshot.Route;
import io.vipscope.core.model.snapshot.RouteType;
import io.vipscope.core.model.snapshot.RuleAction;
import io.vipscope.core.net.IpPrefix;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The walk over the policy rules ({@code fib_rules_lookup}, {@code fib4_rule_match}, {@code
 * fib6_rule_match}).
 */
final class RuleWalk {

  /** What a table says: a route (also a reject one), or nothing. */
  record Found(Route route, List<Nexthop> hops) {}

  /** Where the walk ended. */
  record Result(
      @Nullable Found found,
      @Nullable PolicyRule rule,
      @Nullable String table,
      RouteError error,
      @Nullable String unknown) {}

  private RuleWalk() {}

  static Result walk(
      HostSnapshot s, RouteQuery q, Function<String, @Nullable Found> tables, List<Step> trace) {
    List<PolicyRule> rules = s.rules(q.dst().v6());
    String unknown = null;
    int i = 0;
    while (i < rules.size()) {
      PolicyRule rule = rules.get(i++);
      if (!rule.unmodelled().isEmpty() || rule.action() instanceof RuleAction.Other) {
        // Its other selectors may rule it out; else nobody can say whether it decides.
        if (rule.inverted() || selectors(rule, q)) {
          unknown = rule.id() + " " + String.join(", ", rule.unmodelled());
          return new Result(null, rule, null, RouteError.ENETUNREACH, unknown);
        }
        continue;
      }
      if (selectors(rule, q) == rule.inverted()) {
        continue;
      }
      switch (rule.action()) {
        case RuleAction.Goto(long priority) -> {
          int target = first(rules, priority);
          if (target >= i) {
            i = target;
          }
        }
        case RuleAction.Nop() -> {}
        case RuleAction.Other(String _) -> {}
        case RuleAction.Reject(RouteType type) -> {
          trace.add(new Step(Step.Kind.RULE, rule.id() + " rejects it: " + type.text()));
          return new Result(null, rule, null, rejected(type, true), null);
        }
        case RuleAction.Lookup(String table) -> {
          Found found = tables.apply(table);
          if (found == null || found.route().type() == RouteType.THROW || suppressed(s, rule, found)) {
            continue;
          }
          trace.add(new Step(Step.Kind.RULE, rule.id() + describe(rule) + " looks in table " + table));
          if (found.route().type().isReject()) {
            trace.add(new Step(Step.Kind.ROUTE, found.route().type().text() + " " + found.route().dst() + " ends the lookup"));
            return new Result(null, rule, table, rejected(found.route().type(), false), null);
          }
          return new Result(found, rule, table, RouteError.ENETUNREACH, null);
        }
      }
    }
    trace.add(new Step(Step.Kind.RULE, "no rule leads to a route"));
    return new Result(null, null, null, RouteError.ENETUNREACH, null);
  }

  private static int first(List<PolicyRule> rules, long priority) {
    for (int i = 0; i < rules.size(); i++) {
      if (rules.get(i).priority() == priority) {
        return i;
      }
    }
    return -1;
  }

  private static String describe(PolicyRule rule) {
    List<String> parts = new ArrayList<>();
    if (rule.from() != null) {
      parts.add("from " + rule.from());
    }
    if (rule.to() != null) {
      parts.add("to " + rule.to());
    }
    if (rule.markMask() != 0) {
      parts.add("fwmark 0x" + Integer.toHexString(rule.mark()));
    }
    if (rule.dport() != null) {
      parts.add("dport " + rule.dport());
    }
    return parts.isEmpty() ? "" : (rule.inverted() ? " (not " : " (") + String.join(", ", parts) + ")";
  }

  /** A reject rule says ENETUNREACH for unreachable; a reject route EHOSTUNREACH. */
  private static RouteError rejected(RouteType type, boolean byRule) {
    return switch (type) {
      case BLACKHOLE -> RouteError.EINVAL;
      case PROHIBIT -> RouteError.EACCES;
      case UNREACHABLE -> byRule ? RouteError.ENETUNREACH : RouteError.EHOSTUNREACH;
      default -> RouteError.ENETUNREACH;
    };
  }

  private static boolean suppressed(HostSnapshot s, PolicyRule rule, Found found) {
    if (rule.suppressPrefixLength() >= 0
        && found.route().dst().length() <= rule.suppressPrefixLength()) {
      return true;
    }
    String group = rule.suppressGroup();
    if (group == null || found.hops().isEmpty()) {
      return false;
    }
    var link = s.link(found.hops().getFirst().dev());
    return link != null && link.group().equals(group.equals("0") ? "default" : group);
  }

  /** Whether all selectors hold; {@code not} is the caller's. */
  private static boolean selectors(PolicyRule r, RouteQuery q) {
    boolean v6 = q.dst().v6();
    if (r.iif() != null && !r.iif().equals("lo")) {
      return false;
    }
    if (r.oif() != null && !r.oif().equals(q.oif())) {
      return false;
    }
    if (((q.mark() ^ r.mark()) & r.markMask()) != 0) {
      return false;
    }
    if (r.uid() != null && !r.uid().contains(q.uid())) {
      return false;
    }
    if (r.from() != null && !from(r.from(), q, v6)) {
      return false;
    }
    if (r.to() != null && !r.to().contains(q.dst())) {
      return false;
    }
    // IPv4 ignores the upper DSCP bits of the flow (IPTOS_RT_MASK); IPv6 compares the whole field.
    if (r.tos() != 0 && r.tos() != (v6 ? q.tos() & 0xfc : q.tos() & 0x1c)) {
      return false;
    }
    if (r.ipproto() != 0 && r.ipproto() != q.ipproto()) {
      return false;
    }
    return (r.sport() == null || q.sport() != 0 && r.sport().contains(q.sport()))
        && (r.dport() == null || q.dport() != 0 && r.dport().contains(q.dport()));
  }

  /** IPv4 compares an unset source as 0.0.0.0; IPv6 never matches a source prefix without one. */
  private static boolean from(IpPrefix prefix, RouteQuery q, boolean v6) {
    if (q.from() != null) {
      return prefix.contains(q.from());
    }
    return !v6 && prefix.contains(io.vipscope.core.net.IpAddress.ANY4);
  }
}
