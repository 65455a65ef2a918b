package io.vipscope.core.ring;

import io.vipscope.core.frame.FrameHeader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Tells second copies of frames, which a mirror of both directions or of several ports makes: the
 * same MACs and the same IP packet within a short time, whatever the tags.
 *
 * <p>A table of fixed size, by a hash of 64 bits over all captured bytes: a frame that takes
 * another one's place lets a copy through, and two different frames are never taken for each other
 * but by chance (2^-64). The reader's thread owns an instance; nothing is allocated per frame.
 */
public final class Duplicates {

  /** No copies are looked for. */
  public static final Duplicates NONE = new Duplicates(0);

  private static final int SLOTS = 1 << 14;
  private static final long MULTIPLIER = 0x9e37_79b9_7f4a_7c15L;

  private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED;

  private final long windowNs;
  private final long[] hashes;
  private final long[] timesNs;

  /**
   * @param windowNs how much later a copy may come; 0 = none is looked for
   */
  public Duplicates(long windowNs) {
    this.windowNs = windowNs;
    hashes = new long[windowNs == 0 ? 0 : SLOTS];
    timesNs = new long[hashes.length];
  }

  /** Whether a frame, as it was decoded, is the copy of one just before. */
  boolean isCopy(MemorySegment data, long offset, int capturedLength, FrameHeader h, long tsNs) {
    if (windowNs == 0) {
      return false;
    }
    int length = Math.min(capturedLength - h.l3Offset, h.ipBytes); // without padding
    long hash = hash(data, offset + h.l3Offset, length, h.srcMac * MULTIPLIER ^ h.dstMac);
    int slot = (int) (hash >>> 50);
    long before = timesNs[slot];
    if (hashes[slot] == hash && tsNs - before <= windowNs && tsNs >= before) {
      return true;
    }
    hashes[slot] = hash;
    timesNs[slot] = tsNs;
    return false;
  }

  private static long hash(MemorySegment data, long from, int length, long seed) {
    long hash = seed ^ length;
    int at = 0;
    for (; at + 8 <= length; at += 8) {
      hash = mix(hash, data.get(WORD, from + at));
    }
    long rest = 0;
    for (; at < length; at++) {
      rest = rest << 8 | data.get(ValueLayout.JAVA_BYTE, from + at) & 0xff;
    }
    return mix(mix(hash, rest), MULTIPLIER);
  }

  private static long mix(long hash, long word) {
    long product = (hash ^ word) * MULTIPLIER;
    return product ^ Math.unsignedMultiplyHigh(hash ^ word, MULTIPLIER) ^ product >>> 29;
  }
}
