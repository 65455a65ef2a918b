package io.vipscope.bench;

import io.vipscope.core.failover.Failover;
import io.vipscope.core.finding.Finding;
import io.vipscope.core.flow.FlowRecord;
import io.vipscope.core.flow.FlowTimeouts;
import io.vipscope.core.frame.LinkType;
import io.vipscope.core.frame.MirrorOptions;
import io.vipscope.core.frame.Segments;
import io.vipscope.core.ownership.Ownership;
import io.vipscope.core.pipeline.AuditConfig;
import io.vipscope.core.pipeline.AuditCounters;
import io.vipscope.core.pipeline.AuditOptions;
import io.vipscope.core.pipeline.AuditPipeline;
import io.vipscope.core.pipeline.AuditedHost;
import io.vipscope.core.pipeline.HostIndex;
import io.vipscope.core.ring.FramePublisher;
import io.vipscope.core.sink.AuditSink;
import io.vipscope.core.verdict.FlowVerdict;
import io.vipscope.core.verdict.Verdict;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
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
 * Time per frame of a whole audit, from the first frame in memory to the last record: reader, ring,
 * workers, verdicts. Starting the threads and taking the tables' memory is part of it; about 10 MB
 * per run, 20 bytes per frame, of what {@code -prof gc} shows are that start.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
public class PipelineBenchmark {

  private static final int FRAMES = 1 << 19;

  /** 100,000 frames a second: the capture is 5 s long. */
  private static final long FRAME_STEP_NS = 10_000;

  @Param({"10", "100"})
  public int framesPerFlow = 10;

  /** Share of the flows that an audited host takes part in, and that get a verdict. */
  @Param({"0", "10"})
  public int auditedPercent;

  @Param("1")
  public int workers = 1;

  private FrameBuffer frames = new FrameBuffer(0);
  private List<AuditedHost> hosts = List.of();
  private long startNs;
  private int flows;

  /** Counts records by verdict. The cold thread writes; it has ended when finish() returns. */
  private static final class Records implements AuditSink {
    private long flows;
    private long matches;
    private long mismatches;

    @Override
    public void failover(Failover failover) {}

    @Override
    public void finding(Finding finding) {}

    @Override
    public void owner(Ownership ownership) {}

    @Override
    public void mismatch(FlowRecord flow, FlowVerdict verdict) {
      mismatches++;
    }

    @Override
    public void flow(FlowRecord flow, FlowVerdict verdict) {
      flows++;
      matches += verdict.verdict() == Verdict.MATCH ? 1 : 0;
    }
  }

  @Setup
  public void write() {
    Traffic traffic = new Traffic(framesPerFlow, auditedPercent);
    frames = traffic.write(FRAMES);
    flows = traffic.flows();
    hosts =
        Stream.of("lb1", "lb2")
            .map(name -> new AuditedHost(name, null, List.of(DemoPair.host(name))))
            .toList();
    startNs = hosts.getFirst().snapshots().getFirst().tEndNs();
  }

  @Benchmark
  @OperationsPerInvocation(FRAMES)
  public AuditCounters audit() throws InterruptedException {
    Records records = new Records();
    AuditConfig config =
        new AuditConfig(
            workers,
            1 << 17,
            FlowTimeouts.DEFAULT,
            0x5eed,
            FramePublisher.Selection.ALL,
            AuditOptions.DEFAULT,
            MirrorOptions.DEFAULT,
            0,
            new Segments());
    AuditPipeline pipeline = new AuditPipeline(config, new HostIndex(hosts, List.of()), records);
    FramePublisher publisher = pipeline.publisher();
    for (int i = 0; i < FRAMES; i++) {
      publisher.frame(
          frames.data(),
          frames.offset(i),
          frames.capturedLength(i),
          frames.wireLength(i),
          LinkType.ETHERNET,
          startNs + i * FRAME_STEP_NS,
          0);
    }
    AuditCounters counters = pipeline.finish();
    check(counters, records);
    return counters;
  }

  /** Every frame must be of a known flow, every flow have its record, every verdict be a match. */
  private void check(AuditCounters counters, Records records) {
    boolean right =
        counters.flowFrames() == FRAMES
            && counters.flows() == flows
            && records.flows == flows
            && records.mismatches == 0
            && records.matches > 0 == auditedPercent > 0;
    if (!right) {
      throw new IllegalStateException(
          counters
              + ", "
              + records.flows
              + " records of "
              + flows
              + " flows, "
              + records.matches
              + " match, "
              + records.mismatches
              + " do not");
    }
  }
}
