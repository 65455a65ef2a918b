package io.vipscope.tools;

import io.vipscope.capture.CaptureException;
import io.vipscope.core.pipeline.AuditedHost;
import io.vipscope.core.pipeline.HostIndex;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code vipscope explain}: what would explain a flow's source. */
@Command(
    name = "explain",
    header = "Why a flow has the source address that was seen.",
    description = {
      "Shows what the host's state gives for the flow, what was observed, and each single fact that"
          + " would explain the difference: a bind, a mark, a missing rule, another state. What the"
          + " model can check, it checks; the rest is told apart."
    },
    sortOptions = false,
    footer = {
      "",
      "A FLOW is one of",
      "  'SRC:PORT > DST:PORT/tcp'   the opener first; [ADDR]:PORT for IPv6",
      "  144                         a flow_id in the capture or records that -r names",
      "  1:QG1eLGYFjtIEBCOdapYUm...  a community id in there",
      "  -                           every flow of the records on standard input",
      "",
      "Examples:",
      "  vipscope explain --hosts snapshots '192.168.0.9:51514 > 203.0.113.5:443/tcp'",
      "  vipscope explain --hosts snapshots -r mirror.pcap.gz 144",
      "  vipscope audit -r mirror.pcap --hosts snapshots --json --records mismatch |",
      "    vipscope explain --hosts snapshots -"
    })
final class ExplainCommand implements Callable<Integer> {

  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Mixin private HostOptions hosts = new HostOptions();
  @Mixin private AssumeOption assumed = new AssumeOption();

  @Option(
      names = "-r",
      paramLabel = "FILE",
      description =
          "Where to look the flows up: a capture, as audit reads it, or records that audit wrote."
              + " Repeatable.")
  private List<String> files = new ArrayList<>();

  @Mixin private MirrorMixin mirror = new MirrorMixin();

  @Option(names = "--json", description = "One JSON object a line.")
  private boolean json;

  @Option(names = "-v", description = "On an internal error, show where.")
  @SuppressWarnings("UnusedVariable") // Main looks for it in the parsed command line
  private boolean verbose;

  @Parameters(arity = "1..*", paramLabel = "FLOW", description = "Flows; see below.")
  private List<String> flows = new ArrayList<>();

  private boolean first = true;

  @Override
  public Integer call() throws InterruptedException {
    List<FlowName> names = flows.stream().map(this::name).toList();
    check(names);
    PrintWriter out = spec.commandLine().getOut();
    List<AuditedHost> audited =
        hosts.folders(spec.commandLine().getErr(), assumed.byHost()).readAll();
    if (audited.isEmpty()) {
      throw usage("Give --host NAME=DIR or --hosts DIR");
    }
    HostIndex index = new HostIndex(audited, hosts.vips());
    Explainer explainer = new Explainer(index);
    try {
      return files.isEmpty()
          ? written(names, explainer, index, out)
          : lookedUp(names, explainer, index, out);
    } finally {
      out.flush();
    }
  }

  private FlowName name(String text) {
    try {
      return FlowName.parse(text);
    } catch (IllegalArgumentException e) {
      throw usage(String.valueOf(e.getMessage()));
    }
  }

  private void check(List<FlowName> names) {
    for (FlowName name : names) {
      if (files.isEmpty() && (name instanceof FlowName.Id || name instanceof FlowName.Community)) {
        throw usage("FLOW '" + name + "' is looked up in a capture or in records: give -r FILE");
      }
    }
    long records = names.stream().filter(FlowName.Records.class::isInstance).count();
    long inputs = records + files.stream().filter("-"::equals).count();
    if (inputs > 1) {
      throw usage("standard input can be read once, as FLOW - or as -r -");
    }
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private int written(List<FlowName> names, Explainer explainer, HostIndex index, PrintWriter out) {
    for (FlowName name : names) {
      switch (name) {
        case FlowName.Tuple tuple -> print(explainer.alone(ExplainedFlow.of(tuple)), index, out);
        case FlowName.Records _ -> standardInput(explainer, index, out);
        case FlowName.Id _ -> throw new IllegalStateException("checked before");
        case FlowName.Community _ -> throw new IllegalStateException("checked before");
      }
    }
    return ExitCode.DONE;
  }

  /** An audit writes a mismatch at once and again at the flow's end: it is explained once. */
  private void standardInput(Explainer explainer, HostIndex index, PrintWriter out) {
    Set<ExplainedFlow> seen = new HashSet<>();
    new EveReader("-")
        .forEach(record -> {
          if (seen.add(record.flow())) {
            print(explainer.recorded(record), index, out);
          }
        });
    if (seen.isEmpty()) {
      throw new CaptureException("-: standard input has no record of a flow");
    }
  }

  /** Everything that was found is printed, in the order of the names; then what was not is told. */
  private int lookedUp(List<FlowName> names, Explainer explainer, HostIndex index, PrintWriter out)
      throws InterruptedException {
    Map<ExplainedFlow, List<Explained>> found = new LinkedHashMap<>();
    @Nullable CaptureException broken = null;
    List<String> captures = new ArrayList<>();
    for (String file : files) {
      if (!EveReader.isRecords(file)) {
        captures.add(file);
        continue;
      }
      new EveReader(file)
          .forEach(record -> {
            if (wanted(names, record.flow())) {
              found.putIfAbsent(record.flow(), explainer.recorded(record));
            }
          });
    }
    if (!captures.isEmpty()) {
      FlowLookup.Result result =
          FlowLookup.in(captures, index, mirror, flow -> wanted(names, flow));
      for (FlowLookup.Found f : result.found()) {
        found.put(f.flow(), List.of(explainer.captured(f.flow(), f.verdict(), f.evidence())));
      }
      broken = result.broken();
    }
    List<String> missing = new ArrayList<>();
    for (FlowName name : names) {
      if (name instanceof FlowName.Records) {
        standardInput(explainer, index, out);
        continue;
      }
      List<ExplainedFlow> named = found.keySet().stream().filter(name::names).toList();
      named.forEach(flow -> print(found.getOrDefault(flow, List.of()), index, out));
      if (named.isEmpty()) {
        missing.add(name.toString());
      }
    }
    if (broken != null) {
      throw broken;
    }
    if (!missing.isEmpty()) {
      throw new CaptureException(
          String.join(", ", files) + ": no flow " + String.join(", no flow ", missing));
    }
    return ExitCode.DONE;
  }

  private static boolean wanted(List<FlowName> names, ExplainedFlow flow) {
    return names.stream().anyMatch(name -> name.names(flow));
  }

  private void print(List<Explained> all, HostIndex index, PrintWriter out) {
    for (Explained e : all) {
      if (json) {
        out.println(ExplanationJson.line(e, index::isVip));
        continue;
      }
      if (!first) {
        out.println();
      }
      first = false;
      new ExplanationText(index::isVip, TextStyle.forStdout()).lines(e).forEach(out::println);
    }
  }
}
