package io.vipscope.core.flow;

import io.vipscope.core.net.IpAddress;
import org.jspecify.annotations.Nullable;

/**
 * What the flow table knows of one flow: source is the opener's side.
 *
 * @param flowId number of the flow's first frame in the capture, from 1
 * @param source index of the frame source that saw the first frame
 * @param vlan outermost VLAN id, or -1
 * @param innerVlan second VLAN id, or -1
 * @param keyProtocol IP protocol; for ICMP messages that are no echo, the type above bit 8
 * @param icmpId identifier of an ICMP echo, else -1
 * @param startNs capture time of the first frame
 * @param endNs capture time of the last frame
 * @param srcMac MAC of the opener's frames, or {@link io.vipscope.core.frame.FrameHeader#NO_MAC}
 * @param openerSeen whether any frame from the opener was captured; if not, the MACs are those of
 *     the other side's frame, swapped
 * @param ttl TTL or hop limit of the opener's first captured frame, -1 if none was captured
 * @param firstFrameReset the first frame was a TCP RST
 * @param orphanFragment later fragments whose first fragment was not seen: ports are 0
 * @param asked for {@link Opener#LISTENER}: the address that the opener had asked
 */
public record FlowRecord(
    long flowId,
    int source,
    int vlan,
    int innerVlan,
    IpAddress src,
    int srcPort,
    IpAddress dst,
    int dstPort,
    int keyProtocol,
    int icmpId,
    long startNs,
    long endNs,
    long pktsToServer,
    long pktsToClient,
    long bytesToServer,
    long bytesToClient,
    long srcMac,
    long dstMac,
    boolean openerSeen,
    int ttl,
    int tos,
    FlowState state,
    EndReason reason,
    Opener opener,
    boolean firstFrameReset,
    boolean orphanFragment,
    @Nullable IpAddress asked) {

  /** IP protocol number. */
  public int protocol() {
    return FlowKeys.ipProtocol(keyProtocol);
  }

  /** True for an ICMP error, redirect or other message that belongs to no echo. */
  public boolean icmpMessage() {
    return FlowKeys.isIcmpMessage(keyProtocol);
  }
}
