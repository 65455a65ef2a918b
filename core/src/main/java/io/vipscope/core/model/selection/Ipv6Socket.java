package io.vipscope.core.model.selection;

import io.vipscope.core.model.explanation.Step;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.net.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The lookups of IPv6 sockets: {@code ip6_dst_lookup_tail}. The route of the first lookup is kept;
 * only if there was none is there a second, with the source chosen without a device.
 */
final class Ipv6Socket {

  private static final int TCP = 6;
  private static final int ICMPV6 = 58;
  private static final int ECHO = 128 << 8; // type and code stand where the lookup has the port

  private final HostSnapshot s;
  private final Ipv6Lookup lookup;

  Ipv6Socket(HostSnapshot s, Ipv6Lookup lookup) {
    this.s = s;
    this.lookup = lookup;
  }

  /** {@code connect()}; TCP that is not bound does not know its port at the lookup. */
  List<Outcome> connect(RouteQuery q) {
    if (q.ipproto() != TCP || q.sport() == 0 || q.from() != null) {
      return outcomes(q, true);
    }
    List<Outcome> outcomes = new ArrayList<>(outcomes(q.withSport(0), true));
    outcomes.addAll(outcomes(q, true)); // bound to a port, not to an address
    return outcomes;
  }

  /** {@code connect()} of a socket that is known to have bound its port, or not to have. */
  List<Outcome> connect(RouteQuery q, boolean portBound) {
    return q.ipproto() != TCP || q.from() != null || portBound
        ? outcomes(q, true)
        : outcomes(q.withSport(0), true);
  }

  /** {@code sendto()}; a ping's type and code stand where the lookup has the destination port. */
  List<Outcome> send(RouteQuery q) {
    boolean ping = q.ipproto() == ICMPV6;
    return outcomes(ping ? q.withPorts(ICMPV6, 0, ECHO) : q, ping);
  }

  /**
   * The lookups of one call.
   *
   * @param scoped destinations that mean another host on each link are refused without a device: by
   *     {@code connect()} and {@code ping_v6_sendmsg}, not by {@code udpv6_sendmsg}
   */
  private List<Outcome> outcomes(RouteQuery q, boolean scoped) {
    IpAddress from = q.from();
    if (from != null) {
      if (!s.holds(from) && s.sysctls().number("net.ipv6.ip_nonlocal_bind", 0) == 0) {
        Step why = new Step.NoLookup(Step.NoLookup.Why.SOURCE_NOT_LOCAL, null);
        return List.of(Outcome.failed(RouteError.EADDRNOTAVAIL, null, null, List.of(why)));
      }
    }
    if (scoped && needsDevice(q.dst()) && q.oif() == null) {
      Step why = new Step.NoLookup(Step.NoLookup.Why.DESTINATION_INVALID, null);
      return List.of(Outcome.failed(RouteError.EINVAL, null, null, List.of(why)));
    }
    List<Outcome> firsts = lookup.lookup(q, q.oif() != null);
    if (from != null) {
      return firsts;
    }
    List<Outcome> outcomes = new ArrayList<>();
    for (Outcome first : firsts) {
      Egress egress = first.egress();
      if (egress != null && egress.source() == null) {
        outcomes.add(
            Outcome.failed(RouteError.EADDRNOTAVAIL, first.table(), first.rule(), first.trace()));
      } else if (first.error() == null) {
        outcomes.add(first);
      } else {
        outcomes.addAll(retry(q, first));
      }
    }
    return outcomes;
  }

  /** {@code __ipv6_addr_needs_scope_id}: link-local, or multicast no further than the link. */
  private static boolean needsDevice(IpAddress dst) {
    int scope = Ipv6Labels.scope(dst);
    return dst.isLinkLocal() || dst.isMulticast() && (scope == 1 || scope == Ipv6Labels.LINK_LOCAL);
  }

  private List<Outcome> retry(RouteQuery q, Outcome first) {
    if (first.error() == RouteError.ENODEV) {
      return List.of(first);
    }
    Set<IpAddress> sources = Ipv6Source.possible(s, null, q.dst());
    if (sources.isEmpty()) {
      return List.of(
          Outcome.failed(RouteError.EADDRNOTAVAIL, first.table(), first.rule(), first.trace()));
    }
    List<Outcome> outcomes = new ArrayList<>();
    for (IpAddress source : sources) {
      for (Outcome second : lookup.lookup(q.withFrom(source), q.oif() != null)) {
        List<Step> trace = new ArrayList<>(first.trace());
        trace.add(lookup.chosen(null, q.dst()));
        trace.add(new Step.Pass(2, source));
        trace.addAll(second.trace());
        outcomes.add(
            new Outcome(
                second.egress(),
                second.error(),
                second.table(),
                second.rule(),
                false,
                second.unknown(),
                trace));
      }
    }
    return outcomes;
  }
}
