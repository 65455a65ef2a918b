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

  /**
   * A frame from or to a VIP; of each flow and direction the first in a second, and the first with
   * payload. The first frame of a flow is left out: {@link #opened} tells of it.
   *
   * @param clockNs capture clock at that frame
   */
  void used(VipFrame frame, long clockNs);

  /**
   * What some connections' acknowledgements told in about a second.
   *
   * @param clockNs capture clock at the end of it
   */
  void acknowledged(AckSight sight, long clockNs);
}
