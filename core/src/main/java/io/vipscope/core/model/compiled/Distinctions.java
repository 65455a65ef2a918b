package io.vipscope.core.model.compiled;

import io.vipscope.core.model.fib.Nexthops;
import io.vipscope.core.model.flow.Destinations;
import io.vipscope.core.model.netfilter.AddressRange;
import io.vipscope.core.model.netfilter.Expression;
import io.vipscope.core.model.netfilter.Match;
import io.vipscope.core.model.netfilter.NatTarget;
import io.vipscope.core.model.netfilter.Statement;
import io.vipscope.core.model.snapshot.Assumption;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.Nexthop;
import io.vipscope.core.model.snapshot.PolicyRule;
import io.vipscope.core.model.snapshot.Range;
import io.vipscope.core.model.snapshot.Route;
import io.vipscope.core.model.snapshot.RouteType;
import io.vipscope.core.model.snapshot.RuleAction;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.IpPrefix;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one family of a state tells flows apart by: every block, port and protocol that some route,
 * rule, address or NAT statement of it names.
 */
final class Distinctions {

  /** Protocols that the model treats in ways of their own, named by a rule or not. */
  private static final int[] PROTOCOLS = {0, 1, 2, 6, 17, 58};

  /** Protocols that have ports, beside TCP and UDP: only where something tests ports. */
  private static final List<Integer> WITH_PORTS = List.of(33, 132, 136);

  private static final int PORTS = 1 << 16;

  /** Well below the number at which the model leaves some out, which ones depends on the port. */
  private static final int MAX_MAPPED = 32;

  private final HostSnapshot s;
  private final boolean v6;
  private final Nexthops nexthops;
  private final List<Range> sports = new ArrayList<>();
  private final List<Range> dports = new ArrayList<>();
  private final List<Range> protocols = new ArrayList<>();

  Distinctions(HostSnapshot s, boolean v6) {
    this.s = s;
    this.v6 = v6;
    this.nexthops = new Nexthops(s.nexthops());
    s.rules(v6).forEach(this::ofRule);
    s.netfilter().expressions().forEach(this::ofExpression);
    s.assumptions().forEach(this::ofAssumption);
    for (int protocol : PROTOCOLS) {
      protocols.add(new Range(protocol, protocol));
    }
    if (!sports.isEmpty() || !dports.isEmpty()) {
      WITH_PORTS.forEach(protocol -> protocols.add(new Range(protocol, protocol)));
      // 0: not known
      sports.add(new Range(0, 0));
      dports.add(new Range(0, 0));
    }
  }

  /**
   * Why the state cannot be compiled; null if it can.
   *
   * @param v6 the family of the destinations
   */
  static @Nullable String obstacle(HostSnapshot s, boolean v6) {
    if (s.routes(v6) == null) {
      return "no routes were collected";
    }
    if (Destinations.byHash(s)) {
      return "NAT takes an address by a hash of source and destination";
    }
    return Destinations.mapped(s, v6).size() > MAX_MAPPED
        ? "DNAT may map more than " + MAX_MAPPED + " destinations to others"
        : null;
  }

  ValueClasses sourcePorts() {
    return new ValueClasses(PORTS, sports);
  }

  ValueClasses destinationPorts() {
    return new ValueClasses(PORTS, dports);
  }

  ValueClasses protocols() {
    return new ValueClasses(256, protocols);
  }

  AddressClasses destinations() {
    AddressBlocks blocks = new AddressBlocks(v6, this::hides);
    Destinations.withoutRoutes(s, v6).forEach(blocks::add);
    s.netfilter().expressions().forEach(e -> targets(e).forEach(blocks::add));
    Destinations.mapped(s, v6).forEach(a -> blocks.add(IpPrefix.host(a)));
    boolean byLength = s.rules(v6).stream().anyMatch(Distinctions::suppressesByLength);
    List<Route> routes = s.routes(v6);
    for (Route route : routes == null ? List.<Route>of() : routes) {
      blocks.add(route.dst(), Way.of(route, byLength));
    }
    return blocks.classes();
  }

  /**
   * A route without its destination. The lookup goes by the rest, by the nesting of the prefixes,
   * by whether it is a default route ({@code fib_select_default}) or as short as a multicast route
   * is not ({@code __mkroute_output}), and where a rule says so by the prefix length ({@code
   * suppress_prefixlength}).
   *
   * @param length -1 = plays no part
   */
  private record Way(Route route, int length) {

    private static final int SHORT = 4;

    /** In place of every destination, of either family. */
    private static final IpPrefix ANY = IpPrefix.of(IpAddress.ANY6, 0);

    static Way of(Route route, boolean byLength) {
      int length = route.dst().length();
      return new Way(route.withDst(ANY), byLength || length < SHORT ? length : -1);
    }
  }

  /**
   * Whether a route leaves nothing to a wider one of its table: IPv4 goes on to shorter prefixes
   * only if the socket's device is none of the route's ({@code fib_table_lookup}).
   */
  private boolean hides(Object inner, Object outer) {
    if (v6
        || !(inner instanceof Way(Route longer, int _))
        || !(outer instanceof Way(Route wider, int _))) {
      return false;
    }
    if (!longer.table().equals(wider.table()) || longer.tos() != 0) {
      return false;
    }
    if (longer.type().isReject() || longer.type() == RouteType.THROW) {
      return true;
    }
    List<Nexthop> hops = nexthops.of(longer);
    List<Nexthop> others = nexthops.of(wider);
    Set<@Nullable String> devices = new HashSet<>();
    hops.forEach(hop -> devices.add(hop.dev()));
    return !wider.type().isReject()
        && wider.type() != RouteType.THROW
        && !others.isEmpty()
        && !nexthops.isBlackhole(wider)
        && hops.stream().noneMatch(hop -> hop.dead() || hop.linkdown())
        && others.stream().allMatch(hop -> devices.contains(hop.dev()));
  }

  private static boolean suppressesByLength(PolicyRule rule) {
    return rule.suppressPrefixLength() >= 0;
  }

  private void ofAssumption(Assumption a) {
    if (a.port() != Assumption.ANY) {
      dports.add(new Range(a.port(), a.port()));
    }
    if (a.protocol() != Assumption.ANY) {
      protocols.add(new Range(a.protocol(), a.protocol()));
    }
  }

  private void ofRule(PolicyRule rule) {
    if (rule.sport() != null) {
      sports.add(rule.sport());
    }
    if (rule.dport() != null) {
      dports.add(rule.dport());
    }
    protocols.add(new Range(rule.ipproto(), rule.ipproto()));
    switch (rule.action()) {
      // None of them looks at the flow: the rule's selectors have done that.
      case RuleAction.Lookup _,
          RuleAction.Goto _,
          RuleAction.Nop _,
          RuleAction.Reject _,
          RuleAction.Other _ -> {}
    }
  }

  private void ofExpression(Expression e) {
    switch (e) {
      case Match.Ports(boolean source, List<Range> ranges, boolean _) -> {
        (source ? sports : dports).addAll(ranges);
        // The model takes the first of each for what DNAT may have mapped.
        ranges.forEach(r -> dports.add(new Range(r.first(), r.first())));
      }
      case Match.Numeric(Match.Field field, long mask, List<Range> ranges, boolean _) ->
          number(field, mask, ranges);
      case Statement.Snat(NatTarget target) -> ports(target);
      case Statement.Dnat(NatTarget target) -> ports(target);
      // Addresses are told apart in destinations(), all else does not depend on the flow's key.
      case Match.Addresses _,
          Match.AddressType _,
          Match.Device _,
          Match.Family _,
          Match.CtState _,
          Match.CtDnat _,
          Match.AnyOf _,
          Match.Constant _,
          Match.Hidden _,
          Match.Unknown _ -> {}
      case Statement.Netmap _,
          Statement.Masquerade _,
          Statement.Redirect _,
          Statement.SetMark _,
          Statement.SetTos _,
          Statement.Rewrite _,
          Statement.Notrack _,
          Statement.Accept _,
          Statement.Drop _,
          Statement.Return _,
          Statement.Jump _,
          Statement.Goto _,
          Statement.Cases _,
          Statement.Unknown _ -> {}
    }
  }

  private void number(Match.Field field, long mask, List<Range> ranges) {
    switch (field) {
      case PROTOCOL -> {
        for (int protocol = 0; protocol < 256; protocol++) {
          long masked = protocol & mask;
          if (ranges.stream().anyMatch(r -> r.contains(masked))) {
            protocols.add(new Range(protocol, protocol));
          }
        }
      }
      case MARK, CT_MARK, UID, TOS, ICMP_TYPE, TCP_FLAGS, LENGTH -> {}
    }
  }

  private void ports(NatTarget target) {
    switch (target) {
      case NatTarget.Addresses a -> {
        if (a.ports() != null) {
          sports.add(a.ports());
          dports.add(a.ports());
        }
      }
      case NatTarget.Lookup(List<NatTarget.Entry> entries) ->
          entries.forEach(entry -> ports(entry.target()));
      case NatTarget.OneOf(List<NatTarget> targets) -> targets.forEach(this::ports);
      case NatTarget.Unknown _ -> {}
    }
  }

  /** Destinations that a rule makes of others: what is sent to such a one may be theirs. */
  private static List<IpPrefix> targets(Expression e) {
    List<IpPrefix> all = new ArrayList<>();
    switch (e) {
      case Statement.Dnat(NatTarget target) -> collect(target, all);
      case Statement.Rewrite(boolean source, IpAddress to) when !source ->
          all.add(IpPrefix.host(to));
      default -> {}
    }
    return all;
  }

  private static void collect(NatTarget target, List<IpPrefix> all) {
    switch (target) {
      case NatTarget.Addresses a -> {
        AddressRange range = a.addresses();
        if (range != null) {
          all.addAll(range.prefixes());
        }
      }
      case NatTarget.Lookup(List<NatTarget.Entry> entries) ->
          entries.forEach(entry -> collect(entry.target(), all));
      case NatTarget.OneOf(List<NatTarget> targets) -> targets.forEach(t -> collect(t, all));
      case NatTarget.Unknown _ -> {}
    }
  }
}
