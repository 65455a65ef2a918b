package io.vipscope.core.model.flow;

import io.vipscope.core.model.explanation.StepText;
import io.vipscope.core.model.netfilter.Hooks;
import io.vipscope.core.model.netfilter.Packet;
import io.vipscope.core.model.netfilter.Ruleset;
import io.vipscope.core.model.netfilter.WireOutcome;
import io.vipscope.core.model.selection.Egress;
import io.vipscope.core.model.selection.RouteError;
import io.vipscope.core.model.selection.RouteLookup;
import io.vipscope.core.model.selection.RoutePrediction;
import io.vipscope.core.model.selection.RouteQuery;
import io.vipscope.core.model.snapshot.HostSnapshot;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A flow of this host from its socket to the wire: routing, then netfilter.
 *
 * @param route what routing says, before netfilter
 * @param ways every way that it may end; never empty
 */
public record OwnFlow(RoutePrediction route, List<WireSource> ways) {

  private static final int TCP = 6;
  private static final int UDP = 17;

  public OwnFlow {
    ways = List.copyOf(ways);
  }

  /** A socket's flow, in one world. */
  static OwnFlow of(HostSnapshot s, FlowQuery q, World w) {
    return of(s, s.netfilter(), q, w);
  }

  /** The same on a host with these rules of netfilter instead of its own. */
  static OwnFlow of(HostSnapshot s, Ruleset netfilter, FlowQuery q, World w) {
    RouteQuery query =
        new RouteQuery(
            q.dst(),
            w.from(),
            w.mark(),
            w.tos(),
            w.oif(),
            q.protocol(),
            q.sport(),
            q.dport(),
            w.uid());
    boolean connects = q.protocol() == TCP || q.protocol() == UDP && w.connected();
    RoutePrediction route =
        connects
            ? RouteLookup.connect(s, query, w.portBound() || q.protocol() != TCP)
            : RouteLookup.send(s, query);
    return through(s, netfilter, query, route);
  }

  /** An ordinary socket's flow: nothing bound, no mark, user root. */
  public static OwnFlow ordinary(HostSnapshot s, FlowQuery q) {
    return of(s, q, World.ordinary(s, q));
  }

  /** The same on a host with these rules of netfilter instead of its own. */
  public static OwnFlow ordinary(HostSnapshot s, Ruleset netfilter, FlowQuery q) {
    return of(s, netfilter, q, World.ordinary(s, q));
  }

  /** What netfilter makes of packets that routing has answered for. */
  public static OwnFlow through(HostSnapshot s, RouteQuery q, RoutePrediction route) {
    return through(s, s.netfilter(), q, route);
  }

  private static OwnFlow through(
      HostSnapshot s, Ruleset netfilter, RouteQuery q, RoutePrediction route) {
    Set<WireSource> ways = new LinkedHashSet<>();
    SnapshotView view = new SnapshotView(s, q.oif());
    for (Egress egress : route.candidates()) {
      Packet packet =
          Packet.own(
              egress.source(),
              q.dst(),
              q.ipproto(),
              q.sport(),
              q.dport(),
              egress.dev(),
              egress.gateway(),
              q.mark(),
              q.tos(),
              q.uid() & 0xffffffffL);
      for (WireOutcome outcome : Hooks.own(netfilter, view, packet)) {
        ways.add(WireSource.of(outcome, egress.source()));
      }
    }
    for (RouteError error : route.errors()) {
      ways.add(failed(q, error.name(), null));
    }
    if (route.unknown() != null || ways.isEmpty()) {
      ways.add(failed(q, null, route.unknown()));
    }
    return new OwnFlow(route, List.copyOf(ways));
  }

  private static WireSource failed(
      RouteQuery q,
      @org.jspecify.annotations.Nullable String error,
      @org.jspecify.annotations.Nullable String unknown) {
    return new WireSource(
        null, null, q.dst(), q.dport(), WireOutcome.Nat.NONE, List.of(), error, unknown, List.of());
  }

  /** One sentence for each step of the first firm way. */
  public List<String> sentences() {
    List<String> all = new ArrayList<>(route.trace().stream().map(StepText::sentence).toList());
    ways.stream()
        .filter(w -> w.conditions().isEmpty() && w.unknown() == null)
        .findFirst()
        .ifPresent(w -> all.addAll(w.steps()));
    return all;
  }
}
