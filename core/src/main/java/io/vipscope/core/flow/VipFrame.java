package io.vipscope.core.flow;

import io.vipscope.core.net.IpAddress;

/**
 * A frame of a flow that has a VIP at one of its ends, with the MACs that this very frame carries:
 * who used the VIP, or where frames for it went.
 *
 * @param frame its number in the capture, from 1
 * @param vlan outermost VLAN id, or -1
 * @param forward it goes the way of the flow's opener
 * @param srcMac or {@link io.vipscope.core.frame.FrameHeader#NO_MAC}
 * @param payload it carries more than a TCP header; true for every other protocol
 * @param reset a TCP RST
 * @param tcpSeq TCP sequence number
 * @param flowId the flow's number
 * @param flowStartNs capture time of the flow's first frame
 */
public record VipFrame(
    long frame,
    long tsNs,
    int vlan,
    IpAddress src,
    int srcPort,
    IpAddress dst,
    int dstPort,
    int protocol,
    boolean forward,
    long srcMac,
    long dstMac,
    boolean payload,
    boolean reset,
    int tcpSeq,
    long flowId,
    long flowStartNs) {}
