package io.vipscope.core.model.netfilter;

import io.vipscope.core.net.IpAddress;
import java.util.List;

/** What a netfilter rule does. */
public sealed interface Statement extends Expression {

  /** Maps the source, in POSTROUTING. */
  record Snat(NatTarget target) implements Statement {}

  /** Maps the destination, in OUTPUT. */
  record Dnat(NatTarget target) implements Statement {}

  /** iptables NETMAP: the source in POSTROUTING, the destination in OUTPUT; host bits are kept. */
  record Netmap(AddressRange to) implements Statement {}

  record Masquerade() implements Statement {}

  /** To the host itself: such a packet never leaves. */
  record Redirect() implements Statement {}

  /**
   * A mark becomes {@code (own & keep) ^ (other & take) ^ xor}; the other is the packet's mark for
   * conntrack's, and the other way round.
   */
  record SetMark(boolean conntrack, long keep, long take, long xor) implements Statement {}

  /** The TOS octet becomes {@code (tos & and) ^ xor}. */
  record SetTos(int and, int xor) implements Statement {}

  /** Writes an address without NAT. */
  record Rewrite(boolean source, IpAddress to) implements Statement {}

  record Notrack() implements Statement {}

  record Accept() implements Statement {}

  record Drop() implements Statement {}

  record Return() implements Statement {}

  record Jump(String chain) implements Statement {}

  record Goto(String chain) implements Statement {}

  /** A verdict map: the first case whose matches hold; none: the rule does not apply. */
  record Cases(List<Case> cases) implements Statement {
    public Cases {
      cases = List.copyOf(cases);
    }
  }

  /** One element of a verdict map. */
  record Case(List<Match> when, Statement then) {
    public Case {
      when = List.copyOf(when);
    }
  }

  /** A statement that changes or diverts packets in a way this program does not follow. */
  record Unknown(String name) implements Statement {}
}
