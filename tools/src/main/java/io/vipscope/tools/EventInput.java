package io.vipscope.tools;

import io.vipscope.capture.CaptureException;
import io.vipscope.capture.FrameSource;
import io.vipscope.capture.file.Captures;
import io.vipscope.capture.live.LiveOptions;
import io.vipscope.core.frame.Segments;
import io.vipscope.core.pipeline.AuditConfig;
import io.vipscope.core.pipeline.AuditPipeline;
import io.vipscope.core.pipeline.HostIndex;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
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
   * Records, in order.
   *
   * @param broken what stopped an input before its end; null if nothing did
   */
  private record Events(List<JsonNode> records, @Nullable CaptureException broken) {}

  HostOptions hosts() {
    return hosts;
  }

  /**
   * Reads the input to its end, or listens.
   *
   * @param print takes the records of owners, failovers and findings, in order; also those of a
   *     capture that a signal ended
   * @throws CaptureException if an input broke off: after what came before was printed
   */
  void read(CommandSpec spec, Consumer<List<JsonNode>> print) throws InterruptedException {
    ConfigDefaults.apply(hosts.config(), spec);
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
    if (records.isEmpty()) {
      audit(spec.commandLine().getErr(), print);
    } else {
      show(recorded(), print);
    }
  }

  private static void show(Events events, Consumer<List<JsonNode>> print) {
    print.accept(events.records());
    if (events.broken() != null) {
      throw events.broken();
    }
  }

  private Events recorded() {
    List<JsonNode> all = new ArrayList<>();
    CaptureException broken = null;
    for (String file : files) {
      try {
        new RecordLines(file)
            .forEach((record, _) -> {
              if (Timestamp.parse(record.path("timestamp").asString("")) == null) {
                throw new IllegalArgumentException("no timestamp; expected an EVE record");
              }
              if (EVENTS.contains(record.path("event_type").asString(""))) {
                all.add(record);
              }
            });
      } catch (CaptureException e) {
        broken = e;
        break;
      }
    }
    return new Events(all, broken);
  }

  private void audit(PrintWriter err, Consumer<List<JsonNode>> print) throws InterruptedException {
    HostFolders folders = hosts.folders(err);
    Segments segments = new Segments();
    HostIndex index = new HostIndex(folders.readAll(), hosts.vips(), segments);
    StringWriter lines = new StringWriter();
    PrintWriter out = new PrintWriter(lines);
    boolean live = !interfaces.isEmpty();
    RecordWriter writer = new RecordWriter(out, "", live, live ? interfaces : files, segments);
    AuditOutput output =
        new AuditOutput(
            index, writer, AuditOutput.Records.NONE, Baseline.read(null, null), segments, null);
    output.commands(
        new NextCommands(index, live, live ? interfaces : files, words(), hosts.state()));
    AuditConfig config =
        PlainAudit.config(mirror.auditOptions(), mirror.options(interfaces), segments);
    try (FrameSource source =
        live
            ? LiveSource.AUTO.openAll(interfaces, LiveOptions.all(!hosts.self(), SNAP_LENGTH))
            : Captures.openAll(files)) {
      AuditPipeline pipeline = new AuditPipeline(config, index, output);
      AuditRun run = new AuditRun(List.of(source), pipeline, live ? folders : null, 0, () -> false);
      Thread hook = run.stopOnSignal();
      if (live) {
        run.stopAfter(duration == null ? LISTEN_NS : duration.ns());
      }
      int code = ExitCode.INPUT;
      try {
        AuditRun.Result result = run.run();
        out.flush();
        show(
            new Events(
                lines
                    .toString()
                    .lines()
                    .map(MAPPER::readTree)
                    .filter(r -> EVENTS.contains(r.path("event_type").asString("")))
                    .toList(),
                result.broken()),
            print);
        code = ExitCode.DONE;
      } finally {
        run.finished(code, hook);
      }
    }
  }

  /** The options that say what is audited and how it is read. */
  private List<String> words() {
    List<String> words = new ArrayList<>(hosts.words());
    words.addAll(mirror.words());
    return words;
  }
}
