package io.vipscope.core.model.netfilter;

import io.vipscope.core.model.snapshot.Range;
import io.vipscope.core.net.IpAddress;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Whether matches hold for the first packet of a flow. */
final class MatchTruth {

  private static final String FORWARDED = "forwarded";
  private static final int SYN = 2;

  /** Of a first packet that is no SYN, in octets. */
  private static final long ORDINARY_LENGTH = 100;

  /** ECE and CWR: an ECN-capable SYN has them too. */
  private static final long ECN_FLAGS = 0xc0;

  private final HostView host;

  MatchTruth(HostView host) {
    this.host = host;
  }

  Truth all(List<Match> matches, Packet p) {
    Truth all = Truth.YES;
    for (Match match : matches) {
      all = all.and(test(match, p));
    }
    return all;
  }

  Truth test(Match match, Packet p) {
    return switch (match) {
      case Match.Addresses a -> addresses(a, p);
      case Match.AddressType t -> type(t, p);
      case Match.Ports ports -> ports(ports, p);
      case Match.Numeric n -> number(n, p);
      case Match.Device d -> device(d, p);
      case Match.Family(boolean v6) -> Truth.of(v6 == p.v6());
      case Match.CtState(Set<String> states, boolean negated) -> {
        Truth holds = Truth.of(states.contains(p.ct().state().text()));
        yield negated ? holds.not() : holds;
      }
      case Match.CtDnat(boolean negated) -> Truth.of(p.ct().tracked() && p.ct().dnat() != negated);
      case Match.AnyOf(List<List<Match>> alternatives, boolean negated) -> {
        Truth any = Truth.NO;
        for (List<Match> alternative : alternatives) {
          any = any.or(all(alternative, p));
        }
        yield negated ? any.not() : any;
      }
      case Match.Constant(boolean value) -> Truth.of(value);
      case Match.Hidden(String condition, boolean ordinarily) ->
          Truth.hidden(condition, ordinarily);
      case Match.Unknown(String name) -> Truth.unknown(name);
    };
  }

  private static Truth addresses(Match.Addresses a, Packet p) {
    boolean original =
        a.side() == Match.Side.ORIGINAL_SOURCE || a.side() == Match.Side.ORIGINAL_DESTINATION;
    if (original && !p.ct().tracked()) {
      return Truth.NO;
    }
    IpAddress address = side(a.side(), p);
    if (address == null) {
      return forwardedOrAbsent(p);
    }
    boolean sameFamily = a.ranges().isEmpty() || a.ranges().getFirst().first().v6() == p.v6();
    if (!sameFamily) {
      return Truth.NO;
    }
    return Truth.of(a.ranges().stream().anyMatch(r -> r.contains(address)) != a.negated());
  }

  /** An own packet without a source (0.0.0.0) is too rare to follow. */
  private static Truth forwardedOrAbsent(Packet p) {
    return p.forwarded() ? Truth.hidden(FORWARDED, false) : Truth.unknown("no source address");
  }

  private static @Nullable IpAddress side(Match.Side side, Packet p) {
    return switch (side) {
      case SOURCE -> p.src();
      case DESTINATION -> p.dst();
      case ORIGINAL_SOURCE -> p.ct().src();
      case ORIGINAL_DESTINATION -> p.ct().dst();
    };
  }

  private Truth type(Match.AddressType t, Packet p) {
    IpAddress address = side(t.side(), p);
    if (address == null) {
      return forwardedOrAbsent(p);
    }
    return Truth.of(t.types().contains(host.addressType(address)) != t.negated());
  }

  private static Truth ports(Match.Ports ports, Packet p) {
    if (!p.hasPorts()) {
      return Truth.NO;
    }
    int port = ports.source() ? p.sport() : p.dport();
    if (port == 0 && ports.source()) {
      return Truth.hidden("source port", false);
    }
    return Truth.of(ports.ranges().stream().anyMatch(r -> r.contains(port)) != ports.negated());
  }

  private static Truth number(Match.Numeric n, Packet p) {
    return switch (n.field()) {
      case MARK -> p.forwarded() ? Truth.hidden(FORWARDED, false) : compare(n, p.mark());
      case CT_MARK -> p.forwarded() ? Truth.hidden(FORWARDED, false) : conntrackMark(n, p);
      case TOS -> p.forwarded() ? Truth.hidden(FORWARDED, false) : compare(n, p.tos());
      case UID -> p.forwarded() ? Truth.NO : compare(n, p.uid());
      case PROTOCOL -> compare(n, p.protocol());
      case ICMP_TYPE -> p.protocol() == (p.v6() ? 58 : 1) ? compare(n, p.v6() ? 128 : 8) : Truth.NO;
      case TCP_FLAGS -> flags(n, p);
      case LENGTH -> length(n, p);
    };
  }

  /** Without a conntrack entry there is none to compare, negated or not. */
  private static Truth conntrackMark(Match.Numeric n, Packet p) {
    return p.ct().tracked() ? compare(n, p.ct().mark()) : Truth.NO;
  }

  private static Truth compare(Match.Numeric n, long value) {
    long masked = value & n.mask();
    return Truth.of(n.ranges().stream().anyMatch(r -> r.contains(masked)) != n.negated());
  }

  private static Truth flags(Match.Numeric n, Packet p) {
    if (p.protocol() != 6) {
      return Truth.NO;
    }
    Truth plain = compare(n, SYN);
    return plain.equals(compare(n, SYN | ECN_FLAGS))
        ? plain
        : Truth.hidden("ECN", plain.kind() == Truth.Kind.YES);
  }

  /** A SYN is short; other packets have any length. */
  private static Truth length(Match.Numeric n, Packet p) {
    long first = p.v6() ? 48 : 28;
    long last = p.protocol() == 6 ? 120 : 65535;
    boolean inside = false;
    boolean outside = false;
    for (long at = first; at <= last && !(inside && outside); at++) {
      boolean in = within(n.ranges(), at) != n.negated();
      inside |= in;
      outside |= !in;
    }
    return inside && outside
        ? Truth.hidden("packet length", within(n.ranges(), ORDINARY_LENGTH) != n.negated())
        : Truth.of(inside);
  }

  private static boolean within(List<Range> ranges, long value) {
    return ranges.stream().anyMatch(r -> r.contains(value));
  }

  private static Truth device(Match.Device d, Packet p) {
    if (!d.out() && p.forwarded()) {
      return Truth.hidden(FORWARDED, false);
    }
    String name = d.out() && p.hookDev() != null ? p.hookDev() : "";
    return Truth.of(d.names().stream().anyMatch(n -> fits(n, name)) != d.negated());
  }

  private static boolean fits(String pattern, String name) {
    return pattern.endsWith("*")
        ? name.startsWith(pattern.substring(0, pattern.length() - 1))
        : pattern.equals(name);
  }
}
