package io.vipscope.core.model.inverse;

import io.vipscope.core.model.explanation.Step;
import io.vipscope.core.model.flow.FlowQuery;
import io.vipscope.core.model.flow.OwnFlow;
import io.vipscope.core.model.flow.WireSource;
import io.vipscope.core.model.netfilter.Ruleset;
import io.vipscope.core.model.netfilter.Ruleset.Chain;
import io.vipscope.core.model.netfilter.Ruleset.Rule;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.PolicyRule;
import io.vipscope.core.model.snapshot.Route;
import io.vipscope.core.model.snapshot.TableName;
import io.vipscope.core.net.IpAddress;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Asks the model about states in which one policy rule, route or netfilter rule is absent. */
final class Absences {

  private static final int MIN_TRIES = 8;

  /**
   * How much trying may take.
   *
   * @param routesSorted every state tried has its tables sorted anew: so many routes at most, over
   *     all of them
   * @param rulesWalked every state tried has its packet walk all chains: so many rules at most,
   *     over all of them
   */
  record Limits(long routesSorted, long rulesWalked) {

    static final Limits USUAL = new Limits(4_000_000, 20_000_000);

    /** How many states with that many routes or rules are tried. */
    private static long tries(long atMost, long each) {
      return Math.max(MIN_TRIES, atMost / Math.max(1, each));
    }
  }

  private final HostSnapshot s;
  private final FlowQuery q;
  private final IpAddress source;
  private final List<Route> routes;
  private final List<Step> trace;
  private final Limits limits;
  private int untried;

  private Absences(Observation o, List<Route> routes, Limits limits) {
    this.s = o.state();
    this.q = o.query();
    this.source = o.source();
    this.routes = routes;
    this.trace = OwnFlow.ordinary(s, q).route().trace();
    this.limits = limits;
  }

  static List<Cause> of(Observation o) {
    return of(o, Limits.USUAL);
  }

  static List<Cause> of(Observation o, Limits limits) {
    List<Route> routes = o.state().routes(o.query().dst().v6());
    if (routes == null) {
      return List.of();
    }
    Absences absences = new Absences(o, routes, limits);
    List<Cause> causes = new ArrayList<>();
    absences.rules(causes);
    absences.routes(causes);
    absences.netfilter(causes);
    if (absences.untried > 0) {
      causes.add(new Cause.Untried(absences.untried));
    }
    return causes;
  }

  /**
   * Rules that took part come first, then all others: what an OUTPUT hook marks is looked up again,
   * and the trace is that of the first lookup.
   */
  private void rules(List<Cause> causes) {
    boolean v6 = q.dst().v6();
    List<PolicyRule> rules = s.rules(v6);
    Set<PolicyRule> tried = new LinkedHashSet<>();
    for (Step step : trace) {
      if (step instanceof Step.Rule(PolicyRule rule, Step.Effect _)) {
        tried.add(rule);
      }
    }
    tried.addAll(rules);
    tried.removeIf(PolicyRule::isDefault);
    long left = Limits.tries(limits.routesSorted(), routes.size());
    for (PolicyRule rule : tried) {
      if (left-- <= 0) {
        untried++;
        continue;
      }
      Answer answer = answer(s.withRouting(v6, routes, without(rules, rule)));
      if (answer.gives(source)) {
        causes.add(new Cause.WithoutRule(rule, answer.alone()));
      }
    }
  }

  /**
   * Routes that took part come first, then others that contain the destination: they may hide one
   * (an IPv6 route for another source), or be looked up after an OUTPUT hook. Table local is the
   * kernel's own.
   */
  private void routes(List<Cause> causes) {
    boolean v6 = q.dst().v6();
    Set<Route> tried = new LinkedHashSet<>();
    for (Step step : trace) {
      if (step instanceof Step.RouteChosen chosen) {
        tried.add(chosen.route());
      }
    }
    for (Route route : routes) {
      if (route.dst().contains(q.dst())) {
        tried.add(route);
      }
    }
    tried.removeIf(r -> r.table().equals(TableName.LOCAL));
    long left = Limits.tries(limits.routesSorted(), routes.size());
    for (Route route : tried) {
      if (left-- <= 0) {
        untried++;
        continue;
      }
      Answer answer = answer(s.withRouting(v6, without(routes, route), s.rules(v6)));
      if (answer.gives(source)) {
        causes.add(new Cause.WithoutRoute(route, answer.alone()));
      }
    }
  }

  private void netfilter(List<Cause> causes) {
    List<Chain> chains = s.netfilter().chains();
    long rules = chains.stream().mapToLong(c -> c.rules().size()).sum();
    long left = Limits.tries(limits.rulesWalked(), rules);
    for (int i = 0; i < chains.size(); i++) {
      Chain chain = chains.get(i);
      for (Rule rule : chain.sees(q.dst().v6()) ? chain.rules() : List.<Rule>of()) {
        if (left-- <= 0) {
          untried++;
          continue;
        }
        List<Chain> changed = new ArrayList<>(chains);
        changed.set(i, chain.withRules(without(chain.rules(), rule)));
        Ruleset rest = new Ruleset(s.netfilter().known(), changed);
        Answer answer = Answer.of(OwnFlow.ordinary(s, rest, q), q);
        if (answer.gives(source)) {
          String place = chain.family() + " " + chain.table() + " " + chain.name();
          causes.add(new Cause.WithoutNat(place, rule, answer.alone()));
        }
      }
    }
  }

  private static <T> List<T> without(List<T> all, T one) {
    List<T> rest = new ArrayList<>(all);
    rest.remove(one);
    return rest;
  }

  private Answer answer(HostSnapshot state) {
    return Answer.of(state, q);
  }

  /**
   * What an ordinary socket of a state may show.
   *
   * @param sources empty where something is not modelled
   * @param alone nothing else is possible than the one source
   */
  record Answer(Set<IpAddress> sources, boolean alone) {

    static Answer of(HostSnapshot state, FlowQuery q) {
      return of(OwnFlow.ordinary(state, q), q);
    }

    static Answer of(OwnFlow flow, FlowQuery q) {
      Set<IpAddress> sources = new LinkedHashSet<>();
      boolean alone = true;
      for (WireSource way : flow.ways()) {
        if (!way.conditions().isEmpty()) {
          continue;
        }
        if (way.unknown() != null) {
          return new Answer(Set.of(), false);
        }
        boolean reaches = way.dst().equals(q.dst()) && way.dport() == q.dport();
        if (way.egress() != null && way.egress().source() != null && reaches) {
          sources.add(way.egress().source());
        } else {
          alone = false;
        }
      }
      return new Answer(sources, alone && sources.size() == 1);
    }

    boolean gives(IpAddress source) {
      return sources.contains(source);
    }
  }
}
