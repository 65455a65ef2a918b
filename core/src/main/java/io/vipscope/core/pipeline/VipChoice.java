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

  /**
   * One clause; null if somebody named the VIP, or the state does not show why.
   *
   * @param decided the route that the flow goes by; null if that is not known
   */
  static @Nullable String why(
      HostSnapshot state,
      IpAddress vip,
      IpAddress dst,
      FlowPrediction prediction,
      @Nullable Route decided) {
    if (prediction.mechanism() == Mechanism.MASQUERADE) {
      return "MASQUERADE takes the address that the kernel chooses for the way out";
    }
    Link link = state.owner(vip);
    InterfaceAddress address = state.find(vip);
    boolean byRoute = prediction.mechanism() == Mechanism.ROUTE_SRC;
    if (link == null
        || address == null
        || !byRoute && prediction.mechanism() != Mechanism.DEFAULT
        || byRoute && !connected(decided, vip)) {
      return null;
    }
    return vip.v6() ? v6(link, address) : v4(link, address, dst, decided);
  }

  private static String v4(
      Link link, InterfaceAddress vip, IpAddress dst, @Nullable Route decided) {
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
    if (vip.subnet().contains(dst) && connected(decided, vip.local())) {
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

  /** The kernel's own route of a subnet, which names the subnet's first address. */
  private static boolean connected(@Nullable Route route, IpAddress vip) {
    return route != null && vip.equals(route.prefsrc()) && route.protocol().equals("kernel");
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
