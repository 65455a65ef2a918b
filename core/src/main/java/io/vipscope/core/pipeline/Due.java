package io.vipscope.core.pipeline;

import io.vipscope.core.flow.FlowRecord;
import io.vipscope.core.worker.ColdQueue;

/**
 * Something that the auditor does when the capture has come so far.
 *
 * @param atNs capture time
 * @param frame of the same time and rank, the earlier frame first
 * @param rank of the same time, the lower first
 */
record Due(long atNs, long frame, int rank, Task task) implements Comparable<Due> {

  /** What is done. */
  sealed interface Task {

    /** Something that reader or workers found. */
    record Take(ColdQueue.Item item) implements Task {}

    /** The first verdict of a flow. */
    record Check(FlowRecord flow) implements Task {}

    /** The last verdict of a flow. */
    record Write(FlowRecord flow) implements Task {}
  }

  /** The order of the capture; written out, for every flow is compared some twenty times. */
  @Override
  public int compareTo(Due other) {
    int order = Long.compare(atNs, other.atNs);
    if (order == 0) {
      order = Integer.compare(rank, other.rank);
    }
    return order == 0 ? Long.compare(frame, other.frame) : order;
  }
}
