package io.vipscope.core.model.flow;

import io.vipscope.core.model.netfilter.AddressRange;
import io.vipscope.core.model.netfilter.Expression;
import io.vipscope.core.model.netfilter.Match;
import io.vipscope.core.model.netfilter.NatTarget;
import io.vipscope.core.model.netfilter.Ruleset;
import io.vipscope.core.model.netfilter.Statement;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.Range;
import io.vipscope.core.model.snapshot.Route;
import io.vipscope.core.model.snapshot.RouteType;
import io.vipscope.core.net.IpAddress;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Destinations that a rule could have turned into the one on the wire. */
final class MappedDestinations {

  private static final int MAX = 64;

  /** Stand for whatever only a default route leads to. */
  private static final IpAddress ANY_FAR4 = IpAddress.parse("1.0.0.1");

  private static final IpAddress ANY_FAR6 = IpAddress.parse("2000::1");

  private MappedDestinations() {}

  /**
   * One address of each that a mapping rule names, or if it names none one of each route's, and the
   * destination itself where it maps the port alone; and of each that other rules look for, which
   * may treat the mapped flow in another way. That a rule really maps it so is not checked here.
   */
  static Set<FlowQuery> of(HostSnapshot s, FlowQuery q) {
    Set<FlowQuery> originals = new LinkedHashSet<>();
    for (Ruleset.Chain chain : s.netfilter().chains()) {
      for (Ruleset.Rule rule : chain.rules()) {
        boolean maps = rule.expressions().stream().anyMatch(MappedDestinations::maps);
        if (maps && chain.sees(q.dst().v6())) {
          add(rule.expressions(), s, q, originals);
        }
      }
    }
    if (!originals.isEmpty()) {
      List<Expression> all = s.netfilter().expressions().toList();
      add(named(all), ports(all, q), q, originals);
    }
    originals.remove(q);
    return originals;
  }

  private static boolean maps(Expression e) {
    return e instanceof Statement.Dnat || e instanceof Statement.Netmap || writes(e);
  }

  private static boolean writes(Expression e) {
    return e instanceof Statement.Rewrite(boolean source, var _) && !source;
  }

  /**
   * The rules, but a choice from a range that depends on the original destination, which stands for
   * many here, is taken as it may be: DNAT to a range that holds the destination takes just this;
   * SNAT to a range any of it if a hook may write the destination, which conntrack does not see.
   */
  static Ruleset narrowed(Ruleset rules, IpAddress dst) {
    boolean written = rules.expressions().anyMatch(MappedDestinations::writes);
    return new Ruleset(
        rules.known(),
        rules.chains().stream()
            .map(c -> c.withRules(c.rules().stream().map(r -> narrowed(r, dst, written)).toList()))
            .toList());
  }

  private static Ruleset.Rule narrowed(Ruleset.Rule rule, IpAddress dst, boolean written) {
    List<Expression> expressions = new ArrayList<>();
    for (Expression e : rule.expressions()) {
      expressions.add(
          switch (e) {
            case Statement.Dnat(NatTarget.Addresses to) when to.mayTake(dst) ->
                new Statement.Dnat(to.toOnly(dst));
            case Statement.Snat(NatTarget.Addresses to) when written ->
                new Statement.Snat(to.toAny());
            default -> e;
          });
    }
    return new Ruleset.Rule(expressions, rule.text(), rule.handle());
  }

  private static void add(
      List<Expression> rule, HostSnapshot s, FlowQuery q, Set<FlowQuery> originals) {
    Set<IpAddress> named = named(rule);
    Set<Integer> ports = ports(rule, q);
    add(named.isEmpty() ? routed(s, q.dst().v6()) : named, ports, q, originals);
    if (rule.stream().anyMatch(MappedDestinations::keepsAddress)) {
      add(Set.of(q.dst()), ports, q, originals);
    }
  }

  /** It maps the port alone, of whatever destination. */
  private static boolean keepsAddress(Expression e) {
    return e instanceof Statement.Dnat(NatTarget.Addresses to) && to.addresses() == null;
  }

  private static void add(
      Set<IpAddress> addresses, Set<Integer> ports, FlowQuery q, Set<FlowQuery> originals) {
    for (IpAddress address : addresses) {
      for (int port : ports) {
        if (address.v6() == q.dst().v6() && originals.size() < MAX) {
          originals.add(new FlowQuery(address, q.protocol(), q.sport(), port));
        }
      }
    }
  }

  /** That on the wire, and those that rules look for. */
  private static Set<Integer> ports(List<Expression> rule, FlowQuery q) {
    Set<Integer> ports = new LinkedHashSet<>();
    ports.add(q.dport());
    for (Expression e : rule) {
      if (e instanceof Match.Ports(boolean source, List<Range> ranges, boolean negated)
          && !source
          && !negated) {
        ranges.forEach(r -> ports.add((int) r.first()));
      }
    }
    return ports;
  }

  private static Set<IpAddress> named(List<Expression> rule) {
    Set<IpAddress> named = new LinkedHashSet<>();
    for (Expression e : rule) {
      if (e instanceof Match.Addresses(var side, List<AddressRange> ranges, boolean negated)
          && (side == Match.Side.DESTINATION || side == Match.Side.ORIGINAL_DESTINATION)
          && !negated) {
        ranges.forEach(r -> named.add(r.first()));
      }
    }
    return named;
  }

  /** One address behind each route that leads off this host. */
  private static Set<IpAddress> routed(HostSnapshot s, boolean v6) {
    Set<IpAddress> routed = new LinkedHashSet<>();
    List<Route> routes = s.routes(v6);
    for (Route route : routes == null ? List.<Route>of() : routes) {
      if (route.type() == RouteType.UNICAST) {
        IpAddress first = route.dst().network();
        boolean any = route.dst().length() == 0;
        routed.add(
            any
                ? v6 ? ANY_FAR6 : ANY_FAR4
                : route.dst().length() == first.bits()
                    ? first
                    : new IpAddress(v6, first.hi(), first.lo() + 1));
      }
    }
    return routed;
  }
}
