package io.vipscope.tools;

import io.vipscope.capture.CaptureException;
import io.vipscope.capture.FrameSource;
import io.vipscope.capture.SourceCounters;
import io.vipscope.core.pipeline.AuditCounters;
import io.vipscope.core.pipeline.AuditPipeline;
import io.vipscope.core.pipeline.AuditedHost;
import io.vipscope.core.pipeline.HostIndex;
import io.vipscope.core.ring.FramePublisher;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads a source to its end through a pipeline; a signal ends it cleanly. A live audit takes up
 * newer state of the hosts as it is found, and reads all of it again at SIGHUP.
 */
final class AuditRun {

  /**
   * How far behind the present a live frame may still come out of the kernel's buffer when nothing
   * was ready to read: some times the longest that the sources let it lie there (50 ms).
   */
  private static final long LIVE_LAG_NS = 200_000_000L;

  /** Live frames are handed on at least this often. */
  private static final long LIVE_FLUSH_NS = 100_000_000L;

  /** So many frames are read between two looks at whether anybody reads the records. */
  private static final int ABANDONED_FRAMES = 1 << 16;

  /** How often a live audit asks for the kernel's counters. */
  private static final long SAMPLE_NS = 500_000_000L;

  /** How often a live audit looks for newer snapshots. */
  private static final long WATCH_MS = 1_000;

  /**
   * What came of it.
   *
   * @param broken the input could not be read to its end; null if it could
   * @param lastNs capture time of the last frame
   */
  record Result(
      AuditCounters counters,
      SourceCounters source,
      double seconds,
      long lastNs,
      @Nullable CaptureException broken) {}

  private final FrameSource source;
  private final AuditPipeline pipeline;
  private final boolean live;
  private final @Nullable HostFolders folders;
  private final long maxFrames;
  private final BooleanSupplier abandoned;
  private final CountDownLatch done = new CountDownLatch(1);
  private final Semaphore wake = new Semaphore(0);
  private final AtomicBoolean reread = new AtomicBoolean();
  private @Nullable ProcessWatch processes;
  private @Nullable NatPairing nat;
  private int natInside = -1;
  private int natOutside = -1;
  private final CountDownLatch signalled = new CountDownLatch(1);
  private volatile int exitCode = ExitCode.DONE;
  private volatile SourceCounters sampled = SourceCounters.UNKNOWN;
  private volatile long sampledFrameNs = Long.MIN_VALUE;
  private long sampledNs;
  private volatile Consumer<List<AuditedHost>> newState = _ -> {};

  /**
   * @param folders of a live audit: newer snapshots in them are taken up; null for files
   * @param maxFrames stop after so many; 0 = no limit
   * @param abandoned whether nobody reads the records any more: the run ends
   */
  AuditRun(
      FrameSource source,
      AuditPipeline pipeline,
      @Nullable HostFolders folders,
      long maxFrames,
      BooleanSupplier abandoned) {
    this.source = source;
    this.pipeline = pipeline;
    this.live = folders != null;
    this.folders = folders;
    this.maxFrames = maxFrames;
    this.abandoned = abandoned;
  }

  /**
   * Frames of two of the sources are shown to it, if it is given before the run.
   *
   * @param inside which source is not audited, but read for this alone
   */
  void nat(NatPairing pairing, int inside, int outside) {
    nat = pairing;
    natInside = inside;
    natOutside = outside;
  }

  /** Frames are shown to it as they are read, if it is given before the run. */
  void processes(ProcessWatch watch) {
    processes = watch;
  }

  /**
   * On SIGINT or SIGTERM stops the source, waits until everything is written, and ends the process
   * with the run's own exit code rather than the signal's.
   */
  Thread stopOnSignal() {
    Thread hook =
        new Thread(
            () -> {
              signalled.countDown();
              source.stop();
              try {
                done.await();
              } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
              }
              Runtime.getRuntime().halt(exitCode);
            },
            "stop");
    Runtime.getRuntime().addShutdownHook(hook);
    return hook;
  }

  /** Ends a live audit, as a signal does. */
  void stop() {
    source.stop();
  }

  /** Waits until a signal asks the process to end. */
  void awaitSignal() throws InterruptedException {
    signalled.await();
  }

  /** Is told of newer state of the hosts, too. */
  void onNewState(Consumer<List<AuditedHost>> listener) {
    newState = listener;
  }

  /** What kernel and interface said within the last second of a live audit; for any thread. */
  SourceCounters sampled() {
    return sampled;
  }

  /**
   * Capture time of a live audit's last frame, as of the last second; {@link Long#MIN_VALUE} before
   * the first. For any thread.
   */
  long sampledFrameNs() {
    return sampledFrameNs;
  }

  /** Asked on the reader's thread: a packet socket's counters start again when they are read. */
  private void sample(long nowNs) {
    if (live && nowNs - sampledNs > SAMPLE_NS) {
      sampled = source.counters();
      if (lastNs > 0) {
        sampledFrameNs = lastNs;
      }
      sampledNs = nowNs;
    }
  }

  /** Stops the source after this time, unless the run has ended before. */
  void stopAfter(long ns) {
    Thread.ofVirtual()
        .start(() -> {
          try {
            if (!done.await(ns, TimeUnit.NANOSECONDS)) {
              source.stop();
            }
          } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
          }
        });
  }

  /** Tells the signal's thread that all is written. */
  void finished(int code, Thread hook) {
    exitCode = code;
    done.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException _) {
      // The process is ending by a signal: the hook itself halts it.
    }
  }

  Result run() throws InterruptedException {
    long startedNs = System.nanoTime();
    Thread watch = folders == null ? null : Thread.ofVirtual().start(() -> watch(folders));
    AutoCloseable hangup = folders == null ? () -> {} : Hangup.does(this::rereadAll);
    SelfState self = folders == null ? null : folders.self();
    if (self != null) {
      self.follow(wake::release);
    }
    CaptureException broken = null;
    long lastNs = 0;
    try {
      lastNs = read();
    } catch (CaptureException e) {
      broken = e;
      lastNs = this.lastNs;
    }
    close(hangup);
    if (self != null) {
      self.close();
    }
    if (watch != null && folders != null) {
      watch.interrupt();
      watch.join();
      offer(folders);
    }
    AuditCounters counters = pipeline.finish();
    double seconds = (System.nanoTime() - startedNs) / 1e9;
    return new Result(counters, source.counters(), seconds, lastNs, broken);
  }

  private void watch(HostFolders folders) {
    try {
      while (true) {
        boolean _ = wake.tryAcquire(WATCH_MS, TimeUnit.MILLISECONDS);
        wake.drainPermits();
        if (reread.getAndSet(false)) {
          folders.forget();
        }
        offer(folders);
      }
    } catch (InterruptedException _) {
      // the run is over
    }
  }

  /** Whether the frame is only for this, and none that is audited. */
  private boolean showNat(NatPairing pairing) {
    int from = source.sourceIndex();
    if (from == natInside || from == natOutside) {
      pairing.frame(
          from == natInside,
          source.data(),
          source.dataOffset(),
          source.capturedLength(),
          source.wireLength(),
          source.linkType(),
          lastNs);
    }
    return from == natInside;
  }

  private void rereadAll() {
    reread.set(true);
    wake.release();
  }

  private static void close(AutoCloseable closeable) {
    try {
      closeable.close();
    } catch (Exception e) { // of a signal's handler: nothing that it stands for is lost
      throw new IllegalStateException(e);
    }
  }

  private void offer(HostFolders folders) {
    List<AuditedHost> newer = folders.readNew();
    if (newer != null) {
      pipeline.offer(newer);
      if (nat != null) {
        nat.judge().offer(new HostIndex(newer, List.of()));
      }
      newState.accept(newer);
    }
  }

  private long lastNs;

  private long read() {
    FramePublisher publisher = pipeline.publisher();
    ProcessWatch watch = processes;
    NatPairing nat = this.nat;
    long frames = 0;
    long flushedNs = 0;
    while (pipeline.failure() == null) {
      switch (source.next()) {
        case END -> {
          return lastNs;
        }
        case IDLE -> {
          publisher.flush();
          long nowNs = System.currentTimeMillis() * 1_000_000L;
          publisher.tick(nowNs - LIVE_LAG_NS);
          sample(nowNs);
          if (abandoned.getAsBoolean()) {
            return lastNs;
          }
        }
        case FRAME -> {
          lastNs = source.timestampNs();
          if (nat != null && showNat(nat)) {
            continue;
          }
          if (watch != null) {
            watch.frame(
                source.data(), source.dataOffset(), source.capturedLength(), source.linkType());
          }
          publisher.frame(
              source.data(),
              source.dataOffset(),
              source.capturedLength(),
              source.wireLength(),
              source.linkType(),
              lastNs,
              source.sourceIndex());
          if (live && lastNs - flushedNs > LIVE_FLUSH_NS) {
            publisher.flush();
            flushedNs = lastNs;
            sample(lastNs);
          }
          if (++frames == maxFrames || frames % ABANDONED_FRAMES == 0 && abandoned.getAsBoolean()) {
            return lastNs;
          }
        }
      }
    }
    return lastNs;
  }
}
