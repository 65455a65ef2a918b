package io.vipscope.core.model.flow;

import io.vipscope.core.model.netfilter.Hooks;
import io.vipscope.core.model.netfilter.Packet;
import io.vipscope.core.model.netfilter.WireOutcome;
import io.vipscope.core.model.netfilter.WireOutcome.Nat;
import io.vipscope.core.model.selection.Egress;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.net.IpAddress;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a host makes of the source of a flow that it forwards, whose source before that is known.
 *
 * @param sources that it may leave with, where nothing that does not show has to hold
 * @param conditional further ones
 * @param nat what maps it, of the first of these
 * @param unmodelled names what is not modelled and could change the answer; null if nothing does
 */
public record ForwardedFlow(
    Set<IpAddress> sources, Set<IpAddress> conditional, Nat nat, @Nullable String unmodelled) {

  public ForwardedFlow {
    sources = Set.copyOf(sources);
    conditional = Set.copyOf(conditional);
  }

  /**
   * Asks the model, by the ways out that the host's own flows have.
   *
   * @param q with the source port before NAT
   * @param from the source before NAT
   */
  public static ForwardedFlow of(HostSnapshot s, FlowQuery q, IpAddress from) {
    Set<IpAddress> firm = new LinkedHashSet<>();
    Set<IpAddress> others = new LinkedHashSet<>();
    Nat nat = Nat.NONE;
    String unknown = s.netfilter().known() ? null : "no NAT rules were collected";
    for (Egress way : OwnFlow.ordinary(s, q).route().candidates()) {
      Packet packet =
          Packet.forwarded(
              from, q.dst(), q.protocol(), q.sport(), q.dport(), way.dev(), way.gateway());
      for (WireOutcome outcome :
          Hooks.forwarded(s.netfilter(), new SnapshotView(s, null), packet)) {
        IpAddress source = outcome.packet().src();
        boolean sent = outcome.end() instanceof WireOutcome.End.Sent;
        if (outcome.unknown() != null) {
          unknown = unknown == null ? outcome.unknown() : unknown;
        } else if (sent && source != null && outcome.conditions().isEmpty()) {
          nat = firm.isEmpty() ? outcome.nat() : nat;
          firm.add(source);
        } else if (sent && source != null) {
          others.add(source);
        }
      }
    }
    others.removeAll(firm);
    return new ForwardedFlow(firm, others, nat, unknown);
  }
}
