package io.vipscope.core.model.flow;

import io.vipscope.core.model.netfilter.AddressRange;
import io.vipscope.core.model.netfilter.Expression;
import io.vipscope.core.model.netfilter.Match;
import io.vipscope.core.model.netfilter.NatTarget;
import io.vipscope.core.model.netfilter.Statement;
import io.vipscope.core.model.snapshot.AddressLabel;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.InterfaceAddress;
import io.vipscope.core.model.snapshot.PolicyRule;
import io.vipscope.core.model.snapshot.Route;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.IpPrefix;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The destinations that a host tells apart: every block that one of its routes, policy rules, NAT
 * rules or addresses names, or by which source selection itself goes. Within a block, without the
 * longer ones in it, the host treats all destinations alike, unless it picks an address by a hash
 * ({@link #byHash}).
 */
public final class Destinations {

  /** 0.0.0.0/8 and multicast that never crosses a router have ways of their own. */
  private static final List<IpPrefix> SPECIAL4 =
      List.of(
          IpPrefix.parse("0.0.0.0/0"),
          IpPrefix.parse("0.0.0.0/8"),
          IpPrefix.parse("0.0.0.0/32"),
          IpPrefix.parse("127.0.0.0/8"),
          IpPrefix.parse("169.254.0.0/16"),
          IpPrefix.parse("224.0.0.0/4"),
          IpPrefix.parse("224.0.0.0/24"),
          IpPrefix.parse("240.0.0.0/4"),
          IpPrefix.parse("255.255.255.255/32"));

  private static final List<IpPrefix> SPECIAL6 =
      List.of(
          IpPrefix.parse("::/0"),
          IpPrefix.parse("::/128"),
          IpPrefix.parse("::1/128"),
          IpPrefix.parse("::/96"),
          IpPrefix.parse("::ffff:0:0/96"),
          IpPrefix.parse("fe80::/10"),
          IpPrefix.parse("fec0::/10"),
          IpPrefix.parse("fc00::/7"),
          IpPrefix.parse("ff00::/8"));

  /**
   * A block.
   *
   * @param example an address of it that lies in no longer block; null if those cover it
   * @param parent index of the shortest block around it; -1 = none
   */
  public record Block(IpPrefix prefix, @Nullable IpAddress example, int parent) {}

  private Destinations() {}

  /** The blocks of one family that any of the states tells apart, in order; the first is all. */
  public static List<Block> of(Collection<HostSnapshot> states, boolean v6) {
    Set<IpPrefix> all = new LinkedHashSet<>();
    for (HostSnapshot s : states) {
      all.addAll(withoutRoutes(s, v6));
      List<Route> routes = s.routes(v6);
      if (routes != null) {
        routes.forEach(r -> all.add(r.dst()));
      }
    }
    List<IpPrefix> sorted = new ArrayList<>(all);
    sorted.sort(Comparator.comparing(IpPrefix::network).thenComparingInt(IpPrefix::length));
    return nested(sorted);
  }

  /** Whether a NAT rule may choose an address by a hash over source and destination. */
  public static boolean byHash(HostSnapshot s) {
    return s.netfilter().expressions().anyMatch(Destinations::byHash);
  }

  private static boolean byHash(Expression e) {
    return switch (e) {
      case Statement.Snat(var target) -> ranged(target);
      case Statement.Dnat(var target) -> ranged(target);
      case Statement.Netmap _ -> true;
      default -> false;
    };
  }

  private static boolean ranged(NatTarget target) {
    return switch (target) {
      case NatTarget.Addresses a -> a.addresses() != null && !a.addresses().single();
      case NatTarget.Lookup(var entries) -> entries.stream().anyMatch(e -> ranged(e.target()));
      case NatTarget.OneOf(var targets) -> targets.stream().anyMatch(Destinations::ranged);
      case NatTarget.Unknown _ -> false;
    };
  }

  /** The blocks that a state tells apart by other things than the destinations of its routes. */
  public static Set<IpPrefix> withoutRoutes(HostSnapshot s, boolean v6) {
    Set<IpPrefix> all = new LinkedHashSet<>(v6 ? SPECIAL6 : SPECIAL4);
    if (v6) {
      for (int flagsAndScope = 0; flagsAndScope < 256; flagsAndScope++) {
        all.add(IpPrefix.of(IpAddress.v6((0xff00L | flagsAndScope) << 48, 0), 16));
      }
    }
    for (PolicyRule rule : s.rules(v6)) {
      if (rule.to() != null) {
        all.add(rule.to());
      }
    }
    s.links().stream().flatMap(l -> l.addresses(v6).stream()).forEach(a -> ofAddress(a, all));
    if (v6) {
      for (AddressLabel label : s.labels()) {
        all.add(label.prefix());
      }
    }
    s.netfilter().expressions().forEach(e -> ofExpression(e, v6, all));
    return all;
  }

  /** The destinations that the model takes for those which NAT may have mapped to others. */
  public static Set<IpAddress> mapped(HostSnapshot s, boolean v6) {
    FlowQuery any = new FlowQuery(v6 ? IpAddress.ANY6 : IpAddress.ANY4, 0, 0, 0);
    return MappedDestinations.of(s, any).stream()
        .map(FlowQuery::dst)
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /**
   * IPv4 prefers an address in the subnet of a destination on the link ({@code inet_select_addr});
   * IPv6 the one with more leading bits in common ({@code IPV6_SADDR_RULE_PREFIX}).
   */
  private static void ofAddress(InterfaceAddress a, Set<IpPrefix> all) {
    all.add(IpPrefix.host(a.local()));
    all.add(a.subnet());
    if (a.peer() != null) {
      all.add(IpPrefix.host(a.peer()));
    }
    for (int length = 1; a.v6() && length <= a.prefixLength(); length++) {
      all.add(IpPrefix.of(a.local(), length));
    }
  }

  private static void ofExpression(Expression e, boolean v6, Set<IpPrefix> all) {
    if (e instanceof Match.Addresses(var side, var ranges, boolean _)
        && (side == Match.Side.DESTINATION || side == Match.Side.ORIGINAL_DESTINATION)) {
      for (AddressRange range : ranges) {
        if (range.first().v6() == v6) {
          range.prefixes().forEach(all::add);
        }
      }
    }
  }

  /** Each block's parent, and its first address that no child holds. */
  private static List<Block> nested(List<IpPrefix> sorted) {
    int n = sorted.size();
    int[] parents = new int[n];
    @Nullable IpAddress[] free = new IpAddress[n];
    int around = -1;
    for (int i = 0; i < n; i++) {
      IpPrefix prefix = sorted.get(i);
      while (around >= 0 && !sorted.get(around).contains(prefix.network())) {
        around = parents[around];
      }
      parents[i] = around;
      free[i] = prefix.network();
      if (around >= 0 && prefix.network().equals(free[around])) {
        IpAddress last = AddressRange.of(prefix).last();
        boolean covered = last.equals(AddressRange.of(sorted.get(around)).last());
        free[around] = covered ? null : last.next();
      }
      around = i;
    }
    List<Block> blocks = new ArrayList<>(n);
    for (int i = 0; i < n; i++) {
      blocks.add(new Block(sorted.get(i), free[i], parents[i]));
    }
    return blocks;
  }
}
