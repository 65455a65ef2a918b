package io.vipscope.core.model.flow;

import io.vipscope.core.model.explanation.Step;
import io.vipscope.core.model.snapshot.PolicyRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a flow came by the source that was observed.
 *
 * @param rule the policy rule that decided; null where none did
 * @param steps of routing
 * @param netfilter what it did, one sentence each
 */
public record FlowPath(@Nullable PolicyRule rule, List<Step> steps, List<String> netfilter) {

  public FlowPath {
    steps = List.copyOf(steps);
    netfilter = List.copyOf(netfilter);
  }
}
