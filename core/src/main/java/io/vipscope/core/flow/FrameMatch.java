package io.vipscope.core.flow;

import static io.vipscope.core.flow.FlowTable.ADDRESSES;
import static io.vipscope.core.flow.FlowTable.LINK;
import static io.vipscope.core.flow.FlowTable.PORTS;
import static io.vipscope.core.flow.FlowTable.V6_ADDRESSES;

/** Whether a frame belongs to the flow of a slot, and which way it goes. */
final class FrameMatch {

  private final boolean vlanKey;

  /**
   * @param vlanKey whether the outermost VLAN id is part of the key
   */
  FrameMatch(boolean vlanKey) {
    this.vlanKey = vlanKey;
  }

  /** The frame's VLAN id as slots keep it. */
  int vlanCode(FrameBatch b, int i) {
    return vlanKey ? b.vlan(i) : 1;
  }

  /**
   * How well a flow fits the frame: 3 the same direction and tag, or a reply under the flow's own
   * tag; 2 a reply under the tag that its replies have; 1 a reply under another tag, while none has
   * come yet; 0 not at all.
   *
   * @param line of the flow's slot
   */
  int rank(long line, FrameBatch b, int i) {
    long ports = b.ports(i);
    long link = FlowTable.get(line, LINK);
    int vlan = vlanCode(b, i);
    int own = FlowSlot.forwardVlan(link);
    if (isForward(line, b, i)) {
      return own == vlan || own == 0 ? 3 : 0;
    }
    if (!isReply(line, b, i) || FlowKeys.isIcmpMessage(FlowTable.keyProtocol(ports))) {
      return 0;
    }
    int reply = FlowSlot.replyVlan(link);
    if (own == vlan && (reply == 0 || reply == vlan)) {
      return 3;
    }
    return reply == vlan ? 2 : reply == 0 ? 1 : 0;
  }

  /** Whether the frame goes the way of the flow's opener (equal ends count as the opener's). */
  static boolean isForward(long line, FrameBatch b, int i) {
    return FlowTable.get(line, PORTS) == b.ports(i)
        && FlowTable.get(line, ADDRESSES) == b.addresses(i)
        && (!FlowTable.isV6(b.ports(i))
            || FlowTable.get(line, V6_ADDRESSES) == b.v6(i, 0)
                && FlowTable.get(line, V6_ADDRESSES + 1) == b.v6(i, 1)
                && FlowTable.get(line, V6_ADDRESSES + 2) == b.v6(i, 2));
  }

  /** Whether the frame's ends are the flow's, the other way round. */
  static boolean isReply(long line, FrameBatch b, int i) {
    if (FlowTable.get(line, PORTS) != FlowTable.swapPorts(b.ports(i))) {
      return false;
    }
    if (!FlowTable.isV6(b.ports(i))) {
      return FlowTable.get(line, ADDRESSES) == Long.rotateLeft(b.addresses(i), 32);
    }
    return FlowTable.get(line, ADDRESSES) == b.v6(i, 1)
        && FlowTable.get(line, V6_ADDRESSES) == b.v6(i, 2)
        && FlowTable.get(line, V6_ADDRESSES + 1) == b.addresses(i)
        && FlowTable.get(line, V6_ADDRESSES + 2) == b.v6(i, 0);
  }
}
