package io.vipscope.bench;

import com.lmax.disruptor.AlertException;
import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.Sequence;
import com.lmax.disruptor.SequenceBarrier;
import com.lmax.disruptor.TimeoutException;
import io.vipscope.core.flow.FlowHash;
import io.vipscope.core.flow.LocalAddresses;
import io.vipscope.core.frame.FrameHeader;
import io.vipscope.core.frame.LinkType;
import io.vipscope.core.frame.MirrorOptions;
import io.vipscope.core.frame.MirroredFrame;
import io.vipscope.core.frame.Segments;
import io.vipscope.core.ring.BlockSlot;
import io.vipscope.core.ring.ControlSink;
import io.vipscope.core.ring.Duplicates;
import io.vipscope.core.ring.FramePublisher;
import io.vipscope.core.worker.Waiting;
import java.lang.foreign.MemorySegment;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Time per frame from its bytes through the ring to another thread, which takes the blocks and does
 * nothing with them: what the reader does, and the hand-off.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class HandOffBenchmark {

  private static final int FRAMES = 1 << 16;
  private static final int FRAMES_PER_FLOW = 10;
  private static final int SHARDS = 8;
  private static final int BLOCKS = 64;
  private static final long STEP_NS = 1_000;

  @Param({"block", "spin"})
  public String waiting = "block";

  private final FrameBuffer frames = new Traffic(FRAMES_PER_FLOW, 0).write(FRAMES);
  private final Sequence done = new Sequence();
  private RingBuffer<BlockSlot> ring = ring();
  private FramePublisher publisher = publisher();
  private Thread taker = new Thread(() -> {});
  private SequenceBarrier barrier = ring.newBarrier();
  private long nowNs;

  private RingBuffer<BlockSlot> ring() {
    RingBuffer<BlockSlot> made =
        RingBuffer.createSingleProducer(
            () -> new BlockSlot(SHARDS),
            BLOCKS,
            Waiting.valueOf(waiting.toUpperCase(Locale.ROOT)).strategy());
    made.addGatingSequences(done);
    return made;
  }

  private FramePublisher publisher() {
    return new FramePublisher(
        FramePublisher.Reader.ONLY,
        ring,
        new FlowHash(0x5eed),
        LocalAddresses.NONE,
        SHARDS,
        () -> false,
        new MirroredFrame(MirrorOptions.DEFAULT, new Segments()),
        Duplicates.NONE,
        FramePublisher.Selection.ALL,
        new NoControl());
  }

  @Setup
  public void start() {
    ring = ring();
    publisher = publisher();
    barrier = ring.newBarrier();
    taker = Thread.ofPlatform().daemon().name("taker").start(this::take);
  }

  @TearDown
  public void stop() throws InterruptedException {
    barrier.alert();
    taker.join();
  }

  private void take() {
    try {
      long next = done.get() + 1;
      while (true) {
        long last = barrier.waitFor(next);
        done.set(last);
        next = last + 1;
      }
    } catch (AlertException | InterruptedException | TimeoutException _) {
      // the benchmark is over
    }
  }

  @Benchmark
  @OperationsPerInvocation(FRAMES)
  public long handOff() {
    for (int i = 0; i < FRAMES; i++) {
      nowNs += STEP_NS;
      publisher.frame(
          frames.data(),
          frames.offset(i),
          frames.capturedLength(i),
          frames.wireLength(i),
          LinkType.ETHERNET,
          nowNs,
          0);
    }
    publisher.flush();
    while (done.get() < ring.getCursor()) {
      Thread.onSpinWait();
    }
    return done.get();
  }

  /** There are no control frames in it. */
  private static final class NoControl implements ControlSink {
    @Override
    public void control(FrameHeader h, MemorySegment frame, long number, long tsNs, long clockNs) {}

    @Override
    public void passed(long clockNs) {}

    @Override
    public void upTo(long clockNs) {}

    @Override
    public void closing(long clockNs) {}

    @Override
    public void finish() {}
  }
}
