package io.vipscope.core.pipeline;

import io.vipscope.core.failover.FailoverLog;
import io.vipscope.core.finding.Findings;
import io.vipscope.core.finding.RuleCoverage;
import io.vipscope.core.flow.AckSight;
import io.vipscope.core.flow.FlowRecord;
import io.vipscope.core.flow.LocalAddresses;
import io.vipscope.core.flow.VipFrame;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.ownership.ControlEvent;
import io.vipscope.core.ownership.Ownership;
import io.vipscope.core.ownership.OwnershipTimeline;
import io.vipscope.core.sink.AuditSink;
import io.vipscope.core.verdict.FlowVerdict;
import io.vipscope.core.verdict.Verdict;
import io.vipscope.core.worker.ColdQueue;
import io.vipscope.core.worker.ColdQueue.Batch;
import io.vipscope.core.worker.Due;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The cold thread: takes what the workers found, puts it into the order of the capture and makes
 * the verdicts.
 *
 * <p>Every producer says up to which capture time it has told everything. Nothing is processed
 * before the lowest of these watermarks has passed it, and a flow is judged only when the watermark
 * is {@link #SETTLE_NS} beyond its start: by then the wire has shown a change of holder around it.
 * So the result depends on the capture's order and never on the threads' timing.
 */
public final class Auditor implements Runnable {

  /**
   * A verdict of a flow is due.
   *
   * @param last that of its record, else the first
   */
  private record Judging(FlowRecord flow, long atNs, boolean last) implements Due {
    @Override
    public int rank() {
      return last ? ACKNOWLEDGED : ENDED;
    }

    @Override
    public long frame() {
      return flow.flowId();
    }
  }

  /** Time is told to pass so often where nothing else happens. */
  private static final long TICK_NS = 1_000_000_000L;

  /** In a hole of the capture that is longer than so many ticks it is not. */
  private static final long MAX_TICKS = 4_000;

  /** Three default advert intervals: even with one advert lost, the next has told of a change. */
  static final long SETTLE_NS = 3_000_000_000L;

  private final BlockingQueue<Batch> queue;
  private final long[] watermarks;
  private final HostIndex index;
  private final LocalAddresses local;
  private final OwnershipTimeline timeline;
  private final NextHops nextHops;
  private final Services services = new Services();
  private final FlowJudge judge;
  private final FailoverLog failovers;
  private final Findings findings;
  private final RuleUsage usage;
  private final AuditSink sink;
  private final boolean useMacs;
  private final boolean segments;
  private final boolean everything;
  private final EvidenceSink evidence;
  private final DueQueue due;

  /** Lanes of that queue, beside one for each producer. */
  private final int checks;

  private final int writes;
  private final AtomicReference<@Nullable List<AuditedHost>> offered = new AtomicReference<>();
  private final AtomicBoolean coverageWanted = new AtomicBoolean();
  private long lastNs = Long.MIN_VALUE;

  /** When time is told to pass next; {@link Long#MIN_VALUE} before anything happened. */
  private long tickNs = Long.MIN_VALUE;

  /** The highest of all finite watermarks. */
  private long latestNs = Long.MIN_VALUE;

  private volatile List<RuleCoverage> coverage;
  private volatile @Nullable Throwable failure;

  /**
   * @param producers how many hand over batches: the shards, and each reader for control frames
   * @param local what the workers follow: new addresses of the hosts are added to it
   * @param dedup copies of flows' frames are left out
   */
  public Auditor(
      BlockingQueue<Batch> queue,
      int producers,
      HostIndex index,
      LocalAddresses local,
      AuditOptions options,
      boolean dedup,
      AuditSink sink,
      EvidenceSink evidence) {
    this.queue = queue;
    this.watermarks = new long[producers];
    Arrays.fill(watermarks, Long.MIN_VALUE);
    checks = producers;
    writes = producers + 1;
    due = new DueQueue(producers, 2);
    this.index = index;
    this.local = local;
    this.nextHops = new NextHops(options.segments());
    this.timeline = new OwnershipTimeline(index, options.segments());
    this.judge = new FlowJudge(index, timeline, nextHops, services, options);
    this.sink = sink;
    this.evidence = evidence;
    this.useMacs = options.useMacs();
    this.segments = options.segments();
    this.everything = options.everything();
    this.failovers = new FailoverLog(index, index, options.segments(), sink::failover);
    this.findings =
        new Findings(
            index,
            index.hosts().stream().map(AuditedHost::name).toList(),
            timeline,
            new Findings.Scope(
                options.useMacs(),
                options.segments(),
                options.everything(),
                !dedup,
                options.expectations()),
            sink::finding);
    this.usage = new RuleUsage(judge, findings.coverage());
    usage.know(index.hosts());
    coverage = findings.coverage().all();
  }

  /** Takes batches until every producer is done. After a failure it only empties the queue. */
  @Override
  public void run() {
    long low = Long.MIN_VALUE;
    while (low != Long.MAX_VALUE) {
      Batch batch;
      try {
        batch = queue.take();
      } catch (InterruptedException e) {
        fail(e);
        return;
      }
      watermark(batch);
      low = Arrays.stream(watermarks).min().orElse(Long.MAX_VALUE);
      if (failure == null) {
        try {
          List<AuditedHost> hosts = offered.getAndSet(null);
          if (hosts != null) {
            index.update(hosts);
            local.add(index.groups(), index.vips());
            usage.know(index.hosts());
          }
          for (ColdQueue.Item item : batch.items()) {
            due.add(batch.producer(), item);
          }
          due.add(batch.producer(), batch.uses());
          if (low == Long.MAX_VALUE) {
            findings.end(latestNs);
          }
          process(low);
          if (low == Long.MAX_VALUE) {
            failovers.close();
            findings.close();
            coverage = findings.coverage().all();
            if (lastNs != Long.MIN_VALUE) {
              coverage.forEach(sink::coverage);
            }
          } else if (coverageWanted.getAndSet(false)) {
            coverage = findings.coverage().all();
          }
        } catch (RuntimeException | Error e) {
          fail(e);
        }
      }
    }
  }

  private void watermark(Batch batch) {
    long ns = batch.watermarkNs();
    watermarks[batch.producer()] = ns;
    if (ns != Long.MAX_VALUE) {
      latestNs = Math.max(latestNs, ns);
    }
  }

  private static long tickAfter(long ns) {
    return (Math.floorDiv(ns, TICK_NS) + 1) * TICK_NS;
  }

  /**
   * What of the hosts' state was used, as this thread counted it some time after it was asked for
   * last; at the end, all of it. May be called from any thread.
   */
  List<RuleCoverage> coverage() {
    coverageWanted.set(true);
    return coverage;
  }

  /** Newer state of the hosts, taken up before the next batch. May be called from any thread. */
  void offer(List<AuditedHost> hosts) {
    offered.set(hosts);
  }

  private void fail(Throwable e) {
    if (failure == null) {
      failure = e;
    }
  }

  /** After the end: answers of the model that its tables gave. */
  long tablePredictions() {
    return judge.predictions().compiled();
  }

  /** After the end: answers for which the model itself was asked. */
  long modelPredictions() {
    return judge.predictions().pure();
  }

  /** What went wrong on this thread; null if nothing did. */
  public @Nullable Throwable failure() {
    return failure;
  }

  private void process(long lowNs) {
    Due next;
    while ((next = due.before(lowNs)) != null) {
      if (tickNs == Long.MIN_VALUE) {
        tickNs = tickAfter(next.atNs());
      }
      tick(Math.min(next.atNs(), latestNs));
      failovers.advance(next.atNs());
      findings.advance(next.atNs());
      lastNs = next.atNs();
      switch (next) {
        case ColdQueue.Item item -> take(item);
        case Judging(FlowRecord flow, long _, boolean last) when last -> write(flow);
        case Judging(FlowRecord flow, long _, boolean _) -> check(flow);
        default -> throw new IllegalStateException("nobody does " + next);
      }
    }
    tick(Math.min(lowNs, latestNs));
  }

  /** Lets every whole second before a time pass. */
  private void tick(long untilNs) {
    if (tickNs == Long.MIN_VALUE || tickNs >= untilNs) {
      return;
    }
    if ((untilNs - tickNs) / TICK_NS > MAX_TICKS) {
      tickNs = tickAfter(untilNs - TICK_NS - 1);
    }
    for (; tickNs < untilNs; tickNs += TICK_NS) {
      failovers.advance(tickNs);
      findings.advance(tickNs);
      lastNs = tickNs;
      changed(timeline.advance(tickNs));
    }
  }

  private void take(ColdQueue.Item item) {
    switch (item) {
      case ColdQueue.Control control -> {
        nextHops.apply(control.event());
        changed(timeline.apply(control.event()));
        failovers.heard(control.event());
        findings.heard(control.event());
        if (control.event() instanceof ControlEvent.Advert advert) {
          sink.advert(advert, segments ? advert.segment() : -1, timeline.sender(advert));
        }
      }
      case ColdQueue.Opened opened -> {
        FlowRecord flow = opened.flow();
        changed(timeline.advance(opened.atNs()));
        failovers.opened(flow);
        if (flow.openerSeen()) {
          used(flow.vlan(), flow.src(), flow.srcMac(), flow.startNs(), flow.flowId());
        }
        FlowPlace place = judge.place(flow);
        findings.opened(flow, name(place));
        services.observe(flow, place, index);
        due.add(checks, new Judging(flow, settled(flow, opened.atNs()), false));
      }
      case ColdQueue.Used(VipFrame use, long atNs) -> {
        changed(timeline.advance(atNs));
        failovers.used(use);
        findings.used(use);
        if (!use.reset()) {
          used(use.vlan(), use.src(), use.srcMac(), use.tsNs(), use.frame());
        }
      }
      case ColdQueue.Acknowledged(AckSight sight, long atNs) -> {
        changed(timeline.advance(atNs));
        findings.acknowledged(sight);
        if (everything) {
          sink.acknowledged(sight);
        }
      }
      case ColdQueue.Passed(long atNs) -> changed(timeline.advance(atNs));
      case ColdQueue.Ended ended -> {
        FlowRecord flow = ended.flow();
        if (FlowPlace.isForeign(flow, index, useMacs)) {
          // Nothing is waited for: millions of these may end at once.
          due.add(writes, new Judging(flow, ended.atNs(), true));
        } else {
          services.observe(flow, judge.place(flow), index);
          due.add(writes, new Judging(flow, settled(flow, ended.atNs()), true));
        }
      }
    }
  }

  private static @Nullable String name(FlowPlace place) {
    AuditedHost host = place.host();
    return host == null ? null : host.name();
  }

  private void changed(List<Ownership> changes) {
    changes.forEach(sink::owner);
    failovers.changed(changes);
    findings.changed(changes);
  }

  /** A frame's source may be a VIP: its sender uses it. */
  private void used(int vlan, IpAddress source, long mac, long tsNs, long frame) {
    String host = useMacs && index.isVip(vlan, source) ? index.hostOfMac(vlan, mac) : null;
    if (host != null) {
      changed(timeline.use(vlan, source, host, mac, tsNs, frame));
    }
  }

  private static long settled(FlowRecord flow, long atNs) {
    return Math.max(atNs, flow.startNs() + SETTLE_NS);
  }

  private void check(FlowRecord flow) {
    FlowPlace place = judge.place(flow);
    FlowJudge.Judgement judgement = judge.judgement(flow, place);
    FlowVerdict verdict = judgement.verdict();
    failovers.judged(flow, verdict);
    findings.judged(flow, verdict, judgement.reasons());
    sink.judged(flow, verdict);
    if (verdict.verdict() == Verdict.MISMATCH) {
      sink.mismatch(flow, verdict);
    }
    evidence.flow(flow, verdict, () -> judge.evidence(flow, place));
  }

  private void write(FlowRecord flow) {
    FlowPlace place = judge.place(flow);
    FlowVerdict verdict = judge.judge(flow, place);
    findings.ended(
        flow,
        name(place),
        index.isLocal(flow.vlan(), flow.src()) || index.isLocal(flow.vlan(), flow.dst()));
    usage.ended(flow, place, verdict);
    sink.flow(flow, verdict);
    evidence.flow(flow, verdict, () -> judge.evidence(flow, place));
  }
}
