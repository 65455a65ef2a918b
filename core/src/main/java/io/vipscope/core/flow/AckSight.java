package io.vipscope.core.flow;

import io.vipscope.core.net.IpAddress;

/**
 * What acknowledgements tell of the capture itself, since they were last asked: TCP data of an
 * audited address, sent or received, that its receiver has confirmed.
 *
 * @param vlan outermost VLAN id, or -1
 * @param address the audited host's, or a VIP
 * @param ackedBytes data that was acknowledged
 * @param unseenBytes of it, what the capture does not have
 * @param fromNs capture clock when the first of it was acknowledged
 * @param frame number of a frame that acknowledges unseen data; 0: none
 */
public record AckSight(
    int vlan, IpAddress address, long ackedBytes, long unseenBytes, long fromNs, long frame) {}
