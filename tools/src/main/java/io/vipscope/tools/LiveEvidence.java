package io.vipscope.tools;

import io.vipscope.capture.CaptureException;
import io.vipscope.capture.file.PcapngWriter;
import io.vipscope.core.frame.FragmentTable;
import io.vipscope.core.frame.FrameHeader;
import io.vipscope.core.frame.MirrorOptions;
import io.vipscope.core.frame.MirroredFrame;
import io.vipscope.core.frame.Segments;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Evidence of a live audit. Readers put every frame's first bytes into a ring each; a thread of its
 * own looks at them again some seconds later, when it is known which flows differ and which frames
 * findings name, and writes those. The rest is forgotten.
 */
final class LiveEvidence implements AutoCloseable {

  /** A mismatch is told 3 s after its flow began, most findings sooner after their frames. */
  private static final long DELAY_NS = 10_000_000_000L;

  /** All rings together: at 128 bytes a frame, 10 s of 40,000 frames a second. */
  static final int RING_BYTES = 1 << 26;

  /** Of each flow; a long transfer would fill the disk. */
  static final long MAX_FRAMES = 1_000;

  private static final int LEAST_RING_BYTES = 1 << 21;
  private static final long LOOK_MS = 100;

  private final class Side implements EvidenceRing.Taker {
    final EvidenceRing ring;
    final boolean numbered;
    final MirroredFrame decoder;
    final FragmentTable fragments = new FragmentTable();
    final FrameHeader header = new FrameHeader();

    Side(EvidenceRing ring, boolean numbered, MirroredFrame decoder) {
      this.ring = ring;
      this.numbered = numbered;
      this.decoder = decoder;
    }

    @Override
    public void take(
        MemorySegment data,
        long offset,
        int kept,
        int wire,
        int linkType,
        int source,
        long tsNs,
        long number) {
      takenNs = Math.max(takenNs, tsNs);
      decoder.decode(data, offset, kept, wire, linkType, header);
      String comment = index.comment(header, fragments, numbered ? number : 0, tsNs);
      if (comment != null && broken == null) {
        try {
          out.frame(names.get(source), linkType, tsNs, data, offset, kept, wire, comment);
          written++;
        } catch (IOException e) {
          broken = e;
        }
      }
    }
  }

  private final EvidenceIndex index;
  private final EvidenceFile file;
  private final PcapngWriter out;
  private final List<String> names;
  private final List<Side> sides = new ArrayList<>();
  private final Thread thread;
  private volatile boolean closing;
  private long takenNs = Long.MIN_VALUE;
  private long written;
  private @Nullable IOException broken;

  /**
   * Begins the file.
   *
   * @param run whose frames are looked at, before it starts
   * @param names of the interfaces
   * @throws CaptureException if the file cannot be written
   */
  LiveEvidence(
      EvidenceIndex index,
      EvidenceFile file,
      AuditRun run,
      List<String> names,
      MirrorOptions mirror,
      Segments segments) {
    this.index = index;
    this.file = file;
    this.names = names;
    try {
      out = file.writer();
      out.flush();
    } catch (IOException e) {
      throw file.unwritable(e);
    }
    int each = Math.max(LEAST_RING_BYTES, Integer.highestOneBit(RING_BYTES / run.readers()));
    for (int n = 0; n < run.readers(); n++) {
      EvidenceRing ring = new EvidenceRing(each, file.snapLength());
      run.showTo(
          n,
          frame -> {
            ring.put(frame);
            return true;
          });
      sides.add(new Side(ring, run.readers() == 1, new MirroredFrame(mirror, segments)));
    }
    thread = Thread.ofPlatform().daemon().name("evidence").start(this::look);
  }

  private void look() {
    try {
      while (!closing) {
        if (takeAll(System.currentTimeMillis() * 1_000_000L - DELAY_NS)) {
          index.passed(takenNs);
          out.flush();
        }
        Thread.sleep(LOOK_MS);
      }
    } catch (InterruptedException _) {
      // closed
    } catch (IOException e) {
      broken = e;
    }
  }

  private boolean takeAll(long beforeNs) {
    boolean any = false;
    for (Side side : sides) {
      any |= side.ring.take(beforeNs, side);
    }
    return any;
  }

  /**
   * The run is over and all is told: looks at the frames that are left, and ends the file.
   *
   * @return how many frames it has
   * @throws CaptureException if it could not be written
   */
  long finish() throws InterruptedException {
    stop();
    takeAll(Long.MAX_VALUE);
    try {
      out.close();
    } catch (IOException e) {
      broken = broken == null ? e : broken;
    }
    if (broken != null) {
      throw file.unwritable(broken);
    }
    return written;
  }

  /** Frames that were never looked at: they came faster than they could be. */
  long lost() {
    return sides.stream().mapToLong(side -> side.ring.lost()).sum();
  }

  private void stop() throws InterruptedException {
    closing = true;
    thread.join();
  }

  @Override
  public void close() {
    closing = true;
    thread.interrupt();
  }
}
