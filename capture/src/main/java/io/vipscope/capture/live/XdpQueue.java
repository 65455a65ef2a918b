package io.vipscope.capture.live;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Reads the frames of one AF_XDP socket where they are, and gives their chunks back. There are
 * never more chunks on the way than there are, so that neither ring can overflow. One thread uses
 * an instance.
 */
final class XdpQueue {

  // struct xdp_desc
  private static final int LENGTH = 8;
  private static final int OPTIONS = 12;

  /** The frame goes on in the next chunk. */
  private static final int XDP_PKT_CONTD = 1;

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

  private final XdpRing received;
  private final XdpRing fill;
  private final MemorySegment memory;
  private final long base;
  private final long scratch;
  private final long chunkMask;

  /** Counters of the receive ring: first chunk not given back, next frame, end of those taken. */
  private int kept;

  private int at;
  private int end;

  /** Counter of the fill ring. */
  private int filled;

  /** Written so that the loads are not left out. */
  @SuppressWarnings("UnusedVariable")
  private int touched;

  private long frameOffset;
  private int frameLength;
  private int capturedLength;

  /**
   * @param memory of all queues' frames, and behind them room to put one together
   * @param base where the chunks of this queue begin
   * @param chunks a power of two
   * @param chunkBytes a power of two
   * @param scratch where that room begins
   */
  XdpQueue(
      XdpRing received,
      XdpRing fill,
      MemorySegment memory,
      long base,
      int chunks,
      int chunkBytes,
      long scratch) {
    this.received = received;
    this.fill = fill;
    this.memory = memory;
    this.base = base;
    this.scratch = scratch;
    chunkMask = -chunkBytes;
    kept = received.consumed();
    at = kept;
    end = kept;
    filled = fill.produced();
    for (int i = 0; i < chunks; i++) {
      fill.memory().set(LONG, fill.entry(filled++), (long) i * chunkBytes);
    }
    fill.produce(filled);
  }

  /** Takes what has arrived, at most so many chunks; false if nothing has. */
  boolean take(int most) {
    int waiting = received.produced() - at;
    end = at + Math.min(waiting, most);
    touch();
    return waiting != 0;
  }

  /** Loads the beginning of each frame: the loads wait for memory together, not in turn. */
  private void touch() {
    MemorySegment ring = received.memory();
    int sum = 0;
    for (int i = at; i != end; i++) {
      sum += memory.get(INT, base + ring.get(LONG, received.entry(i)));
    }
    touched = sum;
  }

  /** Moves to the next of the frames taken; false if there is none. */
  boolean next() {
    if (at == end) {
      return false;
    }
    MemorySegment ring = received.memory();
    long entry = received.entry(at);
    if ((ring.get(INT, entry + OPTIONS) & XDP_PKT_CONTD) != 0) {
      return gather();
    }
    frameOffset = base + ring.get(LONG, entry);
    frameLength = ring.get(INT, entry + LENGTH);
    capturedLength = frameLength;
    at++;
    return true;
  }

  /** Puts a frame of several chunks together; false as long as its last one has not come. */
  private boolean gather() {
    MemorySegment ring = received.memory();
    int produced = received.produced();
    long to = scratch;
    int total = 0;
    for (int i = at; i != produced; i++) {
      long entry = received.entry(i);
      int length = ring.get(INT, entry + LENGTH);
      int fits = (int) Math.min(length, memory.byteSize() - to);
      MemorySegment.copy(memory, base + ring.get(LONG, entry), memory, to, fits);
      to += fits;
      total += length;
      if ((ring.get(INT, entry + OPTIONS) & XDP_PKT_CONTD) == 0) {
        frameOffset = scratch;
        frameLength = total;
        capturedLength = (int) (to - scratch);
        at = i + 1;
        if (end - at < 0) {
          end = at;
        }
        return true;
      }
    }
    return false;
  }

  /** Gives the chunks of all frames back that {@link #next()} has moved past. */
  void giveBack() {
    if (kept == at) {
      return;
    }
    MemorySegment ring = received.memory();
    MemorySegment empty = fill.memory();
    for (int i = kept; i != at; i++) {
      empty.set(LONG, fill.entry(filled++), ring.get(LONG, received.entry(i)) & chunkMask);
    }
    fill.produce(filled);
    kept = at;
    received.consume(kept);
  }

  /** Whether the driver sleeps until it is called: it ran out of chunks. */
  boolean needsWakeup() {
    return fill.needsWakeup();
  }

  /** Where the frame begins in the memory of all queues. */
  long frameOffset() {
    return frameOffset;
  }

  /** Its length in bytes. */
  int frameLength() {
    return frameLength;
  }

  /** Bytes of it that are there: fewer than its length only if it is longer than any IP packet. */
  int capturedLength() {
    return capturedLength;
  }
}
