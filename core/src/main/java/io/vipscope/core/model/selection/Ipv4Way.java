package io.vipscope.core.model.selection;

import io.vipscope.core.model.explanation.Basis;
import io.vipscope.core.model.explanation.Step;
import io.vipscope.core.model.fib.TableAnswer;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.Link;
import io.vipscope.core.model.snapshot.Nexthop;
import io.vipscope.core.model.snapshot.Route;
import io.vipscope.core.model.snapshot.Scope;
import io.vipscope.core.net.IpAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What an IPv4 route's way out means for a packet: its source and its gateway. */
final class Ipv4Way {

  private final HostSnapshot s;
  private final List<Route> hostScope;
  private final List<Integer> objectScopes;

  /**
   * @param hostScope the routes of scope host or narrower
   * @param objectScopes the scopes of all routes by nexthop objects
   */
  Ipv4Way(HostSnapshot s, List<Route> hostScope, List<Integer> objectScopes) {
    this.s = s;
    this.hostScope = hostScope;
    this.objectScopes = List.copyOf(objectScopes);
  }

  /**
   * {@code fib_result_prefsrc}. A nexthop object remembers an address ({@code nh_saddr}) that was
   * chosen with the scope inside its own when it was made ({@code nh_create_ipv4}; with its own
   * before Linux 5.19), and with that of a route that uses it after any address changed: all are
   * possible.
   */
  List<Step.Source> sources(RouteQuery q, TableAnswer.Way way, Nexthop hop) {
    Route route = way.route();
    if (q.from() != null) {
      return List.of(new Step.Source(q.from(), Basis.GIVEN, null, ""));
    }
    if (route.prefsrc() != null) {
      return List.of(new Step.Source(route.prefsrc(), Basis.ROUTE_SRC, null, ""));
    }
    Set<Integer> scopes = new LinkedHashSet<>();
    scopes.add(route.scope());
    if (way.byObject()) {
      int own = hop.gateway() == null || s.holds(hop.gateway()) ? Scope.HOST : Scope.LINK;
      scopes.add(own - 1);
      if (!KernelRelease.atLeast(s.kernel(), 5, 19)) {
        scopes.add(own);
      }
      scopes.addAll(objectScopes);
    }
    Map<Optional<IpAddress>, Step.Source> sources = new LinkedHashMap<>();
    for (int scope : scopes) {
      IpAddress source = Ipv4Source.select(s, hop.dev(), hop.gateway(), scope);
      sources.putIfAbsent(
          Optional.ofNullable(source),
          addressList(source, String.valueOf(hop.dev()), hop.gateway(), scope));
    }
    return List.copyOf(sources.values());
  }

  /**
   * The gateway, null for direct delivery. A gateway that was this host's own, or reached by a
   * route of scope host, when the route was added is ignored ({@code fib_check_nh}); no snapshot
   * shows whether it was.
   */
  List<@Nullable IpAddress> gateways(RouteQuery q, Route route, Nexthop hop) {
    List<@Nullable IpAddress> gateways = new ArrayList<>();
    IpAddress gateway = hop.gateway();
    if (gateway == null
        || q.dst().isLimitedBroadcast()
        || q.dst().isMulticast() && route.dst().length() < 4) {
      gateways.add(null);
      return gateways;
    }
    if (!hop.onlink() && (s.holds(gateway) || reachedByHostScope(gateway, hop))) {
      gateways.add(null);
    }
    gateways.add(gateway);
    return gateways;
  }

  private boolean reachedByHostScope(IpAddress gateway, Nexthop hop) {
    return hostScope.stream()
        .filter(r -> r.dst().contains(gateway))
        .anyMatch(r -> r.nexthops().stream().anyMatch(h -> Objects.equals(h.dev(), hop.dev())));
  }

  /** The outcome of {@code inet_select_addr} as a step. */
  Step.Source addressList(
      @Nullable IpAddress source, String dev, @Nullable IpAddress gateway, int scope) {
    if (source == null) {
      return new Step.Source(
          null, Basis.NONE, dev, "no device has an address of scope " + Scope.name(scope));
    }
    return new Step.Source(source, Basis.ADDRESS_LIST, dev, why(source, dev, gateway));
  }

  private String why(IpAddress source, String dev, @Nullable IpAddress gateway) {
    Link link = s.link(dev);
    if (link == null || link.addresses().stream().noneMatch(a -> a.local().equals(source))) {
      return "first address of another device, " + dev + " has none that can be used";
    }
    if (gateway == null) {
      return "first address of " + dev;
    }
    boolean shared =
        link.addresses().stream()
            .anyMatch(a -> a.local().equals(source) && a.subnet().contains(gateway));
    return shared
        ? "first address of " + dev + " in the subnet of " + gateway
        : "first address of " + dev + ", none is in the subnet of " + gateway;
  }
}
