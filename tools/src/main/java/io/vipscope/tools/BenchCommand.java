package io.vipscope.tools;

import io.vipscope.capture.CaptureException;
import io.vipscope.capture.FrameSource;
import io.vipscope.capture.file.Captures;
import io.vipscope.core.frame.Segments;
import io.vipscope.core.pipeline.AuditedHost;
import io.vipscope.core.pipeline.HostIndex;
import io.vipscope.tools.capacity.Capacity;
import io.vipscope.tools.capacity.CapacityRun;
import io.vipscope.tools.capacity.FrameMemory;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

@Command(
    name = "bench",
    header = "Measures what this machine can audit; runs the project's benchmarks.",
    description = {
      "",
      "With --capacity: plays a capture from memory into an audit, again and again, as fast as it"
          + " takes it, and says how many frames, bits and new flows a second that is, and which"
          + " stage is the limit. Without -r: the demo's.",
      "",
      "Without: runs the benchmarks whose names match REGEX (JMH), in a checkout of the sources"
          + " only; prints a table beside the run before, and keeps the results as JSON."
    },
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  vipscope bench --capacity -r mirror.pcap --hosts snapshots",
      "  vipscope bench Decode"
    })
final class BenchCommand implements Callable<Integer> {

  /** Of a larger capture the beginning is played. */
  private static final long MAX_BYTES = 1L << 29;

  private static final long SECOND_NS = 1_000_000_000L;

  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Option(names = "--capacity", description = "Measure what this machine takes.")
  private boolean capacity;

  @Option(
      names = "-r",
      paramLabel = "FILE",
      description = "Capture to play, as audit reads it; of more than 512 MB the beginning.")
  private List<String> files = new ArrayList<>();

  @Mixin private HostOptions hosts = new HostOptions();
  @Mixin private MirrorMixin mirror = new MirrorMixin();

  @Option(
      names = "--seconds",
      paramLabel = "N",
      description = "Measure so long, after half of it to warm up (default ${DEFAULT-VALUE}).")
  private int seconds = 20;

  @Option(names = "--json", description = "The result as one JSON object.")
  private boolean json;

  @Option(names = "-v", description = "On an internal error, show where.")
  @SuppressWarnings("UnusedVariable") // Main looks for it in the parsed command line
  private boolean verbose;

  @Parameters(arity = "0..*", paramLabel = "REGEX", description = "Names of benchmarks.")
  private List<String> names = new ArrayList<>();

  @Override
  public Integer call() throws InterruptedException {
    if (!capacity) {
      throw usage(
          "benchmarks are run from a checkout of the sources, by tools/vipscope bench; here:"
              + " --capacity");
    }
    if (!names.isEmpty()) {
      throw usage("--capacity takes no REGEX: " + names.getFirst());
    }
    if (seconds < 1 || seconds > 3_600) {
      throw usage("--seconds " + seconds + ": expected 1 to 3600");
    }
    if (files.isEmpty()) {
      return demo();
    }
    PrintWriter err = spec.commandLine().getErr();
    List<AuditedHost> audited = hosts.folders(err).readAll();
    FrameMemory frames;
    try (FrameSource source = Captures.openAll(files)) {
      frames = FrameMemory.read(source, MAX_BYTES);
    }
    String name = String.join(", ", files);
    if (frames.count() == 0) {
      throw new CaptureException(name + ": no frame, expected a capture to play");
    }
    Capacity result =
        new CapacityRun(
                frames,
                PlainAudit.config(mirror.auditOptions(), mirror.options(List.of()), new Segments()),
                new HostIndex(audited, hosts.vips()))
            .run(seconds * SECOND_NS / 2, seconds * SECOND_NS);
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(json(result));
    } else {
      print(result, name, frames, audited, out);
    }
    out.flush();
    return ExitCode.DONE;
  }

  /** The same with the demo's capture and hosts. */
  private int demo() {
    Path data = DemoCommand.data();
    List<String> command = new ArrayList<>(List.of("bench", "--capacity"));
    command.addAll(List.of("-r", data.resolve("mirror.pcap.gz").toString()));
    command.addAll(List.of("--hosts", data.resolve("snapshots").toString()));
    command.addAll(List.of("--seconds", String.valueOf(seconds)));
    if (json) {
      command.add("--json");
    }
    return Main.run(
        command.toArray(String[]::new), spec.commandLine().getOut(), spec.commandLine().getErr());
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private static void print(
      Capacity c, String name, FrameMemory frames, List<AuditedHost> hosts, PrintWriter out) {
    out.printf(
        Locale.ROOT,
        "Capture  %s%s: %,d frames of %.0f bytes on average, played for %.0f s%n",
        frames.isWhole() ? "" : "the beginning of ",
        name,
        c.frames(),
        c.meanBytes(),
        c.seconds());
    out.println(
        "Hosts    "
            + (hosts.isEmpty()
                ? "none: no verdicts"
                : hosts.stream().map(AuditedHost::name).collect(Collectors.joining(", "))));
    out.printf(
        Locale.ROOT,
        "Takes    %.2f Mpps = %.2f Gbit/s, %,.0f new flows/s (worst second %.2f Mpps, best %.2f)%n",
        c.rate() / 1e6,
        c.bitRate() / 1e9,
        c.flowRate(),
        c.slowest() / 1e6,
        c.fastest() / 1e6);
    out.println(
        "CPU      "
            + c.cpu().entrySet().stream()
                .map(e -> String.format(Locale.ROOT, "%s %.2f", e.getKey(), e.getValue()))
                .collect(Collectors.joining(", "))
            + ", of "
            + c.cores()
            + " cores");
    out.println("Limit    " + c.limit() + ": " + c.reason());
  }

  private static String json(Capacity c) {
    ObjectNode node = JsonMapper.shared().createObjectNode();
    node.put("frames", c.frames())
        .put("mean_bytes", c.meanBytes())
        .put("frames_per_second", c.rate())
        .put("slowest_second", c.slowest())
        .put("fastest_second", c.fastest())
        .put("bits_per_second", c.bitRate())
        .put("flows_per_second", c.flowRate())
        .put("seconds", c.seconds())
        .put("cores", c.cores())
        .put("limit", c.limit());
    ObjectNode cpu = node.putObject("cpu");
    c.cpu().forEach(cpu::put);
    return node.toString();
  }
}
