package io.vipscope.tools.view;

import io.vipscope.core.failover.Failover;
import io.vipscope.core.finding.Finding;
import io.vipscope.core.verdict.Direction;
import io.vipscope.core.verdict.SourceClass;
import io.vipscope.core.verdict.Verdict;
import java.util.List;
import java.util.Map;

/**
 * A view at one moment.
 *
 * @param firstNs capture time of the first that was shown; {@link Long#MAX_VALUE} before
 * @param lastNs of the last; {@link Long#MIN_VALUE} before
 * @param findings what was told last of each
 * @param flowsSeen flows that were shown, those that are no longer kept included
 * @param left what had no room: changes, failovers, findings, kinds of difference
 */
public record ViewCopy(
    long version,
    long firstNs,
    long lastNs,
    List<Lane> lanes,
    List<Failover> failovers,
    List<Finding> findings,
    Map<Difference, Difference.Tally> differences,
    FlowSeries.Copy series,
    Map<String, HostRow> hosts,
    long flowsSeen,
    long left) {

  /** Flows of one host. */
  public record HostRow(
      Map<Direction, Long> directions,
      Map<SourceClass, Long> classes,
      Map<Verdict, Long> verdicts) {

    /** Flows in one direction. */
    public long of(Direction direction) {
      return directions.getOrDefault(direction, 0L);
    }

    /** Outbound flows with a source of one class. */
    public long of(SourceClass sourceClass) {
      return classes.getOrDefault(sourceClass, 0L);
    }

    /** Flows with one verdict. */
    public long of(Verdict verdict) {
      return verdicts.getOrDefault(verdict, 0L);
    }
  }

  /** Whether anything was shown. */
  public boolean empty() {
    return lastNs == Long.MIN_VALUE;
  }

  /** Outbound flows of all hosts with one verdict. */
  public long of(Verdict verdict) {
    return hosts.values().stream().mapToLong(h -> h.of(verdict)).sum();
  }

  /** Findings that are not over. */
  public List<Finding> openFindings() {
    return findings.stream().filter(f -> f.status() != Finding.Status.RESOLVED).toList();
  }
}
