package io.vipscope.core.flow;

import io.vipscope.core.FrameBuilder;
import io.vipscope.core.frame.FragmentTable;
import io.vipscope.core.frame.FrameDecoder;
import io.vipscope.core.frame.FrameHeader;
import io.vipscope.core.frame.FrameKind;
import io.vipscope.core.frame.LinkType;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** A capture that one tracker follows; times are in seconds. */
final class Capture implements FlowSink {

  static final long SECOND = 1_000_000_000L;

  private final FlowHash hash = new FlowHash(42);
  private final AckSample sample;
  private final FlowTracker tracker;
  private final FrameBatch batch = new FrameBatch(1);
  private final FrameDecoder decoder = new FrameDecoder();
  private final FragmentTable fragments = new FragmentTable();
  private final List<FlowRecord> begun = new ArrayList<>();
  private final List<FlowRecord> written = new ArrayList<>();
  private final List<VipFrame> used = new ArrayList<>();
  private final List<AckSight> acks = new ArrayList<>();
  private final List<Long> dueNs = new ArrayList<>();
  private long clockNs = Long.MIN_VALUE;
  private long aheadNs;
  private long frames;

  Capture(int maxFlows, LocalAddresses local, FlowTimeouts timeouts, boolean vlanKey) {
    this(maxFlows, local, timeouts, vlanKey, 1000);
  }

  Capture(
      int maxFlows, LocalAddresses local, FlowTimeouts timeouts, boolean vlanKey, int macPairs) {
    sample = new AckSample(local);
    tracker = new FlowTracker(maxFlows, hash, local, timeouts, vlanKey, this, macPairs);
  }

  static Capture plain() {
    return of(LocalAddresses.NONE);
  }

  static Capture of(LocalAddresses local) {
    return new Capture(1000, local, FlowTimeouts.DEFAULT, true);
  }

  /** From now on the capture clock is that much ahead of every frame: no frame is ordinary. */
  Capture ahead(long ns) {
    aheadNs = ns;
    return this;
  }

  Capture at(double seconds, FrameBuilder frame) {
    long tsNs = (long) (seconds * SECOND);
    clockNs = Math.max(clockNs, tsNs + aheadNs);
    frames++;
    byte[] bytes = frame.ethernet();
    FrameHeader h = new FrameHeader();
    decoder.decode(
        MemorySegment.ofArray(bytes), 0, bytes.length, bytes.length, LinkType.ETHERNET, h);
    if (h.kind != FrameKind.FLOW) {
      throw new IllegalArgumentException("frame " + frames + " is " + h.kind);
    }
    if (h.fragment && h.fragmentOffset == 0) {
      fragments.remember(h, tsNs);
    } else if (h.fragment) {
      fragments.lookup(h, tsNs);
    }
    batch.clear();
    batch.add(h, tsNs, clockNs, frames, hash.of(h), /* source= */ 0, /* shard= */ 0);
    sample.look(batch);
    tracker.batch(batch, 0);
    return this;
  }

  Capture sweep(double seconds) {
    clockNs = Math.max(clockNs, (long) (seconds * SECOND));
    tracker.sweep(clockNs, Integer.MAX_VALUE);
    return this;
  }

  FlowTracker tracker() {
    return tracker;
  }

  List<FlowRecord> begun() {
    return begun;
  }

  /** Records so far, in the order in which they were written. */
  List<FlowRecord> written() {
    return written;
  }

  /** Frames of VIPs so far that were told of. */
  List<VipFrame> used() {
    return used;
  }

  /** What acknowledgements told so far. */
  List<AckSight> acks() {
    return acks;
  }

  List<Long> dueNs() {
    return dueNs;
  }

  /** Ends the capture: all records, in the order of their first frames. */
  List<FlowRecord> end() {
    tracker.flush(clockNs);
    written.sort(Comparator.comparingLong(FlowRecord::flowId));
    return written;
  }

  /** The capture's only flow. */
  FlowRecord only() {
    List<FlowRecord> all = end();
    if (all.size() != 1) {
      throw new AssertionError("not one flow: " + all);
    }
    return all.getFirst();
  }

  @Override
  public void opened(FlowRecord flow, long atNs) {
    begun.add(flow);
  }

  @Override
  public void used(VipFrame frame, long atNs) {
    used.add(frame);
  }

  @Override
  public void acknowledged(AckSight sight, long clockNs) {
    acks.add(sight);
  }

  @Override
  public void ended(FlowRecord flow, long atNs) {
    written.add(flow);
    dueNs.add(atNs);
  }
}
