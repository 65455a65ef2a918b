package io.vipscope.tools;

import io.vipscope.core.flow.FlowRecord;
import io.vipscope.core.flow.Protocols;
import io.vipscope.core.model.flow.FlowQuery;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.verdict.FlowVerdict;
import org.jspecify.annotations.Nullable;

/**
 * A flow whose source is to be explained: from a capture, from a record, or as the user wrote it.
 *
 * @param flowId 0 = none
 * @param src the opener's side
 * @param startNs {@link FlowVerdict#NO_TIME} = not known
 * @param seenIn the capture or the file of records; null for one that the user wrote
 */
record ExplainedFlow(
    long flowId,
    @Nullable String communityId,
    IpAddress src,
    int srcPort,
    IpAddress dst,
    int dstPort,
    int protocol,
    long startNs,
    @Nullable String seenIn) {

  static ExplainedFlow of(FlowRecord f, String capture) {
    return new ExplainedFlow(
        f.flowId(),
        CommunityId.of(f),
        f.src(),
        f.srcPort(),
        f.dst(),
        f.dstPort(),
        f.protocol(),
        f.startNs(),
        capture);
  }

  static ExplainedFlow of(FlowName.Tuple t) {
    return new ExplainedFlow(
        0,
        null,
        t.src(),
        t.srcPort(),
        t.dst(),
        t.dstPort(),
        t.protocol(),
        FlowVerdict.NO_TIME,
        null);
  }

  /** When it began; where that is not known, now: the newest state counts. */
  long timeNs() {
    return startNs == FlowVerdict.NO_TIME ? Long.MAX_VALUE : startNs;
  }

  FlowQuery query() {
    boolean ports = !Protocols.isIcmp(protocol);
    return new FlowQuery(dst, protocol, ports ? srcPort : 0, ports ? dstPort : 0);
  }

  @Override
  public String toString() {
    return FlowText.tuple(src, srcPort, dst, dstPort, protocol);
  }
}
