package io.vipscope.tools;

import io.vipscope.capture.CaptureException;
import io.vipscope.capture.FrameSource;
import io.vipscope.capture.SourceCounters;
import io.vipscope.core.ring.FramePublisher;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Takes the frames of one source to its end, by a publisher of its own. One thread runs it. */
final class FrameReader {

  /** Somebody who looks at frames as they are read. */
  interface Onlooker {
    /** Looks at the frame that a source has in hand; false if it is not to be audited. */
    boolean look(FrameSource source);
  }

  /**
   * How far behind the present a live frame may still come out of the kernel's buffer when nothing
   * was ready to read: some times the longest that the sources let it lie there (50 ms).
   */
  private static final long LIVE_LAG_NS = 200_000_000L;

  /** Live frames are handed on at least this often. */
  private static final long LIVE_FLUSH_NS = 100_000_000L;

  /** So many frames are read between two looks at whether to go on. */
  private static final int CHECK_FRAMES = 1 << 16;

  /** How often a live audit asks for the kernel's counters. */
  private static final long SAMPLE_NS = 500_000_000L;

  private final FrameSource source;
  private final FramePublisher publisher;
  private final boolean live;
  private final long maxFrames;
  private final BooleanSupplier over;
  private @Nullable Onlooker onlooker;
  private volatile SourceCounters sampled = SourceCounters.UNKNOWN;
  private volatile long sampledFrameNs = Long.MIN_VALUE;
  private long sampledNs;
  private long startedAt;
  private long lastNs;
  private @Nullable CaptureException broken;

  /**
   * @param maxFrames stop after so many; 0 = no limit
   * @param over whether to stop although there is more
   */
  FrameReader(
      FrameSource source,
      FramePublisher publisher,
      boolean live,
      long maxFrames,
      BooleanSupplier over) {
    this.source = source;
    this.publisher = publisher;
    this.live = live;
    this.maxFrames = maxFrames;
    this.over = over;
  }

  /** Frames are shown to it, if it is given before the run. */
  void showTo(Onlooker other) {
    Onlooker first = onlooker;
    onlooker = first == null ? other : frame -> first.look(frame) && other.look(frame);
  }

  /** Reads to the end, or until the source breaks. */
  void run() {
    try {
      read();
    } catch (CaptureException e) {
      broken = e;
    }
  }

  private void read() {
    long frames = 0;
    long flushedNs = 0;
    while (true) {
      switch (source.next()) {
        case END -> {
          return;
        }
        case IDLE -> {
          long nowNs = System.currentTimeMillis() * 1_000_000L;
          publisher.tick(nowNs - LIVE_LAG_NS);
          sample(nowNs);
          if (over.getAsBoolean()) {
            return;
          }
        }
        case FRAME -> {
          if (frames == 0) {
            startedAt = System.nanoTime();
          }
          lastNs = source.timestampNs();
          if (onlooker != null && !onlooker.look(source)) {
            continue;
          }
          publisher.frame(
              source.data(),
              source.dataOffset(),
              source.capturedLength(),
              source.wireLength(),
              source.linkType(),
              lastNs,
              source.sourceIndex());
          if (live && lastNs - flushedNs > LIVE_FLUSH_NS) {
            publisher.flush();
            flushedNs = lastNs;
            sample(lastNs);
            if (over.getAsBoolean()) {
              return;
            }
          }
          if (++frames == maxFrames || frames % CHECK_FRAMES == 0 && over.getAsBoolean()) {
            return;
          }
        }
      }
    }
  }

  /** Asked on this thread: a packet socket's counters start again when they are read. */
  private void sample(long nowNs) {
    if (live && nowNs - sampledNs > SAMPLE_NS) {
      sampled = source.counters();
      if (lastNs > 0) {
        sampledFrameNs = lastNs;
      }
      sampledNs = nowNs;
    }
  }

  /** What kernel and interface said within the last second; for any thread. */
  SourceCounters sampled() {
    return sampled;
  }

  /** The last frame's time within the last second; the least value before the first frame. */
  long sampledFrameNs() {
    return sampledFrameNs;
  }

  /** Time of the last frame, after the run; 0 if there was none. */
  long lastNs() {
    return lastNs;
  }

  /** Whether there was a frame, after the run. */
  boolean hasFrames() {
    return startedAt != 0;
  }

  /** {@link System#nanoTime} at the first frame, after the run. */
  long startedAt() {
    return startedAt;
  }

  /** Why the source could not be read to its end; null if it could. */
  @Nullable CaptureException broken() {
    return broken;
  }
}
