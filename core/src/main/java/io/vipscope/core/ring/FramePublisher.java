package io.vipscope.core.ring;

import com.lmax.disruptor.InsufficientCapacityException;
import com.lmax.disruptor.RingBuffer;
import io.vipscope.core.flow.AckSample;
import io.vipscope.core.flow.FlowHash;
import io.vipscope.core.flow.LocalAddresses;
import io.vipscope.core.flow.OrdinaryPacker;
import io.vipscope.core.frame.ControlKind;
import io.vipscope.core.frame.FragmentTable;
import io.vipscope.core.frame.FrameHeader;
import io.vipscope.core.frame.FrameKind;
import io.vipscope.core.frame.LinkType;
import io.vipscope.core.frame.MirroredFrame;
import io.vipscope.core.frame.Tunnel;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.LockSupport;

/**
 * The reader's end of the ring: decodes each frame, counts it, finds its shard and publishes full
 * blocks. The reader thread owns an instance.
 *
 * <p>When the ring is full, the reader helps the workers: a file is read more slowly, a live
 * source's kernel buffer fills and the kernel counts what it drops.
 */
public final class FramePublisher {

  /** Which frames the user wants; control frames are asked about only after they have passed. */
  public interface Selection {

    /** Every frame. */
    Selection ALL = (_, _, _, _, _) -> true;

    boolean matches(
        MemorySegment data, long offset, int capturedLength, int wireLength, int linkType);
  }

  /** Parts of the flow table that there may be. */
  public static final int MAX_SHARDS = 128;

  /** How long to wait for room if there is nothing to help with: less than a block takes. */
  private static final long PARK_NS = 1_000;

  private final RingBuffer<FrameBlock> ring;
  private final MirroredFrame decoder;
  private final Duplicates duplicates;
  private final boolean looksForCopies;
  private final FragmentTable fragments = new FragmentTable();
  private final FlowHash hash;
  private final LocalAddresses local;
  private final int shards;
  private final OrdinaryPacker packer;
  private final AckSample acks;
  private final Helper helper;
  private final Selection selection;
  private final boolean selects;
  private final ControlSink control;
  private final FrameHeader header = new FrameHeader();
  private final ReaderCounters counters = new ReaderCounters();

  private FrameBlock block;
  private long sequence;
  private long clockNs = Long.MIN_VALUE;

  /** That of the last block. */
  private long publishedNs = Long.MIN_VALUE;

  public FramePublisher(
      RingBuffer<FrameBlock> ring,
      FlowHash hash,
      LocalAddresses local,
      int shards,
      Helper helper,
      MirroredFrame decoder,
      Duplicates duplicates,
      Selection selection,
      ControlSink control) {
    this.ring = ring;
    this.hash = hash;
    this.local = local;
    this.shards = shards;
    this.helper = helper;
    acks = new AckSample(local);
    packer = new OrdinaryPacker(hash, local, shards, decoder::mayCarry);
    this.decoder = decoder;
    this.duplicates = duplicates;
    looksForCopies = duplicates != Duplicates.NONE;
    this.selection = selection;
    selects = !selection.equals(Selection.ALL);
    this.control = control;
    block = next();
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
    if (isOrdinary(data, offset, capturedLength, wireLength, linkType, tsNs, source)) {
      return;
    }
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

  /** Takes a frame, if it is ordinary and need not be looked at more closely. */
  private boolean isOrdinary(
      MemorySegment data,
      long offset,
      int capturedLength,
      int wireLength,
      int linkType,
      long tsNs,
      int source) {
    if (linkType != LinkType.ETHERNET
        || tsNs < clockNs
        || looksForCopies
        || !data.isNative()
        || offset < 0
        || capturedLength > data.byteSize() - offset) {
      return false;
    }
    if (block.frames.isFull()) {
      publish(false);
    }
    if (!packer.write(
        block.frames, data.address() + offset, capturedLength, tsNs, counters.frames(), source)) {
      return false;
    }
    clockNs = tsNs;
    if (selects && !selection.matches(data, offset, capturedLength, wireLength, linkType)) {
      counters.filtered();
      return true;
    }
    counters.kind(FrameKind.FLOW);
    packer.commit(block.frames);
    acks.look(block.frames);
    return true;
  }

  private void flow(FrameHeader h, long tsNs, int source) {
    if (h.fragment) {
      fragment(h, tsNs);
    }
    if (block.frames.isFull()) {
      publish(false);
    }
    int flowHash = hash.of(h);
    int shard = hash.shard(h, flowHash, local) & shards - 1;
    block.frames.add(h, tsNs, clockNs, counters.frames(), flowHash, source, shard);
    acks.look(block.frames);
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
    if (block.frames.count() > 0 || clockNs > publishedNs) {
      block.prompt = true;
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
    block.prompt = true;
    publish(false);
  }

  /**
   * Publishes the last block, when all of the table's parts have done those before: what ends then
   * need not wait for what another part has still to tell.
   */
  public void end() {
    long closing = sequence;
    block.closing = true;
    publish(false);
    while (ring.getMinimumGatingSequence() < closing) {
      await();
    }
    publish(true);
  }

  private void publish(boolean last) {
    block.clockNs = clockNs;
    publishedNs = clockNs;
    block.last = last;
    block.publishedAt = System.nanoTime();
    ring.publish(sequence);
    if (last) {
      control.finish();
      block = NO_BLOCK;
    } else {
      if (block.closing) {
        control.closing(clockNs);
      } else {
        control.upTo(clockNs);
      }
      block = next();
    }
  }

  /** The next free block. While there is none, the reader helps those who work on the others. */
  private FrameBlock next() {
    while (true) {
      try {
        sequence = ring.tryNext();
        FrameBlock free = ring.get(sequence);
        free.clear();
        free.openedAt = System.nanoTime();
        return free;
      } catch (InsufficientCapacityException _) {
        await();
      }
    }
  }

  private void await() {
    try {
      if (!helper.help()) {
        LockSupport.parkNanos(PARK_NS);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      LockSupport.parkNanos(PARK_NS);
    }
  }

  /** Stands in after the end, so that a stray frame cannot touch a published block. */
  private static final FrameBlock NO_BLOCK = new FrameBlock(MAX_SHARDS);
}
