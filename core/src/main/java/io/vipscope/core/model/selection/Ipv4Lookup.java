package io.vipscope.core.model.selection;

import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.Link;
import io.vipscope.core.model.snapshot.Nexthop;
import io.vipscope.core.model.snapshot.NexthopObject;
import io.vipscope.core.model.snapshot.PolicyRule;
import io.vipscope.core.model.snapshot.Route;
import io.vipscope.core.model.snapshot.RouteType;
import io.vipscope.core.model.snapshot.Scope;
import io.vipscope.core.model.snapshot.TableName;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.IpPrefix;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One IPv4 output lookup: {@code ip_route_output_key_hash_rcu} (net/ipv4/route.c). */
final class Ipv4Lookup {

  private static final IpPrefix LOCAL_MULTICAST = IpPrefix.parse("224.0.0.0/24");
  private static final Comparator<Route> ORDER =
      Comparator.comparingInt((Route r) -> -r.dst().length())
          .thenComparingInt(r -> -r.tos())
          .thenComparingLong(Route::metric);

  private final HostSnapshot s;
  private final List<Route> routes;
  private final boolean anySource;

  Ipv4Lookup(HostSnapshot s, boolean anySource) {
    this.s = s;
    List<Route> known = s.routes4();
    this.routes = known == null ? List.of() : known;
    this.anySource = anySource;
  }

  RoutePrediction lookup(RouteQuery q) {
    List<Step> trace = new ArrayList<>();
    IpAddress from = q.from();
    if (from != null) {
      if (from.isMulticast() || from.isLimitedBroadcast() || from.lo() >>> 24 == 0) {
        return RoutePrediction.failed(RouteError.EINVAL, trace);
      }
      if (!anySource && !isLocal(from)) {
        trace.add(new Step(Step.Kind.SOURCE, from + " is no address of this host"));
        return RoutePrediction.failed(RouteError.ENETUNREACH, trace);
      }
      Link owner = s.owner(from);
      if (q.oif() == null
          && owner != null
          && (q.dst().isMulticast() || q.dst().isLimitedBroadcast())) {
        trace.add(new Step(Step.Kind.ROUTE, "multicast leaves by the device of its source, " + owner.name()));
        return answer(q, new Egress(from, owner.name(), null), null, trace);
      }
    }
    if (q.oif() != null) {
      Link device = s.link(q.oif());
      if (device == null) {
        return RoutePrediction.failed(RouteError.ENODEV, trace);
      }
      if (!device.up()) {
        return RoutePrediction.failed(RouteError.ENETUNREACH, trace);
      }
      if (LOCAL_MULTICAST.contains(q.dst()) || q.dst().isLimitedBroadcast() || q.ipproto() == 2) {
        return onLink(q, device, Scope.LINK, trace);
      }
      if (from == null && q.dst().isMulticast()) {
        return lookup(q.withFrom(Ipv4Source.select(s, q.oif(), null, Scope.UNIVERSE)), q, trace);
      }
      if (from == null && q.dst().isAny()) {
        return lookup(q.withFrom(Ipv4Source.select(s, q.oif(), null, Scope.HOST)), q, trace);
      }
    }
    return lookup(q, q, trace);
  }

  private RoutePrediction onLink(RouteQuery q, Link device, int scope, List<Step> trace) {
    IpAddress from = q.from();
    IpAddress source = from != null ? from : Ipv4Source.select(s, device.name(), null, scope);
    trace.add(new Step(Step.Kind.ROUTE, "no lookup: taken as on-link of " + device.name()));
    return answer(q, new Egress(source, device.name(), null), null, trace);
  }

  private RoutePrediction lookup(RouteQuery q, RouteQuery asked, List<Step> trace) {
    if (q.dst().isAny()) {
      IpAddress self = q.from() == null ? IpAddress.LOOPBACK4 : q.from();
      return answer(q, new Egress(self, "lo", null), TableName.LOCAL, trace);
    }
    if (!s.rules4().equals(PolicyRule.defaults(false))) {
      return resolve(q, asked, RuleWalk.walk(s, q, t -> find(t, q), trace), trace);
    }
    // Whether local and main are one trie depends on the host's past, which no snapshot shows.
    List<Step> separateTrace = new ArrayList<>(trace);
    RoutePrediction merged = resolve(q, asked, mergedWalk(q, trace), trace);
    RoutePrediction separate =
        resolve(q, asked, RuleWalk.walk(s, q, t -> find(t, q), separateTrace), separateTrace);
    if (merged.candidates().equals(separate.candidates()) && merged.error() == separate.error()) {
      return merged;
    }
    Set<Egress> both = new LinkedHashSet<>(merged.candidates());
    both.addAll(separate.candidates());
    return new RoutePrediction(
        List.copyOf(both), false, merged.table(), merged.error(), merged.unknown(), merged.rule(),
        merged.routeNamesSource(), merged.trace());
  }

  /** As long as no rule was ever added, local and main are one trie, local first at equal length. */
  private RuleWalk.Result mergedWalk(RouteQuery q, List<Step> trace) {
    return RuleWalk.walk(
        s,
        q,
        table ->
            switch (table) {
              case TableName.LOCAL -> merged(q, true);
              case TableName.MAIN -> merged(q, false);
              default -> find(table, q);
            },
        trace);
  }

  /** The merged trie's answer, told by the rule of the table that it stands in. */
  private RuleWalk.@Nullable Found merged(RouteQuery q, boolean asLocal) {
    RuleWalk.Found found =
        find(
            routes.stream()
                .filter(r -> r.table().equals(TableName.LOCAL) || r.table().equals(TableName.MAIN))
                .sorted(
                    Comparator.comparingInt((Route r) -> -r.dst().length())
                        .thenComparing(r -> r.table().equals(TableName.LOCAL) ? 0 : 1, Integer::compare)
                        .thenComparing(ORDER))
                .toList(),
            q);
    return found != null && found.route().table().equals(TableName.LOCAL) == asLocal ? found : null;
  }

  private RuleWalk.@Nullable Found find(String table, RouteQuery q) {
    return find(
        routes.stream().filter(r -> r.table().equals(table)).sorted(ORDER).toList(), q);
  }

  /** {@code fib_table_lookup}: the first route that matches and has a usable next hop. */
  private RuleWalk.@Nullable Found find(List<Route> sorted, RouteQuery q) {
    for (Route route : sorted) {
      if (!route.dst().contains(q.dst()) || route.tos() != 0 && route.tos() != (q.tos() & 0x1c)) {
        continue;
      }
      if (route.type().isReject()) {
        return new RuleWalk.Found(route, List.of());
      }
      List<Nexthop> usable =
          hops(route).stream()
              .filter(h -> !h.dead() && !ignored(h) && (q.oif() == null || q.oif().equals(h.dev())))
              .toList();
      if (!usable.isEmpty()) {
        return new RuleWalk.Found(route, usable);
      }
    }
    return null;
  }

  private boolean ignored(Nexthop hop) {
    return hop.linkdown()
        && hop.dev() != null
        && s.sysctls().orConf(hop.dev(), "ignore_routes_with_linkdown");
  }

  /** A route's next hops, its nexthop object's where the dump shows only the id. */
  private List<Nexthop> hops(Route route) {
    if (!route.nexthops().isEmpty() || route.nexthopId() == 0) {
      return route.nexthops();
    }
    List<Nexthop> hops = new ArrayList<>();
    for (NexthopObject object : s.nexthops()) {
      if (object.id() == route.nexthopId()) {
        if (object.single() != null) {
          hops.add(object.single());
        }
        object.group().forEach(m -> s.nexthops().stream()
            .filter(o -> o.id() == m.id() && o.single() != null)
            .forEach(o -> hops.add(java.util.Objects.requireNonNull(o.single()))));
      }
    }
    return hops;
  }

  private RoutePrediction resolve(
      RouteQuery q, RouteQuery asked, RuleWalk.Result walked, List<Step> trace) {
    RuleWalk.Found found = walked.found();
    if (walked.unknown() != null) {
      return new RoutePrediction(
          List.of(), false, null, null, walked.unknown(), walked.rule(), false, trace);
    }
    if (found == null) {
      Link device = s.link(asked.oif());
      return device != null
          ? onLink(q, device, Scope.LINK, trace)
          : new RoutePrediction(
              List.of(), true, walked.table(), walked.error(), null, walked.rule(), false, trace);
    }
    Route route = found.route();
    IpAddress from = q.from();
    if (route.type() == RouteType.LOCAL) {
      IpAddress source =
          from != null ? from : route.prefsrc() != null ? route.prefsrc() : q.dst();
      trace.add(new Step(Step.Kind.SOURCE, q.dst() + " is this host: source " + source));
      return new RoutePrediction(
          List.of(new Egress(source, "lo", null)), true, route.table(), null, null, walked.rule(),
          false, trace);
    }
    List<Nexthop> hops = found.hops();
    if (asked.oif() != null) {
      hops = List.of(hops.getFirst());
    } else if (hops.size() > 1 && from != null) {
      List<Nexthop> own =
          hops.stream()
              .filter(h -> from.equals(Ipv4Source.select(s, h.dev(), h.gateway(), route.scope())))
              .toList();
      hops = own.isEmpty() ? hops : List.of(own.getFirst());
    }
    List<Egress> candidates = new ArrayList<>();
    for (Nexthop hop : hops) {
      IpAddress source = source(q, route, hop);
      Egress egress = new Egress(source, hop.dev(), multicastGateway(q, route, hop));
      if (!candidates.contains(egress)) {
        candidates.add(egress);
      }
    }
    Egress chosen = candidates.getFirst();
    if (chosen.source() != null
        && chosen.source().isLoopback()
        && chosen.dev() != null
        && !isLoopback(chosen.dev())
        && !s.sysctls().orConf(chosen.dev(), "route_localnet")) {
      return RoutePrediction.failed(RouteError.EINVAL, trace);
    }
    explain(route, chosen, from, trace);
    return new RoutePrediction(
        candidates, candidates.size() == 1, route.table(), null, null, walked.rule(),
        from == null && route.prefsrc() != null, trace);
  }

  private static @Nullable IpAddress multicastGateway(RouteQuery q, Route route, Nexthop hop) {
    return q.dst().isMulticast() && route.dst().length() < 4 ? null : hop.gateway();
  }

  private boolean isLoopback(String dev) {
    Link link = s.link(dev);
    return link != null && link.loopback();
  }

  /** {@code fib_result_prefsrc}: the route's src, else by device, next hop and route scope. */
  private @Nullable IpAddress source(RouteQuery q, Route route, Nexthop hop) {
    if (q.from() != null) {
      return q.from();
    }
    return route.prefsrc() != null
        ? route.prefsrc()
        : Ipv4Source.select(s, hop.dev(), hop.gateway(), route.scope());
  }

  private static void explain(
      Route route, Egress chosen, @Nullable IpAddress from, List<Step> trace) {
    trace.add(
        new Step(
            Step.Kind.ROUTE,
            "route " + (route.dst().length() == 0 ? "default" : route.dst())
                + (chosen.gateway() == null ? "" : " via " + chosen.gateway())
                + " dev " + chosen.dev() + " of table " + route.table()));
    String why;
    if (from != null) {
      why = "the source " + from + " was given";
    } else if (route.prefsrc() != null) {
      why = "the route names its source: src " + route.prefsrc();
    } else {
      why =
          "first address of " + chosen.dev() + " that fits scope "
              + Scope.name(route.scope())
              + (chosen.gateway() == null ? "" : " and the gateway's subnet")
              + ": " + chosen.source();
    }
    trace.add(new Step(Step.Kind.SOURCE, why));
  }

  private static RoutePrediction answer(
      RouteQuery q, Egress egress, @Nullable String table, List<Step> trace) {
    return new RoutePrediction(List.of(egress), true, table, null, null, null, false, trace);
  }

  /** An address of some device, up or down, or covered by a local route. */
  private boolean isLocal(IpAddress address) {
    return s.holds(address)
        || routes.stream()
            .anyMatch(
                r ->
                    r.type() == RouteType.LOCAL
                        && r.table().equals(TableName.LOCAL)
                        && r.dst().contains(address));
  }
}
