package io.vipscope.core.model.flow;

import io.vipscope.core.model.netfilter.Hooks;
import io.vipscope.core.model.netfilter.Packet;
import io.vipscope.core.model.netfilter.Ruleset;
import io.vipscope.core.model.netfilter.WireOutcome;
import io.vipscope.core.model.netfilter.WireOutcome.Nat;
import io.vipscope.core.model.selection.Egress;
import io.vipscope.core.model.selection.RoutePrediction;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.PolicyRule;
import io.vipscope.core.net.IpAddress;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Predicts which source a host's own flows have on the wire.
 *
 * <p>Pure and immutable: the same snapshot and query always give the same answer; safe for use by
 * many threads.
 */
public final class FlowPredictor {

  private static final String OTHER_SRC = "by a way of the multipath route with a src of its own";

  private final HostSnapshot s;
  private final Selectors selectors4;
  private final Selectors selectors6;

  public FlowPredictor(HostSnapshot s) {
    this.s = s;
    this.selectors4 = Selectors.of(s, false);
    this.selectors6 = Selectors.of(s, true);
  }

  private Selectors selectors(FlowQuery q) {
    return q.dst().v6() ? selectors6 : selectors4;
  }

  public FlowPrediction predict(FlowQuery q) {
    OwnFlow ordinary = OwnFlow.of(s, q, World.ordinary(s, q));
    List<WireSource> ways = ordinary.ways().stream().filter(w -> w.conditions().isEmpty()).toList();
    List<WireSource> firm = ways.stream().filter(w -> w.firm() && w.reaches(q)).toList();
    Set<Egress> predicted = new LinkedHashSet<>();
    for (WireSource way : firm) {
      if (way.egress() != null) {
        predicted.add(way.egress());
      }
    }
    return new FlowPrediction(
        List.copyOf(predicted),
        List.copyOf(conditional(q, ordinary, predicted)),
        mechanism(firm, ordinary.route()),
        rule(ordinary.route()),
        unmodelled(ways, firm, q),
        predicted.isEmpty() ? error(ways) : null,
        !s.netfilter().known());
  }

  /** How an ordinary socket's flow comes by its source, one sentence a step. */
  public List<String> trace(FlowQuery q) {
    return OwnFlow.of(s, q, World.ordinary(s, q)).sentences();
  }

  /**
   * How a flow comes by a source: as an ordinary socket's, else by what the wire does not show,
   * else by a bind.
   *
   * @param tos of its first frame; -1 = not known
   * @return null if nothing of that gives it
   */
  public @Nullable FlowPath path(FlowQuery q, IpAddress observed, int tos) {
    if (observed.v6() != q.dst().v6()) {
      return null;
    }
    World ordinary = World.ordinary(s, q);
    List<World> worlds = new ArrayList<>();
    worlds.add(ordinary);
    for (World world : Worlds.of(s, selectors(q), q)) {
      boolean shown = world.tos() != 0 && tos >= 0 && (tos & world.tos()) == world.tos();
      if (shown) {
        worlds.add(1, world); // the wire shows that it holds
      } else if (world.tos() == 0 || tos < 0) {
        worlds.add(world);
      }
    }
    worlds.add(ordinary.withFrom(observed));
    for (World world : worlds) {
      OwnFlow flow = OwnFlow.of(s, q, world);
      for (WireSource way : flow.ways()) {
        if (observed.equals(way.source()) && way.reaches(q)) {
          return new FlowPath(flow.route().rule(), flow.route().trace(), way.steps());
        }
      }
    }
    return null;
  }

  /**
   * The address that explains a source by a bind.
   *
   * @return an address of this host which, when the application binds it, makes the packet leave
   *     with the observed source, after NAT; null if none does
   */
  public @Nullable IpAddress boundTo(FlowQuery q, IpAddress observed) {
    Bind bind = bind(q, observed);
    return bind == null ? null : bind.address();
  }

  /**
   * The bind that explains a source: the observed address itself before others, nothing else
   * assumed before what selectors of the state test.
   *
   * @return null if no bind does
   */
  public @Nullable Bind bind(FlowQuery q, IpAddress observed) {
    if (observed.v6() != q.dst().v6()) {
      return null;
    }
    Set<IpAddress> candidates = new LinkedHashSet<>();
    candidates.add(observed);
    candidates.addAll(s.addresses());
    candidates.removeIf(a -> a.v6() != observed.v6() || a.isAny() || a.v6() && !s.holds(a));
    List<World> worlds = new ArrayList<>();
    worlds.add(World.ordinary(s, q));
    worlds.addAll(Worlds.of(s, selectors(q), q));
    for (World world : worlds) {
      for (IpAddress from : candidates) {
        if (leavesWith(q, world.withFrom(from), observed)) {
          return new Bind(from, world.conditions());
        }
      }
    }
    return boundElsewhere(q, observed, candidates);
  }

  private boolean leavesWith(FlowQuery q, World world, IpAddress observed) {
    return gives(OwnFlow.of(s, q, world), q, observed);
  }

  private static boolean gives(OwnFlow flow, FlowQuery q, IpAddress observed) {
    return flow.ways().stream()
        .anyMatch(w -> w.firm() && w.reaches(q) && observed.equals(w.source()));
  }

  /** A bound socket's flow to a destination that a rule turned into the one on the wire. */
  private @Nullable Bind boundElsewhere(
      FlowQuery q, IpAddress observed, Set<IpAddress> candidates) {
    Ruleset narrowed = MappedDestinations.narrowed(s.netfilter(), q.dst());
    for (Elsewhere e : Elsewhere.of(s, selectors(q), q)) {
      for (IpAddress from : candidates) {
        World world = e.world().withFrom(from);
        if (gives(OwnFlow.of(s, narrowed, e.original(), world), q, observed)) {
          return new Bind(from, e.conditions());
        }
      }
    }
    return null;
  }

  private Set<ConditionalSource> conditional(FlowQuery q, OwnFlow ordinary, Set<Egress> predicted) {
    Conditions found = new Conditions(q, predicted, Conditions.supposed(ordinary));
    found.addAll(ordinary, List.of());
    Set<Egress> ways = new LinkedHashSet<>(ordinary.route().candidates());
    for (World world : Worlds.of(s, selectors(q), q)) {
      OwnFlow flow = OwnFlow.of(s, q, world);
      ways.addAll(flow.route().candidates());
      found.addAll(flow, world.conditions());
    }
    if (ordinary.route().hidesSource()) {
      for (IpAddress own : s.addresses()) {
        if (own.v6()) {
          found.addAll(OwnFlow.of(s, q, World.ordinary(s, q).withFrom(own)), List.of(OTHER_SRC));
        }
      }
    }
    Ruleset narrowed = MappedDestinations.narrowed(s.netfilter(), q.dst());
    for (Elsewhere e : Elsewhere.of(s, selectors(q), q)) {
      OwnFlow flow = OwnFlow.of(s, narrowed, e.original(), e.world());
      ways.addAll(flow.route().candidates());
      found.addAll(flow, e.conditions());
    }
    forwarded(q, ways, found);
    return found.all();
  }

  private void forwarded(FlowQuery q, Set<Egress> ways, Conditions found) {
    boolean mayForward = s.sysctls().values().isEmpty() || s.forwards(q.dst().v6());
    if (!mayForward || s.netfilter().chains().isEmpty()) {
      return;
    }
    for (Egress way : ways) {
      Packet packet =
          Packet.forwarded(q.dst(), q.protocol(), q.sport(), q.dport(), way.dev(), way.gateway());
      for (WireOutcome outcome :
          Hooks.forwarded(s.netfilter(), new SnapshotView(s, null), packet)) {
        if (outcome.nat() != Nat.NONE) {
          found.add(outcome.packet().src(), ConditionalSource.FORWARDED);
        }
      }
    }
  }

  private static Mechanism mechanism(List<WireSource> firm, RoutePrediction route) {
    Nat nat = firm.isEmpty() ? Nat.NONE : firm.getFirst().nat();
    PolicyRule rule = route.rule();
    return switch (nat) {
      case SNAT -> Mechanism.SNAT;
      case MASQUERADE -> Mechanism.MASQUERADE;
      case NONE -> {
        if (rule != null && !rule.isDefault()) {
          yield Mechanism.POLICY_RULE;
        }
        yield route.routeNamesSource() ? Mechanism.ROUTE_SRC : Mechanism.DEFAULT;
      }
    };
  }

  private static @Nullable String rule(RoutePrediction route) {
    return route.rule() == null ? null : route.rule().id();
  }

  /** An unknown matters only if what would follow from it differs from what is predicted. */
  private static @Nullable String unmodelled(
      List<WireSource> ways, List<WireSource> firm, FlowQuery q) {
    for (WireSource way : ways) {
      if (way.unknown() != null
          && (firm.isEmpty() || firm.stream().noneMatch(f -> f.sameAs(way)))) {
        return way.unknown();
      }
    }
    for (WireSource way : ways) {
      if (firm.isEmpty() && way.firm() && !way.reaches(q)) {
        return "DNAT maps this destination to " + way.dst();
      }
    }
    return null;
  }

  private static @Nullable String error(List<WireSource> ways) {
    for (WireSource way : ways) {
      if (way.error() != null) {
        return way.error();
      }
    }
    return null;
  }
}
