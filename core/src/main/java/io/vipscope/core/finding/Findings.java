package io.vipscope.core.finding;

import io.vipscope.core.flow.AckSight;
import io.vipscope.core.flow.FlowRecord;
import io.vipscope.core.flow.VipFrame;
import io.vipscope.core.ownership.ControlEvent;
import io.vipscope.core.ownership.HostDirectory;
import io.vipscope.core.ownership.Ownership;
import io.vipscope.core.ownership.OwnershipTimeline;
import io.vipscope.core.verdict.FlowVerdict;
import io.vipscope.core.verdict.Severity;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * All watches, fed in capture order. Each event is taken after the ownership timeline has. One
 * thread uses an instance.
 */
public final class Findings {

  /**
   * What may be watched.
   *
   * @param useMacs MACs name hosts
   * @param segments VLANs are segments of their own
   * @param everything no expression leaves frames out
   * @param copies whether copies of frames are left in: else it is known that there are some
   * @param expectations what sources must be
   */
  public record Scope(
      boolean useMacs,
      boolean segments,
      boolean everything,
      boolean copies,
      List<Expectation> expectations) {
    public Scope {
      expectations = List.copyOf(expectations);
    }

    public Scope(boolean useMacs, boolean segments, boolean everything) {
      this(useMacs, segments, everything, true, List.of());
    }
  }

  private final HostDirectory hosts;
  private final Scope scope;
  private final FindingLog log;
  private final AdvertWatch adverts;
  private final ConflictWatch conflicts;
  private final HolderWatch holders;
  private final ReplyWatch replies;
  private final VerdictWatch verdicts;
  private final BlindWatch blind;
  private final CopyWatch copies;
  private final ExpectationWatch expectations;
  private final CoverageWatch coverage;
  private final DriftWatch drift;
  private long nowNs = Long.MIN_VALUE;
  private long endNs = Long.MIN_VALUE;

  /**
   * @param names of the audited hosts
   */
  public Findings(
      HostDirectory hosts,
      List<String> names,
      OwnershipTimeline timeline,
      Scope scope,
      Consumer<Finding> sink) {
    this.hosts = hosts;
    this.scope = scope;
    log = new FindingLog(sink, hosts::segmentName);
    adverts = new AdvertWatch(hosts, log, scope.segments());
    conflicts = new ConflictWatch(hosts, timeline, log);
    holders = new HolderWatch(hosts, timeline, adverts, log, scope.segments());
    replies = new ReplyWatch(hosts, log);
    verdicts = new VerdictWatch(log);
    expectations = new ExpectationWatch(scope.expectations(), log);
    coverage = new CoverageWatch(log);
    drift = new DriftWatch(log);
    copies = new CopyWatch(log);
    blind = new BlindWatch(hosts, names, timeline, log, scope.segments());
  }

  /** What of the hosts' state is used. */
  public CoverageWatch coverage() {
    return coverage;
  }

  /** Lets time pass. */
  public void advance(long atNs) {
    nowNs = atNs;
    log.tick(atNs);
    adverts.advance(atNs);
    conflicts.advance(atNs);
    holders.advance(atNs);
    replies.advance(atNs);
    verdicts.advance(atNs);
    expectations.advance(atNs);
    drift.advance(atNs);
    coverage.advance(atNs);
    if (scope.everything() && scope.useMacs()) {
      blind.advance(atNs);
    }
  }

  /** VRRP, ARP or ND. */
  public void heard(ControlEvent event) {
    adverts.heard(event);
    if (scope.copies()) {
      copies.heard(event);
    }
    if (scope.useMacs()) {
      conflicts.heard(event);
      holders.heard(event);
      blind.heard(event);
    }
  }

  /** The ownership of VIPs changed: an address that an audited host holds may be unnamed. */
  public void changed(List<Ownership> changes) {
    for (Ownership o : changes) {
      if (o.host() != null && !hosts.isVip(o.segment(), o.vip()) && o.heard()) {
        log.see(unnamed(o), o.atNs());
      }
      if (scope.useMacs()) {
        holders.changed(o);
      }
    }
  }

  private static Sighting unnamed(Ownership o) {
    return new Sighting(
            FindingKind.UNNAMED_VIP,
            o.vip().toString(),
            Severity.NOTICE,
            o.host(),
            o.vip(),
            o.sinceNs(),
            o.sinceNs(),
            o.frame(),
            Sighting.NO_FLOW,
            o.vip()
                + " is advertised by VRRP, but no keepalived.conf given and no --vip names it: flows"
                + " from it are undecided",
            List.of("vipscope audit " + Commands.RUN + " --vip " + o.vip()))
        .in(o.segment());
  }

  /**
   * A flow began.
   *
   * @param host the audited host concerned, or null
   */
  public void opened(FlowRecord flow, @Nullable String host) {
    replies.opened(flow, host);
    if (scope.useMacs()) {
      conflicts.seen(flow.vlan(), flow.srcMac(), flow.dstMac());
      holders.opened(flow);
      blind.opened(flow, host);
    }
  }

  /** A frame from or to a VIP. */
  public void used(VipFrame frame) {
    replies.used(frame);
    if (scope.useMacs()) {
      holders.used(frame);
      blind.used(frame);
    }
  }

  /**
   * A flow was judged, for the first time.
   *
   * @param reasons what the model says beside the verdict
   */
  public void judged(FlowRecord flow, FlowVerdict verdict, VerdictReasons reasons) {
    verdicts.judged(flow, verdict, reasons::chosen, nowNs);
    drift.judged(flow, verdict, reasons, nowNs);
    expectations.judged(flow, verdict, nowNs);
  }

  /**
   * A flow's record is written.
   *
   * @param opened it was told of when it began
   */
  public void ended(FlowRecord flow, @Nullable String host, boolean opened) {
    if (scope.useMacs() && scope.everything()) {
      blind.ended(flow, host, opened);
    }
  }

  /** What TCP acknowledgements tell of the capture. */
  public void acknowledged(AckSight sight) {
    if (scope.everything()) {
      blind.acknowledged(sight, nowNs);
    }
  }

  /**
   * No further frame comes: what is understood later is told as of then.
   *
   * @param ns the end of the capture
   */
  public void end(long ns) {
    endNs = ns;
    log.end(ns);
  }

  /** The run is over. */
  public void close() {
    long atNs = endNs == Long.MIN_VALUE ? nowNs : endNs;
    if (atNs != Long.MIN_VALUE) {
      if (scope.everything() && scope.useMacs()) {
        blind.close(atNs);
      }
      log.close(atNs);
    }
  }
}
