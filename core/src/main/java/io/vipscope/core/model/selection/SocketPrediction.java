package io.vipscope.core.model.selection;

import io.vipscope.core.model.snapshot.PolicyRule;
import io.vipscope.core.net.IpAddress;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a socket of this host does.
 *
 * @param route the source as the first pass fixes it, device, gateway and error as the last pass
 *     decides them; {@code rule} and {@code basis} are those of the source
 * @param egressRule the rule that decided device and gateway of the first answer; null if none did
 */
public record SocketPrediction(
    SocketKind kind, RoutePrediction route, @Nullable PolicyRule egressRule) {

  /** What fixed the source, in the words of the records. */
  public enum Mechanism {
    DEFAULT,
    ROUTE_SRC,
    POLICY_RULE
  }

  /** Every source that is possible. */
  public Set<IpAddress> sources() {
    return route.sources();
  }

  /** Policy-rule if no default rule decided, else route-src if the route names it, else default. */
  public Mechanism mechanism() {
    PolicyRule rule = route.rule();
    if (rule != null && !rule.isDefault()) {
      return Mechanism.POLICY_RULE;
    }
    return route.routeNamesSource() ? Mechanism.ROUTE_SRC : Mechanism.DEFAULT;
  }
}
