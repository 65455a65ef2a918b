package io.vipscope.core.worker;

import com.lmax.disruptor.RingBuffer;
import io.vipscope.core.flow.FlowTracker;
import io.vipscope.core.ring.BlockSlot;
import io.vipscope.core.ring.FrameBlock;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * A part of the flow table: it takes the frames of its own flows from every block of the ring, in
 * order, ends idle flows, and tells the cold side how far it is. Any thread may do its next work,
 * one at a time. Shards share nothing but the blocks, which they only read.
 */
public final class Shard {

  private static final long SWEEP_ROUND_NS = 1_000_000_000L;
  private static final int MIN_SWEEP_SLOTS = 8;

  /** Slots of which a round takes a fraction of a millisecond. */
  private static final int PROMPT_SLOTS = 1 << 16;

  /**
   * The records of so many flows that end with the capture wait for those of the other shards, and
   * are written in the order in which the flows began. Of more, each is written as it comes.
   */
  private static final int SORTED_FLOWS = 1 << 15;

  /** Blocks done at one go: enough to be worth the change, few enough to share the work. */
  private static final int BURST = 4;

  private final int id;
  private final FlowTracker tracker;
  private final ColdQueue queue;
  private final RingBuffer<BlockSlot> ring;
  private final Consumer<Throwable> failures;
  private final @Nullable Latency latency;

  private final Turn turn = new Turn();
  private final Turn.Work work = this::block;
  private final LongPredicate published;

  /** Capture clock of each reader, as of its last block here. */
  private final long[] clocks;

  private long sweptClockNs = Long.MIN_VALUE;

  /**
   * @param id its number: {@link io.vipscope.core.flow.FrameBatch}
   * @param readers how many publish blocks
   * @param clock from when on frames' times are counted
   * @param failures told of what goes wrong; the ring goes on, so that nobody waits for ever
   */
  public Shard(
      int id,
      FlowTracker tracker,
      ColdQueue queue,
      RingBuffer<BlockSlot> ring,
      int readers,
      Latency.Clock clock,
      Consumer<Throwable> failures) {
    this.id = id;
    this.tracker = tracker;
    this.queue = queue;
    this.ring = ring;
    this.failures = failures;
    latency = clock == Latency.Clock.OFF ? null : new Latency(clock);
    published = ring::isAvailable;
    clocks = new long[readers];
    Arrays.fill(clocks, Long.MIN_VALUE);
    ring.addGatingSequences(turn.done());
  }

  /** Its flows. To be read when the capture is over. */
  public FlowTracker tracker() {
    return tracker;
  }

  /** How long its frames took; null if that was not measured. To be read at the end, too. */
  public @Nullable Latency latency() {
    return latency;
  }

  /**
   * Does the next blocks, if there are any and no other thread is at it.
   *
   * @return whether a block was done
   */
  public boolean work() throws InterruptedException {
    return turn.take(published, BURST, work);
  }

  /** The last block that is done. */
  long done() {
    return turn.done().get();
  }

  private void block(long sequence, boolean idle) throws InterruptedException {
    FrameBlock block = ring.get(sequence).block;
    try {
      tracker.batch(block.frames, id);
      if (latency != null) {
        latency.done(block, id);
      }
      if (block.last) {
        tracker.flush(block.clockNs);
        queue.finish();
      } else if (block.closing && block.clockNs != Long.MIN_VALUE) {
        tracker.sweep(block.clockNs, Integer.MAX_VALUE);
        queue.closing(tracker.live() > SORTED_FLOWS ? block.clockNs + 1 : block.clockNs);
      } else {
        clocks[block.reader] = block.retired ? Long.MAX_VALUE : block.clockNs;
        queue.endOfBlock(sweep(clockNs(), block.prompt), idle);
      }
    } catch (RuntimeException | Error e) {
      failures.accept(e);
    }
  }

  /** The capture clock that all readers have reached. */
  private long clockNs() {
    long least = clocks[0];
    for (long clockNs : clocks) {
      least = Math.min(least, clockNs);
    }
    return least;
  }

  /**
   * Looks at so many slots that a whole round takes about a second of capture time. What the cold
   * side is told waits for the round's end; so in a live capture it is made at once, if that does
   * not take long.
   */
  private long sweep(long clockNs, boolean prompt) {
    if (clockNs == Long.MIN_VALUE) {
      return Long.MIN_VALUE;
    }
    long passedNs =
        sweptClockNs == Long.MIN_VALUE ? SWEEP_ROUND_NS : Math.max(0, clockNs - sweptClockNs);
    sweptClockNs = clockNs;
    int range = tracker.sweepRange();
    int budget =
        passedNs >= SWEEP_ROUND_NS || prompt && range <= PROMPT_SLOTS
            ? range
            : MIN_SWEEP_SLOTS + (int) (range * (passedNs / (double) SWEEP_ROUND_NS));
    return tracker.sweep(clockNs, budget);
  }
}
