package io.vipscope.core.ring;

import com.lmax.disruptor.RingBuffer;
import io.vipscope.core.flow.FlowHash;
import io.vipscope.core.flow.LocalAddresses;
import io.vipscope.core.frame.ControlKind;
import io.vipscope.core.frame.FragmentTable;
import io.vipscope.core.frame.FrameHeader;
import io.vipscope.core.frame.FrameKind;
import io.vipscope.core.frame.MirroredFrame;
import io.vipscope.core.frame.Tunnel;
import java.lang.foreign.MemorySegment;

/**
 * The reader's end of the ring: decodes each frame, counts it, finds its worker and publishes full
 * blocks. The reader thread owns an instance.
 *
 * <p>When the ring is full, publishing waits: a file is read more slowly, a live source's kernel
 * buffer fills and the kernel counts what it drops.
 */
public final class FramePublisher {

  /** Which frames the user wants; control frames are asked about only after they have passed. */
  public interface Selection {
    boolean matches(
        MemorySegment data, long offset, int capturedLength, int wireLength, int linkType);
  }

  private final RingBuffer<FrameBlock> ring;
  private final MirroredFrame decoder;
  private final Duplicates duplicates;
  private final FragmentTable fragments = new FragmentTable();
  private final FlowHash hash;
  private final LocalAddresses local;
  private final int workers;
  private final Selection selection;
  private final ControlSink control;
  private final FrameHeader header = new FrameHeader();
  private final ReaderCounters counters = new ReaderCounters();

  private FrameBlock block;
  private long sequence;
  private long clockNs = Long.MIN_VALUE;

  public FramePublisher(
      RingBuffer<FrameBlock> ring,
      FlowHash hash,
      LocalAddresses local,
      int workers,
      MirroredFrame decoder,
      Duplicates duplicates,
      Selection selection,
      ControlSink control) {
    this.ring = ring;
    this.hash = hash;
    this.local = local;
    this.workers = workers;
    this.decoder = decoder;
    this.duplicates = duplicates;
    this.selection = selection;
    this.control = control;
    sequence = ring.next();
    block = ring.get(sequence);
    block.clear();
  }

  public ReaderCounters counters() {
    return counters;
  }

  /** Frames that came in this transport of a mirror. */
  public long mirrored(Tunnel transport) {
    return decoder.taken(transport);
  }

  /** Takes one frame, whose bytes must stay valid only during the call. */
  public void frame(
      MemorySegment data,
      long offset,
      int capturedLength,
      int wireLength,
      int linkType,
      long tsNs,
      int source) {
    counters.frame();
    clockNs = Math.max(clockNs, tsNs);
    FrameHeader h = header;
    decoder.decode(data, offset, capturedLength, wireLength, linkType, h);
    boolean alwaysPasses =
        h.kind == FrameKind.CONTROL
            && (h.control == ControlKind.VRRP
                || h.control == ControlKind.ARP
                || h.control == ControlKind.ND);
    if (!alwaysPasses
        && !selection.matches(
            data,
            decoder.offset(),
            decoder.capturedLength(),
            decoder.wireLength(),
            decoder.linkType())) {
      counters.filtered();
      return;
    }
    // Bursts of gratuitous ARP are alike byte for byte: control frames are never taken for copies.
    if (h.kind == FrameKind.FLOW
        && duplicates.isCopy(data, decoder.offset(), decoder.capturedLength(), h, tsNs)) {
      counters.duplicate();
      return;
    }
    counters.kind(h.kind);
    switch (h.kind) {
      case FLOW -> flow(h, tsNs, source);
      case CONTROL ->
          control.control(
              h,
              data.asSlice(decoder.offset(), decoder.capturedLength()),
              counters.frames(),
              tsNs,
              clockNs);
      case NON_IP, TRUNCATED, MALFORMED, TOO_MANY_LAYERS, UNKNOWN_LINK_TYPE -> {}
    }
  }

  private void flow(FrameHeader h, long tsNs, int source) {
    if (h.fragment) {
      fragment(h, tsNs);
    }
    if (block.frames.isFull()) {
      publish(false);
    }
    int flowHash = hash.of(h);
    int worker =
        workers == 1 ? 0 : Integer.remainderUnsigned(hash.shard(h, flowHash, local), workers);
    block.frames.add(h, tsNs, clockNs, counters.frames(), flowHash, source, worker);
  }

  private void fragment(FrameHeader h, long tsNs) {
    if (h.fragmentOffset == 0) {
      fragments.remember(h, tsNs);
    } else {
      fragments.lookup(h, tsNs);
    }
  }

  /** Publishes what is there: the source is idle, or the user wants to see something. */
  public void flush() {
    if (block.frames.count() > 0) {
      publish(false);
    } else {
      control.upTo(clockNs);
    }
  }

  /**
   * Moves the capture clock on without a frame, so that idle flows end while nothing comes.
   *
   * @param nowNs a time that no later frame will precede
   */
  public void tick(long nowNs) {
    clockNs = Math.max(clockNs, nowNs);
    control.passed(clockNs);
    publish(false);
  }

  /** Publishes the last block. */
  public void end() {
    publish(true);
  }

  private void publish(boolean last) {
    block.clockNs = clockNs;
    block.last = last;
    ring.publish(sequence);
    if (last) {
      control.finish();
      block = NO_BLOCK;
    } else {
      control.upTo(clockNs);
      sequence = ring.next();
      block = ring.get(sequence);
      block.clear();
    }
  }

  /** Stands in after the end, so that a stray frame cannot touch a published block. */
  private static final FrameBlock NO_BLOCK = new FrameBlock();
}
