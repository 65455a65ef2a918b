package io.vipscope.core.model.flow;

import io.vipscope.core.model.netfilter.HostView;
import io.vipscope.core.model.netfilter.Packet;
import io.vipscope.core.model.selection.Egress;
import io.vipscope.core.model.selection.RouteLookup;
import io.vipscope.core.model.selection.RoutePrediction;
import io.vipscope.core.model.selection.RouteQuery;
import io.vipscope.core.model.selection.ZeroNetwork;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.Route;
import io.vipscope.core.model.snapshot.RouteType;
import io.vipscope.core.model.snapshot.Scope;
import io.vipscope.core.model.snapshot.TableName;
import io.vipscope.core.net.IpAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What netfilter asks of a host, answered by its snapshot.
 *
 * @param oif device the socket is bound to; null = none
 */
record SnapshotView(HostSnapshot s, @Nullable String oif) implements HostView {

  /** The lookup knows the packet's protocol and ports ({@code fib4_rules_early_flow_dissect}). */
  @Override
  public Ways reroute(Packet p) {
    RouteQuery q =
        new RouteQuery(
            p.dst(),
            p.src(),
            (int) p.mark(),
            p.tos(),
            oif,
            p.protocol(),
            p.sport(),
            p.dport(),
            (int) p.uid());
    RoutePrediction prediction = RouteLookup.reroute(s, q);
    List<Way> ways = new ArrayList<>();
    for (Egress egress : prediction.candidates()) {
      Way way = new Way(egress.dev(), egress.gateway());
      if (!ways.contains(way)) {
        ways.add(way);
      }
    }
    String error = prediction.error() == null ? null : prediction.error().name();
    return new Ways(ways, error, prediction.unknown());
  }

  /** {@code nf_nat_masquerade_ipv4} and {@code _ipv6}. */
  @Override
  public @Nullable IpAddress masquerade(Packet p) {
    if (p.v6()) {
      return RouteLookup.selectIpv6(s, p.dev(), p.dst());
    }
    IpAddress gateway = p.gateway();
    IpAddress nexthop = gateway == null || gateway.v6() ? p.dst() : gateway;
    return RouteLookup.selectIpv4(s, p.dev(), nexthop, Scope.UNIVERSE);
  }

  /** {@code inet_addr_type}: what table local says, else unicast. */
  @Override
  public String addressType(IpAddress a) {
    if (a.isMulticast()) {
      return "multicast";
    }
    if (!a.v6() && (a.isLimitedBroadcast() || ZeroNetwork.contains(a, s.kernel()))) {
      return "broadcast";
    }
    RouteType type = s.holds(a) ? RouteType.LOCAL : RouteType.UNICAST;
    int longest = -1;
    List<Route> routes = s.routes(a.v6());
    for (Route r : routes == null ? List.<Route>of() : routes) {
      if (r.table().equals(TableName.LOCAL) && r.dst().contains(a) && r.dst().length() > longest) {
        longest = r.dst().length();
        type = r.type();
      }
    }
    return type.text();
  }
}
