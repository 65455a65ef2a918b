package io.vipscope.core.model.selection;

import io.vipscope.core.model.explanation.Basis;
import io.vipscope.core.model.explanation.Step;
import io.vipscope.core.model.explanation.Step.NoLookup.Why;
import io.vipscope.core.model.fib.Fib;
import io.vipscope.core.model.fib.FibAnswer;
import io.vipscope.core.model.fib.TableAnswer;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.Link;
import io.vipscope.core.model.snapshot.Nexthop;
import io.vipscope.core.model.snapshot.Route;
import io.vipscope.core.model.snapshot.RouteType;
import io.vipscope.core.model.snapshot.Scope;
import io.vipscope.core.model.snapshot.TableName;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.IpPrefix;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One IPv4 output lookup: {@code ip_route_output_key_hash_rcu} (net/ipv4/route.c). */
final class Ipv4Lookup {

  private static final IpPrefix LOCAL_MULTICAST = IpPrefix.parse("224.0.0.0/24");
  private static final int IGMP = 2;

  private final HostSnapshot s;
  private final Fib fib;
  private final boolean asOne;
  private final boolean anySource;
  private final Ipv4Way ways;

  /**
   * @param asOne local and main are one trie
   * @param anySource the source need not be local (FLOWI_FLAG_ANYSRC)
   */
  Ipv4Lookup(HostSnapshot s, Fib fib, boolean asOne, boolean anySource) {
    this.s = s;
    this.fib = fib;
    this.asOne = asOne;
    this.anySource = anySource;
    this.ways = new Ipv4Way(s, fib.hostScope(), fib.objectScopes());
  }

  List<Outcome> lookup(RouteQuery q) {
    List<Step> trace = new ArrayList<>();
    IpAddress from = q.from();
    if (from != null) {
      if (from.isMulticast() || from.isLimitedBroadcast() || zeronet(from)) {
        return fail(Why.SOURCE_INVALID, null, RouteError.EINVAL, trace);
      }
      if (q.oif() == null && (q.dst().isMulticast() || q.dst().isLimitedBroadcast())) {
        // Of several owners the kernel takes the one that got the address last; no dump shows it.
        List<Outcome> byOwner = new ArrayList<>();
        for (Link owner : s.links()) {
          if (owner.addresses().stream().anyMatch(a -> a.local().equals(from))) {
            byOwner.addAll(direct(q, owner, from, Why.DEVICE_OF_SOURCE, new ArrayList<>(trace)));
          }
        }
        if (!byOwner.isEmpty()) {
          return byOwner;
        }
        if (!fib.isLocal(from, asOne)) {
          return fail(Why.SOURCE_NOT_LOCAL, null, RouteError.ENETUNREACH, trace);
        }
        return List.of(
            Outcome.unknown(null, "multicast from " + from + ", which is on no device", trace));
      }
      if (!anySource && !fib.isLocal(from, asOne)) {
        return fail(Why.SOURCE_NOT_LOCAL, null, RouteError.ENETUNREACH, trace);
      }
    }
    return q.oif() == null ? route(q, null, trace) : byDevice(q, q.oif(), trace);
  }

  private List<Outcome> byDevice(RouteQuery q, String name, List<Step> trace) {
    Link dev = s.link(name);
    if (dev == null) {
      return fail(Why.DEVICE_UNUSABLE, name, RouteError.ENODEV, trace);
    }
    if (!dev.up()) {
      return fail(Why.DEVICE_UNUSABLE, name, RouteError.ENETUNREACH, trace);
    }
    if (LOCAL_MULTICAST.contains(q.dst()) || q.dst().isLimitedBroadcast() || q.ipproto() == IGMP) {
      return direct(q, dev, q.from(), Why.LINK_DESTINATION, trace);
    }
    if (q.from() == null && (q.dst().isMulticast() || q.dst().isAny())) {
      int scope = q.dst().isAny() ? Scope.HOST : Scope.UNIVERSE;
      return route(q.withFrom(Ipv4Source.select(s, name, null, scope)), dev, trace);
    }
    return route(q, dev, trace);
  }

  /** Without a route: by a device, the source from its address list unless given. */
  private List<Outcome> direct(
      RouteQuery q, Link dev, @Nullable IpAddress from, Why why, List<Step> trace) {
    trace.add(new Step.NoLookup(why, dev.name()));
    IpAddress source = from;
    if (source == null) {
      source = Ipv4Source.select(s, dev.name(), null, Scope.LINK);
      trace.add(ways.addressList(source, dev.name(), null, Scope.LINK));
    } else {
      trace.add(new Step.Source(source, Basis.GIVEN, null, ""));
    }
    Egress egress = new Egress(source, dev.name(), null);
    return List.of(finish(q, egress, TableName.MAIN, null, false, trace));
  }

  private List<Outcome> route(RouteQuery q, @Nullable Link dev, List<Step> trace) {
    if (q.dst().isAny()) {
      IpAddress self = q.from() == null ? IpAddress.LOOPBACK4 : q.from();
      trace.add(new Step.NoLookup(Why.THIS_HOST, "lo"));
      return List.of(
          new Outcome(
              new Egress(self, "lo", null), null, TableName.MAIN, null, false, null, trace));
    }
    FibAnswer answer = fib.lookup(q, asOne, false, trace);
    if (answer.unknown() != null) {
      return List.of(Outcome.unknown(answer.rule(), answer.unknown(), trace));
    }
    TableAnswer found = answer.found();
    if (found == null) {
      if (dev != null && L3Domain.master(s, dev) != null && !q.dst().isMulticast()) {
        return List.of(Outcome.unknown(answer.rule(), "VRF of " + dev.name(), trace));
      }
      if (dev != null) {
        return direct(q, dev, q.from(), Why.ASSUMED_ON_LINK, trace);
      }
      RouteError error = answer.error() == null ? RouteError.ENETUNREACH : answer.error();
      return List.of(Outcome.failed(error, answer.table(), answer.rule(), trace));
    }
    if (found.route().type() == RouteType.LOCAL) {
      return List.of(local(q, found.route(), answer, trace));
    }
    List<Outcome> outcomes = new ArrayList<>();
    List<TableAnswer.Way> ways =
        found.ways().size() > 1 ? preferred(found.ways(), q) : found.ways();
    for (TableAnswer.Way way : ways) {
      outcomes.addAll(leave(q, way, ways.size(), answer, trace));
    }
    return outcomes;
  }

  private Outcome local(RouteQuery q, Route route, FibAnswer answer, List<Step> trace) {
    trace.add(new Step.RouteChosen(route, null, 1));
    IpAddress source = q.from();
    Basis basis = Basis.GIVEN;
    if (source == null) {
      basis = route.prefsrc() != null ? Basis.ROUTE_SRC : Basis.DESTINATION;
      source = route.prefsrc() != null ? route.prefsrc() : q.dst();
      // The kernel writes the address itself as src into the local routes it makes.
      basis = q.dst().equals(source) ? Basis.DESTINATION : basis;
    }
    trace.add(new Step.Source(source, basis, null, ""));
    Egress egress = new Egress(source, "lo", null);
    boolean named = basis == Basis.ROUTE_SRC;
    return new Outcome(egress, null, answer.table(), answer.rule(), named, null, trace);
  }

  /**
   * {@code fib_select_multipath}: kernels from 6.18 on take a next hop whose own address is the
   * given source; which of several, and which without one, a random key decides. That address is
   * the one that the next hop remembers ({@code nh_saddr}), which may be older than the last change
   * of the host's addresses: so any next hop is possible, those of the source are the likeliest.
   */
  private List<TableAnswer.Way> preferred(List<TableAnswer.Way> ways, RouteQuery q) {
    if (q.from() == null || ways.getFirst().byObject()) {
      return ways;
    }
    List<TableAnswer.Way> own = new ArrayList<>();
    List<TableAnswer.Way> other = new ArrayList<>();
    for (TableAnswer.Way way : ways) {
      Nexthop hop = way.hop();
      boolean same =
          hop != null
              && q.from()
                  .equals(Ipv4Source.select(s, hop.dev(), hop.gateway(), way.route().scope()));
      (same ? own : other).add(way);
    }
    boolean oneRoute = ways.stream().allMatch(w -> w.route().equals(ways.getFirst().route()));
    if (!oneRoute) {
      return ways;
    }
    own.addAll(other);
    return own;
  }

  /** {@code fib_result_prefsrc}, then {@code __mkroute_output}. */
  private List<Outcome> leave(
      RouteQuery q, TableAnswer.Way way, int choices, FibAnswer answer, List<Step> before) {
    Route route = way.route();
    Nexthop hop = way.hop();
    if (hop == null || hop.dev() == null) {
      return List.of(Outcome.unknown(answer.rule(), "a route without a device", before));
    }
    List<Step> chosen = new ArrayList<>(before);
    chosen.add(new Step.RouteChosen(route, hop, choices));
    List<Outcome> outcomes = new ArrayList<>();
    for (Step.Source source : ways.sources(q, way, hop)) {
      List<Step> trace = new ArrayList<>(chosen);
      trace.add(source);
      for (IpAddress gateway : ways.gateways(q, route, hop)) {
        Egress egress = new Egress(source.source(), hop.dev(), gateway);
        boolean named = source.basis() == Basis.ROUTE_SRC;
        outcomes.add(finish(q, egress, answer.table(), answer, named, trace));
      }
    }
    return outcomes;
  }

  private Outcome finish(
      RouteQuery q,
      Egress egress,
      @Nullable String table,
      @Nullable FibAnswer answer,
      boolean routeNamesSource,
      List<Step> before) {
    List<Step> trace = new ArrayList<>(before);
    var rule = answer == null ? null : answer.rule();
    Link dev = s.link(egress.dev());
    IpAddress source = egress.source();
    if (source != null
        && source.isLoopback()
        && dev != null
        && !dev.loopback()
        && !"vrf".equals(dev.kind())
        && !s.sysctls().orConf(dev.name(), "route_localnet")) {
      trace.add(new Step.NoLookup(Why.SOURCE_INVALID, dev.name()));
      return Outcome.failed(RouteError.EINVAL, table, rule, trace);
    }
    if (zeronet(q.dst())) {
      trace.add(new Step.NoLookup(Why.DESTINATION_INVALID, null));
      return Outcome.failed(RouteError.EINVAL, table, rule, trace);
    }
    return new Outcome(egress, null, table, rule, routeNamesSource, null, trace);
  }

  private boolean zeronet(IpAddress address) {
    return ZeroNetwork.contains(address, s.kernel());
  }

  private static List<Outcome> fail(
      Why why, @Nullable String dev, RouteError error, List<Step> trace) {
    trace.add(new Step.NoLookup(why, dev));
    return List.of(Outcome.failed(error, null, null, trace));
  }
}
