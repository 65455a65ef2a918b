package io.vipscope.core.flow;

/** Where the table's findings go; called on the worker's thread. */
public interface FlowSink {

  /**
   * A flow that touches an audited host began.
   *
   * @param clockNs capture clock at its first frame
   */
  void opened(FlowRecord flow, long clockNs);

  /**
   * A flow's record is due.
   *
   * @param dueNs capture clock at which it ended: the same whatever the number of workers
   */
  void ended(FlowRecord flow, long dueNs);
}
