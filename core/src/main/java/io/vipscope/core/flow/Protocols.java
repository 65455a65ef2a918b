package io.vipscope.core.flow;

/** IP protocol numbers that the flow table treats in a way of their own. */
public final class Protocols {

  public static final int ICMP = 1;
  public static final int TCP = 6;
  public static final int UDP = 17;
  public static final int ICMPV6 = 58;
  public static final int SCTP = 132;

  static final int ECHO_REPLY = 0;
  static final int ECHO_REQUEST = 8;
  static final int ECHO_REQUEST6 = 128;
  static final int ECHO_REPLY6 = 129;

  static final int FIN = 0x01;
  static final int SYN = 0x02;
  static final int RST = 0x04;
  static final int ACK = 0x10;

  private Protocols() {}

  /** Whether the protocol is ICMP or ICMPv6. */
  public static boolean isIcmp(int protocol) {
    return protocol == ICMP || protocol == ICMPV6;
  }

  /** The name used in records: TCP, UDP, ICMP, IPv6-ICMP, SCTP, else the number. */
  public static String name(int protocol) {
    return switch (protocol) {
      case ICMP -> "ICMP";
      case TCP -> "TCP";
      case UDP -> "UDP";
      case ICMPV6 -> "IPv6-ICMP";
      case SCTP -> "SCTP";
      default -> Integer.toString(protocol);
    };
  }
}
