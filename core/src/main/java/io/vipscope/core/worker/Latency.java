package io.vipscope.core.worker;

import io.vipscope.core.ring.FrameBlock;
import org.HdrHistogram.Histogram;

/**
 * How long frames take, in nanoseconds: in the ring, from its block's publication until the frame's
 * shard is done with it; and until they are classified, live from the kernel's time stamp on, in a
 * file from the reader's beginning of the block on. A shard owns an instance.
 */
public final class Latency {

  /** From when on a frame's time is counted. */
  public enum Clock {
    /** Nothing is measured. */
    OFF,
    /** The reader took up the frame's block. */
    READER,
    /** The frame's own time stamp: this machine's clock made it. */
    CAPTURE
  }

  private static final int DIGITS = 3;

  private final boolean fromCapture;
  private final Histogram classified = new Histogram(DIGITS);
  private final Histogram ring = new Histogram(DIGITS);

  Latency(Clock clock) {
    fromCapture = clock == Clock.CAPTURE;
  }

  /** A shard is done with its frames of a block. */
  void done(FrameBlock block, int shard) {
    int frames = block.frames.size(shard);
    if (frames == 0) {
      return;
    }
    long now = System.nanoTime();
    ring.recordValueWithCount(Math.max(0, now - block.publishedAt), frames);
    if (!fromCapture) {
      classified.recordValueWithCount(Math.max(0, now - block.openedAt), frames);
      return;
    }
    long wallNs = WallClock.nowNs();
    for (int n = 0; n < frames; n++) {
      classified.recordValue(Math.max(0, wallNs - block.frames.timeNs(shard, n)));
    }
  }

  /** Adds what another shard has measured. */
  public void add(Latency other) {
    classified.add(other.classified);
    ring.add(other.ring);
  }

  /** Nothing measured yet, to add shards' instances to. */
  public static Latency none() {
    return new Latency(Clock.OFF);
  }

  /** Nanoseconds from a frame's arrival until its flow has it. */
  public Histogram classified() {
    return classified;
  }

  /** Nanoseconds that a frame is in the ring. */
  public Histogram ring() {
    return ring;
  }
}
