package io.vipscope.core.model.selection;

import io.vipscope.core.model.fib.Fib;
import io.vipscope.core.model.fib.RouteQuery;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.net.IpAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Predicts what one host's kernel does with packets of its own, before netfilter.
 *
 * <p>Assumptions and guarantees: a pure function of the snapshot; safe for use by many threads. The
 * snapshot's tables are sorted once, so keep the predictor of a snapshot that is asked often. BPF
 * hooks, xfrm and socket options other than those of the query are not modelled.
 */
public final class Predictor {

  private final HostSnapshot s;
  private final Fib fib4;
  private final Fib fib6;

  private Predictor(HostSnapshot s) {
    this.s = s;
    this.fib4 = new Fib(s, false);
    this.fib6 = new Fib(s, true);
  }

  public static Predictor of(HostSnapshot snapshot) {
    return new Predictor(snapshot);
  }

  public HostSnapshot snapshot() {
    return s;
  }

  /** What {@code ip route get} says. */
  public RoutePrediction predict(RouteQuery q) {
    return RoutePrediction.of(missing(q) != null ? notCollected(q) : once(q, false));
  }

  /**
   * The lookup of a packet that netfilter changed on its way out ({@code ip_route_me_harder}): its
   * source is given, and may be any address. IPv4 then looks up with uid 0.
   */
  public RoutePrediction reroute(RouteQuery q) {
    if (missing(q) != null) {
      return RoutePrediction.of(notCollected(q));
    }
    return RoutePrediction.of(q.v6() ? once(q, true) : once(q.withUid(0), true));
  }

  /**
   * What a socket does. A query with a source is a bound socket; {@code sport} is the port it has
   * in the end.
   */
  public SocketPrediction socket(SocketKind kind, RouteQuery q) {
    if (missing(q) != null) {
      return new SocketPrediction(kind, RoutePrediction.of(notCollected(q)), null);
    }
    if (q.v6()) {
      return new Ipv6Socket(s, new Ipv6Lookup(s, fib6)).predict(kind, q);
    }
    List<SocketOutcome> outcomes = new ArrayList<>();
    for (boolean asOne : worlds()) {
      outcomes.addAll(new Ipv4Socket(s, fib4, asOne).predict(kind, q));
    }
    return SocketOutcome.together(kind, outcomes);
  }

  private List<Outcome> once(RouteQuery q, boolean anySource) {
    if (q.v6()) {
      return new Ipv6Lookup(s, fib6).lookup(q, false);
    }
    List<Outcome> outcomes = new ArrayList<>();
    for (boolean asOne : worlds()) {
      outcomes.addAll(new Ipv4Lookup(s, fib4, asOne, anySource).lookup(q));
    }
    return outcomes;
  }

  /** Merged trie first: the answer of a host on which no rule was ever added. */
  private List<Boolean> worlds() {
    return fib4.mayBeMerged() ? List.of(true, false) : List.of(false);
  }

  private @Nullable String missing(RouteQuery q) {
    return s.routes(q.v6()) != null ? null : q.v6() ? "route6.json" : "route4.json";
  }

  private List<Outcome> notCollected(RouteQuery q) {
    return List.of(Outcome.unknown(null, missing(q) + " was not collected", List.of()));
  }

  /** {@code inet_select_addr}, for MASQUERADE and others. */
  public @Nullable IpAddress ipv4Source(
      @Nullable String dev, @Nullable IpAddress nexthop, int scope) {
    return Ipv4Source.select(s, dev, nexthop, scope);
  }

  /** {@code ipv6_dev_get_saddr}, for masquerade and others. */
  public @Nullable IpAddress ipv6Source(@Nullable String dev, IpAddress dst) {
    return Ipv6Source.select(s, dev, dst);
  }
}
