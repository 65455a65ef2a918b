package io.vipscope.tools;

import io.vipscope.core.flow.Protocols;
import io.vipscope.core.net.IpAddress;
import java.util.Locale;

/** A flow in one line, as {@link FlowName} reads it. */
final class FlowText {

  private FlowText() {}

  /** {@code SRC:PORT > DST:PORT/tcp}; ports that are 0 are left out. */
  static String tuple(IpAddress src, int srcPort, IpAddress dst, int dstPort, int protocol) {
    return end(src, srcPort)
        + " > "
        + end(dst, dstPort)
        + "/"
        + Protocols.name(protocol).toLowerCase(Locale.ROOT);
  }

  private static String end(IpAddress address, int port) {
    if (port == 0) {
      return address.toString();
    }
    return (address.v6() ? "[" + address + "]" : address) + ":" + port;
  }
}
