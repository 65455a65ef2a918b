package io.vipscope.core.flow;

import io.vipscope.core.frame.FrameHeader;

/**
 * How protocols without ports fill the port part of a flow key.
 *
 * <p>An ICMP echo is keyed by its identifier on the asking side and the identifier's complement on
 * the answering side, so that two hosts that ping each other under one identifier have two flows.
 * Any other ICMP message is a record of its own per type: the key protocol then carries the type
 * above the protocol number. A later fragment whose first was not seen shows no type.
 */
final class FlowKeys {

  private static final int ICMP_TYPE_SHIFT = 8;

  /** Above every type + 1. */
  private static final int NO_TYPE = 0x200 << ICMP_TYPE_SHIFT;

  private FlowKeys() {}

  static boolean isEcho(FrameHeader h) {
    return h.icmpId >= 0;
  }

  static boolean isEchoRequest(FrameHeader h) {
    return h.icmpType
        == (h.protocol == Protocols.ICMP ? Protocols.ECHO_REQUEST : Protocols.ECHO_REQUEST6);
  }

  static int protocol(FrameHeader h) {
    if (Protocols.isIcmp(h.protocol) && !isEcho(h)) {
      return h.protocol | (h.icmpType < 0 ? NO_TYPE : h.icmpType + 1 << ICMP_TYPE_SHIFT);
    }
    return h.protocol;
  }

  static int srcPort(FrameHeader h) {
    return isEcho(h) ? echoPort(h, isEchoRequest(h)) : h.srcPort;
  }

  static int dstPort(FrameHeader h) {
    return isEcho(h) ? echoPort(h, !isEchoRequest(h)) : h.dstPort;
  }

  private static int echoPort(FrameHeader h, boolean asking) {
    return asking ? h.icmpId : ~h.icmpId & 0xffff;
  }

  /** The IP protocol number within a key protocol. */
  static int ipProtocol(int keyProtocol) {
    return keyProtocol & 0xff;
  }

  /** True for an ICMP message that belongs to no echo: errors, redirects, router messages. */
  static boolean isIcmpMessage(int keyProtocol) {
    return keyProtocol >>> ICMP_TYPE_SHIFT != 0 && (keyProtocol & NO_TYPE) == 0;
  }

  static boolean isEcho(int keyProtocol) {
    return Protocols.isIcmp(keyProtocol);
  }
}
