package io.vipscope.core.pipeline;

import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.dsl.ProducerType;
import io.vipscope.core.finding.RuleCoverage;
import io.vipscope.core.flow.FlowHash;
import io.vipscope.core.flow.FlowTracker;
import io.vipscope.core.flow.LocalAddresses;
import io.vipscope.core.frame.FrameKind;
import io.vipscope.core.frame.MirroredFrame;
import io.vipscope.core.frame.Tunnel;
import io.vipscope.core.ring.BlockSlot;
import io.vipscope.core.ring.Duplicates;
import io.vipscope.core.ring.FramePublisher;
import io.vipscope.core.ring.ReaderCounters;
import io.vipscope.core.sink.AuditSink;
import io.vipscope.core.worker.ColdQueue;
import io.vipscope.core.worker.ControlReader;
import io.vipscope.core.worker.Latency;
import io.vipscope.core.worker.Shard;
import io.vipscope.core.worker.ShardWorkers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The whole data path: readers, ring of frame blocks, flow workers, cold thread. A thread that uses
 * one of the {@link #publishers()} is a reader.
 */
public final class AuditPipeline {

  private static final int RING_BLOCKS = 64;
  private static final int MIN_SHARD_FLOWS = 4096;
  private static final int SPREAD = 6;
  private static final int COLD_BATCHES = 256;
  private static final int LATENCY_TRIES = 5;
  private static final Duration POLL = Duration.ofMillis(100);

  private final RingBuffer<BlockSlot> ring;
  private final List<FramePublisher> publishers = new ArrayList<>();
  private final List<Shard> shards = new ArrayList<>();
  private final ShardWorkers threads;
  private final Auditor auditor;
  private final Thread cold;
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

  /** Builds and starts the threads. */
  public AuditPipeline(AuditConfig config, HostIndex index, AuditSink sink) {
    this(config, index, sink, EvidenceSink.NONE);
  }

  /** The same for an audit that explains what it finds. */
  public AuditPipeline(AuditConfig config, HostIndex index, AuditSink sink, EvidenceSink evidence) {
    int workers = config.workers();
    FlowHash hash = new FlowHash(config.seed());
    LocalAddresses local = index.localAddresses();
    BlockingQueue<ColdQueue.Batch> queue = new ArrayBlockingQueue<>(COLD_BATCHES);
    int count = shards(workers, config.maxFlows());
    int readers = config.readers();
    ring =
        RingBuffer.create(
            readers == 1 ? ProducerType.SINGLE : ProducerType.MULTI,
            () -> new BlockSlot(count),
            RING_BLOCKS,
            config.waiting().strategy());
    int perShard = perShard(config.maxFlows(), count);
    for (int id = 0; id < count; id++) {
      ColdQueue out = new ColdQueue(id, queue);
      FlowTracker tracker =
          new FlowTracker(
              perShard, hash, local, config.timeouts(), config.options().segments(), out);
      shards.add(new Shard(id, tracker, out, ring, readers, config.latency(), this::failed));
    }
    threads = new ShardWorkers(ring, shards, workers, this::failed);
    auditor =
        new Auditor(
            queue,
            count + readers,
            index,
            local,
            config.options(),
            config.dedupNs() != 0,
            sink,
            evidence);
    cold = Thread.ofPlatform().daemon().name("auditor").start(auditor);
    threads.start();
    for (int number = 0; number < readers; number++) {
      publishers.add(
          new FramePublisher(
              new FramePublisher.Reader(number, readers),
              ring,
              hash,
              // Its own, which stays: the shard of a flow that goes on must not change.
              index.localAddresses(),
              count,
              threads,
              new MirroredFrame(config.mirror(), config.segments()),
              config.dedupNs() == 0 ? Duplicates.NONE : new Duplicates(config.dedupNs()),
              config.selection().another(),
              new ControlReader(new ColdQueue(count + number, queue))));
    }
  }

  /**
   * A power of two, so many that the workers and the reader share them evenly, and so few that none
   * is full long before the others.
   */
  private static int shards(int workers, int maxFlows) {
    int wanted = Math.max(8, 2 * Integer.highestOneBit(2 * workers - 1));
    int sensible = Integer.highestOneBit(Math.max(1, maxFlows / MIN_SHARD_FLOWS));
    return Math.min(Math.min(wanted, sensible), FramePublisher.MAX_SHARDS);
  }

  /**
   * Flows of one shard at most. How many of a given number of flows fall to a shard varies by the
   * square root of their mean number: some times that is added, so that none ends early while the
   * others have room.
   */
  private static int perShard(int maxFlows, int shards) {
    int mean = Math.ceilDiv(maxFlows, shards);
    return shards == 1 ? mean : mean + SPREAD * (int) Math.sqrt(mean);
  }

  /** Keeps the first failure; the other threads go on, so that nobody waits for ever. */
  private void failed(Throwable e) {
    failure.compareAndSet(null, e);
  }

  /** The end of the only reader. */
  public FramePublisher publisher() {
    return publishers.getFirst();
  }

  /** The ends of the readers. Frames of one flow have to go by the same one to keep their order. */
  public List<FramePublisher> publishers() {
    return Collections.unmodifiableList(publishers);
  }

  /**
   * Newer state of the audited hosts: flows judged from now on are judged by it, and addresses and
   * VIPs that are new are followed.
   */
  public void offer(List<AuditedHost> hosts) {
    auditor.offer(hosts);
  }

  /** What went wrong on another thread so far; the reader should stop then. */
  public @Nullable Throwable failure() {
    Throwable first = failure.get();
    return first == null ? auditor.failure() : first;
  }

  /**
   * Ends the capture: everything read is worked off, every record written. No reader's thread uses
   * its publisher any more.
   *
   * @throws IllegalStateException if a thread failed or the books do not balance: a defect
   */
  public AuditCounters finish() throws InterruptedException {
    long latestNs = Long.MIN_VALUE;
    for (FramePublisher publisher : publishers) {
      latestNs = Math.max(latestNs, publisher.clockNs());
    }
    publishers.stream().skip(1).forEach(FramePublisher::retire);
    publishers.getFirst().end(latestNs);
    // The auditor ends after the last shard.
    while (!cold.join(POLL) && failure.get() == null) {
      // a worker that failed may never say that it is done
    }
    if (failure.get() != null) {
      cold.interrupt();
      cold.join();
    }
    threads.halt();
    Throwable failed = failure();
    if (failed != null) {
      throw new IllegalStateException("a pipeline thread failed", failed);
    }
    AuditCounters counters = counters();
    if (counters.accounted() != counters.frames()) {
      throw new IllegalStateException(
          "frames are lost from the books: "
              + counters.frames()
              + " taken, "
              + counters.accounted()
              + " accounted for");
    }
    return counters;
  }

  /** How long frames took, after the end; null if that was not measured. */
  public @Nullable Latency latency() {
    Latency all = null;
    for (Shard shard : shards) {
      Latency part = shard.latency();
      if (part != null) {
        all = all == null ? Latency.none() : all;
        all.add(part);
      }
    }
    return all;
  }

  /**
   * How long frames took so far, while the shards go on counting: a frame under way may be missing.
   * A shard's histogram that grows at this very moment cannot be read; then it is tried again, and
   * null if that does not help, or nothing is measured. For any thread.
   */
  public @Nullable Latency latencySoFar() {
    for (int i = 0; i < LATENCY_TRIES; i++) {
      try {
        return latency();
      } catch (ArrayIndexOutOfBoundsException _) {
        // its counts were just copied to a longer array, once for each new longest time
      }
    }
    return null;
  }

  /** How much of the hosts' state was used so far, as of the call before; for any thread. */
  public List<RuleCoverage> coverage() {
    return auditor.coverage();
  }

  private long sum(ToLongFunction<FlowTracker> part) {
    return shards.stream().map(Shard::tracker).mapToLong(part).sum();
  }

  private long read(ToLongFunction<ReaderCounters> part) {
    return publishers.stream().map(FramePublisher::counters).mapToLong(part).sum();
  }

  /** Blocks of frames for which the ring has room now; 0: the reader waits for the workers. */
  public long ringRemaining() {
    return ring.remainingCapacity();
  }

  /**
   * The numbers so far. While the pipeline runs its threads go on counting, and the sum of the
   * buckets may differ from the frames by those under way.
   */
  public AuditCounters counters() {
    Map<FrameKind, Long> undecodable = new EnumMap<>(FrameKind.class);
    for (FrameKind kind :
        List.of(
            FrameKind.TRUNCATED,
            FrameKind.MALFORMED,
            FrameKind.TOO_MANY_LAYERS,
            FrameKind.UNKNOWN_LINK_TYPE)) {
      undecodable.put(kind, read(reader -> reader.ofKind(kind)));
    }
    Map<Tunnel, Long> mirrored = new EnumMap<>(Tunnel.class);
    for (Tunnel transport : Tunnel.values()) {
      long frames = publishers.stream().mapToLong(p -> p.mirrored(transport)).sum();
      if (frames > 0) {
        mirrored.put(transport, frames);
      }
    }
    return new AuditCounters(
        read(ReaderCounters::frames),
        sum(FlowTracker::trackedFrames),
        sum(FlowTracker::untrackedFrames),
        read(reader -> reader.ofKind(FrameKind.CONTROL)),
        read(reader -> reader.ofKind(FrameKind.NON_IP)),
        read(ReaderCounters::filteredFrames),
        read(ReaderCounters::duplicates),
        undecodable,
        sum(FlowTracker::flows),
        sum(FlowTracker::evicted),
        auditor.tablePredictions(),
        auditor.modelPredictions(),
        mirrored);
  }
}
