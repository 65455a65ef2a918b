package io.vipscope.core.pipeline;

import static io.vipscope.core.FrameBuilder.ACK;
import static io.vipscope.core.FrameBuilder.SYN;
import static io.vipscope.core.FrameBuilder.SYN_ACK;
import static io.vipscope.core.pipeline.Lab.snapshot;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vipscope.core.FrameBuilder;
import io.vipscope.core.flow.FlowTimeouts;
import io.vipscope.core.frame.LinkType;
import io.vipscope.core.frame.MirrorOptions;
import io.vipscope.core.frame.Segments;
import io.vipscope.core.ring.FramePublisher;
import io.vipscope.core.sink.AuditSink;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Frames of flows that are under way make no garbage, on any thread that every frame passes. */
class SteadyStateTest {

  private static final int FLOWS = 2_000;
  private static final int ROUNDS = 400;

  /** A million frames a second. */
  private static final long STEP_NS = 1_000;

  /**
   * What each of the table's parts hands to the cold thread 20 times a second, and what is told of
   * VIPs once a second, comes to less; one object per frame would be 16 bytes at least.
   */
  private static final double BYTES_PER_FRAME = 0.5;

  private final com.sun.management.ThreadMXBean threads =
      (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
  private final MemorySegment memory = Arena.ofAuto().allocate(1 << 20);
  private final List<Integer> lengths = new ArrayList<>();
  private final List<Integer> offsets = new ArrayList<>();
  private int used;
  private long tsNs = 5_000_000_000L;

  /** Number of the frame in memory. */
  private int frame(FrameBuilder frame) {
    byte[] bytes = frame.ethernet();
    MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, used, bytes.length);
    offsets.add(used);
    lengths.add(bytes.length);
    used += bytes.length + 7 & -8;
    return lengths.size() - 1;
  }

  private void play(FramePublisher publisher, int number) {
    int length = lengths.get(number);
    publisher.frame(memory, offsets.get(number), length, length, LinkType.ETHERNET, tsNs, 0);
    tsNs += STEP_NS;
  }

  /** Bytes that this thread and the workers have allocated so far. */
  private long allocated() {
    long self = Thread.currentThread().threadId();
    long sum = 0;
    int workers = 0;
    for (@Nullable ThreadInfo info : threads.getThreadInfo(threads.getAllThreadIds())) {
      if (info == null) {
        continue;
      }
      boolean worker = info.getThreadName().startsWith("worker-");
      if (worker || info.getThreadId() == self) {
        sum += threads.getThreadAllocatedBytes(info.getThreadId());
        workers += worker ? 1 : 0;
      }
    }
    assertEquals(1, workers);
    return sum;
  }

  @Test
  void noBytesPerFrame() throws Exception {
    HostIndex index =
        new HostIndex(
            List.of(Lab.host(1, snapshot(1, true, 0, 1)), Lab.host(2, snapshot(2, false, 0, 1))),
            List.of());
    AuditConfig config =
        new AuditConfig(
            1,
            1 << 16,
            FlowTimeouts.DEFAULT,
            7,
            FramePublisher.Selection.ALL,
            AuditOptions.DEFAULT,
            MirrorOptions.DEFAULT,
            0,
            new Segments());
    AuditPipeline pipeline = new AuditPipeline(config, index, AuditSink.none());
    FramePublisher publisher = pipeline.publisher();
    int[] forth = new int[FLOWS];
    int[] back = new int[FLOWS];
    for (int flow = 0; flow < FLOWS; flow++) {
      String own = flow % 4 == 0 ? Lab.VIP.toString() : "10.0.0.11";
      String peer = "203.0.113." + flow % 200;
      int port = 20_000 + flow;
      play(publisher, frame(FrameBuilder.tcp(own, port, peer, 443, SYN, 1)));
      play(publisher, frame(FrameBuilder.tcp(peer, 443, own, port, SYN_ACK, 1, 2, 0)));
      play(publisher, frame(FrameBuilder.tcp(own, port, peer, 443, ACK, 2, 2, 0)));
      forth[flow] = frame(FrameBuilder.tcp(own, port, peer, 443, ACK, 2, 2, 0));
      back[flow] = frame(FrameBuilder.tcp(peer, 443, own, port, ACK, 2, 2, 0));
    }
    rounds(publisher, forth, back, ROUNDS / 4);
    long before = allocated();
    rounds(publisher, forth, back, ROUNDS);
    double perFrame = (allocated() - before) / (2.0 * FLOWS * ROUNDS);
    assertTrue(perFrame < BYTES_PER_FRAME, () -> perFrame + " bytes per frame");
    pipeline.finish();
  }

  private void rounds(FramePublisher publisher, int[] forth, int[] back, int rounds) {
    for (int round = 0; round < rounds; round++) {
      for (int flow = 0; flow < FLOWS; flow++) {
        play(publisher, forth[flow]);
        play(publisher, back[flow]);
      }
    }
  }
}
