package io.vipscope.tools;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vipscope.capture.CaptureException;
import io.vipscope.capture.file.Captures;
import io.vipscope.capture.live.LiveOptions;
import io.vipscope.core.finding.Expectation;
import io.vipscope.core.flow.FlowTimeouts;
import io.vipscope.core.frame.Segments;
import io.vipscope.core.pipeline.AuditConfig;
import io.vipscope.core.pipeline.AuditOptions;
import io.vipscope.core.pipeline.AuditPipeline;
import io.vipscope.core.pipeline.AuditedHost;
import io.vipscope.core.pipeline.HostIndex;
import io.vipscope.core.worker.Latency;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code vipscope audit}: a verdict for every outbound flow of a capture. */
@Command(
    name = "audit",
    header = "Judges every outbound flow of a capture or an interface.",
    description =
        "Reads frames, follows flows, and compares each outbound flow's source address with the one"
            + " that the host's state predicts.",
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  vipscope audit -r mirror.pcap --host lb1=snapshots/lb1 \\",
      "                                --host lb2=snapshots/lb2",
      "  vipscope audit -r mirror.pcap.gz --hosts snapshots --json --records mismatch",
      "  vipscope audit -i eth1 --hosts snapshots -o flows.jsonl 'not port 22'",
      "  vipscope audit --config vipscope.yaml --json",
      "  vipscope audit -i eth0 --host self       # on the host itself"
    })
final class AuditCommand implements Callable<Integer> {

  private static final int BUFFER = 1 << 16;

  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Option(
      names = "-i",
      paramLabel = "IFACE",
      description = "Capture live on this interface. Repeatable.")
  private List<String> interfaces = new ArrayList<>();

  @Option(
      names = "-r",
      paramLabel = "FILE",
      description =
          "Read a capture: pcap or pcapng, plain, gz or zst; - is standard input. Repeatable: files"
              + " are merged by time.")
  private List<String> files = new ArrayList<>();

  @Mixin private TcpdumpLetters letters = new TcpdumpLetters();
  @Mixin private CaptureMixin capture = new CaptureMixin();
  @Mixin private HostOptions hosts = new HostOptions();
  @Mixin private AssumeOption assumed = new AssumeOption();

  @Option(names = "--json", description = "Write records as JSON lines to standard output.")
  private boolean json;

  @Option(
      names = "--records",
      paramLabel = "WHICH",
      description = "Flow records to write: all, mismatch (and conditional), none. Default: all.")
  private AuditOutput.Records records = AuditOutput.Records.ALL;

  @Option(
      names = "-o",
      paramLabel = "FILE",
      description = "Write records to this file; - is standard output, as with --json.")
  private @Nullable Path output;

  @Option(
      names = "-w",
      paramLabel = "FILE",
      description =
          "Write the frames of mismatches and findings to this pcapng file (- is standard output),"
              + " the reason as their comment: their first 128 bytes. Captures are read a second"
              + " time; a live audit keeps the last 10 s of frames, and 1000 frames a flow at"
              + " most.")
  private @Nullable String evidenceFile;

  @Option(names = "--payload", description = "With -w: whole frames, payload included.")
  private boolean payload;

  @Mixin private FlowOptions flows = new FlowOptions();
  @Mixin private MirrorMixin mirror = new MirrorMixin();
  @Mixin private NatPairMixin natPair = new NatPairMixin();
  @Mixin private OutputOptions outputs = new OutputOptions();

  @Mixin private VerdictOptions verdicts = new VerdictOptions();

  @Option(names = "-c", paramLabel = "N", description = "Stop after N frames.")
  private @Nullable Long maxFrames;

  @Option(
      names = "--duration",
      paramLabel = "D",
      converter = DurationOption.Converter.class,
      description = "End a live audit after this time.")
  private @Nullable DurationOption duration;

  @Option(
      names = "--hdr",
      paramLabel = "FILE",
      description =
          "Measure how long each frame takes until it is classified, and in the ring; write the"
              + " histograms to this file.")
  private @Nullable Path hdrFile;

  @Option(names = "--sensor", paramLabel = "NAME", description = "Sensor name in records.")
  private @Nullable String sensor;

  @Option(names = "-v", description = "Say more about internal errors.")
  @SuppressWarnings("UnusedVariable") // Main asks the command line whether it was given
  private boolean verbose;

  @Parameters(
      paramLabel = "EXPRESSION",
      arity = "0..*",
      description = "Flows to select, in tcpdump's language. VRRP, ARP and ND always pass.")
  private List<String> expression = new ArrayList<>();

  private @Nullable WatchedOutput recordFile;

  @Override
  public Integer call() throws InterruptedException {
    letters.check();
    if (letters.lists()) {
      TcpdumpLetters.list(spec.commandLine().getOut());
      return ExitCode.DONE;
    }
    expression = letters.expression(expression);
    ConfigFile config = hosts.config();
    ConfigDefaults.apply(config, spec);
    verdicts.defaultsFrom(config);
    settleInputs();
    VerdictOptions.Judging judging = verdicts.read(config);
    checkInputs();
    PrintWriter err = spec.commandLine().getErr();
    HostFolders folders = hosts.folders(err, assumed.byHost());
    Segments segments = new Segments();
    HostIndex index = index(folders, judging.expect(), segments, err);
    boolean live = isLive();
    int readers = readers();
    EvidenceFile evidenceTo =
        evidenceFile == null ? null : EvidenceFile.open(evidenceFile, payload);
    EvidenceIndex evidence =
        evidenceTo == null
            ? null
            : new EvidenceIndex(live ? LiveEvidence.MAX_FRAMES : Long.MAX_VALUE);
    try (ProcessWatch processes = hosts.self() ? new ProcessWatch() : null;
        OpenCapture opened = open(readers, err);
        PrintWriter out = recordWriter(live);
        Outputs further =
            outputs.open(
                new OutputContext(
                    index, segments, sensorName(), live, names(), spec.commandLine().getOut(), err),
                (!json || output != null) && !"-".equals(evidenceFile),
                letters.quiet())) {
      RecordWriter writer =
          json || output != null
              ? new RecordWriter(out, sensorName(), live, names(), segments)
              : null;
      AuditOutput results =
          new AuditOutput(index, writer, records, judging.baseline(), segments, evidence);
      results.anonymize(further.anonymizer());
      results.commands(new NextCommands(index, live, names(), words(), hosts.state()));
      results.also(further.sinks());
      AuditPipeline pipeline =
          new AuditPipeline(
              config(readers, live, further.onScreen(), judging.expectations(), segments),
              index,
              results,
              further.evidence());
      AuditRun run =
          new AuditRun(
              opened.sources(),
              pipeline,
              live ? folders : null,
              maxFrames == null ? 0 : maxFrames,
              this::unread);
      natPair.attach(run, results, names(), index, hosts.vips(), segments);
      if (processes != null) {
        run.processes(processes);
        if (writer != null) {
          writer.processes(processes);
        }
      }
      WatchedOutput rotated = recordFile;
      if (rotated != null) {
        run.onHangup(rotated::reopen);
      }
      Thread hook = run.stopOnSignal();
      if (Outputs.onTerminal()) {
        run.onTerminal();
      }
      LiveEvidence kept =
          evidence == null || evidenceTo == null || !live
              ? null
              : new LiveEvidence(
                  evidence,
                  evidenceTo,
                  run,
                  natPair.read(interfaces),
                  mirror.options(interfaces),
                  segments);
      further.watch(pipeline, run);
      if (duration != null) {
        run.stopAfter(duration.ns());
      }
      sayListening(readers, err);
      int code = ExitCode.INTERNAL;
      try {
        AuditRun.Result result = run.run();
        natPair.finish(results);
        SourceTotals totals =
            new SourceTotals(
                live ? capture.way().of(interfaces) : "file", result.source(), result.seconds());
        further.drain();
        report(results, writer, out, result, totals, further.drops(), pipeline.latency(), live);
        further.finish(
            result, RunFacts.of(sensorName(), live, names(), totals, result, expression, index));
        String learned = judging.baseline().write();
        if (learned != null) {
          err.println("vipscope: " + learned);
        }
        if (evidence != null && evidenceTo != null) {
          evidence(evidence, kept, evidenceTo, err);
        }
        code = exitCode(result, results, judging);
        further.linger(run);
        out.flush();
        if (recordFile != null && recordFile.failure() != null) {
          err.println(
              "vipscope: " + output + ": cannot be written to its end: " + recordFile.failure());
          code = ExitCode.INPUT;
        }
      } finally {
        out.flush();
        err.flush();
        run.finished(code, hook);
      }
      return code;
    }
  }

  /** Tells what is read, by the options and the configuration together. */
  private void settleInputs() {
    if (interfaces.isEmpty() && (!files.isEmpty() || natPair.isFile())) {
      files = natPair.audited(files);
    } else {
      interfaces = natPair.audited(interfaces);
    }
    if (output != null && output.toString().equals("-")) {
      output = null;
      json = true;
    }
    checkNumbers();
    outputs.check();
    if (interfaces.isEmpty() == files.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(),
          files.isEmpty() ? "Give -r FILE or -i IFACE" : "-r and -i cannot be used together");
    }
    capture.check(isLive() ? natPair.read(interfaces) : interfaces, spec.commandLine());
  }

  private void checkInputs() {
    check(!hosts.self() || isLive(), "--host self", "a live audit (-i)");
    String refusal = capture.way().refusal(natPair.read(interfaces), hosts.self());
    if (refusal != null) {
      throw new ParameterException(spec.commandLine(), refusal);
    }
  }

  private boolean isLive() {
    return !interfaces.isEmpty();
  }

  /** Names of the interfaces or files that are audited. */
  private List<String> names() {
    return isLive() ? interfaces : files;
  }

  /** The audited hosts, as they are at the beginning. */
  private HostIndex index(
      HostFolders folders, ExpectFile expect, Segments segments, PrintWriter err) {
    List<AuditedHost> audited = folders.readAll();
    expect
        .strangers(audited.stream().map(AuditedHost::name).toList())
        .forEach(sentence -> err.println("vipscope: warning: " + sentence));
    HostIndex index = new HostIndex(audited, hosts.vips(), segments);
    if (index.vips().isEmpty() && !folders.withoutVips().isEmpty()) {
      err.println(
          "vipscope: warning: no keepalived.conf names a VIP ("
              + String.join(", ", folders.withoutVips())
              + "): every address counts as primary; give --vip ADDR");
    }
    return index;
  }

  private OpenCapture open(int readers, PrintWriter err) {
    return new OpenCapture(
        isLive()
            ? capture
                .way()
                .openAll(
                    natPair.read(interfaces),
                    liveOptions(),
                    readers,
                    text -> err.println("vipscope: " + text))
            : List.of(Captures.openAll(natPair.read(files), capture.decodesApart())));
  }

  private void sayListening(int readers, PrintWriter err) {
    for (String name : letters.quiet() ? List.<String>of() : interfaces) {
      err.println(
          "vipscope: listening on "
              + name
              + " ("
              + capture.way().of(name)
              + (readers > 1 ? ", " + readers + " threads" : "")
              + ", snap length "
              + capture.snapLength()
              + ")");
    }
  }

  private String sensorName() {
    return sensor == null ? HostName.orElse("sensor") : sensor;
  }

  private void evidence(
      EvidenceIndex evidence, @Nullable LiveEvidence kept, EvidenceFile file, PrintWriter err)
      throws InterruptedException {
    long copied =
        kept != null
            ? kept.finish()
            : EvidenceFrames.write(
                evidence,
                files,
                mirror.options(interfaces),
                maxFrames == null ? 0 : maxFrames,
                file);
    err.println("vipscope: " + file.name() + ": " + copied + " frames");
    leftOut(evidence.left(), "more flows differ; their frames are not in it", err);
    leftOut(evidence.cut(), "more frames of long flows are not in it", err);
    leftOut(evidence.late(), "frames that findings name had gone when these were told", err);
    leftOut(kept == null ? 0 : kept.lost(), "frames came too fast to be looked at for it", err);
  }

  private static void leftOut(long count, String what, PrintWriter err) {
    if (count > 0) {
      err.println("vipscope: warning: " + count + " " + what);
    }
  }

  private void checkNumbers() {
    flows.check(spec.commandLine());
    verdicts.check(spec.commandLine());
    check(maxFrames == null || maxFrames >= 1, "-c", "at least 1");
    check(duration == null || duration.ns() > 0, "--duration", "a positive time");
    check(duration == null || isLive(), "--duration", "a live audit (-i)");
    check(
        evidenceFile == null || !files.contains("-"),
        "-w",
        "a live audit, or captures that can be read twice (-r FILE)");
    check(
        !"-".equals(evidenceFile) || !json, "-w -", "no records on standard output; give -o FILE");
    check(
        evidenceFile == null || !outputs.anonymizes(),
        "-w",
        "no --anonymize: frames hold the addresses themselves");
    check(!payload || evidenceFile != null, "--payload", "-w FILE");
    check(files.stream().filter("-"::equals).count() < 2, "-r -", "to be given once");
  }

  private void check(boolean holds, String option, String expected) {
    OptionCheck.check(spec.commandLine(), holds, option, expected);
  }

  /** Whether records cannot be written any more, or nobody reads them. */
  private boolean unread() {
    return output == null
        ? json && spec.commandLine().getOut().checkError()
        : recordFile != null && recordFile.failure() != null;
  }

  /**
   * How many threads read: as many as asked for where the kernel can share the frames out, and
   * nobody has to see all of them in order.
   */
  private int readers() {
    return !interfaces.isEmpty()
            && capture.way().usesPacketSockets(interfaces)
            && maxFrames == null
            && !hosts.self()
            && !natPair.isAttached()
        ? flows.readers()
        : 1;
  }

  /** The kernel may leave out what the expression does, where nobody else looks at it. */
  private LiveOptions liveOptions() {
    return capture.options(
        hosts.self(),
        expression.isEmpty() || hosts.self() || natPair.isAttached()
            ? null
            : String.join(" ", expression),
        mirror.options(interfaces).vxlanPort());
  }

  /** The screen shows times, too: they cost some 20 ns a frame. */
  private AuditConfig config(
      int readers,
      boolean live,
      boolean onScreen,
      List<Expectation> expectations,
      Segments segments) {
    return new AuditConfig(
        readers,
        flows.workers(),
        flows.waiting(),
        flows.maxFlows(),
        FlowTimeouts.DEFAULT.withActive(verdicts.activeNs(live)),
        new SecureRandom().nextLong(),
        ExpressionSelection.of(expression),
        new AuditOptions(
            mirror.useMacs(),
            mirror.segments(),
            expression.isEmpty(),
            verdicts.maxStateAgeNs(),
            expectations),
        mirror.options(interfaces),
        flows.dedupNs(),
        hdrFile == null && !onScreen
            ? Latency.Clock.OFF
            : live ? Latency.Clock.CAPTURE : Latency.Clock.READER,
        segments);
  }

  /** Records of a live audit are flushed line by line; standard output outlives the records. */
  private PrintWriter recordWriter(boolean live) {
    if (output == null) {
      PrintWriter stdout = spec.commandLine().getOut();
      return new PrintWriter(new BufferedWriter(stdout, BUFFER), live) {
        @Override
        public void close() {
          flush();
        }
      };
    }
    try {
      recordFile = new WatchedOutput(output);
    } catch (IOException e) {
      throw new CaptureException(output + ": cannot be written: " + IoReason.writing(e), e);
    }
    return new PrintWriter(
        new BufferedWriter(new OutputStreamWriter(recordFile, UTF_8), BUFFER), live);
  }

  private void report(
      AuditOutput results,
      @Nullable RecordWriter writer,
      PrintWriter out,
      AuditRun.Result result,
      SourceTotals totals,
      Map<String, Long> outputDrops,
      @Nullable Latency latency,
      boolean live) {
    if (writer != null) {
      // A live audit ends now; a capture when its last frame was taken, if it has one.
      long endNs =
          live || result.counters().frames() == 0
              ? System.currentTimeMillis() * 1_000_000L
              : result.lastNs();
      writer.stats(result.counters(), results.totals(), totals, outputDrops, latency, endNs);
      out.flush();
    }
    PrintWriter err = spec.commandLine().getErr();
    boolean toErr = json && output == null || "-".equals(evidenceFile);
    results
        .summary()
        .print(
            toErr ? err : spec.commandLine().getOut(),
            result.counters(),
            totals,
            toErr ? TextStyle.PLAIN : TextStyle.forStdout());
    if (latency != null && hdrFile != null) {
      LatencyReport.print(latency, live, toErr ? err : spec.commandLine().getOut());
      LatencyReport.write(latency, result.seconds(), hdrFile);
    }
    CaptureException broken = result.broken();
    if (broken != null) {
      err.println("vipscope: " + broken.getMessage());
    }
  }

  private static int exitCode(
      AuditRun.Result result, AuditOutput results, VerdictOptions.Judging judging) {
    if (result.broken() != null) {
      return ExitCode.INPUT;
    }
    MaxLoss loss = judging.loss();
    if (loss != null && loss.exceeded(result.counters().frames(), result.source())) {
      return ExitCode.LOSS;
    }
    FailOn fail = judging.fail();
    return fail != null && fail.found(results.totals(), results.found())
        ? ExitCode.FOUND
        : ExitCode.DONE;
  }

  /** The options that say what is audited and how it is read. */
  private List<String> words() {
    List<String> words = new ArrayList<>(hosts.words());
    words.addAll(mirror.words());
    return words;
  }
}
