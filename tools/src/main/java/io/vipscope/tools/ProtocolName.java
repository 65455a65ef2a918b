package io.vipscope.tools;

import io.vipscope.core.flow.Protocols;
import java.util.List;

/** A protocol's name in files that people write: as in records, in any case. */
final class ProtocolName {

  static final String FORM = "tcp, udp, icmp, ipv6-icmp, sctp or a protocol's number";

  private static final List<Integer> NAMED =
      List.of(Protocols.TCP, Protocols.UDP, Protocols.ICMP, Protocols.ICMPV6, Protocols.SCTP);

  private ProtocolName() {}

  /**
   * The name as records have it.
   *
   * @throws IllegalArgumentException if it is none
   */
  static String parse(String text) {
    for (int protocol : NAMED) {
      if (Protocols.name(protocol).equalsIgnoreCase(text)) {
        return Protocols.name(protocol);
      }
    }
    int number = -1;
    try {
      number = Integer.parseInt(text);
    } catch (NumberFormatException _) {
      // told below
    }
    if (number < 0 || number > 255) {
      throw new IllegalArgumentException("protocol: expected " + FORM + ", found '" + text + "'");
    }
    return Protocols.name(number);
  }
}
