package io.vipscope.tools;

import io.vipscope.core.pipeline.AuditPipeline;
import io.vipscope.core.pipeline.EvidenceSink;
import io.vipscope.tools.export.Anonymizer;
import io.vipscope.tools.export.MetricCounts;
import io.vipscope.tools.export.Output;
import io.vipscope.tools.report.CaptureFacts;
import io.vipscope.tools.report.Report;
import io.vipscope.tools.report.ReportFiles;
import io.vipscope.tools.screen.LiveScreen;
import io.vipscope.tools.view.AuditView;
import io.vipscope.tools.view.ResultSink;
import io.vipscope.tools.web.WebServer;
import java.io.Console;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where one audit's results go beside records and summary. */
final class Outputs implements AutoCloseable {

  /** Flows that the page can show one by one. */
  private static final int VIEW_FLOWS = 20_000;

  private final OutputContext context;
  private final @Nullable Path report;
  private final List<ResultSink> sinks = new ArrayList<>();
  private final List<Output> outputs = new ArrayList<>();
  private final @Nullable Anonymizer names;
  private final DifferenceReasons reasons;
  private final @Nullable AuditView view;
  private final @Nullable AuditPage page;
  private final @Nullable WebServer server;
  private final boolean screen;
  private @Nullable LiveScreen drawn;

  /**
   * @param names makes pseudonyms of addresses; null: they stay
   * @param report folder of a report; null: none is written
   * @param screen whether a live audit fills the terminal
   */
  Outputs(
      OutputContext context,
      @Nullable Anonymizer names,
      @Nullable Path report,
      ServeOptions serve,
      boolean screen) {
    this.context = context;
    this.names = names;
    reasons = new DifferenceReasons(names);
    this.report = report;
    if (report != null) {
      ReportFiles.prepare(report);
    }
    this.screen = screen && context.live();
    if (report == null && !serve.wanted() && !this.screen) {
      view = null;
      page = null;
      server = null;
      return;
    }
    AuditView kept = new AuditView(context.segments(), VIEW_FLOWS);
    context.index().hosts().forEach(h -> kept.expect(h.name()));
    sinks.add(kept);
    view = kept;
    if (serve.wanted() || this.screen) {
      MetricCounts counts = new MetricCounts(context.segments(), context.index().hosts());
      sinks.add(counts);
      page = new AuditPage(kept, counts, reasons, names, context, this::drops);
      server = serve.start(page, context.err());
    } else {
      page = null;
      server = null;
    }
  }

  /** Takes further ways out; before the run starts. */
  void also(List<Output> more) {
    outputs.addAll(more);
    sinks.addAll(more);
  }

  /** Takes one more, that sends nothing. */
  void alsoTell(ResultSink sink) {
    sinks.add(sink);
  }

  /** Whether standard output is a terminal that can be drawn on. */
  @SuppressWarnings("SystemConsoleNull") // its type still says that it may be null
  static boolean onTerminal() {
    Console console = System.console();
    String type = System.getenv("TERM");
    return console != null && console.isTerminal() && type != null && !type.equals("dumb");
  }

  /** Whether the audit is shown on the terminal. */
  boolean onScreen() {
    return screen;
  }

  /** The page's address; null without one. */
  @Nullable String pageUrl() {
    return server == null ? null : server.url();
  }

  /** What makes pseudonyms of addresses; null: they stay. */
  @Nullable Anonymizer anonymizer() {
    return names;
  }

  /** What takes results while the audit runs. */
  List<ResultSink> sinks() {
    return List.copyOf(sinks);
  }

  /** What keeps the reasons of flows that differ. */
  EvidenceSink evidence() {
    return view == null ? EvidenceSink.NONE : reasons;
  }

  /** Records that an output had no room for, by output. */
  Map<String, Long> drops() {
    Map<String, Long> drops = new LinkedHashMap<>();
    outputs.forEach(output -> drops.put(output.name(), output.drops()));
    return drops;
  }

  /** The run starts. */
  void watch(AuditPipeline pipeline, AuditRun run) {
    if (page != null) {
      page.watch(pipeline, run);
    }
    if (screen && page != null) {
      drawn = LiveScreen.open(page, page, run::stop, TextStyle.forStdout() == TextStyle.COLOUR);
    }
  }

  /** The run is over: sends what still waits, and says what was left out. */
  void drain() {
    if (drawn != null) {
      drawn.close();
      drawn = null;
    }
    outputs.forEach(Output::close);
    for (Output output : outputs) {
      if (output.drops() > 0) {
        String why = output.reason().isEmpty() ? "its queue was full" : output.reason();
        context
            .err()
            .println(
                "vipscope: warning: %s: %d records were left out (%s)"
                    .formatted(output.name(), output.drops(), why));
      }
    }
  }

  /** The run is over and the sinks have everything: writes what is written at the end. */
  void finish(AuditRun.Result result, CaptureFacts facts) {
    if (page != null) {
      page.ended(result);
    }
    if (report != null && view != null) {
      ReportFiles.write(new Report(view.copy(), facts, reasons.all(context.index())), report);
      context.err().println("vipscope: " + report.resolve("report.html") + ": report written");
    }
  }

  /** Captures are read faster than looked at: their page stays until a signal comes. */
  void linger(AuditRun run) throws InterruptedException {
    if (server != null && !context.live()) {
      context.err().println("vipscope: the page stays until Ctrl-C");
      context.err().flush();
      run.awaitSignal();
    }
  }

  @Override
  public void close() {
    if (drawn != null) {
      drawn.close();
    }
    outputs.forEach(Output::close);
    if (server != null) {
      server.close();
    }
  }
}
