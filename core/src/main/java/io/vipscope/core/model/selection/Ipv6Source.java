package io.vipscope.core.model.selection;

import io.vipscope.core.model.snapshot.AddressFlag;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.InterfaceAddress;
import io.vipscope.core.model.snapshot.Link;
import io.vipscope.core.net.IpAddress;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * IPv6 source address selection: {@code ipv6_dev_get_saddr} (net/ipv6/addrconf.c).
 *
 * <p>The rules are compared one after the other, the larger value wins, a tie of all goes to the
 * address that comes first. Their order is the kernel's, not the numbering of RFC 6724.
 */
public final class Ipv6Source {

  /** The choice and the rule that set it apart from the next best. */
  public record Choice(InterfaceAddress address, String dev, String reason) {}

  private static final List<String> RULES =
      List.of(
          "it is the destination itself",
          "appropriate scope (rule 2)",
          "others are deprecated (rule 3)",
          "home address (rule 4)",
          "it is on the outgoing device (rule 5)",
          "its label matches the destination's (rule 6)",
          "public or temporary as preferred (rule 7)",
          "ORCHID",
          "longest matching prefix (rule 8)",
          "not optimistic");

  private static final int HOME_RULE = 3;

  private final HostSnapshot s;
  private final @Nullable Link dev;
  private final IpAddress dst;
  private final boolean mobile;

  private Ipv6Source(HostSnapshot s, @Nullable Link dev, IpAddress dst, boolean mobile) {
    this.s = s;
    this.dev = dev;
    this.dst = dst;
    this.mobile = mobile;
  }

  /**
   * The address for a destination that is reached by a device.
   *
   * @param dev null = not known yet
   * @return null if there is none
   */
  public static @Nullable IpAddress select(HostSnapshot s, @Nullable String dev, IpAddress dst) {
    Choice choice = choose(s, dev, dst);
    return choice == null ? null : choice.address().local();
  }

  /** As {@link #select}, with the reason. */
  public static @Nullable Choice choose(HostSnapshot s, @Nullable String dev, IpAddress dst) {
    return new Ipv6Source(s, s.link(dev), dst, false).best();
  }

  /**
   * Every address it may be: more than one only if home addresses are there, which kernels with
   * mobile IPv6 prefer (CONFIG_IPV6_MIP6; no snapshot shows it) and others do not.
   */
  static Set<IpAddress> possible(HostSnapshot s, @Nullable String dev, IpAddress dst) {
    Set<IpAddress> all = new LinkedHashSet<>();
    for (boolean mobile : new boolean[] {false, true}) {
      Choice choice = new Ipv6Source(s, s.link(dev), dst, mobile).best();
      if (choice != null) {
        all.add(choice.address().local());
      }
    }
    return all;
  }

  private @Nullable Choice best() {
    InterfaceAddress best = null;
    Link bestLink = null;
    int decisive = -1;
    for (Link link : devices()) {
      for (InterfaceAddress a : link.addresses()) {
        if (!candidate(a)) {
          continue;
        }
        if (best == null || bestLink == null) {
          best = a;
          bestLink = link;
          continue;
        }
        int rule = firstDifference(a, link, best, bestLink);
        if (rule >= 0 && score(rule, a, link) > score(rule, best, bestLink)) {
          best = a;
          bestLink = link;
        }
        decisive = Math.max(decisive, rule < 0 ? RULES.size() : rule);
      }
    }
    if (best == null || bestLink == null) {
      return null;
    }
    String reason =
        decisive < 0
            ? "the only candidate"
            : decisive < RULES.size() ? RULES.get(decisive) : "first of equals in the address list";
    return new Choice(best, bestLink.name(), reason);
  }

  private List<Link> devices() {
    if (dev == null) {
      return L3Domain.devices(s, null);
    }
    boolean ownOnly =
        dst.isMulticast()
            || Ipv6Labels.scope(dst) <= Ipv6Labels.LINK_LOCAL
            || s.sysctls().device(true, dev.name(), "use_oif_addrs_only", 0) != 0;
    return ownOnly ? List.of(dev) : L3Domain.devices(s, dev);
  }

  private static boolean candidate(InterfaceAddress a) {
    boolean unassigned =
        a.has(AddressFlag.DADFAILED)
            || a.has(AddressFlag.TENTATIVE) && !a.has(AddressFlag.OPTIMISTIC);
    return a.v6() && !unassigned && !a.local().isMulticast() && !a.local().isAny();
  }

  private int firstDifference(InterfaceAddress a, Link onA, InterfaceAddress b, Link onB) {
    for (int rule = 0; rule < RULES.size(); rule++) {
      if (score(rule, a, onA) != score(rule, b, onB)) {
        return rule;
      }
    }
    return -1;
  }

  /** {@code ipv6_get_saddr_eval}. */
  private int score(int rule, InterfaceAddress a, Link on) {
    IpAddress local = a.local();
    return switch (rule) {
      case 0 -> truth(local.equals(dst));
      case 1 -> {
        int scope = Ipv6Labels.scope(local);
        yield scope >= Ipv6Labels.scope(dst) ? -scope : scope - 128;
      }
      case 2 -> truth(Ipv6Labels.alwaysPreferred(local) || !avoided(a, on));
      case HOME_RULE -> truth(mobile && a.has(AddressFlag.HOME));
      case 4 -> truth(dev == null || dev.name().equals(on.name()));
      case 5 ->
          truth(
              Ipv6Labels.label(s, local, on.name())
                  == Ipv6Labels.label(s, dst, dev == null ? null : dev.name()));
      case 6 -> {
        boolean temporary = s.sysctls().device(true, on.name(), "use_tempaddr", 0) >= 2;
        yield truth(a.has(AddressFlag.TEMPORARY) == temporary);
      }
      case 7 -> truth(Ipv6Labels.orchid(local) == Ipv6Labels.orchid(dst));
      case 8 -> Math.min(local.commonPrefixLength(dst), a.prefixLength());
      default -> truth(!a.has(AddressFlag.OPTIMISTIC));
    };
  }

  private boolean avoided(InterfaceAddress a, Link on) {
    return a.has(AddressFlag.DEPRECATED)
        || a.has(AddressFlag.OPTIMISTIC)
            && !(either(on, "optimistic_dad") && either(on, "use_optimistic"));
  }

  private boolean either(Link on, String key) {
    return s.sysctls().device(true, "all", key, 0) != 0
        || s.sysctls().device(true, on.name(), /* name= */ key, 0) != 0;
  }

  private static int truth(boolean value) {
    return value ? 1 : 0;
  }
}
