package io.vipscope.tools.capacity;

import io.vipscope.core.flow.FlowTimeouts;
import io.vipscope.core.pipeline.AuditConfig;
import io.vipscope.core.pipeline.AuditCounters;
import io.vipscope.core.pipeline.AuditPipeline;
import io.vipscope.core.pipeline.HostIndex;
import io.vipscope.core.ring.FramePublisher;
import io.vipscope.core.sink.AuditSink;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Plays frames from memory into an audit, again and again and as fast as it takes them, and watches
 * what each of its threads does meanwhile. Each time they are later by the length of the capture
 * and the longest time that a flow may be idle, so that every flow begins again. Records are made
 * and thrown away.
 */
public final class CapacityRun {

  private static final long SECOND_NS = 1_000_000_000L;

  /** Between one time and the next, in ns of the capture: no flow goes on over it. */
  private static final long GAP_NS = FlowTimeouts.DEFAULT.longest() + SECOND_NS;

  /** So many frames are handed on between two looks at the clock. */
  private static final int STRIDE = 1 << 14;

  private final FrameMemory frames;
  private final AuditPipeline pipeline;
  private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
  private final Map<String, Long> cpuNs = new LinkedHashMap<>();
  private final List<Double> rates = new ArrayList<>();
  private int next;
  private long shiftNs;

  /**
   * @param config with the number of workers that the audit would have
   * @param index the audited hosts, if any
   */
  public CapacityRun(FrameMemory frames, AuditConfig config, HostIndex index) {
    this.frames = frames;
    pipeline = new AuditPipeline(config, index, AuditSink.none());
  }

  /**
   * Runs it.
   *
   * @param warmUpNs not counted: the program is not compiled yet
   * @param measureNs counted
   * @throws IllegalStateException if a thread of the audit failed: a defect
   */
  public Capacity run(long warmUpNs, long measureNs) throws InterruptedException {
    playFor(warmUpNs);
    rates.clear();
    AuditCounters before = pipeline.counters();
    Map<String, Long> cpuBefore = cpu();
    long processBefore = processCpuNs();
    long startNs = System.nanoTime();
    playFor(measureNs);
    double seconds = (System.nanoTime() - startNs) / (double) SECOND_NS;
    AuditCounters after = pipeline.counters();
    double process = (processCpuNs() - processBefore) / (double) SECOND_NS / seconds;
    Map<String, Double> shares = new LinkedHashMap<>();
    double known = 0;
    for (Map.Entry<String, Long> e : cpu().entrySet()) {
      double share =
          (e.getValue() - cpuBefore.getOrDefault(e.getKey(), 0L)) / (double) SECOND_NS / seconds;
      shares.merge(e.getKey(), share, Double::sum);
      known += share;
    }
    shares.put(Capacity.JVM, Math.max(0, process - known));
    pipeline.finish();
    return new Capacity(
        frames.count(),
        frames.wireBytes() / (double) frames.count(),
        (after.frames() - before.frames()) / seconds,
        rates.stream().mapToDouble(Double::doubleValue).min().orElse(Double.NaN),
        rates.stream().mapToDouble(Double::doubleValue).max().orElse(Double.NaN),
        (after.flows() - before.flows()) / seconds,
        seconds,
        Runtime.getRuntime().availableProcessors(),
        shares);
  }

  private void playFor(long ns) {
    long startNs = System.nanoTime();
    long secondNs = startNs;
    long played = 0;
    while (pipeline.failure() == null) {
      play();
      played += STRIDE;
      long nowNs = System.nanoTime();
      if (nowNs - secondNs >= SECOND_NS) {
        rates.add(played * (double) SECOND_NS / (nowNs - secondNs));
        secondNs = nowNs;
        played = 0;
      }
      if (nowNs - startNs >= ns) {
        return;
      }
    }
  }

  private void play() {
    FramePublisher publisher = pipeline.publisher();
    for (int n = 0; n < STRIDE; n++) {
      int i = next;
      publisher.frame(
          frames.data(),
          frames.offset(i),
          frames.captured(i),
          frames.wire(i),
          frames.link(i),
          frames.timeNs(i) + shiftNs,
          0);
      next = i + 1;
      if (next == frames.count()) {
        next = 0;
        shiftNs += frames.spanNs() + GAP_NS;
      }
    }
  }

  /** CPU time of the audit's threads so far, in ns, by stage. */
  private Map<String, Long> cpu() {
    cpuNs.clear();
    long self = Thread.currentThread().threadId();
    for (@Nullable ThreadInfo info : threads.getThreadInfo(threads.getAllThreadIds())) {
      if (info == null) {
        continue;
      }
      String name = info.getThreadName();
      String stage =
          info.getThreadId() == self
              ? Capacity.READER
              : name.startsWith("worker")
                  ? Capacity.WORKERS
                  : name.equals("auditor") ? Capacity.JUDGING : null;
      if (stage != null) {
        cpuNs.merge(stage, Math.max(0, threads.getThreadCpuTime(info.getThreadId())), Long::sum);
      }
    }
    return new LinkedHashMap<>(cpuNs);
  }

  private static long processCpuNs() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean os
        ? os.getProcessCpuTime()
        : 0;
  }
}
