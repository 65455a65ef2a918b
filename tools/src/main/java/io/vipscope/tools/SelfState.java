package io.vipscope.tools;

import io.vipscope.capture.CaptureException;
import io.vipscope.capture.host.SnapshotCollector;
import io.vipscope.capture.host.SnapshotReader;
import io.vipscope.capture.live.NetworkEvents;
import io.vipscope.core.model.snapshot.Assumption;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.pipeline.AuditedHost;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The state of this very host, kept current: taken at the start, and again shortly after every
 * event of its network configuration. What no event tells, sysctls and address labels, is looked at
 * every second. Where events were lost the state is unknown until it has been taken anew.
 */
final class SelfState implements AutoCloseable {

  /** Events come in bursts: after one, so long without another, but not longer than the most. */
  private static final int QUIET_MS = 15;

  private static final long BURST_NS = 200_000_000L;
  private static final long LOOK_NS = 1_000_000_000L;
  private static final int TRIES = 5;

  /** More are forgotten, the oldest first. */
  private static final int MAX_SNAPSHOTS = 500;

  private static final int MAX_GAPS = 1_000;

  private final String host;
  private final Path keepalived;
  private final List<Assumption> known;
  private final Consumer<String> warnings;
  private final Set<String> warned = new HashSet<>();
  private final List<HostSnapshot> snapshots = new ArrayList<>();
  private final List<AuditedHost.Gap> gaps = new ArrayList<>();
  private final NetworkEvents events;
  private @Nullable Thread thread;
  private String settings = "";
  private String content = "";
  private boolean changed;
  private volatile boolean ended;

  /**
   * Takes the first snapshot.
   *
   * @param keepalived keepalived's configuration; it may be absent
   * @param known what the user knows of its sockets
   */
  SelfState(String host, Path keepalived, List<Assumption> known, Consumer<String> warnings) {
    this.host = host;
    this.known = List.copyOf(known);
    this.keepalived = keepalived;
    this.warnings = warnings;
    try {
      events = new NetworkEvents();
    } catch (LinkageError e) {
      throw new CaptureException("--host self: " + e.getMessage(), e);
    }
    try {
      settings = settings();
      take(nowNs());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CaptureException("--host self: interrupted", e);
    }
  }

  String host() {
    return host;
  }

  /**
   * Begins to follow changes.
   *
   * @param wake told after each
   */
  void follow(Runnable wake) {
    thread = Thread.ofPlatform().daemon().name("state").start(() -> follow(wake, nowNs()));
  }

  synchronized List<HostSnapshot> snapshots() {
    return List.copyOf(snapshots);
  }

  synchronized List<AuditedHost.Gap> gaps() {
    return List.copyOf(gaps);
  }

  /** Whether something has changed since this was last asked. */
  synchronized boolean takeChanged() {
    boolean was = changed;
    changed = false;
    return was;
  }

  private void follow(Runnable wake, long startNs) {
    long goodNs = startNs;
    long lookedNs = System.nanoTime();
    try {
      while (!ended) {
        NetworkEvents.Event event = events.await(100);
        if (event == NetworkEvents.Event.NONE) {
          goodNs = nowNs();
          if (System.nanoTime() - lookedNs < LOOK_NS) {
            continue;
          }
          lookedNs = System.nanoTime();
          String now = settings();
          if (now.equals(settings)) {
            continue;
          }
          settings = now;
          take(goodNs);
        } else {
          boolean lost = settle(event);
          if (lost) {
            lost(goodNs);
          }
        }
        goodNs = nowNs();
        wake.run();
      }
    } catch (InterruptedException _) {
      // the run is over
    } catch (CaptureException e) {
      warn("the state of this host is not followed any more: " + e.getMessage());
    }
  }

  /** Waits for the end of a burst of events and takes the state; returns whether some were lost. */
  private boolean settle(NetworkEvents.Event first) throws InterruptedException {
    boolean lost = first == NetworkEvents.Event.OVERRUN;
    for (int i = 0; i < TRIES; i++) {
      long began = System.nanoTime();
      long lastNs = nowNs();
      while (System.nanoTime() - began < BURST_NS) {
        NetworkEvents.Event event = events.await(QUIET_MS);
        if (event == NetworkEvents.Event.NONE) {
          break;
        }
        lastNs = nowNs();
        lost |= event == NetworkEvents.Event.OVERRUN;
      }
      take(lastNs);
      NetworkEvents.Event meanwhile = events.drain();
      if (meanwhile == NetworkEvents.Event.NONE) {
        return lost;
      }
      lost |= meanwhile == NetworkEvents.Event.OVERRUN;
    }
    return lost;
  }

  private synchronized void lost(long sinceNs) {
    if (gaps.size() == MAX_GAPS) {
      gaps.removeFirst();
    }
    gaps.add(new AuditedHost.Gap(sinceNs, nowNs()));
    changed = true;
    warn("events of this host's configuration were lost; it has been read anew");
  }

  /**
   * Takes a snapshot that holds from a time on; the same as before is not kept.
   *
   * @param sinceNs when the last event came
   */
  private void take(long sinceNs) throws InterruptedException {
    Path folder = null;
    try {
      folder = Files.createTempDirectory("vipscope-self-");
      new SnapshotCollector(folder, this::warn).collect(host, keepalived);
      String text = content(folder);
      if (!text.equals(content)) {
        Files.writeString(
            folder.resolve("meta.json"),
            "{\"host\":%s,\"t_start_ns\":%d,\"t_end_ns\":%d,\"kernel\":\"%s\"}"
                .formatted(
                    tools.jackson.databind.json.JsonMapper.shared().writeValueAsString(host),
                    sinceNs,
                    sinceNs,
                    System.getProperty("os.version", "").split("-", 2)[0]));
        add(SnapshotReader.read(host, folder).assuming(known));
        content = text;
      }
    } catch (IOException e) {
      throw new CaptureException("no state can be taken: " + IoReason.writing(e), e);
    } finally {
      remove(folder);
    }
  }

  private synchronized void add(HostSnapshot snapshot) {
    snapshots.add(snapshot);
    if (snapshots.size() > MAX_SNAPSHOTS) {
      snapshots.removeFirst();
    }
    changed = true;
  }

  /** Everything that decides sources: neighbours come and go all the time. */
  private static String content(Path folder) throws IOException {
    StringBuilder all = new StringBuilder();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        String name = String.valueOf(file.getFileName());
        if (!name.equals("neigh.json") && !name.equals("meta.json")) {
          String text = Files.readString(file, java.nio.charset.StandardCharsets.ISO_8859_1);
          // What runs down by itself, and counters, are no change.
          all.append(name)
              .append(
                  text.replaceAll("\"(valid_life_time|preferred_life_time|expires)\":\\d+", "")
                      .replaceAll("\\[\\d+:\\d+\\]|\"(packets|bytes)\":\\s*\\d+", "")
                      .replaceAll("(?m)^#.*$", ""));
        }
      }
    }
    return all.toString();
  }

  /** Sysctls and address labels: no event tells of them. */
  private static String settings() throws InterruptedException {
    return output("sysctl", "net.ipv4", "net.ipv6") + output("ip", "-6", "addrlabel", "list");
  }

  private static String output(String... command) throws InterruptedException {
    try {
      ProcessBuilder builder =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
      builder.environment().merge("PATH", ":/usr/sbin:/sbin", String::concat);
      Process process = builder.start();
      process.getOutputStream().close();
      String text =
          new String(
              process.getInputStream().readAllBytes(),
              java.nio.charset.StandardCharsets.ISO_8859_1);
      process.waitFor();
      return text;
    } catch (IOException _) {
      return ""; // the snapshot itself has said so
    }
  }

  private void warn(String sentence) {
    if (warned.add(sentence)) {
      warnings.accept(host + ": " + sentence);
    }
  }

  private static long nowNs() {
    java.time.Instant now = java.time.Instant.now();
    return now.getEpochSecond() * 1_000_000_000L + now.getNano();
  }

  private static void remove(@Nullable Path folder) {
    if (folder == null) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new CaptureException(folder + ": cannot be removed: " + IoReason.writing(e), e);
    }
  }

  @Override
  public void close() {
    ended = true;
    Thread running = thread;
    if (running != null) {
      try {
        running.join();
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
        return;
      }
    }
    events.close();
  }
}
