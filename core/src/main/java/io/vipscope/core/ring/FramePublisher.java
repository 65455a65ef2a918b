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
 * A reader's end of the ring: decodes each frame, counts it, finds its shard and publishes full
 * blocks. The reader's thread owns an instance.
 *
 * <p>When the ring is full, the reader helps the workers: a file is read more slowly, a live
 * source's kernel buffer fills and the kernel counts what it drops.
 */
public final class FramePublisher {

  /**
   * Which of the readers this is.
   *
   * @param number from 0
   * @param count how many there are
   */
  public record Reader(int number, int count) {

    /** One that takes the whole capture. */
    public static final Reader ONLY = new Reader(0, 1);
  }

  /** Which frames the user wants; control frames are asked about only after they have passed. */
  public interface Selection {

    /** Every frame. */
    Selection ALL = (_, _, _, _, _) -> true;

    boolean matches(
        MemorySegment data, long offset, int capturedLength, int wireLength, int linkType);

    /** The same for another reader's thread. */
    default Selection another() {
      return this;
    }
  }

  /** Parts of the flow table that there may be. */
  public static final int MAX_SHARDS = 128;

  /** How long to wait for room if there is nothing to help with: less than a block takes. */
  private static final long PARK_NS = 1_000;

  private final RingBuffer<BlockSlot> ring;
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
  private final int reader;
  private final ReaderCounters counters;

  private FrameBlock block;
  private long clockNs = Long.MIN_VALUE;

  /** That of the last block. */
  private long publishedNs = Long.MIN_VALUE;

  public FramePublisher(
      Reader reader,
      RingBuffer<BlockSlot> ring,
      FlowHash hash,
      LocalAddresses local,
      int shards,
      Helper helper,
      MirroredFrame decoder,
      Duplicates duplicates,
      Selection selection,
      ControlSink control) {
    this.reader = reader.number();
    counters = new ReaderCounters(reader.number(), reader.count());
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
    block = opened(new FrameBlock(shards));
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
              counters.number(),
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
      publish();
    }
    if (!packer.write(
        block.frames, data.address() + offset, capturedLength, tsNs, counters.number(), source)) {
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
      publish();
    }
    int flowHash = hash.of(h);
    int shard = hash.shard(h, flowHash, local) & shards - 1;
    block.frames.add(h, tsNs, clockNs, counters.number(), flowHash, source, shard);
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
      publish();
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
    publish();
  }

  /** The capture clock: the highest time seen so far. */
  public long clockNs() {
    return clockNs;
  }

  /** Publishes what is there: this reader has ended, and others go on. */
  public void retire() {
    block.retired = true;
    lay();
    control.finish();
    block = NO_BLOCK;
  }

  /**
   * Publishes the last block, when all of the table's parts have done those before: what ends then
   * need not wait for what another part has still to tell. Of several readers the others have
   * retired.
   *
   * @param latestNs the highest capture clock of all readers
   */
  public void end(long latestNs) {
    clockNs = Math.max(clockNs, latestNs);
    block.closing = true;
    long closing = lay();
    control.closing(clockNs);
    while (ring.getMinimumGatingSequence() < closing) {
      await();
    }
    block.last = true;
    lay();
    control.finish();
    block = NO_BLOCK;
  }

  private void publish() {
    lay();
    control.upTo(clockNs);
  }

  /** Lays the block in the ring and opens the one that lay there. Returns the place. */
  private long lay() {
    long sequence = next();
    publishedNs = clockNs;
    block.clockNs = clockNs;
    block.publishedAt = System.nanoTime();
    FrameBlock free = ring.get(sequence).exchange(block);
    ring.publish(sequence);
    block = opened(free);
    return sequence;
  }

  private FrameBlock opened(FrameBlock free) {
    free.clear();
    free.reader = reader;
    free.openedAt = System.nanoTime();
    return free;
  }

  /** The next free place. While there is none, the reader helps those who work on the others. */
  private long next() {
    while (true) {
      try {
        return ring.tryNext();
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
