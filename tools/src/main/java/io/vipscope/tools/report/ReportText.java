package io.vipscope.tools.report;

import io.vipscope.core.failover.Failover;
import io.vipscope.core.finding.Finding;
import io.vipscope.core.net.MacAddress;
import io.vipscope.core.ownership.Ownership;
import io.vipscope.core.verdict.Verdict;
import io.vipscope.tools.Timestamp;
import io.vipscope.tools.view.Difference;
import io.vipscope.tools.view.Lane;
import io.vipscope.tools.view.ViewCopy;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Sentences and orders that both readable forms share. */
public final class ReportText {

  private ReportText() {}

  /** The result in one sentence. */
  static String verdict(Report report) {
    ViewCopy v = report.view();
    long mismatches = v.of(Verdict.MISMATCH);
    long open = v.openFindings().size();
    String flows =
        mismatches == 0
            ? "Every decided outbound flow has a source that its host's state gives"
            : mismatches
                + (mismatches == 1 ? " outbound flow has" : " outbound flows have")
                + " another source than the host's state gives";
    return flows
        + "; "
        + count(v.failovers().size(), "failover")
        + ", "
        + count(v.findings().size(), "finding")
        + " ("
        + open
        + " open at the end).";
  }

  /** {@code 1 failover}, {@code 2 failovers}. */
  public static String count(long n, String noun) {
    return n + " " + noun + (n == 1 ? "" : "s");
  }

  /** {@code 2026-11-25 23:51:30 to 23:51:42 UTC (12.3 s)}. */
  static String span(ViewCopy view) {
    if (view.empty()) {
      return "nothing was seen";
    }
    return Timestamp.of(view.firstNs()).substring(0, 19).replace('T', ' ')
        + " to "
        + Timestamp.of(view.lastNs()).substring(0, 19).replace('T', ' ')
        + String.format(Locale.ROOT, " UTC (%.1f s)", (view.lastNs() - view.firstNs()) / 1e9);
  }

  /** The instance's name, or its number. */
  public static String instance(Failover f) {
    return f.instance() != null ? f.instance() : f.vrid() < 0 ? "unknown" : "vrid " + f.vrid();
  }

  /** Who held the VIPs before. */
  public static String from(Failover f) {
    return who(f.from(), f.fromMac());
  }

  /** Who took over. */
  public static String to(Failover f) {
    return who(f.to(), f.toMac());
  }

  /**
   * Whoever holds a VIP, by one name in all texts.
   *
   * @param mac -1 if not known
   */
  public static String who(@Nullable String host, long mac) {
    return host != null ? host : mac < 0 ? "nobody known" : "unknown " + new MacAddress(mac);
  }

  /** Its sync group, and what moved with it; empty without one. */
  public static String group(Failover f) {
    return f.group() == null
        ? ""
        : "sync group "
            + f.group()
            + (f.together().isEmpty() ? "" : ", with " + String.join(", ", f.together()));
  }

  /** Until when a further host used a VIP. */
  public static String shared(Lane.Shared s) {
    return s.goesOn()
        ? "uses it beside its holder, to the end"
        : "used it beside its holder, until " + Timestamp.clock(s.untilNs());
  }

  /** How long nobody served, or both did. */
  public static String gap(Failover f) {
    String dark =
        f.darkNs() < 0
            ? "still dark"
            : String.format(
                Locale.ROOT, "dark %s%.1f ms", f.darkAtMost() ? "at most " : "", f.darkNs() / 1e6);
    return f.overlapNs() == 0
        ? dark
        : dark + String.format(Locale.ROOT, ", overlap %.1f ms", f.overlapNs() / 1e6);
  }

  /** What an ownership rests on. */
  static String evidence(Ownership o) {
    return o.evidence()
        + (o.vrid() < 0 ? "" : " vrid " + o.vrid())
        + (o.priority() < 0 ? "" : o.priority() == 0 ? ", given up" : ", priority " + o.priority());
  }

  /** The most severe first, then as they began. */
  public static List<Finding> sorted(List<Finding> findings) {
    return findings.stream()
        .sorted(
            Comparator.comparing(Finding::severity)
                .reversed()
                .thenComparingLong(Finding::startNs)
                .thenComparing(Finding::id))
        .toList();
  }

  /** Mismatches before conditional flows, the most frequent first. */
  public static List<Map.Entry<Difference, Difference.Tally>> sorted(
      Map<Difference, Difference.Tally> differences) {
    return differences.entrySet().stream()
        .sorted(
            Comparator.comparing(
                    (Map.Entry<Difference, Difference.Tally> e) -> e.getKey().verdict())
                .reversed()
                .thenComparing(
                    Comparator.comparingLong(
                            (Map.Entry<Difference, Difference.Tally> e) -> e.getValue().flows())
                        .reversed()))
        .toList();
  }

  /** {@code open}, or when it was over. */
  static String state(Finding f) {
    return f.status() == Finding.Status.RESOLVED
        ? "resolved at " + Timestamp.clock(f.endNs())
        : "open";
  }
}
