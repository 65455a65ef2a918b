package io.vipscope.core.model.flow;

import io.vipscope.core.model.selection.Egress;
import io.vipscope.core.net.IpAddress;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which source a host's own flow has on the wire.
 *
 * @param predicted how it leaves if no condition holds, {@link Egress#source} as on the wire; all
 *     ways where the state does not choose between them (multipath); empty if no packet would leave
 * @param conditional further sources, with what would have to hold
 * @param rule the policy rule that decided, {@code rule4 32766}; null where none did
 * @param unmodelled names what is not modelled and could change the answer; null if nothing does
 * @param error why no packet would leave: {@code ENETUNREACH}, ...; null if one would
 * @param natUnknown neither nft nor iptables output was collected
 */
public record FlowPrediction(
    List<Egress> predicted,
    List<ConditionalSource> conditional,
    Mechanism mechanism,
    @Nullable String rule,
    @Nullable String unmodelled,
    @Nullable String error,
    boolean natUnknown) {

  public FlowPrediction {
    predicted = List.copyOf(predicted);
    conditional = List.copyOf(conditional);
  }

  /** The unconditional sources; an absent one (0.0.0.0) is left out. */
  public Set<IpAddress> sources() {
    Set<IpAddress> sources = new LinkedHashSet<>();
    for (Egress egress : predicted) {
      if (egress.source() != null) {
        sources.add(egress.source());
      }
    }
    return sources;
  }
}
