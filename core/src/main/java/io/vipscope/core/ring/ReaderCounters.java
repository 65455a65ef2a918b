package io.vipscope.core.ring;

import io.vipscope.core.frame.FrameKind;

/**
 * The reader's part of the accounting line. Written by the reader thread; others read it after the
 * capture, or approximately while it runs.
 */
public final class ReaderCounters {

  private final long[] byKind = new long[FrameKind.values().length];
  private final int reader;
  private final int readers;
  private long frames;
  private long filtered;
  private long duplicates;

  /**
   * @param reader its number, from 0
   * @param readers how many there are
   */
  ReaderCounters(int reader, int readers) {
    this.reader = reader;
    this.readers = readers;
  }

  void frame() {
    frames++;
  }

  /**
   * Number of the frame in hand: its place in the capture, from 1, if one reader takes it all. Of
   * several each has numbers of its own, which grow.
   */
  long number() {
    return (frames - 1) * readers + reader + 1;
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
