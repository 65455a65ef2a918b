package io.vipscope.tools;

import io.vipscope.core.model.inverse.Cause;
import io.vipscope.core.model.inverse.Explanation;
import io.vipscope.core.model.inverse.Remedy;
import io.vipscope.core.net.IpAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;

/**
 * Remedies in the order in which one would take them, and what to mind.
 *
 * @param remedies those that bind a route to a VIP last
 * @param minds sentences; what concerns the application first
 */
record Advice(List<Remedy> remedies, List<String> minds) {

  /**
   * Of one explanation.
   *
   * @param vip whether an address is a VIP
   */
  static Advice of(Explanation explanation, Predicate<IpAddress> vip) {
    List<Remedy> ordered =
        explanation.remedies().stream()
            .sorted(Comparator.comparingInt(remedy -> danger(remedy, vip)))
            .toList();
    List<String> minds = new ArrayList<>();
    if (explanation.causes().stream().anyMatch(c -> c instanceof Cause.Bound)) {
      minds.add(
          "if the application binds "
              + explanation.observation().source()
              + " itself, fix the application: no route changes the source of a bound socket, a NAT"
              + " rule only covers it");
    }
    if (ordered.stream().anyMatch(remedy -> goesWithTheVip(remedy, vip))) {
      minds.add(
          "a route with the VIP as src goes when the VIP goes, also a default route: it belongs"
              + " into keepalived's virtual_routes");
    }
    return new Advice(ordered, minds);
  }

  /** How much goes with the VIP: nothing, a route, the way to everywhere. */
  private static int danger(Remedy remedy, Predicate<IpAddress> vip) {
    return !goesWithTheVip(remedy, vip) ? 0 : remedy.change().contains(" default ") ? 2 : 1;
  }

  private static boolean goesWithTheVip(Remedy remedy, Predicate<IpAddress> vip) {
    return vip.test(remedy.source()) && remedy.change().startsWith("ip route");
  }
}
