package io.vipscope.core.model.fib;

import io.vipscope.core.model.selection.RouteQuery;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.Link;
import io.vipscope.core.model.snapshot.PolicyRule;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.IpPrefix;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether a rule matches: {@code fib_rule_match}, {@code fib4_rule_match}, {@code fib6_rule_match}.
 */
final class RuleMatch {

  /** UNKNOWN: a selector of the rule cannot be evaluated here, and the others hold. */
  enum Truth {
    YES,
    NO,
    UNKNOWN
  }

  private RuleMatch() {}

  static Truth test(PolicyRule rule, RouteQuery q, HostSnapshot s) {
    if (!selectors(rule, q)) {
      return rule.inverted() ? Truth.YES : Truth.NO;
    }
    List<String> open = rule.unmodelled();
    if (open.equals(List.of("l3mdev")) && !inVrf(q.oif(), s)) {
      return rule.inverted() ? Truth.YES : Truth.NO; // l3mdev_fib_rule_match without a VRF
    }
    if (!open.isEmpty()) {
      return Truth.UNKNOWN;
    }
    return rule.inverted() ? Truth.NO : Truth.YES;
  }

  private static boolean inVrf(@Nullable String dev, HostSnapshot s) {
    Link link = s.link(dev);
    return link != null && (link.master() != null || "vrf".equals(link.kind()));
  }

  /** The conjunction of the selectors that can be evaluated, before {@code not}. */
  private static boolean selectors(PolicyRule r, RouteQuery q) {
    if (r.iif() != null && !r.iif().equals("lo")) {
      return false; // the host's own packets come "in" on lo
    }
    if (r.oif() != null && !r.oif().equals(q.oif())) {
      return false;
    }
    if (((q.mark() ^ r.mark()) & r.markMask()) != 0) {
      return false;
    }
    if (r.uid() != null && !r.uid().contains(Integer.toUnsignedLong(q.uid()))) {
      return false;
    }
    if (r.from() != null && !from(r.from(), q)) {
      return false;
    }
    if (r.to() != null && !r.to().contains(q.dst())) {
      return false;
    }
    // IPv4 ignores the upper DSCP bits of the flow (IPTOS_RT_MASK); IPv6 compares them all.
    if (r.tos() != 0 && r.tos() != (q.tos() & (q.v6() ? 0xfc : 0x1c))) {
      return false;
    }
    if (r.ipproto() != 0 && r.ipproto() != q.ipproto()) {
      return false;
    }
    return (r.sport() == null || q.sport() != 0 && r.sport().contains(q.sport()))
        && (r.dport() == null || q.dport() != 0 && r.dport().contains(q.dport()));
  }

  /** IPv4 compares an unset source as 0.0.0.0; IPv6 never matches a source prefix without one. */
  private static boolean from(IpPrefix prefix, RouteQuery q) {
    IpAddress source = q.from();
    if (source != null) {
      return prefix.contains(source);
    }
    return prefix.length() == 0 || !q.v6() && prefix.contains(IpAddress.ANY4);
  }
}
