package io.vipscope.tools;

import io.vipscope.core.flow.EndReason;
import io.vipscope.core.flow.FlowRecord;
import io.vipscope.core.verdict.Direction;
import io.vipscope.core.verdict.FlowVerdict;
import io.vipscope.core.verdict.SourceClass;
import io.vipscope.core.verdict.UndecidedCode;
import io.vipscope.core.verdict.Verdict;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;

/** Counts over all flow records of a run. Interim records of flows that go on count for nothing. */
final class AuditTotals {

  /** The counts of one host. */
  static final class HostTotals {
    final Map<Direction, Long> directions = new EnumMap<>(Direction.class);
    final Map<SourceClass, Long> classes = new EnumMap<>(SourceClass.class);
    final Map<Verdict, Long> verdicts = new EnumMap<>(Verdict.class);

    static <K extends Enum<K>> long of(Map<K, Long> counts, K key) {
      return counts.getOrDefault(key, 0L);
    }

    /** Outbound flows that have a verdict other than undecided. */
    long decided() {
      return verdicts.values().stream().mapToLong(Long::longValue).sum()
          - of(verdicts, Verdict.UNDECIDED);
    }
  }

  private final Map<Verdict, Long> verdicts = new EnumMap<>(Verdict.class);
  private final Map<UndecidedCode, Long> undecided = new EnumMap<>(UndecidedCode.class);
  private final Map<String, HostTotals> hosts = new TreeMap<>();
  private final Map<String, Long> causes = new TreeMap<>();
  private long unjudged;
  private long accepted;

  AuditTotals() {
    for (Verdict verdict : Verdict.values()) {
      verdicts.put(verdict, 0L);
    }
  }

  /** Makes a host appear although no flow of it was seen. */
  void expect(String host) {
    hosts.putIfAbsent(host, new HostTotals());
  }

  /**
   * Counts a flow.
   *
   * @param accepted its mismatch is meant to be
   */
  void add(FlowRecord flow, FlowVerdict v, boolean accepted) {
    if (flow.reason() == EndReason.ACTIVE) {
      return;
    }
    if (v.host() != null) {
      HostTotals host = hosts.computeIfAbsent(v.host(), _ -> new HostTotals());
      host.directions.merge(v.direction(), 1L, Long::sum);
      if (v.sourceClass() != null) {
        host.classes.merge(v.sourceClass(), 1L, Long::sum);
      }
      if (v.verdict() != null) {
        host.verdicts.merge(v.verdict(), 1L, Long::sum);
      }
    }
    if (v.verdict() == null) {
      unjudged++;
      return;
    }
    verdicts.merge(v.verdict(), 1L, Long::sum);
    if (v.code() != null) {
      undecided.merge(v.code(), 1L, Long::sum);
    }
    if (accepted) {
      this.accepted++;
    } else {
      v.causes().forEach(cause -> causes.merge(cause, 1L, Long::sum));
    }
  }

  Map<Verdict, Long> verdicts() {
    return verdicts;
  }

  Map<UndecidedCode, Long> undecided() {
    return undecided;
  }

  Map<String, HostTotals> hosts() {
    return hosts;
  }

  /** Mismatches that are not accepted. */
  long unaccepted() {
    return verdicts.getOrDefault(Verdict.MISMATCH, 0L) - accepted;
  }

  /** Mismatches that are accepted. */
  long accepted() {
    return accepted;
  }

  /** Mismatches that are not accepted, by cause; one with two causes counts for both. */
  Map<String, Long> causes() {
    return causes;
  }

  /** Flows without a verdict: inbound, transit, ICMP messages, hosts that are not audited. */
  long unjudged() {
    return unjudged;
  }
}
