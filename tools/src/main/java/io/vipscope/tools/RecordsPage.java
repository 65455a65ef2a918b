package io.vipscope.tools;

import io.vipscope.core.finding.RuleCoverage;
import io.vipscope.core.frame.Segments;
import io.vipscope.tools.report.Why;
import io.vipscope.tools.view.AuditView;
import io.vipscope.tools.view.FlowRow;
import io.vipscope.tools.web.HealthCounters;
import io.vipscope.tools.web.PageSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The page of an audit's records. */
final class RecordsPage implements PageSource {

  private final List<String> files;
  private final AuditView view;
  private final RecordReplay replay;
  private final Segments segments;

  RecordsPage(List<String> files, AuditView view, RecordReplay replay, Segments segments) {
    this.files = List.copyOf(files);
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
    return String.join(", ", files);
  }

  @Override
  public boolean running() {
    return false;
  }

  @Override
  public List<HealthGroup> health() {
    List<HealthGroup> groups = new ArrayList<>();
    for (String file : files) {
      String of = files.size() == 1 ? "" : file + ": ";
      RecordReplay.Stats stats = replay.stats().get(file);
      if (stats == null) {
        groups.add(
            new HealthGroup(of + "No stats record: the audit's end was not recorded", List.of()));
      } else {
        HealthCounters.of(stats.counters(), stats.source(), Map.of())
            .forEach(g -> groups.add(new HealthGroup(of + g.title(), g.counters())));
      }
    }
    return groups;
  }

  @Override
  public List<LatencyRow> latency() {
    List<LatencyRow> rows = new ArrayList<>();
    replay
        .stats()
        .forEach((file, stats) ->
            stats
                .latency()
                .forEach(r -> rows.add(files.size() == 1 ? r : r.named(file + ": " + r.name()))));
    return rows;
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
