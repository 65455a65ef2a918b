package io.vipscope.tools;

import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.pipeline.HostIndex;
import io.vipscope.tools.report.CaptureFacts;
import java.util.List;

/** What is to be said of a run as a whole. */
final class RunFacts {

  private RunFacts() {}

  /** The facts of a run that is over. */
  static CaptureFacts of(
      String sensor,
      boolean live,
      List<String> sources,
      SourceTotals totals,
      AuditRun.Result result,
      List<String> expression,
      HostIndex index) {
    String broken = result.broken() == null ? null : result.broken().getMessage();
    return new CaptureFacts(
        sensor,
        live,
        sources,
        totals.kind(),
        result.counters(),
        totals.counters(),
        totals.seconds(),
        String.join(" ", expression),
        hosts(index),
        broken);
  }

  private static List<CaptureFacts.HostFacts> hosts(HostIndex index) {
    return index.hosts().stream()
        .map(h ->
            new CaptureFacts.HostFacts(
                h.name(),
                h.snapshots().size(),
                newest(h.snapshots()),
                h.snapshots().stream().anyMatch(s -> s.netfilter().known())))
        .toList();
  }

  private static long newest(List<HostSnapshot> snapshots) {
    return snapshots.stream().mapToLong(HostSnapshot::tEndNs).max().orElse(HostSnapshot.ALWAYS);
  }
}
