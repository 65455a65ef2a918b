package io.vipscope.core.pipeline;

import io.vipscope.core.flow.FlowTimeouts;
import io.vipscope.core.frame.MirrorOptions;
import io.vipscope.core.frame.Segments;
import io.vipscope.core.ring.FramePublisher;
import io.vipscope.core.worker.Latency;
import io.vipscope.core.worker.Waiting;

/**
 * Sizes and rules of a pipeline.
 *
 * @param readers number of threads that take frames, each by a publisher of its own
 * @param workers number of flow workers
 * @param waiting what workers do while there is nothing to do
 * @param maxFlows live flows over all workers
 * @param seed of the flow hash
 * @param selection frames that the user wants
 * @param mirror how the audited frames lie within the captured ones
 * @param dedupNs how much later a second copy of a frame may come; 0 = copies are not looked for
 * @param latency from when on frames' times are counted, if they are
 * @param segments where the reader notes what the numbers of segments stand for
 */
public record AuditConfig(
    int readers,
    int workers,
    Waiting waiting,
    int maxFlows,
    FlowTimeouts timeouts,
    long seed,
    FramePublisher.Selection selection,
    AuditOptions options,
    MirrorOptions mirror,
    long dedupNs,
    Latency.Clock latency,
    Segments segments) {

  /** The same for one reader, without times of frames. */
  public AuditConfig(
      int workers,
      int maxFlows,
      FlowTimeouts timeouts,
      long seed,
      FramePublisher.Selection selection,
      AuditOptions options,
      MirrorOptions mirror,
      long dedupNs,
      Segments segments) {
    this(
        1,
        workers,
        Waiting.BLOCK,
        maxFlows,
        timeouts,
        seed,
        selection,
        options,
        mirror,
        dedupNs,
        Latency.Clock.OFF,
        segments);
  }
}
