package io.vipscope.bench;

import io.vipscope.core.flow.AckSight;
import io.vipscope.core.flow.FlowHash;
import io.vipscope.core.flow.FlowRecord;
import io.vipscope.core.flow.FlowSink;
import io.vipscope.core.flow.FlowTimeouts;
import io.vipscope.core.flow.FlowTracker;
import io.vipscope.core.flow.FrameBatch;
import io.vipscope.core.flow.LocalAddresses;
import io.vipscope.core.flow.Protocols;
import io.vipscope.core.flow.VipFrame;
import io.vipscope.core.frame.FrameHeader;
import io.vipscope.core.frame.FrameKind;
import io.vipscope.core.net.IpAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Time per frame of one worker's flow table, flow hash included, with many flows alive. No flow
 * touches an audited host: what those cost more is in {@link PredictBenchmark} and {@link
 * PipelineBenchmark}.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class FlowTableBenchmark {

  private static final FlowTimeouts TIMEOUTS = FlowTimeouts.DEFAULT;
  private static final FlowHash HASH = new FlowHash(0x5eed);
  private static final long SECOND_NS = 1_000_000_000L;

  /** Slots looked at by one call in {@link #sweep}: fewer than the smallest table has. */
  private static final int SWEEP_SLOTS = 512;

  private static final int BLOCK = FrameBatch.MAX_AREA;

  private static final int MIN_SWEEP_SLOTS = 64;

  /** Client addresses repeat after so many flows; by then the earlier flow has ended. */
  private static final int CLIENTS = 1 << 24;

  @Param({"10000", "100000", "1000000", "10000000"})
  public int liveFlows = 10000;

  private final FrameBatch batch = new FrameBatch(1);
  private final FrameHeader header = new FrameHeader();
  private final Records records = new Records();
  private FlowTracker tracker = tracker(1);
  private long random = 1;
  private long frame;
  private long opened;
  private long nowNs;
  private long stepNs;
  private long sweptNs;

  /** Keeps the last record, so that making it cannot be optimized away. */
  private static final class Records implements FlowSink {
    @Nullable Object last;

    @Override
    public void opened(FlowRecord flow, long clockNs) {
      last = flow;
    }

    @Override
    public void ended(FlowRecord flow, long dueNs) {
      last = flow;
    }

    @Override
    public void used(VipFrame frame, long clockNs) {
      last = frame;
    }

    @Override
    public void acknowledged(AckSight sight, long clockNs) {
      last = sight;
    }
  }

  @Setup
  public void fill() {
    tracker = tracker(2 * liveFlows);
    // At this pace a flow's idle time is over when as many others as may live have begun after it.
    stepNs = TIMEOUTS.tcpNew() / liveFlows;
    for (int i = 0; i < liveFlows; i++) {
      open();
      if (batch.isFull()) {
        work();
      }
    }
    work();
    if (tracker.sweepRange() < SWEEP_SLOTS || tracker.untrackedFrames() != 0) {
      throw new IllegalStateException(tracker.sweepRange() + " flows in the table");
    }
  }

  private FlowTracker tracker(int maxFlows) {
    LocalAddresses local = new LocalAddresses(List.of(List.of(IpAddress.v4(0xc0a80001))));
    return new FlowTracker(maxFlows, HASH, local, TIMEOUTS, true, records);
  }

  /** Frames of flows of the table, each as likely as any other; packing them is part of it. */
  @Benchmark
  @OperationsPerInvocation(BLOCK)
  public void framesOfLiveFlows() {
    for (int i = 0; i < BLOCK; i++) {
      random = random * 6364136223846793005L + 1442695040888963407L;
      long flow = (random >>> 33) * liveFlows >>> 31;
      frame(opened - 1 - flow, /* tcpFlags= */ FrameBuffer.ACK);
    }
    work();
  }

  /**
   * The first frames of flows, while another one ends for each that begins: opening, sweeping as
   * {@code Shard} does once per block, record and removal.
   */
  @Benchmark
  @OperationsPerInvocation(BLOCK)
  public @Nullable Object newFlows() {
    for (int i = 0; i < BLOCK; i++) {
      open();
    }
    work();
    return records.last;
  }

  private void open() {
    nowNs += stepNs;
    frame(opened++, FrameBuffer.SYN);
  }

  private void work() {
    tracker.batch(batch, 0);
    batch.clear();
    double share = Math.min(1, (nowNs - sweptNs) / (double) SECOND_NS);
    sweptNs = nowNs;
    tracker.sweep(nowNs, MIN_SWEEP_SLOTS + (int) (tracker.sweepRange() * share));
  }

  /** Time per slot of the sweep, where nothing has to end. */
  @Benchmark
  @OperationsPerInvocation(SWEEP_SLOTS)
  public long sweep() {
    return tracker.sweep(nowNs, SWEEP_SLOTS);
  }

  private void frame(long flow, int tcpFlags) {
    FrameHeader h = header;
    h.kind = FrameKind.FLOW;
    h.protocol = Protocols.TCP;
    h.vlan = FrameHeader.NO_VLAN;
    h.innerVlan = FrameHeader.NO_VLAN;
    h.icmpType = -1;
    h.icmpId = -1;
    h.srcLo = 0x0a000000L | flow % CLIENTS;
    h.dstLo = 0xc6336407L;
    h.srcPort = 32768 + (int) (flow & 0x1fff);
    h.dstPort = 443;
    h.tcpFlags = tcpFlags;
    h.ttl = 64;
    h.ipBytes = 800;
    batch.add(h, nowNs, nowNs, ++frame, HASH.of(h), /* source= */ 0, /* shard= */ 0);
  }
}
