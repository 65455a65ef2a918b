package io.vipscope.core.ring;

import io.vipscope.core.frame.FrameHeader;
import java.util.Arrays;

/**
 * The ring's event: a block of decoded frames in capture order. The reader fills it, then every
 * worker and the control worker read it; nobody writes it until all of them are done.
 *
 * <p>Only frames that somebody must look at are in it; frames that were only counted (non-IP,
 * filtered, undecodable) are not, but they advance {@link #clockNs}.
 */
public final class FrameBlock {

  /** Frames a block can hold. */
  public static final int CAPACITY = 256;

  private static final int CONTROL_BYTES = 64 * 1024;

  /** Longest part of a control frame that is kept. */
  public static final int CONTROL_SNAP = 2048;

  public final FrameHeader[] headers = new FrameHeader[CAPACITY];
  public final long[] tsNs = new long[CAPACITY];

  /** Capture clock at each frame: the highest time seen so far. */
  public final long[] clockAtNs = new long[CAPACITY];

  /** Number of each frame in the capture, from 1. */
  public final long[] frame = new long[CAPACITY];

  /** Symmetric flow hash. */
  public final int[] hash = new int[CAPACITY];

  /** Worker that owns the frame's flow; -1 for a control frame. */
  public final int[] worker = new int[CAPACITY];

  public final int[] source = new int[CAPACITY];

  /** Where a control frame's bytes are in {@link #control}: offset and length. */
  public final int[] controlOffset = new int[CAPACITY];

  public final int[] controlLength = new int[CAPACITY];

  public final byte[] control = new byte[CONTROL_BYTES];

  public int count;
  public int controlUsed;

  /** Capture clock when the block was closed. */
  public long clockNs;

  /** No block follows: the capture is over. */
  public boolean last;

  public FrameBlock() {
    Arrays.setAll(headers, _ -> new FrameHeader());
  }

  /** Makes the block empty, for the reader to fill. */
  public void clear() {
    count = 0;
    controlUsed = 0;
    clockNs = Long.MIN_VALUE;
    last = false;
  }

  /** Whether one more frame, of any kind, fits. */
  public boolean hasRoom() {
    return count < CAPACITY && controlUsed + CONTROL_SNAP <= CONTROL_BYTES;
  }
}
