package io.vipscope.core.model.netfilter;

import io.vipscope.core.model.netfilter.ChainWalk.Result;
import io.vipscope.core.model.netfilter.ChainWalk.Stage;
import io.vipscope.core.model.netfilter.ChainWalk.Verdict;
import io.vipscope.core.model.netfilter.HookOrder.Slot;
import io.vipscope.core.model.netfilter.Ruleset.Chain;
import io.vipscope.core.model.netfilter.WireOutcome.End;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * The way of a flow's first packet through OUTPUT and POSTROUTING.
 *
 * <p>Later packets keep the mapping of the first, whatever the rules have become.
 */
public final class Hooks {

  private static final int CONNTRACK = -200; // NF_IP_PRI_CONNTRACK

  private final Ruleset rules;
  private final HostView host;
  private final List<Slot> output;
  private final List<Slot> postrouting;
  private final int tracked;
  private final List<WireOutcome> ended = new ArrayList<>();

  private Hooks(
      Ruleset rules, HostView host, List<Slot> output, List<Slot> postrouting, int tracked) {
    this.rules = rules;
    this.host = host;
    this.tracked = tracked;
    this.output = output;
    this.postrouting = postrouting;
  }

  /** Every way that a packet of this host may end; without rules it is sent as it is. */
  public static List<WireOutcome> own(Ruleset rules, HostView host, Packet packet) {
    return ordered(rules, host, packet, true);
  }

  /** Every way that a packet of another host may end, from POSTROUTING on. */
  public static List<WireOutcome> forwarded(Ruleset rules, HostView host, Packet packet) {
    return ordered(rules, host, packet, false);
  }

  /**
   * In each order that chains of equal priority may have, conntrack among them, which is there
   * since the first rule that needs it; what the first gives is firm.
   */
  private static List<WireOutcome> ordered(
      Ruleset rules, HostView host, Packet packet, boolean own) {
    HookOrder output = new HookOrder(rules, "output", packet.v6());
    HookOrder postrouting = new HookOrder(rules, "postrouting", packet.v6());
    Set<WireOutcome> all = new LinkedHashSet<>();
    for (int o = 0; o < (own ? output.size() : 1); o++) {
      List<Slot> slots = output.slots(o);
      for (int p = 0; p < postrouting.size(); p++) {
        for (int tracked : tracked(slots)) {
          add(new Hooks(rules, host, slots, postrouting.slots(p), tracked).run(packet, own), all);
        }
      }
    }
    if (own && !output.complete() || !postrouting.complete()) {
      all.add(WireOutcome.of(Branch.of(packet).losing(WireOutcome.CHAIN_ORDER), new End.Lost()));
    }
    return List.copyOf(all);
  }

  /** The lowest priority behind conntrack: that of its own may run before or behind it. */
  private static List<Integer> tracked(List<Slot> output) {
    return output.stream().anyMatch(slot -> slot.priority() == CONNTRACK)
        ? List.of(CONNTRACK + 1, CONNTRACK)
        : List.of(CONNTRACK);
  }

  private static void add(List<WireOutcome> outcomes, Set<WireOutcome> all) {
    if (all.isEmpty()) {
      all.addAll(outcomes);
    }
    for (WireOutcome other : outcomes) {
      if (all.stream().noneMatch(one -> same(one, other))) {
        all.add(other.supposing(WireOutcome.CHAIN_ORDER));
      }
    }
  }

  private static boolean same(WireOutcome a, WireOutcome b) {
    return Objects.equals(a.packet().src(), b.packet().src())
        && a.packet().dst().equals(b.packet().dst())
        && a.packet().dport() == b.packet().dport()
        && a.end().equals(b.end())
        && a.conditions().equals(b.conditions());
  }

  private List<WireOutcome> run(Packet packet, boolean own) {
    List<Branch> live = List.of(Branch.of(packet));
    if (own) {
      live = hook(true, live);
    }
    List<Branch> sent = new ArrayList<>();
    for (Branch b : live) {
      if ("lo".equals(b.packet().dev())) {
        ended.add(WireOutcome.of(b, new End.Local()));
      } else {
        sent.add(b);
      }
    }
    for (Branch b : hook(false, sent)) {
      ended.add(WireOutcome.of(b, new End.Sent()));
    }
    return ended;
  }

  private List<Branch> hook(boolean out, List<Branch> start) {
    if (start.isEmpty()) {
      return List.of();
    }
    List<Branch> live = start.stream().map(b -> b.with(b.packet().atHook())).toList();
    boolean raw = out;
    for (Slot slot : out ? output : postrouting) {
      if (raw && slot.priority() >= tracked) {
        live = live.stream().map(b -> b.with(b.packet().tracked())).toList();
        raw = false;
      }
      Stage stage = !out ? Stage.POSTROUTING : raw ? Stage.RAW : Stage.OUTPUT;
      ChainWalk walk = new ChainWalk(rules, host, stage);
      List<Branch> next = new ArrayList<>();
      for (Branch b : live) {
        next.addAll(b.lost() ? List.of(b) : slot(slot, walk, b, out));
      }
      live = next;
    }
    return live.stream().map(b -> b.with(b.packet().tracked())).toList();
  }

  private List<Branch> slot(Slot slot, ChainWalk walk, Branch b, boolean out) {
    if (slot.nat()) {
      return b.packet().ct().tracked() ? nat(slot, walk, b, out) : List.of(b);
    }
    Chain chain = slot.chains().getFirst();
    List<Branch> next = new ArrayList<>();
    for (Result r : walk.base(chain, b)) {
      if (r.verdict() == Verdict.DROP) {
        ended.add(WireOutcome.of(r.branch(), new End.Failed("EPERM")));
      } else if ("route".equals(chain.type()) && changed(b.packet(), r.branch().packet())) {
        next.addAll(reroute(r.branch()));
      } else {
        next.add(r.branch());
      }
    }
    return next;
  }

  private static boolean changed(Packet before, Packet after) {
    return before.mark() != after.mark()
        || before.tos() != after.tos()
        || !before.dst().equals(after.dst())
        || !Objects.equals(before.src(), after.src());
  }

  /**
   * The first chain that yields a mapping is the last; accept alone does not stop the others.
   *
   * <p>In OUTPUT {@code nf_nat_ipv4_local_fn} and {@code nf_nat_ipv6_local_fn} route again if
   * conntrack's two destinations differ, the original one and the mapped one. What other hooks
   * wrote into the packet plays no part.
   */
  private List<Branch> nat(Slot slot, ChainWalk walk, Branch start, boolean out) {
    List<Branch> done = new ArrayList<>();
    List<Branch> open = List.of(start);
    for (Chain chain : slot.chains()) {
      List<Branch> next = new ArrayList<>();
      for (Branch b : open) {
        for (Result r : walk.base(chain, b)) {
          switch (r.verdict()) {
            case DROP -> ended.add(WireOutcome.of(r.branch(), new End.Failed("EPERM")));
            case MAPPED -> done.add(r.branch());
            default -> next.add(r.branch());
          }
        }
      }
      open = next;
    }
    done.addAll(open);
    List<Branch> routed = new ArrayList<>();
    for (Branch b : done) {
      boolean moved = out && !b.packet().ct().to().equals(b.packet().ct().dst());
      routed.addAll(moved && !b.lost() ? reroute(b) : List.of(b));
    }
    return routed;
  }

  private List<Branch> reroute(Branch b) {
    HostView.Ways ways = host.reroute(b.packet());
    List<Branch> next = new ArrayList<>();
    for (HostView.Way way : ways.ways()) {
      String sentence = "routed again: leaves by " + way.dev();
      next.add(b.with(b.packet().withWay(way.dev(), way.gateway()), sentence));
    }
    if (ways.unknown() != null) {
      next.add(b.losing(ways.unknown()));
    } else if (ways.error() != null) {
      ended.add(WireOutcome.of(b, new End.Failed(ways.error())));
    }
    return next;
  }
}
