package io.vipscope.core.flow;

import io.vipscope.core.net.IpAddress;

/**
 * What the acknowledgements of one connection tell of the capture itself, in about a second: TCP
 * data that was sent to an audited host or by it, and that its receiver has confirmed.
 *
 * @param vlan outermost VLAN id, or -1
 * @param address the audited host's, or a VIP
 * @param ackedBytes data that was acknowledged
 * @param unseenBytes of it, what the capture does not have
 * @param fromNs capture clock when the first of it was acknowledged
 * @param frame number of a frame that acknowledges unseen data; 0: none
 * @param flowId the connection
 */
public record AckSight(
    int vlan,
    IpAddress address,
    long ackedBytes,
    long unseenBytes,
    long fromNs,
    long frame,
    long flowId) {}
