package io.vipscope.tools;

import io.vipscope.core.finding.RuleCoverage;
import io.vipscope.core.frame.Segments;
import io.vipscope.tools.report.Why;
import io.vipscope.tools.view.AuditView;
import io.vipscope.tools.view.FlowRow;
import io.vipscope.tools.web.HealthCounters;
import io.vipscope.tools.web.PageSource;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The page of an audit's records. */
final class RecordsPage implements PageSource {

  private final String title;
  private final AuditView view;
  private final RecordReplay replay;
  private final Segments segments;

  RecordsPage(String title, AuditView view, RecordReplay replay, Segments segments) {
    this.title = title;
    this.view = view;
    this.replay = replay;
    this.segments = segments;
  }

  @Override
  public AuditView view() {
    return view;
  }

  @Override
  public String title() {
    return title;
  }

  @Override
  public boolean running() {
    return false;
  }

  @Override
  public List<HealthGroup> health() {
    RecordReplay.Stats stats = replay.stats();
    return stats == null
        ? List.of(new HealthGroup("No stats record: the audit's end was not recorded", List.of()))
        : HealthCounters.of(stats.counters(), stats.source(), Map.of());
  }

  @Override
  public List<LatencyRow> latency() {
    RecordReplay.Stats stats = replay.stats();
    return stats == null ? List.of() : stats.latency();
  }

  @Override
  public List<RuleCoverage> coverage() {
    return replay.coverage();
  }

  @Override
  public String record(FlowRow row) {
    return FlowJson.of(row, replay.sensor(), false, replay.sources(), segments);
  }

  @Override
  public @Nullable Why why(FlowRow row) {
    return null; // the records have the steps; causes are asked for with 'vipscope explain'
  }

  @Override
  public @Nullable String metrics() {
    return null;
  }
}
