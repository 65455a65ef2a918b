package io.vipscope.core.ring;

import io.vipscope.core.flow.FrameBatch;

/**
 * A block of decoded frames of flows, those of each shard in the order in which one reader took
 * them. The reader fills it, then every shard reads it; nobody writes it until all of them are
 * done.
 *
 * <p>Frames that belong to no flow (control, non-IP, filtered, undecodable) are not in it, but they
 * advance {@link #clockNs}.
 */
public final class FrameBlock {

  public final FrameBatch frames;

  /** Number of the reader whose frames they are. */
  public int reader;

  /** That reader's capture clock when the block was closed. */
  public long clockNs;

  /** {@link System#nanoTime} when the reader began to fill it, and when it published it. */
  public long openedAt;

  public long publishedAt;

  /** Somebody waits for what it shows: the source is live. */
  public boolean prompt;

  /** Its reader has ended; others go on. */
  public boolean retired;

  /** The capture is over; one empty block follows. */
  public boolean closing;

  /** No block follows: what still lives ends. */
  public boolean last;

  /**
   * @param shards parts of the flow table
   */
  public FrameBlock(int shards) {
    frames = new FrameBatch(shards);
  }

  /** Makes the block empty, for the reader to fill. */
  void clear() {
    frames.clear();
    clockNs = Long.MIN_VALUE;
    prompt = false;
    retired = false;
    closing = false;
    last = false;
  }
}
