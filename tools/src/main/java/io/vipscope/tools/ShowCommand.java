package io.vipscope.tools;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** {@code vipscope show}: selects and counts records that an audit wrote. */
@Command(
    name = "show",
    header = "Selects, lists and counts the records that an audit wrote.",
    description =
        "Reads EVE JSON lines, of 'audit --json', 'audit -o FILE' or Suricata. Without --group-by"
            + " each record that is selected is a line. A FIELD is the name of a record's field,"
            + " also of one in its vipscope or flow object (host, dest_port, state), or the way to"
            + " it (vipscope.path.dev).",
    footer = {
      "",
      "Examples:",
      "  vipscope show flows.jsonl --verdict mismatch --group-by host,dest_port --top 20",
      "  vipscope show flows.jsonl --since 03:00 --until 03:20 --where vip=192.168.0.9",
      "  vipscope show flows.jsonl --type finding --where severity=critical --json"
    })
final class ShowCommand implements Callable<Integer> {

  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Parameters(
      paramLabel = "RECORDS",
      arity = "1..*",
      description = "Files of JSON lines; - is standard input.")
  private List<String> files = new ArrayList<>();

  @Option(
      names = "--type",
      paramLabel = "TYPE",
      split = ",",
      description =
          "Event types to select: flow, verdict, vip_owner, failover, finding, stats. Default:"
              + " flow.")
  private Set<String> types = new LinkedHashSet<>(Set.of("flow"));

  @Option(
      names = "--verdict",
      paramLabel = "VERDICT",
      split = ",",
      description = "Verdicts to select: match, conditional, mismatch, undecided.")
  private Set<String> verdicts = new LinkedHashSet<>();

  @Option(
      names = "--where",
      paramLabel = "FIELD=VALUE",
      description =
          "Only records with this value, or that have it in a list. Repeatable: all must hold.")
  private Map<String, String> where = new LinkedHashMap<>();

  @Option(
      names = "--since",
      paramLabel = "T",
      converter = TimeOption.Converter.class,
      description = "Only records from this time on: 03:20 of the first record's day, in UTC.")
  private @Nullable TimeOption since;

  @Option(
      names = "--until",
      paramLabel = "T",
      converter = TimeOption.Converter.class,
      description = "Only records up to this time.")
  private @Nullable TimeOption until;

  @Option(
      names = "--group-by",
      paramLabel = "FIELD",
      split = ",",
      description = "Count the records by these fields.")
  private List<String> groupBy = new ArrayList<>();

  @Option(
      names = "--top",
      paramLabel = "N",
      description = "So many lines at most. Default: 20 groups; every record.")
  private @Nullable Integer top;

  @Option(names = "--json", description = "Print records, or groups, as JSON lines.")
  private boolean json;

  @Option(names = "-v", description = "Say more about internal errors.")
  @SuppressWarnings("UnusedVariable") // Main asks the command line whether it was given
  private boolean verbose;

  private static final int GROUPS = 20;

  /** Verdicts are told at once and again with the flow: both would count twice. */
  private static final Set<String> VERDICTS =
      Set.of("match", "conditional", "mismatch", "undecided");

  private final Set<String> unseen = new LinkedHashSet<>();
  private long read;
  private long selected;
  private @Nullable Long firstNs;

  @Override
  public Integer call() {
    check(top == null || top >= 1, "--top expects at least 1");
    for (String verdict : verdicts) {
      check(
          VERDICTS.contains(verdict),
          "--verdict '" + verdict + "': expected match, conditional, mismatch or undecided");
    }
    check(files.stream().filter("-"::equals).count() < 2, "- can be given once");
    unseen.addAll(where.keySet());
    unseen.addAll(groupBy);
    PrintWriter out = spec.commandLine().getOut();
    RecordGroups groups = new RecordGroups(groupBy.stream().map(RecordField::new).toList());
    try {
      for (String file : files) {
        new RecordLines(file)
            .forEach((record, line) -> {
              read++;
              if (selects(record)) {
                selected++;
                if (!groupBy.isEmpty()) {
                  groups.add(record);
                } else if (top == null || selected <= top) {
                  out.println(json ? line : RecordText.of(record));
                }
              }
            });
      }
    } finally {
      end(out, groups);
    }
    return ExitCode.DONE;
  }

  private void check(boolean holds, String message) {
    if (!holds) {
      throw new ParameterException(spec.commandLine(), message);
    }
  }

  private boolean selects(JsonNode record) {
    unseen.removeIf(name -> new RecordField(name).isIn(record));
    Long ns = Timestamp.parse(record.path("timestamp").asString(""));
    if (ns != null && firstNs == null) {
      firstNs = ns;
    }
    if (!types.contains(record.path("event_type").asString(""))
        || record.path("flow").path("reason").asString("").equals("active")) {
      return false; // an interim record's flow has another one
    }
    if (!verdicts.isEmpty()
        && !verdicts.contains(record.path("vipscope").path("verdict").asString(""))) {
      return false;
    }
    return within(ns)
        && where.entrySet().stream().allMatch(e -> has(record, e.getKey(), e.getValue()));
  }

  private static boolean has(JsonNode record, String name, String value) {
    String text = new RecordField(name).of(record);
    return text.equals(value) || List.of(text.split(",", -1)).contains(value);
  }

  private boolean within(@Nullable Long ns) {
    if (since == null && until == null) {
      return true;
    }
    if (ns == null || firstNs == null) {
      return false;
    }
    return (since == null || ns >= since.at(firstNs)) && (until == null || ns <= until.at(firstNs));
  }

  private void end(PrintWriter out, RecordGroups groups) {
    if (!groupBy.isEmpty()) {
      int shown = top == null ? GROUPS : top;
      if (json) {
        groups.json(out, shown);
      } else {
        groups.text(out, shown, TextStyle.forStdout());
      }
    }
    out.flush();
    PrintWriter err = spec.commandLine().getErr();
    if (read > 0) {
      unseen.forEach(name -> err.println("vipscope: warning: no record has a field " + name));
    }
    err.println("vipscope: " + selected + " of " + read + " records selected");
    err.flush();
  }
}
