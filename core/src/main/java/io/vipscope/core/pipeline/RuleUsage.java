package io.vipscope.core.pipeline;

import io.vipscope.core.finding.CoverageWatch;
import io.vipscope.core.flow.EndReason;
import io.vipscope.core.flow.FlowRecord;
import io.vipscope.core.model.coverage.RuleItem;
import io.vipscope.core.model.coverage.RuleItems;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.verdict.Direction;
import io.vipscope.core.verdict.FlowVerdict;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Tells the coverage watch what the hosts have and what their flows went by. */
final class RuleUsage {

  private static final int REMEMBERED = 10_000;

  private final FlowJudge judge;

  /** The judge gives the same set for flows of one kind, and of one host: equal ones are rare. */
  private final IdentityHashMap<Set<RuleItem>, List<CoverageWatch.Item>> told =
      new IdentityHashMap<>();

  private final CoverageWatch watch;

  RuleUsage(FlowJudge judge, CoverageWatch watch) {
    this.judge = judge;
    this.watch = watch;
  }

  /** The state of the hosts, at the start and when newer one has come. */
  void know(Collection<AuditedHost> hosts) {
    for (AuditedHost host : hosts) {
      List<HostSnapshot> snapshots = host.snapshots();
      watch.has(host.name(), items(host.name(), RuleItems.of(snapshots.getLast()).all()));
      for (HostSnapshot earlier : snapshots.subList(0, snapshots.size() - 1)) {
        items(host.name(), RuleItems.of(earlier).all()).forEach(watch::had);
      }
    }
  }

  /** A flow has ended. */
  void ended(FlowRecord flow, FlowPlace place, FlowVerdict verdict) {
    AuditedHost host = place.host();
    if (host != null
        && place.direction() == Direction.OUTBOUND
        && verdict.verdict() != null
        && flow.reason() != EndReason.ACTIVE) {
      Set<RuleItem> used = judge.uses(flow, place);
      if (used.isEmpty()) {
        return;
      }
      if (told.size() > REMEMBERED) {
        told.clear();
      }
      watch.used(flow, host.name(), told.computeIfAbsent(used, items -> items(host.name(), items)));
    }
  }

  private static List<CoverageWatch.Item> items(String host, Collection<RuleItem> items) {
    return items.stream()
        .map(i ->
            new CoverageWatch.Item(host, i.kind().toString(), i.text(), i.observable(), i.own()))
        .toList();
  }

  /** Keys of what a flow went by. */
  static Set<String> keys(Collection<RuleItem> items) {
    return items.stream().map(RuleItem::key).collect(Collectors.toSet());
  }
}
