package io.vipscope.core.model.fib;

import io.vipscope.core.model.explanation.Step;
import io.vipscope.core.model.selection.RouteError;
import io.vipscope.core.model.selection.RouteQuery;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.PolicyRule;
import io.vipscope.core.model.snapshot.Route;
import io.vipscope.core.model.snapshot.RouteType;
import io.vipscope.core.model.snapshot.Scope;
import io.vipscope.core.model.snapshot.TableName;
import io.vipscope.core.net.IpAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The forwarding tables of one family of a host, sorted once; safe for use by many threads. */
public final class Fib {

  /** Local before main at the same prefix ({@code fib_find_alias}: higher table id first). */
  private static final Comparator<Route> MERGED =
      Comparator.comparingInt((Route r) -> r.table().equals(TableName.LOCAL) ? 0 : 1)
          .thenComparing(Ipv4Table.ORDER);

  private final HostSnapshot s;
  private final boolean v6;
  private final Map<String, FibTable> tables = new HashMap<>();
  private final FibTable merged;
  private final List<Route> hostScope;
  private final Set<Integer> objectScopes = new TreeSet<>();
  private final RuleWalk rules;
  private final Ipv4Table ipv4;
  private final Ipv6Table ipv6;

  public Fib(HostSnapshot s, boolean v6) {
    this.s = s;
    this.v6 = v6;
    List<Route> routes = s.routes(v6);
    Map<String, List<Route>> byTable = new HashMap<>();
    for (Route route : routes == null ? List.<Route>of() : routes) {
      byTable.computeIfAbsent(route.table(), _ -> new ArrayList<>()).add(route);
    }
    Comparator<Route> order = v6 ? Ipv6Table.ORDER : Ipv4Table.ORDER;
    byTable.forEach((name, list) -> tables.put(name, new FibTable(list, order)));
    merged = v6 || !mayBeMerged() ? FibTable.EMPTY : merged(byTable);
    hostScope =
        routes == null ? List.of() : routes.stream().filter(r -> r.scope() >= Scope.HOST).toList();
    for (Route route : routes == null ? List.<Route>of() : routes) {
      if (route.nexthopId() != 0) {
        objectScopes.add(route.scope());
      }
    }
    Nexthops nexthops = new Nexthops(s.nexthops());
    rules = new RuleWalk(s, nexthops);
    ipv4 = new Ipv4Table(s, nexthops);
    ipv6 = new Ipv6Table(s, nexthops);
  }

  private static FibTable merged(Map<String, List<Route>> byTable) {
    List<Route> both = new ArrayList<>(byTable.getOrDefault(TableName.LOCAL, List.of()));
    both.addAll(byTable.getOrDefault(TableName.MAIN, List.of()));
    return new FibTable(both, MERGED);
  }

  /** The routes of scope host or narrower, of every table. */
  public List<Route> hostScope() {
    return hostScope;
  }

  /** The scopes of all routes by nexthop objects, widest first. */
  public List<Integer> objectScopes() {
    return List.copyOf(objectScopes);
  }

  /**
   * Whether the rules may never have been walked: no snapshot shows whether a rule was ever added
   * and deleted again. IPv4 then has local and main as one trie ({@code fib_has_custom_rules},
   * {@code fib_unmerge}); IPv6 asks local and main, although a default rule was deleted, for {@code
   * fib6_rule_delete} does not set {@code fib6_has_custom_rules}.
   */
  public boolean mayBeMerged() {
    List<PolicyRule> defaults = PolicyRule.defaults(v6);
    return v6
        ? !s.rules6().equals(defaults) && defaults.containsAll(s.rules6())
        : s.rules4().equals(defaults);
  }

  /**
   * The routing decision.
   *
   * @param asOne as if no rule was ever added; only if {@link #mayBeMerged}
   * @param strict IPv6: the output device is a condition
   */
  public FibAnswer lookup(RouteQuery q, boolean asOne, boolean strict, List<Step> trace) {
    if (asOne && !v6) {
      return mergedLookup(q, trace);
    }
    List<PolicyRule> all = asOne ? PolicyRule.defaults(true) : s.rules(v6);
    return rules.walk(all, q, t -> table(t, q, strict), trace);
  }

  private @Nullable TableAnswer table(String name, RouteQuery q, boolean strict) {
    FibTable table = tables.getOrDefault(name, FibTable.EMPTY);
    return v6 ? ipv6.lookup(table, q, strict) : ipv4.lookup(table, q);
  }

  /** {@code fib_lookup} without custom rules: the one trie; without a route there, default. */
  private FibAnswer mergedLookup(RouteQuery q, List<Step> trace) {
    PolicyRule main = PolicyRule.lookup(false, 32766, TableName.MAIN);
    TableAnswer answer = ipv4.lookup(merged, q);
    RouteError error = answer == null ? null : answer.error();
    if (answer != null && error == null) {
      boolean local = answer.route().table().equals(TableName.LOCAL);
      trace.add(new Step.Table(TableName.MAIN, true, true));
      PolicyRule rule = local ? PolicyRule.lookup(false, 0, TableName.LOCAL) : main;
      return FibAnswer.found(rule, TableName.MAIN, answer);
    }
    if (answer != null && error != null) { // a reject route ends it: default is not asked
      trace.add(new Step.Table(TableName.MAIN, true, true));
      trace.add(new Step.RouteChosen(answer.route(), null, 1));
      return FibAnswer.failed(main, TableName.MAIN, error);
    }
    PolicyRule rule = PolicyRule.lookup(false, 32767, TableName.DEFAULT);
    TableAnswer other = ipv4.lookup(tables.getOrDefault(TableName.DEFAULT, FibTable.EMPTY), q);
    if (other == null) {
      trace.add(new Step.NoLookup(Step.NoLookup.Why.NO_ROUTE, null));
      return FibAnswer.failed(null, null, RouteError.ENETUNREACH);
    }
    trace.add(new Step.Rule(rule, Step.Effect.DECIDED));
    if (other.error() != null) {
      trace.add(new Step.RouteChosen(other.route(), null, 1));
      return FibAnswer.failed(rule, TableName.DEFAULT, other.error());
    }
    return FibAnswer.found(rule, TableName.DEFAULT, other);
  }

  /**
   * Whether an IPv4 address is this host's ({@code __ip_dev_find}): on any device, up or down, or
   * covered by a local route.
   */
  public boolean isLocal(IpAddress address, boolean asOne) {
    if (s.holds(address)) {
      return true;
    }
    FibTable table = asOne ? merged : tables.getOrDefault(TableName.LOCAL, FibTable.EMPTY);
    TableAnswer answer = ipv4.lookup(table, RouteQuery.to(address));
    return answer != null && answer.route().type() == RouteType.LOCAL;
  }
}
