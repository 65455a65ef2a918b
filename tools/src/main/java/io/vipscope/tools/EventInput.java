package io.vipscope.tools;

import io.vipscope.capture.CaptureException;
import io.vipscope.capture.FrameSource;
import io.vipscope.capture.file.Captures;
import io.vipscope.capture.file.MergedSource;
import io.vipscope.core.flow.FlowTimeouts;
import io.vipscope.core.frame.Segments;
import io.vipscope.core.pipeline.AuditConfig;
import io.vipscope.core.pipeline.AuditOptions;
import io.vipscope.core.pipeline.AuditPipeline;
import io.vipscope.core.pipeline.HostIndex;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Where a command takes events of VIPs from: records, captures or an interface. */
final class EventInput {

  private static final JsonMapper MAPPER = new JsonMapper();
  private static final Set<String> EVENTS = Set.of("vip_owner", "failover", "finding");
  private static final int MAX_FLOWS = 1_000_000;
  private static final int SNAP_LENGTH = 262_144;
  private static final long LISTEN_NS = 5_000_000_000L;

  @Option(
      names = "-r",
      paramLabel = "FILE",
      description =
          "A capture, or records that an audit wrote; - is records on standard input. Repeatable:"
              + " captures are merged by time.")
  private List<String> files = new ArrayList<>();

  @Option(names = "-i", paramLabel = "IFACE", description = "Listen on this interface. Repeatable.")
  private List<String> interfaces = new ArrayList<>();

  @Option(
      names = "--duration",
      paramLabel = "D",
      converter = DurationOption.Converter.class,
      description = "How long to listen. Default: 5s.")
  private @Nullable DurationOption duration;

  @Mixin private HostOptions hosts = new HostOptions();
  @Mixin private MirrorMixin mirror = new MirrorMixin();

  /**
   * The records of owners, failovers and findings, in order.
   *
   * @param lastNs time of the last record or frame; {@link Long#MIN_VALUE} without one
   * @param broken what stopped an input before its end; null if nothing did
   */
  record Events(List<JsonNode> records, long lastNs, @Nullable CaptureException broken) {}

  HostOptions hosts() {
    return hosts;
  }

  Events read(CommandSpec spec) throws InterruptedException {
    if (files.isEmpty() == interfaces.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(),
          files.isEmpty() ? "Give -r FILE or -i IFACE" : "-r and -i cannot be used together");
    }
    List<String> records =
        files.stream().filter(f -> f.equals("-") || EveReader.isRecords(f)).toList();
    if (!records.isEmpty() && records.size() < files.size()) {
      throw new ParameterException(spec.commandLine(), "-r takes records or captures, not both");
    }
    return records.isEmpty() ? audit(spec.commandLine().getErr()) : recorded();
  }

  private Events recorded() {
    List<JsonNode> all = new ArrayList<>();
    long[] last = {Long.MIN_VALUE};
    CaptureException broken = null;
    for (String file : files) {
      try {
        new RecordLines(file)
            .forEach((record, _) -> {
              Long ns = Timestamp.parse(record.path("timestamp").asString(""));
              if (ns == null) {
                throw new IllegalArgumentException("no timestamp; expected an EVE record");
              }
              last[0] = Math.max(last[0], ns);
              if (EVENTS.contains(record.path("event_type").asString(""))) {
                all.add(record);
              }
            });
      } catch (CaptureException e) {
        broken = e;
        break;
      }
    }
    return new Events(all, last[0], broken);
  }

  private Events audit(PrintWriter err) throws InterruptedException {
    HostFolders folders = hosts.folders(err);
    HostIndex index = new HostIndex(folders.readAll(), hosts.vips());
    Segments segments = new Segments();
    StringWriter lines = new StringWriter();
    PrintWriter out = new PrintWriter(lines);
    boolean live = !interfaces.isEmpty();
    RecordWriter writer = new RecordWriter(out, "", live, live ? interfaces : files, segments);
    AuditOutput output =
        new AuditOutput(
            index, writer, AuditOutput.Records.NONE, Baseline.read(null, false), segments, null);
    AuditConfig config =
        new AuditConfig(
            Math.max(1, Runtime.getRuntime().availableProcessors() / 2),
            MAX_FLOWS,
            FlowTimeouts.DEFAULT,
            new SecureRandom().nextLong(),
            ExpressionSelection.of(List.of()),
            AuditOptions.DEFAULT,
            mirror.options(interfaces),
            0,
            segments);
    AuditRun.Result result;
    try (FrameSource source = live ? listen() : Captures.openAll(files)) {
      AuditPipeline pipeline = new AuditPipeline(config, index, output);
      AuditRun run = new AuditRun(source, pipeline, live ? folders : null, 0, () -> false);
      Thread hook = run.stopOnSignal();
      if (live) {
        run.stopAfter(duration == null ? LISTEN_NS : duration.ns());
      }
      try {
        result = run.run();
      } finally {
        run.finished(ExitCode.DONE, hook);
      }
    }
    out.flush();
    List<JsonNode> all = lines.toString().lines().map(MAPPER::readTree).toList();
    return new Events(
        all, result.lastNs() == 0 ? Long.MIN_VALUE : result.lastNs(), result.broken());
  }

  private FrameSource listen() {
    List<FrameSource> sources = new ArrayList<>();
    try {
      for (String name : interfaces) {
        sources.add(LiveSource.AUTO.open(name, true, SNAP_LENGTH));
      }
    } catch (CaptureException e) {
      sources.forEach(FrameSource::close);
      throw e;
    }
    return MergedSource.of(sources);
  }
}
