package io.vipscope.tools.export;

import io.vipscope.core.flow.EndReason;
import io.vipscope.core.flow.FlowRecord;
import java.util.HashSet;
import java.util.Set;

/**
 * Which flows were told of when they began, so that their records do not tell of them again. Not
 * thread-safe.
 */
final class ToldFlows {

  /** Beyond so many at a time, flows are told of when they end. */
  private static final int MAX_OPEN = 200_000;

  private final Set<Long> open = new HashSet<>();

  /** A flow began: true if it is to be told of now. */
  boolean began(FlowRecord flow) {
    return open.size() < MAX_OPEN && open.add(flow.flowId());
  }

  /**
   * A flow's record was written: true if it is to be told of now, for it has ended and was not told
   * of before.
   */
  boolean ended(FlowRecord flow) {
    return flow.reason() != EndReason.ACTIVE && !open.remove(flow.flowId());
  }
}
