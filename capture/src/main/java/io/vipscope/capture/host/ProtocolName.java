package io.vipscope.capture.host;

import java.util.Map;
import java.util.Optional;

/** IP protocols as the commands name them (a part of /etc/protocols). */
final class ProtocolName {

  private static final Map<String, Integer> NUMBERS =
      Map.ofEntries(
          Map.entry("icmp", 1),
          Map.entry("igmp", 2),
          Map.entry("tcp", 6),
          Map.entry("udp", 17),
          Map.entry("dccp", 33),
          Map.entry("gre", 47),
          Map.entry("esp", 50),
          Map.entry("ah", 51),
          Map.entry("icmpv6", 58),
          Map.entry("ipv6-icmp", 58),
          Map.entry("vrrp", 112),
          Map.entry("sctp", 132),
          Map.entry("udplite", 136));

  private ProtocolName() {}

  /** The number of a protocol given by name or as a number; empty if it is neither. */
  static Optional<Integer> number(String text) {
    Integer known = NUMBERS.get(text);
    if (known != null) {
      return Optional.of(known);
    }
    try {
      int number = Integer.decode(text);
      return number >= 0 && number <= 255 ? Optional.of(number) : Optional.empty();
    } catch (NumberFormatException _) {
      return Optional.empty();
    }
  }
}
