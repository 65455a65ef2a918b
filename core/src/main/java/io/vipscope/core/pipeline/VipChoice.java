package io.vipscope.core.pipeline;

import io.vipscope.core.model.flow.FlowPrediction;
import io.vipscope.core.model.flow.Mechanism;
import io.vipscope.core.model.snapshot.AddressFlag;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.InterfaceAddress;
import io.vipscope.core.model.snapshot.Link;
import io.vipscope.core.model.snapshot.Route;
import io.vipscope.core.net.IpAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Why a host's kernel takes a VIP for its source although nobody has written it as one: the text of
 * finding {@code unexpected-vip-source}. The default mechanism counts, the kernel's own route of a
 * subnet, and MASQUERADE: another route with {@code src}, a policy rule and SNAT are somebody's
 * will.
 */
final class VipChoice {

  private VipChoice() {}

  /** One clause; null if somebody named the VIP, or the state does not show why. */
  static @Nullable String why(
      HostSnapshot state, IpAddress vip, IpAddress dst, FlowPrediction prediction) {
    if (prediction.mechanism() == Mechanism.MASQUERADE) {
      return "MASQUERADE takes the address that the kernel chooses for the way out";
    }
    Link link = state.owner(vip);
    InterfaceAddress address = state.find(vip);
    boolean byRoute = prediction.mechanism() == Mechanism.ROUTE_SRC;
    if (link == null
        || address == null
        || !byRoute && prediction.mechanism() != Mechanism.DEFAULT
        || byRoute && !connected(state, address, dst)) {
      return null;
    }
    return vip.v6() ? v6(link, address) : v4(state, link, address, dst);
  }

  private static String v4(HostSnapshot state, Link link, InterfaceAddress vip, IpAddress dst) {
    List<InterfaceAddress> others =
        link.addresses().stream().filter(a -> !a.v6() && !a.equals(vip)).toList();
    InterfaceAddress demoted =
        others.stream()
            .filter(
                a -> a.flags().contains(AddressFlag.SECONDARY) && a.subnet().equals(vip.subnet()))
            .findFirst()
            .orElse(null);
    if (demoted != null) {
      return "promotion or address order: "
          + vip.local()
          + "/"
          + vip.prefixLength()
          + " stands before "
          + demoted.local()
          + " on "
          + link.name()
          + ", which is only its secondary";
    }
    if (vip.subnet().contains(dst) && connected(state, vip, dst)) {
      return "mask: "
          + vip.local()
          + "/"
          + vip.prefixLength()
          + " is the only address of "
          + vip.subnet()
          + ", and the subnet's own route takes it; with /32 there would be no such route";
    }
    if (vip.scope()
            < others.stream().mapToInt(InterfaceAddress::scope).min().orElse(Integer.MAX_VALUE)
        && !others.isEmpty()) {
      return "scope: no other address of " + link.name() + " has a scope as wide";
    }
    return others.isEmpty()
        ? "it is the only IPv4 address of " + link.name()
        : "address order: it stands first on "
            + link.name()
            + ", before "
            + others.getFirst().local();
  }

  /** Only the kernel's own route of the subnet names the VIP for this destination. */
  private static boolean connected(HostSnapshot state, InterfaceAddress vip, IpAddress dst) {
    List<Route> routes = state.routes(vip.v6());
    if (routes == null) {
      return false;
    }
    List<Route> naming =
        routes.stream()
            .filter(r -> vip.local().equals(r.prefsrc()) && r.dst().contains(dst))
            .toList();
    return !naming.isEmpty() && naming.stream().allMatch(r -> r.protocol().equals("kernel"));
  }

  private static String v6(Link link, InterfaceAddress vip) {
    return "RFC 6724: "
        + vip.local()
        + "/"
        + vip.prefixLength()
        + " on "
        + link.name()
        + " is not deprecated and was added last, or fits the destination better; with preferred_lft"
        + " 0, or as /128, keepalived makes it deprecated";
  }
}
