package io.vipscope.core.worker;

import com.lmax.disruptor.EventHandler;
import io.vipscope.core.flow.FlowTracker;
import io.vipscope.core.ring.FrameBlock;

/**
 * One of the ring's consumers: takes the frames of its own flows from every block, ends idle flows,
 * and tells the cold side how far it is. Workers share nothing but the blocks, which they only
 * read.
 */
public final class FlowWorker implements EventHandler<FrameBlock> {

  private static final long SWEEP_ROUND_NS = 1_000_000_000L;
  private static final int MIN_SWEEP_SLOTS = 64;

  private final int id;
  private final FlowTracker tracker;
  private final ColdQueue queue;
  private long sweptClockNs = Long.MIN_VALUE;

  public FlowWorker(int id, FlowTracker tracker, ColdQueue queue) {
    this.id = id;
    this.tracker = tracker;
    this.queue = queue;
  }

  @Override
  public void onEvent(FrameBlock block, long sequence, boolean endOfBatch)
      throws InterruptedException {
    tracker.batch(block.frames, id);
    if (block.last) {
      tracker.flush(block.clockNs);
      queue.finish();
      return;
    }
    long reportedNs = sweep(block.clockNs);
    queue.endOfBlock(reportedNs, endOfBatch);
  }

  /** Looks at so many slots that a whole round takes about a second of capture time. */
  private long sweep(long clockNs) {
    if (clockNs == Long.MIN_VALUE) {
      return Long.MIN_VALUE;
    }
    long passedNs =
        sweptClockNs == Long.MIN_VALUE ? SWEEP_ROUND_NS : Math.max(0, clockNs - sweptClockNs);
    sweptClockNs = clockNs;
    int range = tracker.sweepRange();
    int budget =
        passedNs >= SWEEP_ROUND_NS
            ? range
            : MIN_SWEEP_SLOTS + (int) (range * (passedNs / (double) SWEEP_ROUND_NS));
    return tracker.sweep(clockNs, budget);
  }
}
