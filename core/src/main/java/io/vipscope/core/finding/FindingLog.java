package io.vipscope.core.finding;

import io.vipscope.core.finding.Finding.Status;
import io.vipscope.core.verdict.Severity;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/**
 * The findings that are open. A finding is told when its first sighting comes, then at most once a
 * minute, at once when it becomes more severe, when it is resolved, and once more at the end of a
 * run if anything was added. One thread uses an instance.
 */
final class FindingLog {

  private static final long UPDATE_NS = 60_000_000_000L;
  private static final long SWEEP_NS = 1_000_000_000L;
  private static final int MAX_FRAMES = 20;
  private static final int MAX_FLOWS = 10_000;

  /** Enough for any network that is not on fire; more are counted as one that is open. */
  private static final int MAX_OPEN = 10_000;

  private record Key(FindingKind kind, String subject) {}

  private static final class Entry {
    final String id;
    final long startNs;
    final List<Long> frames = new ArrayList<>();
    final Set<Long> flows = new HashSet<>();
    Sighting last;
    Severity severity;
    long count;
    long toldNs;
    boolean changed;

    Entry(String id, Sighting first) {
      this.id = id;
      startNs = first.startNs();
      last = first;
      severity = first.severity();
    }

    void add(Sighting s) {
      last = s;
      count++;
      changed = true;
      if (s.frame() > 0 && frames.size() < MAX_FRAMES && !frames.contains(s.frame())) {
        frames.add(s.frame());
      }
      if (s.flowId() != Sighting.NO_FLOW && flows.size() < MAX_FLOWS) {
        flows.add(s.flowId());
      }
    }

    Finding told(Status status, long atNs, long endNs, String segment) {
      changed = false;
      toldNs = atNs;
      return new Finding(
          id,
          last.kind(),
          severity,
          status,
          last.host(),
          last.segment(),
          last.vip(),
          atNs,
          startNs,
          endNs,
          count,
          flows.size(),
          frames,
          segment.isEmpty() ? last.text() : last.text() + " (" + segment + ")",
          last.next());
    }
  }

  private final Consumer<Finding> sink;
  private final IntFunction<String> segments;
  private final Map<Key, Entry> open = new LinkedHashMap<>();
  private final Map<Key, Integer> times = new HashMap<>();
  private long sweptNs = Long.MIN_VALUE;
  private boolean sweeping;
  private long endNs = Long.MAX_VALUE;

  /**
   * @param segments names a segment for people; empty if there is but one
   */
  FindingLog(Consumer<Finding> sink, IntFunction<String> segments) {
    this.sink = sink;
    this.segments = segments;
  }

  private Finding told(Entry entry, Status status, long atNs, long endNs) {
    return entry.told(status, atNs, endNs, segments.apply(entry.last.segment()));
  }

  /** No further frame comes: nothing is told of a later time. */
  void end(long ns) {
    endNs = ns;
  }

  /** Takes evidence, {@code understoodNs} being when it was understood. */
  void see(Sighting s, long understoodNs) {
    long nowNs = Math.min(understoodNs, endNs);
    Key key = new Key(s.kind(), s.subject());
    Entry entry = open.get(key);
    if (entry != null) {
      boolean worse = s.severity().compareTo(entry.severity) > 0;
      entry.add(s);
      if (worse) {
        entry.severity = s.severity();
      }
      if (worse || nowNs - entry.toldNs >= UPDATE_NS) {
        sink.accept(told(entry, Status.UPDATE, nowNs, s.tsNs()));
      }
      return;
    }
    if (open.size() == MAX_OPEN) {
      return;
    }
    int time = times.merge(key, 1, Integer::sum);
    Entry fresh =
        new Entry(s.kind() + "-" + s.subject().replace(' ', '-') + (time > 1 ? "-" + time : ""), s);
    fresh.add(s);
    open.put(key, fresh);
    sink.accept(told(fresh, Status.OPEN, nowNs, Finding.NO_TIME));
  }

  /** Lets time pass: {@link #quiet} does something once a second only. */
  void tick(long nowNs) {
    sweeping = !open.isEmpty() && (sweptNs == Long.MIN_VALUE || nowNs - sweptNs >= SWEEP_NS);
    if (sweeping) {
      sweptNs = nowNs;
    }
  }

  boolean isOpen(FindingKind kind, String subject) {
    return open.containsKey(new Key(kind, subject));
  }

  /** A finding is over. */
  void resolve(FindingKind kind, String subject, long nowNs) {
    Entry entry = open.remove(new Key(kind, subject));
    if (entry != null) {
      sink.accept(told(entry, Status.RESOLVED, Math.min(nowNs, endNs), entry.last.tsNs()));
    }
  }

  /** Resolves findings of which nothing was seen for so long. */
  void quiet(FindingKind kind, long quietNs, long nowNs) {
    if (!sweeping) {
      return;
    }
    List<String> over = new ArrayList<>();
    open.forEach((key, entry) -> {
      if (key.kind() == kind && Math.min(nowNs, endNs) - entry.last.tsNs() > quietNs) {
        over.add(key.subject());
      }
    });
    over.forEach(subject -> resolve(kind, subject, nowNs));
  }

  /** The run is over: what was added since it was last told is told. */
  void close(long nowNs) {
    for (Entry entry : open.values()) {
      if (entry.changed) {
        sink.accept(told(entry, Status.UPDATE, nowNs, entry.last.tsNs()));
      }
    }
  }
}
