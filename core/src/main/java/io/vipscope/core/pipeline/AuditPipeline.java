package io.vipscope.core.pipeline;

import com.lmax.disruptor.BlockingWaitStrategy;
import com.lmax.disruptor.EventHandler;
import com.lmax.disruptor.ExceptionHandler;
import com.lmax.disruptor.dsl.Disruptor;
import com.lmax.disruptor.dsl.ProducerType;
import io.vipscope.core.flow.FlowHash;
import io.vipscope.core.flow.FlowTracker;
import io.vipscope.core.flow.LocalAddresses;
import io.vipscope.core.frame.FrameKind;
import io.vipscope.core.frame.MirroredFrame;
import io.vipscope.core.frame.Tunnel;
import io.vipscope.core.ring.Duplicates;
import io.vipscope.core.ring.FrameBlock;
import io.vipscope.core.ring.FramePublisher;
import io.vipscope.core.ring.ReaderCounters;
import io.vipscope.core.sink.AuditSink;
import io.vipscope.core.worker.ColdQueue;
import io.vipscope.core.worker.ControlReader;
import io.vipscope.core.worker.FlowWorker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The whole data path: reader, ring of frame blocks, flow workers, cold thread. The thread that
 * calls {@link #publisher()} is the reader.
 */
public final class AuditPipeline {

  private static final int RING_BLOCKS = 64;
  private static final int COLD_BATCHES = 256;
  private static final Duration POLL = Duration.ofMillis(100);

  private final Disruptor<FrameBlock> disruptor;
  private final FramePublisher publisher;
  private final List<FlowTracker> trackers = new ArrayList<>();
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
    disruptor =
        new Disruptor<>(
            FrameBlock::new,
            RING_BLOCKS,
            Thread.ofPlatform().daemon().name("worker-", 0).factory(),
            ProducerType.SINGLE,
            new BlockingWaitStrategy());
    disruptor.setDefaultExceptionHandler(new Failures());
    List<EventHandler<FrameBlock>> handlers = new ArrayList<>();
    int perWorker = Math.max(16, (config.maxFlows() + workers - 1) / workers);
    for (int id = 0; id < workers; id++) {
      ColdQueue out = new ColdQueue(id, queue);
      FlowTracker tracker =
          new FlowTracker(
              perWorker, hash, local, config.timeouts(), config.options().segments(), out);
      trackers.add(tracker);
      handlers.add(new FlowWorker(id, tracker, out));
    }
    for (EventHandler<FrameBlock> handler : handlers) {
      disruptor.handleEventsWith(List.of(handler).toArray(AuditPipeline::handlers));
    }
    auditor = new Auditor(queue, workers + 1, index, config.options(), sink, evidence);
    cold = Thread.ofPlatform().daemon().name("auditor").start(auditor);
    disruptor.start();
    publisher =
        new FramePublisher(
            disruptor.getRingBuffer(),
            hash,
            local,
            workers,
            new MirroredFrame(config.mirror(), config.segments()),
            config.dedupNs() == 0 ? Duplicates.NONE : new Duplicates(config.dedupNs()),
            config.selection(),
            new ControlReader(new ColdQueue(workers, queue)));
  }

  @SuppressWarnings({"unchecked", "rawtypes"}) // a generic array, for the ring's varargs
  private static EventHandler<FrameBlock>[] handlers(int count) {
    return new EventHandler[count];
  }

  /** The reader's end. */
  public FramePublisher publisher() {
    return publisher;
  }

  /**
   * Newer state of the audited hosts: flows judged from now on are judged by it. Which addresses
   * are followed stays as it was at the start.
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
   * Ends the capture: everything read is worked off, every record written.
   *
   * @throws IllegalStateException if a thread failed or the books do not balance: a defect
   */
  public AuditCounters finish() throws InterruptedException {
    publisher.end();
    // The auditor ends after the last worker. The ring's own shutdown must not be asked: it counts
    // a worker whose thread has not started yet as done, and halts it before its first block.
    while (!cold.join(POLL) && failure.get() == null) {
      // a worker that failed may never say that it is done
    }
    if (failure.get() != null) {
      cold.interrupt();
      cold.join();
    }
    disruptor.halt();
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

  private AuditCounters counters() {
    ReaderCounters reader = publisher.counters();
    Map<FrameKind, Long> undecodable = new EnumMap<>(FrameKind.class);
    for (FrameKind kind :
        List.of(
            FrameKind.TRUNCATED,
            FrameKind.MALFORMED,
            FrameKind.TOO_MANY_LAYERS,
            FrameKind.UNKNOWN_LINK_TYPE)) {
      undecodable.put(kind, reader.ofKind(kind));
    }
    Map<Tunnel, Long> mirrored = new EnumMap<>(Tunnel.class);
    for (Tunnel transport : Tunnel.values()) {
      if (publisher.mirrored(transport) > 0) {
        mirrored.put(transport, publisher.mirrored(transport));
      }
    }
    return new AuditCounters(
        reader.frames(),
        trackers.stream().mapToLong(FlowTracker::trackedFrames).sum(),
        trackers.stream().mapToLong(FlowTracker::untrackedFrames).sum(),
        reader.ofKind(FrameKind.CONTROL),
        reader.ofKind(FrameKind.NON_IP),
        reader.filteredFrames(),
        reader.duplicates(),
        undecodable,
        trackers.stream().mapToLong(FlowTracker::flows).sum(),
        trackers.stream().mapToLong(FlowTracker::evicted).sum(),
        auditor.tablePredictions(),
        auditor.modelPredictions(),
        mirrored);
  }

  /** Keeps the first failure; the other threads go on, so that nobody waits for ever. */
  private final class Failures implements ExceptionHandler<FrameBlock> {

    @Override
    public void handleEventException(Throwable e, long sequence, FrameBlock block) {
      failure.compareAndSet(null, e);
    }

    @Override
    public void handleOnStartException(Throwable e) {
      failure.compareAndSet(null, e);
    }

    @Override
    public void handleOnShutdownException(Throwable e) {
      failure.compareAndSet(null, e);
    }
  }
}
