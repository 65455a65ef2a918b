package io.vipscope.tools.web;

import io.vipscope.core.finding.RuleCoverage;
import io.vipscope.tools.report.Why;
import io.vipscope.tools.view.AuditView;
import io.vipscope.tools.view.FlowRow;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the page shows: an audit that runs, or records. */
public interface PageSource {

  /** The audit's results. */
  AuditView view();

  /** One line: what is shown. */
  String title();

  /** Whether more may come. */
  boolean running();

  /** All counters, in groups. */
  List<HealthGroup> health();

  /** How long frames took; empty if that was not measured. */
  List<LatencyRow> latency();

  /** How much rules, routes and source NAT rules were used so far, by host. */
  List<RuleCoverage> coverage();

  /** A flow's record, one JSON object. */
  String record(FlowRow row);

  /** Why flows like this one differ; null if that is not known. */
  @Nullable Why why(FlowRow row);

  /** The text for Prometheus; null if there are no numbers of a running audit. */
  @Nullable String metrics();

  /** Counters that belong together. */
  record HealthGroup(String title, List<Counter> counters) {}

  /**
   * The distribution of one time that a frame takes.
   *
   * @param meaning from when until when
   */
  record LatencyRow(
      String name, String meaning, long p50Ns, long p99Ns, long p999Ns, long p9999Ns, long maxNs) {

    /** The same under another name. */
    public LatencyRow named(String other) {
      return new LatencyRow(other, meaning, p50Ns, p99Ns, p999Ns, p9999Ns, maxNs);
    }
  }

  /**
   * One counter.
   *
   * @param value null: not known
   * @param meaning what it counts, and whose loss it is
   * @param bad whether a value above 0 wants attention
   */
  record Counter(String name, @Nullable String value, String meaning, boolean bad) {}
}
