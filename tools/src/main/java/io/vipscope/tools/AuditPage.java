package io.vipscope.tools;

import io.vipscope.capture.SourceCounters;
import io.vipscope.core.finding.RuleCoverage;
import io.vipscope.core.frame.FrameKind;
import io.vipscope.core.pipeline.AuditCounters;
import io.vipscope.core.pipeline.AuditPipeline;
import io.vipscope.core.pipeline.AuditedHost;
import io.vipscope.core.pipeline.HostIndex;
import io.vipscope.core.worker.Latency;
import io.vipscope.tools.export.Anonymizer;
import io.vipscope.tools.export.MetricCounts;
import io.vipscope.tools.export.Metrics;
import io.vipscope.tools.report.Why;
import io.vipscope.tools.screen.LiveScreen;
import io.vipscope.tools.view.AuditView;
import io.vipscope.tools.view.Difference;
import io.vipscope.tools.view.FlowRow;
import io.vipscope.tools.web.HealthCounters;
import io.vipscope.tools.web.LatencyRows;
import io.vipscope.tools.web.PageSource;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The page of an audit that runs, or has just ended. */
final class AuditPage implements PageSource, LiveScreen.Counts {

  private static final AuditCounters NOTHING =
      new AuditCounters(0, 0, 0, 0, 0, 0, 0, new EnumMap<>(FrameKind.class), 0, 0, 0, 0, Map.of());

  /** The parts of a run that can be asked while it goes on. */
  private record Watched(AuditPipeline pipeline, AuditRun run) {}

  private final AuditView view;
  private final MetricCounts counts;
  private final DifferenceReasons reasons;
  private final @Nullable Anonymizer names;
  private final HostIndex index;
  private final OutputContext context;
  private final Supplier<Map<String, Long>> drops;
  private volatile List<AuditedHost> hosts;
  private volatile @Nullable Watched watched;
  private volatile AuditCounters last = NOTHING;
  private volatile SourceCounters lastSource = SourceCounters.UNKNOWN;
  private volatile long lastFrameNs = Long.MIN_VALUE;
  private volatile boolean running = true;

  /**
   * @param names makes pseudonyms of addresses; null: they stay
   */
  AuditPage(
      AuditView view,
      MetricCounts counts,
      DifferenceReasons reasons,
      @Nullable Anonymizer names,
      OutputContext context,
      Supplier<Map<String, Long>> drops) {
    this.view = view;
    this.counts = counts;
    this.reasons = reasons;
    this.names = names;
    this.index = context.index();
    this.context = context;
    this.drops = drops;
    hosts = List.copyOf(index.hosts());
  }

  /** The run has started. */
  void watch(AuditPipeline pipeline, AuditRun run) {
    watched = new Watched(pipeline, run);
    run.onNewState(newer -> hosts = List.copyOf(newer));
  }

  /** The run is over. */
  void ended(AuditRun.Result result) {
    last = result.counters();
    lastSource = result.source();
    lastFrameNs = result.counters().frames() == 0 ? Long.MIN_VALUE : result.lastNs();
    running = false;
  }

  private AuditCounters counters() {
    Watched w = watched;
    return running && w != null ? w.pipeline().counters() : last;
  }

  private SourceCounters source() {
    Watched w = watched;
    return running && w != null ? w.run().sampled() : lastSource;
  }

  private long lastFrameNs() {
    Watched w = watched;
    return running && w != null ? w.run().sampledFrameNs() : lastFrameNs;
  }

  private @Nullable Latency measured() {
    Watched w = watched;
    return w == null ? null : w.pipeline().latencySoFar();
  }

  @Override
  public long frames() {
    return counters().frames();
  }

  @Override
  public String lost() {
    SourceCounters s = source();
    long before = Math.max(0, s.kernelDrops()) + Math.max(0, s.interfaceDrops());
    return before + counters().untracked() == 0 ? "0" : before + "+" + counters().untracked();
  }

  @Override
  public AuditView view() {
    return view;
  }

  @Override
  public String title() {
    return (context.live() ? "Live on " : "") + String.join(", ", context.sources());
  }

  @Override
  public boolean running() {
    return running;
  }

  @Override
  public List<HealthGroup> health() {
    return HealthCounters.of(counters(), source(), drops.get());
  }

  @Override
  public List<LatencyRow> latency() {
    Latency measured = measured();
    return measured == null ? List.of() : LatencyRows.of(measured, context.live());
  }

  @Override
  public List<RuleCoverage> coverage() {
    Watched w = watched;
    List<RuleCoverage> uses = w == null ? List.of() : w.pipeline().coverage();
    return names == null ? uses : uses.stream().map(names::of).toList();
  }

  @Override
  public String record(FlowRow row) {
    return FlowJson.of(
        row, context.sensor(), context.live(), context.sources(), context.segments());
  }

  @Override
  public @Nullable Why why(FlowRow row) {
    Difference kind = Difference.of(row.flow(), row.verdict());
    return kind == null ? null : reasons.why(kind, index);
  }

  @Override
  public String metrics() {
    Watched w = watched;
    return Metrics.text(
        new Metrics.Moment(
            Version.number(),
            String.join(",", context.sources()),
            counters(),
            source(),
            view.copy(),
            hosts,
            drops.get(),
            lastFrameNs(),
            w == null ? 0 : w.pipeline().ringRemaining(),
            measured()),
        counts);
  }
}
