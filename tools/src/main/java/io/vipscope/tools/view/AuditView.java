package io.vipscope.tools.view;

import io.vipscope.core.failover.Failover;
import io.vipscope.core.finding.Finding;
import io.vipscope.core.flow.FlowRecord;
import io.vipscope.core.frame.Segments;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.ownership.Ownership;
import io.vipscope.core.verdict.FlowVerdict;
import io.vipscope.core.verdict.Verdict;
import io.vipscope.tools.SegmentText;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an audit has shown so far. One thread adds, any thread reads; the lock is held for a few
 * references at a time, so that the adding thread never waits for a reader's work. Everything has a
 * limit; what no longer fits is counted.
 */
public final class AuditView implements ResultSink {

  private static final int MAX_LANES = 500;
  private static final int MAX_CHANGES = 5_000;
  private static final int MAX_FAILOVERS = 1_000;
  private static final int MAX_FINDINGS = 2_000;
  private static final int MAX_DIFFERENCES = 2_000;

  /** Flows that go on and are counted as they begin; the others are counted when they end. */
  private static final int MAX_OPEN = 200_000;

  /** Steps of so many flows with an expected source are kept per second: they take a while. */
  private static final int TRACES_PER_SECOND = 2_000;

  private record LaneKey(int segment, IpAddress vip) {}

  private record FindingKey(int run, String id) {}

  private static final class LaneLog {
    @Nullable String instance;
    final List<Ownership> changes = new ArrayList<>();
    final List<Lane.Shared> shared = new ArrayList<>();

    /** Ends what is over and begins what is new of the others that use the VIP. */
    void share(Ownership o) {
      shared.replaceAll(s ->
          s.untilNs() == Lane.Shared.GOES_ON && !others(o).contains(s.host())
              ? new Lane.Shared(s.host(), s.fromNs(), o.atNs())
              : s);
      for (String other : others(o)) {
        if (shared.size() < MAX_CHANGES
            && shared.stream()
                .noneMatch(s -> s.untilNs() == Lane.Shared.GOES_ON && s.host().equals(other))) {
          shared.add(new Lane.Shared(other, o.atNs(), Lane.Shared.GOES_ON));
        }
      }
    }

    private static List<String> others(Ownership o) {
      return o.holders().stream().filter(h -> !h.equals(o.host())).toList();
    }
  }

  private final Segments segments;
  private final FlowLog flows;
  private final Map<LaneKey, LaneLog> lanes = new LinkedHashMap<>();
  private final List<Failover> failovers = new ArrayList<>();
  private final Map<FindingKey, Finding> findings = new LinkedHashMap<>();
  private final Map<Difference, Difference.Tally> differences = new LinkedHashMap<>();
  private final Map<Long, FlowVerdict> open = new HashMap<>();
  private final FlowSeries series = new FlowSeries();
  private final HostCounts hosts = new HostCounts();
  private int run;
  private long left;
  private long version;
  private long firstNs = Long.MAX_VALUE;
  private long lastNs = Long.MIN_VALUE;
  private long traceSecond;
  private int traces;

  /**
   * @param segments what numbers of segments stand for
   * @param maxFlows the latest flows that are kept
   */
  public AuditView(Segments segments, int maxFlows) {
    this.segments = segments;
    this.flows = new FlowLog(maxFlows);
  }

  /** Makes a host appear although no flow of it was seen. */
  public synchronized void expect(String host) {
    hosts.expect(host);
  }

  /** What comes now is of another run: its flows and findings have numbers of their own. */
  public synchronized void nextRun() {
    run++;
    open.clear();
  }

  private void at(long ns) {
    firstNs = Math.min(firstNs, ns);
    lastNs = Math.max(lastNs, ns);
    version++;
  }

  @Override
  public synchronized void owner(Ownership o, @Nullable String instance) {
    at(o.atNs());
    LaneKey key = new LaneKey(o.segment(), o.vip());
    if (lanes.size() == MAX_LANES && !lanes.containsKey(key)) {
      left++;
      return;
    }
    LaneLog lane = lanes.computeIfAbsent(key, _ -> new LaneLog());
    if (instance != null) {
      lane.instance = instance;
    }
    lane.share(o);
    Ownership before = lane.changes.isEmpty() ? null : lane.changes.getLast();
    if (before != null && before.epoch() == o.epoch() && before.sinceNs() == o.sinceNs()) {
      lane.changes.set(lane.changes.size() - 1, o); // who uses it beside its holder
      return;
    }
    if (lane.changes.size() == MAX_CHANGES) {
      lane.changes.removeFirst();
      left++;
    }
    lane.changes.add(o);
  }

  @Override
  public synchronized void failover(Failover f) {
    at(f.atNs());
    if (failovers.size() == MAX_FAILOVERS) {
      failovers.removeFirst();
      left++;
    }
    failovers.add(f);
  }

  @Override
  public synchronized void finding(Finding f) {
    at(f.atNs());
    FindingKey key = new FindingKey(run, f.id());
    if (findings.size() < MAX_FINDINGS || findings.containsKey(key)) {
      findings.put(key, f);
    } else {
      left++;
    }
  }

  @Override
  public void judged(FlowRecord flow, FlowVerdict verdict, boolean accepted) {
    FlowRow row = new FlowRow(run, flow, verdict, accepted, trace(verdict, flow.startNs()), false);
    synchronized (this) {
      at(flow.startNs());
      if (open.size() < MAX_OPEN && open.putIfAbsent(flow.flowId(), verdict) == null) {
        count(row, 1);
        differs(row, 1);
        flows.add(row);
      }
    }
  }

  @Override
  public void flow(FlowRecord flow, FlowVerdict verdict, boolean accepted) {
    boolean interim = FlowRow.interim(flow);
    FlowRow row =
        new FlowRow(run, flow, verdict, accepted, trace(verdict, flow.startNs()), !interim);
    synchronized (this) {
      at(flow.startNs());
      at(flow.endNs());
      FlowVerdict before = interim ? open.get(flow.flowId()) : open.remove(flow.flowId());
      if (before == null && !interim) {
        count(row, 1);
        differs(row, 1);
      } else if (before != null && !same(before, verdict)) {
        FlowRow was = new FlowRow(run, flow, before, accepted, row.trace(), false);
        count(was, -1);
        count(row, 1);
        differs(was, -1);
        differs(row, 1);
        if (interim) {
          open.put(flow.flowId(), verdict);
        }
      }
      flows.add(row);
    }
  }

  /** Whether both count alike; their steps are not looked at, for they would have to be made. */
  private static boolean same(FlowVerdict a, FlowVerdict b) {
    return a.verdict() == b.verdict()
        && a.sourceClass() == b.sourceClass()
        && a.direction() == b.direction()
        && a.reason().equals(b.reason());
  }

  private void count(FlowRow row, int sign) {
    hosts.add(row.verdict(), sign);
    if (row.verdict().verdict() != null) {
      series.add(row.flow().startNs(), row.verdict(), sign);
    }
  }

  /** Counts a flow that differs, or takes it back. */
  private void differs(FlowRow row, int sign) {
    Difference kind = row.accepted() ? null : Difference.of(row.flow(), row.verdict());
    if (kind == null) {
      return;
    }
    Difference.Tally tally = differences.get(kind);
    if (sign < 0) {
      if (tally != null && tally.flows() > 1) {
        differences.put(kind, tally.minusOne());
      } else {
        differences.remove(kind);
      }
    } else if (tally != null) {
      differences.put(kind, tally.plus(row));
    } else if (differences.size() == MAX_DIFFERENCES) {
      left++;
    } else {
      long startNs = row.flow().startNs();
      differences.put(kind, new Difference.Tally(1, startNs, startNs, row));
    }
  }

  /** The steps, made on the adding thread: a verdict's trace is one thread's. */
  private List<String> trace(FlowVerdict v, long nowNs) {
    if (v.verdict() == null) {
      return List.of();
    }
    if (v.verdict() == Verdict.MATCH) {
      long second = Math.floorDiv(nowNs, 1_000_000_000L);
      traces = second == traceSecond ? traces + 1 : 1;
      traceSecond = second;
      if (traces > TRACES_PER_SECOND) {
        return List.of();
      }
    }
    return List.copyOf(v.trace());
  }

  /** The whole but for the flows. */
  public synchronized ViewCopy copy() {
    List<Lane> all = new ArrayList<>();
    lanes.forEach((key, log) -> {
      if (!log.changes.isEmpty()) {
        all.add(
            new Lane(
                key.vip(),
                SegmentText.of(segments, key.segment()),
                log.instance,
                log.changes,
                log.shared));
      }
    });
    return new ViewCopy(
        version,
        firstNs,
        lastNs,
        all,
        List.copyOf(failovers),
        List.copyOf(findings.values()),
        new LinkedHashMap<>(differences),
        series.copy(),
        hosts.copy(),
        flows.seen(),
        left);
  }

  /** Changes whenever anything was added. */
  public synchronized long version() {
    return version;
  }

  /** The flows that are kept, the latest first. */
  public synchronized List<FlowRow> flows() {
    return flows.latestFirst();
  }

  /** A flow that is kept, by {@link FlowRow#key}; null if it is none, or no longer. */
  public synchronized @Nullable FlowRow flow(String key) {
    return flows.find(key);
  }
}
