package io.vipscope.core.model.flow;

import io.vipscope.core.model.netfilter.AddressRange;
import io.vipscope.core.model.netfilter.Expression;
import io.vipscope.core.model.netfilter.Match;
import io.vipscope.core.model.netfilter.Ruleset;
import io.vipscope.core.model.netfilter.Statement;
import io.vipscope.core.model.snapshot.Range;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Destinations that DNAT could have turned into the one on the wire. */
final class MappedDestinations {

  private static final int MAX = 64;

  private MappedDestinations() {}

  /** One address of each that the rules name; that DNAT really maps it so is not checked here. */
  static Set<FlowQuery> of(Ruleset rules, FlowQuery q) {
    Set<FlowQuery> originals = new LinkedHashSet<>();
    for (Ruleset.Chain chain : rules.chains()) {
      for (Ruleset.Rule rule : chain.rules()) {
        boolean maps =
            rule.expressions().stream()
                .anyMatch(e -> e instanceof Statement.Dnat || e instanceof Statement.Netmap);
        if (maps && chain.sees(q.dst().v6())) {
          add(rule.expressions(), q, originals);
        }
      }
    }
    originals.remove(q);
    return originals;
  }

  private static void add(List<Expression> rule, FlowQuery q, Set<FlowQuery> originals) {
    Set<Integer> ports = new LinkedHashSet<>();
    ports.add(q.dport());
    for (Expression e : rule) {
      if (e instanceof Match.Ports(boolean source, List<Range> ranges, boolean negated)
          && !source
          && !negated) {
        ranges.forEach(r -> ports.add((int) r.first()));
      }
    }
    for (Expression e : rule) {
      if (e instanceof Match.Addresses(var side, List<AddressRange> ranges, boolean negated)
          && side == Match.Side.DESTINATION
          && !negated) {
        for (AddressRange range : ranges) {
          for (int port : ports) {
            if (range.first().v6() == q.dst().v6() && originals.size() < MAX) {
              originals.add(new FlowQuery(range.first(), q.protocol(), q.sport(), port));
            }
          }
        }
      }
    }
  }
}
