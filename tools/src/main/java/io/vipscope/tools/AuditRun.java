package io.vipscope.tools;

import io.vipscope.capture.CaptureException;
import io.vipscope.capture.FrameSource;
import io.vipscope.capture.SourceCounters;
import io.vipscope.core.pipeline.AuditCounters;
import io.vipscope.core.pipeline.AuditPipeline;
import io.vipscope.core.pipeline.AuditedHost;
import io.vipscope.core.ring.FramePublisher;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Reads a source to its end through a pipeline; a signal ends it cleanly. */
final class AuditRun {

  /** How far behind the present a live frame may still come out of the kernel's buffer. */
  private static final long LIVE_LAG_NS = 1_000_000_000L;

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
  private final CountDownLatch signalled = new CountDownLatch(1);
  private volatile int exitCode = ExitCode.DONE;
  private volatile SourceCounters sampled = SourceCounters.UNKNOWN;
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

  /** Asked on the reader's thread: a packet socket's counters start again when they are read. */
  private void sample(long nowNs) {
    if (live && nowNs - sampledNs > SAMPLE_NS) {
      sampled = source.counters();
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
    CaptureException broken = null;
    long lastNs = 0;
    try {
      lastNs = read();
    } catch (CaptureException e) {
      broken = e;
      lastNs = this.lastNs;
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
        Thread.sleep(WATCH_MS);
        offer(folders);
      }
    } catch (InterruptedException _) {
      // the run is over
    }
  }

  private void offer(HostFolders folders) {
    List<AuditedHost> newer = folders.readNew();
    if (newer != null) {
      pipeline.offer(newer);
      newState.accept(newer);
    }
  }

  private long lastNs;

  private long read() {
    FramePublisher publisher = pipeline.publisher();
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
