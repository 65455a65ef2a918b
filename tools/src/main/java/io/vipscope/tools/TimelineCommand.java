package io.vipscope.tools;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** {@code vipscope timeline}: what happened to the VIPs, in order. */
@Command(
    name = "timeline",
    header = "Lists what happened to the VIPs: changes of holder, failovers, findings.",
    description = "From a capture, an interface, or records that an audit wrote.",
    footer = {
      "",
      "Examples:",
      "  vipscope timeline -r mirror.pcap --hosts snapshots --since 03:00 --until 03:20",
      "  vipscope timeline -r flows.jsonl --json"
    })
final class TimelineCommand implements Callable<Integer> {

  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Mixin private EventInput input = new EventInput();

  @Option(
      names = "--since",
      paramLabel = "T",
      converter = TimeOption.Converter.class,
      description = "From this time on: 03:20 of the first event's day, in UTC, or with a date.")
  private @Nullable TimeOption since;

  @Option(
      names = "--until",
      paramLabel = "T",
      converter = TimeOption.Converter.class,
      description = "Up to this time.")
  private @Nullable TimeOption until;

  @Option(names = "--json", description = "Print the records.")
  private boolean json;

  @Option(names = "-v", description = "Say more about internal errors.")
  @SuppressWarnings("UnusedVariable") // Main asks the command line whether it was given
  private boolean verbose;

  /** An event at the time it happened, which may be before it was told. */
  private record Event(long ns, JsonNode record) {}

  @Override
  public Integer call() throws InterruptedException {
    if (since != null && until != null && since.timeOfDay() == until.timeOfDay()) {
      check(since.ns(), until.ns());
    }
    input.read(spec, this::show);
    return ExitCode.DONE;
  }

  private void show(List<JsonNode> records) {
    List<Event> all = new ArrayList<>();
    for (JsonNode record : records) {
      all.add(new Event(happenedNs(record), record));
    }
    all.sort(Comparator.comparingLong(Event::ns));
    PrintWriter out = spec.commandLine().getOut();
    long firstNs = all.isEmpty() ? 0 : all.getFirst().ns();
    if (since != null && until != null && !all.isEmpty()) {
      check(since.at(firstNs), until.at(firstNs));
    }
    for (Event event : all) {
      boolean within =
          (since == null || event.ns() >= since.at(firstNs))
              && (until == null || event.ns() <= until.at(firstNs));
      if (within) {
        out.println(json ? event.record().toString() : RecordText.of(event.record()));
      }
    }
    out.flush();
  }

  private void check(long fromNs, long toNs) {
    if (fromNs > toNs) {
      throw new ParameterException(
          spec.commandLine(),
          "--until is before --since; a time over midnight needs its dates, as"
              + " 2026-11-22T23:50:00Z");
    }
  }

  private static long happenedNs(JsonNode record) {
    JsonNode own = record.path("vipscope");
    String told = record.path("timestamp").asString("");
    String text =
        !record.path("event_type").asString("").equals("finding")
            ? told
            : switch (own.path("status").asString("")) {
              case "open" -> own.path("start").asString(told);
              case "resolved" -> own.path("end").asString(told);
              default -> told;
            };
    Long ns = Timestamp.parse(text);
    return ns == null ? Long.MIN_VALUE : ns;
  }
}
