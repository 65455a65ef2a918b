package io.vipscope.tools;

import io.vipscope.capture.CaptureException;
import io.vipscope.capture.FrameSource;
import io.vipscope.capture.SourceCounters;
import io.vipscope.core.pipeline.AuditCounters;
import io.vipscope.core.pipeline.AuditPipeline;
import io.vipscope.core.pipeline.AuditedHost;
import io.vipscope.core.pipeline.HostIndex;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads a capture to its end through a pipeline, by one thread or several; a signal ends it
 * cleanly. A live audit takes up newer state of the hosts as it is found, and reads all of it again
 * at SIGHUP; one that is shown on a terminal ends then, for the terminal was closed.
 */
final class AuditRun {

  /** How often a live audit looks for newer snapshots. */
  private static final long WATCH_MS = 1_000;

  /**
   * What came of it.
   *
   * @param broken the input could not be read to its end; null if it could
   * @param seconds from the first frame, if there is one, until all are classified
   * @param lastNs capture time of the last frame
   */
  record Result(
      AuditCounters counters,
      SourceCounters source,
      double seconds,
      long lastNs,
      @Nullable CaptureException broken) {}

  private final List<FrameSource> sources;
  private final List<FrameReader> readers = new ArrayList<>();
  private final AuditPipeline pipeline;
  private final @Nullable HostFolders folders;
  private final CountDownLatch done = new CountDownLatch(1);
  private final Semaphore wake = new Semaphore(0);
  private final AtomicBoolean reread = new AtomicBoolean();
  private @Nullable NatPairing nat;
  private final CountDownLatch signalled = new CountDownLatch(1);
  private volatile int exitCode = ExitCode.DONE;
  private boolean onTerminal;
  private Runnable hangup = () -> {};
  private volatile Consumer<List<AuditedHost>> newState = _ -> {};

  /**
   * @param sources one for each of the pipeline's publishers: the first is read by the thread that
   *     runs this, the others by threads of their own
   * @param folders of a live audit: newer snapshots in them are taken up; null for files
   * @param maxFrames each reader stops after so many; 0 = no limit
   * @param abandoned whether nobody reads the records any more: the run ends
   */
  AuditRun(
      List<FrameSource> sources,
      AuditPipeline pipeline,
      @Nullable HostFolders folders,
      long maxFrames,
      BooleanSupplier abandoned) {
    this.sources = List.copyOf(sources);
    this.pipeline = pipeline;
    this.folders = folders;
    for (int n = 0; n < sources.size(); n++) {
      readers.add(
          new FrameReader(
              sources.get(n),
              pipeline.publishers().get(n),
              folders != null,
              maxFrames,
              () -> pipeline.failure() != null || abandoned.getAsBoolean()));
    }
  }

  /**
   * Frames of two of the sources are shown to it, if it is given before the run.
   *
   * @param inside which source is not audited, but read for this alone
   */
  void nat(NatPairing pairing, int inside, int outside) {
    nat = pairing;
    readers
        .getFirst()
        .showTo(source -> {
          int from = source.sourceIndex();
          if (from == inside || from == outside) {
            pairing.frame(
                from == inside,
                source.data(),
                source.dataOffset(),
                source.capturedLength(),
                source.wireLength(),
                source.linkType(),
                source.timestampNs());
          }
          return from != inside;
        });
  }

  /** How many threads read. */
  int readers() {
    return readers.size();
  }

  /** Frames that one of the threads reads are shown to it, if it is given before the run. */
  void showTo(int reader, FrameReader.Onlooker onlooker) {
    readers.get(reader).showTo(onlooker);
  }

  /** Frames are shown to it as they are read, if it is given before the run. */
  void processes(ProcessWatch watch) {
    readers
        .getFirst()
        .showTo(source -> {
          watch.frame(
              source.data(), source.dataOffset(), source.capturedLength(), source.linkType());
          return true;
        });
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
              stop();
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
    sources.forEach(FrameSource::stop);
  }

  /** Somebody watches it on a terminal, if this is said before the run: it ends with that. */
  void onTerminal() {
    onTerminal = true;
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
    return readers.stream().map(FrameReader::sampled).reduce(SourceCounters::plus).orElseThrow();
  }

  /**
   * Capture time of a live audit's last frame, as of the last second; {@link Long#MIN_VALUE} before
   * the first. For any thread.
   */
  long sampledFrameNs() {
    return readers.stream().mapToLong(FrameReader::sampledFrameNs).max().orElseThrow();
  }

  /** Stops the source after this time, unless the run has ended before. */
  void stopAfter(long ns) {
    Thread.ofVirtual()
        .start(() -> {
          try {
            if (!done.await(ns, TimeUnit.NANOSECONDS)) {
              stop();
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
    long openedAt = System.nanoTime();
    Thread watch = folders == null ? null : Thread.ofVirtual().start(() -> watch(folders));
    AutoCloseable hangup =
        folders == null ? () -> {} : Hangup.does(onTerminal ? this::stop : this::rereadAll);
    SelfState self = folders == null ? null : folders.self();
    if (self != null) {
      self.follow(wake::release);
    }
    read();
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
    double seconds =
        (System.nanoTime()
                - readers.stream()
                    .filter(FrameReader::hasFrames)
                    .mapToLong(FrameReader::startedAt)
                    .min()
                    .orElse(openedAt))
            / 1e9;
    SourceCounters outside =
        sources.stream().map(FrameSource::counters).reduce(SourceCounters::plus).orElseThrow();
    long lastNs = readers.stream().mapToLong(FrameReader::lastNs).max().orElseThrow();
    CaptureException broken = null;
    for (FrameReader reader : readers) {
      broken = broken == null ? reader.broken() : broken;
    }
    return new Result(counters, outside, seconds, lastNs, broken);
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

  /** At SIGHUP this is done, too, if it is given before the run. Must be short. */
  void onHangup(Runnable action) {
    hangup = action;
  }

  private void rereadAll() {
    hangup.run();
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

  /** A reader that ends, by itself or because its source is broken, ends the others. */
  private void read() throws InterruptedException {
    List<Thread> further = new ArrayList<>();
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    for (int n = 1; n < readers.size(); n++) {
      FrameReader reader = readers.get(n);
      further.add(
          Thread.ofPlatform()
              .name("reader-" + n)
              .uncaughtExceptionHandler((_, e) -> failure.compareAndSet(null, e))
              .start(() -> read(reader)));
    }
    read(readers.getFirst());
    for (Thread thread : further) {
      thread.join();
    }
    Throwable failed = failure.get();
    if (failed != null) {
      throw new IllegalStateException("a reading thread failed", failed);
    }
  }

  private void read(FrameReader reader) {
    try {
      reader.run();
    } finally {
      if (readers.size() > 1) {
        stop();
      }
    }
  }
}
