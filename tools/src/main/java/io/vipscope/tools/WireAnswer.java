package io.vipscope.tools;

import io.vipscope.core.model.netfilter.Ruleset;
import io.vipscope.core.model.selection.Egress;
import io.vipscope.core.model.selection.RoutePrediction;
import io.vipscope.core.net.IpAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The source expected on the wire, after netfilter.
 *
 * @param source null = not known, or nothing leaves
 * @param conditions what it depends on and the query does not say
 * @param why a sentence
 */
record WireAnswer(@Nullable IpAddress source, List<String> conditions, String why) {

  WireAnswer {
    conditions = List.copyOf(conditions);
  }

  /** Certain only on a host without netfilter rules. */
  static WireAnswer of(Ruleset rules, RoutePrediction p) {
    Egress first = p.first();
    if (first == null || "lo".equals(first.dev())) {
      return new WireAnswer(null, List.of(), "nothing leaves");
    }
    if (!rules.known()) {
      return new WireAnswer(null, List.of(), "netfilter rules were not collected");
    }
    if (rules.chains().isEmpty()) {
      return new WireAnswer(first.source(), List.of(), "no netfilter rules");
    }
    return new WireAnswer(null, List.of(), "netfilter rules may change it");
  }
}
