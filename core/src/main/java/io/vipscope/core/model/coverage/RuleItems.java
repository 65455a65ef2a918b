package io.vipscope.core.model.coverage;

import io.vipscope.core.model.coverage.RuleItem.Kind;
import io.vipscope.core.model.explanation.Step;
import io.vipscope.core.model.explanation.StepText;
import io.vipscope.core.model.flow.FlowPath;
import io.vipscope.core.model.netfilter.Expression;
import io.vipscope.core.model.netfilter.Match;
import io.vipscope.core.model.netfilter.Ruleset;
import io.vipscope.core.model.netfilter.Statement;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.PolicyRule;
import io.vipscope.core.model.snapshot.Route;
import io.vipscope.core.model.snapshot.RouteType;
import io.vipscope.core.model.snapshot.RuleAction;
import io.vipscope.core.model.snapshot.TableName;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The items of one state, and those that a flow's path goes by. Immutable. */
public final class RuleItems {

  private static final String BY = " by ";

  private final Map<String, RuleItem> items = new LinkedHashMap<>();
  private final HostSnapshot s;

  private RuleItems(HostSnapshot s) {
    this.s = s;
  }

  public static RuleItems of(HostSnapshot s) {
    RuleItems all = new RuleItems(s);
    for (boolean v6 : List.of(false, true)) {
      s.rules(v6).forEach(all::add);
      List<Route> routes = s.routes(v6);
      if (routes != null) {
        routes.stream().filter(RuleItems::namesSource).forEach(all::add);
      }
    }
    for (Ruleset.Chain chain : s.netfilter().chains()) {
      for (Ruleset.Rule rule : chain.rules()) {
        if (rule.parts().anyMatch(RuleItems::mapsSource)) {
          all.add(chain, rule);
        }
      }
    }
    return all;
  }

  /** In the order of the dumps. */
  public List<RuleItem> all() {
    return List.copyOf(items.values());
  }

  private void put(RuleItem item) {
    items.putIfAbsent(item.key(), item);
  }

  private void add(PolicyRule rule) {
    put(item(rule));
  }

  private static RuleItem item(PolicyRule rule) {
    return new RuleItem(Kind.RULE, text(rule), isObservable(rule), !rule.isDefault());
  }

  private static boolean isObservable(PolicyRule rule) {
    return rule.markMask() == 0
        && rule.iif() == null
        && rule.oif() == null
        && rule.uid() == null
        && rule.unmodelled().isEmpty();
  }

  private static String text(PolicyRule rule) {
    String action =
        switch (rule.action()) {
          case RuleAction.Lookup(String table) -> "lookup " + table;
          case RuleAction.Goto(long priority) -> "goto " + priority;
          case RuleAction.Nop() -> "nop";
          case RuleAction.Reject(RouteType type) -> type.text();
          case RuleAction.Other(String text) -> text;
        };
    return rule.id() + ": " + StepText.selectors(rule) + " " + action;
  }

  private static boolean namesSource(Route route) {
    return route.prefsrc() != null && route.type() == RouteType.UNICAST;
  }

  private void add(Route route) {
    boolean reachable =
        s.rules(route.v6()).stream()
            .anyMatch(rule ->
                isObservable(rule)
                    && rule.action() instanceof RuleAction.Lookup(String table)
                    && table.equals(route.table()));
    put(
        new RuleItem(
            Kind.ROUTE,
            text(route),
            reachable || route.table().equals(TableName.LOCAL),
            !route.protocol().equals("kernel")));
  }

  private static String text(Route route) {
    return StepText.sentence(route).substring("route ".length()) + " src " + route.prefsrc();
  }

  private static boolean mapsSource(Expression e) {
    return e instanceof Statement.Snat
        || e instanceof Statement.Masquerade
        || e instanceof Statement.Netmap;
  }

  private void add(Ruleset.Chain chain, Ruleset.Rule rule) {
    boolean hidden =
        s.forwards(false) || s.forwards(true) || rule.parts().anyMatch(RuleItems::isHidden);
    put(new RuleItem(Kind.SNAT, text(chain, rule), !hidden, true));
  }

  private static boolean isHidden(Expression e) {
    return switch (e) {
      case Match.Numeric n ->
          n.field() == Match.Field.MARK
              || n.field() == Match.Field.CT_MARK
              || n.field() == Match.Field.UID;
      case Match.Hidden _, Match.Unknown _ -> true;
      case Match.Device device -> !device.out();
      default -> false;
    };
  }

  private static String text(Ruleset.Chain chain, Ruleset.Rule rule) {
    return chain.family() + " " + chain.table() + " " + chain.name() + ": " + rule.text();
  }

  /** Those that a flow's path goes by, the rules that matched without deciding among them. */
  public Set<RuleItem> on(FlowPath path) {
    Set<RuleItem> used = new LinkedHashSet<>();
    PolicyRule decided = path.rule();
    if (decided != null) { // no step names it where local and main are one table
      used.add(item(decided));
    }
    for (Step step : path.steps()) {
      switch (step) {
        case Step.Rule(PolicyRule rule, Step.Effect effect) when effect != Step.Effect.UNKNOWN ->
            used.add(item(rule));
        case Step.RouteChosen(Route route, var _, int _) when namesSource(route) ->
            used.add(
                items.getOrDefault(
                    Kind.ROUTE + " " + text(route),
                    new RuleItem(
                        Kind.ROUTE, text(route), true, !route.protocol().equals("kernel"))));
        default -> {}
      }
    }
    for (RuleItem item : items.values()) {
      if (item.kind() == Kind.SNAT
          && path.netfilter().stream().anyMatch(line -> line.endsWith(BY + item.text()))) {
        used.add(item);
      }
    }
    return used;
  }

  /** The item that is this rule; its key as {@link RuleItem#key} gives it. */
  public static String key(PolicyRule rule) {
    return Kind.RULE + " " + text(rule);
  }

  /** The item that is this route. */
  public static String key(Route route) {
    return Kind.ROUTE + " " + text(route);
  }

  /** The item that is this rule of a chain. */
  public static String key(String chain, Ruleset.Rule rule) {
    return Kind.SNAT + " " + chain + ": " + rule.text();
  }
}
