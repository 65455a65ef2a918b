package io.vipscope.tools;

import io.vipscope.capture.FrameSource;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The latest frames of one reading thread, their first bytes, for as long as it takes to know
 * whether they are evidence. One thread puts, another takes; putting never waits: a frame that has
 * no room is counted.
 */
final class EvidenceRing {

  /** Looks at a frame that leaves the ring. */
  interface Taker {
    void take(
        MemorySegment data,
        long offset,
        int kept,
        int wire,
        int linkType,
        int source,
        long tsNs,
        long number);
  }

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

  // An entry: size (-1: the rest of the ring is empty), kept, wire, link type, source,
  // time, number, then the bytes; a multiple of 8 long.
  private static final int KEPT = 4;
  private static final int WIRE = 8;
  private static final int LINK_TYPE = 12;
  private static final int SOURCE = 16;
  private static final int TIME = 24;
  private static final int NUMBER = 32;
  private static final int HEADER = 40;
  private static final int WRAP = -1;

  private final MemorySegment ring;
  private final long capacity;
  private final int snapLength;
  private final AtomicLong head = new AtomicLong();
  private final AtomicLong tail = new AtomicLong();
  private final AtomicLong lost = new AtomicLong();
  private long tailSeen;
  private long number;

  /**
   * @param capacityBytes a power of two, more than one frame
   * @param snapLength bytes of each frame that are kept
   */
  EvidenceRing(int capacityBytes, int snapLength) {
    ring = Arena.ofAuto().allocate(capacityBytes, 8);
    capacity = capacityBytes;
    this.snapLength = snapLength;
  }

  /** Puts the frame that a source has in hand. */
  void put(FrameSource frame) {
    number++;
    int kept = Math.min(frame.capturedLength(), snapLength);
    long size = HEADER + (kept + 7L & ~7L);
    long at = head.getPlain();
    long offset = at & capacity - 1;
    boolean wraps = offset + size > capacity;
    long end = (wraps ? at + capacity - offset : at) + size;
    if (end - tailSeen > capacity) {
      tailSeen = tail.getAcquire();
      if (end - tailSeen > capacity) {
        lost.setRelease(lost.getPlain() + 1);
        return;
      }
    }
    if (wraps) {
      ring.set(INT, offset, WRAP);
      offset = 0;
    }
    ring.set(INT, offset, (int) size);
    ring.set(INT, offset + KEPT, kept);
    ring.set(INT, offset + WIRE, frame.wireLength());
    ring.set(INT, offset + LINK_TYPE, frame.linkType());
    ring.set(INT, offset + SOURCE, frame.sourceIndex());
    ring.set(LONG, offset + TIME, frame.timestampNs());
    ring.set(LONG, offset + NUMBER, number);
    MemorySegment.copy(frame.data(), frame.dataOffset(), ring, offset + HEADER, kept);
    head.setRelease(end);
  }

  /**
   * Takes frames, in order: those before a time, and more while less than half of the ring is free.
   *
   * @return whether any was taken
   */
  boolean take(long beforeNs, Taker taker) {
    long to = head.getAcquire();
    long at = tail.getPlain();
    long first = at;
    while (at < to) {
      long offset = at & capacity - 1;
      int size = ring.get(INT, offset);
      if (size == WRAP) {
        at += capacity - offset;
        continue;
      }
      long tsNs = ring.get(LONG, offset + TIME);
      if (tsNs >= beforeNs && to - at < capacity / 2) {
        break;
      }
      taker.take(
          ring,
          offset + HEADER,
          ring.get(INT, offset + KEPT),
          ring.get(INT, offset + WIRE),
          ring.get(INT, offset + LINK_TYPE),
          ring.get(INT, offset + SOURCE),
          tsNs,
          ring.get(LONG, offset + NUMBER));
      at += size;
      tail.setRelease(at);
    }
    tail.setRelease(at);
    return at > first;
  }

  /** Frames that had no room. */
  long lost() {
    return lost.getAcquire();
  }
}
