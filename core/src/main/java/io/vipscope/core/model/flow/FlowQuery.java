package io.vipscope.core.model.flow;

import io.vipscope.core.net.IpAddress;

/**
 * What the wire shows of a flow, without its source.
 *
 * @param protocol IP protocol number
 * @param sport 0 = none or not known
 * @param dport 0 = none or not known
 */
public record FlowQuery(IpAddress dst, int protocol, int sport, int dport) {}
