package io.vipscope.core.ring;

import io.vipscope.core.frame.FrameKind;

/**
 * The reader's part of the accounting line. Written by the reader thread; others read it after the
 * capture, or approximately while it runs.
 */
public final class ReaderCounters {

  private final long[] byKind = new long[FrameKind.values().length];
  private long frames;
  private long filtered;
  private long duplicates;

  void frame() {
    frames++;
  }

  void kind(FrameKind kind) {
    byKind[kind.ordinal()]++;
  }

  void duplicate() {
    duplicates++;
  }

  void filtered() {
    filtered++;
  }

  /** Frames taken into decoding. */
  public long frames() {
    return frames;
  }

  /** Frames that the user's expression left out. */
  public long filteredFrames() {
    return filtered;
  }

  /** Second copies of frames. */
  public long duplicates() {
    return duplicates;
  }

  /** Frames of one kind that passed the expression. */
  public long ofKind(FrameKind kind) {
    return byKind[kind.ordinal()];
  }
}
