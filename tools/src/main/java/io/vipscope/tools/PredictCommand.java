package io.vipscope.tools;

import io.vipscope.capture.CaptureException;
import io.vipscope.capture.host.HostHistory;
import io.vipscope.core.model.change.Role;
import io.vipscope.core.model.selection.RouteLookup;
import io.vipscope.core.model.selection.RoutePrediction;
import io.vipscope.core.model.selection.RouteQuery;
import io.vipscope.core.model.snapshot.HostSnapshot;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** {@code predict}: answers like root's {@code ip route get} on the host of a snapshot. */
@Command(
    name = "predict",
    header = "Which source address, device and gateway the host's kernel picks.",
    description = {
      "Answers like 'ip route get' run by root on that host: routing decision and source before"
          + " netfilter, then what netfilter makes of it, and every step that led there."
    },
    footer = {
      "",
      "Examples:",
      "  vipscope predict --host lb1=snapshots/lb1 198.51.100.7",
      "  vipscope predict --host lb1=snapshots/lb1 --ipproto tcp --dport 443 \\",
      "                   --mark 0x10 192.0.2.1",
      "  vipscope predict --host lb1=snapshots/lb1 --role backup 203.0.113.5",
      "  vipscope predict --host lb1=snapshots/lb1 --queries q.jsonl | jq -r .src",
      "",
      "A line of --queries:",
      "  {\"id\":1,\"dst\":\"198.51.100.7\",\"ipproto\":\"tcp\",\"mark\":\"0x10\"}"
    },
    sortOptions = false)
final class PredictCommand implements Callable<Integer> {

  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Option(
      names = "--host",
      required = true,
      paramLabel = "NAME=DIR",
      description = "The host, and the directory of its snapshot; of several the latest is taken.")
  @SuppressWarnings("NullAway.Init")
  private String host;

  /** Which states are asked. */
  enum WhichRole {
    MASTER,
    BACKUP,
    BOTH
  }

  @Option(
      names = "--role",
      paramLabel = "R",
      description = {
        "Ask the host as master, backup or both: its newest snapshot in that role, else one made",
        "from keepalived.conf (assumed). Default: both for people, the newest snapshot for --json."
      })
  private @Nullable WhichRole role;

  @Mixin private QueryOptions query = new QueryOptions();

  @Option(names = "--json", description = "One JSON object a line.")
  private boolean json;

  @Option(names = "--wire", description = "Give the address expected on the wire as src.")
  private boolean wire;

  @Option(
      names = "--queries",
      paramLabel = "FILE",
      description = {
        "One JSON query a line, keys named as the options; - is standard input.",
        "One JSON answer a line, in the same order."
      })
  private @Nullable String queries;

  @Option(names = "-v", description = "On an internal error, show where.")
  @SuppressWarnings("UnusedVariable") // Main looks for it in the parsed command line
  private boolean verbose;

  @Parameters(arity = "0..*", paramLabel = "DST", description = "Destination addresses.")
  private List<String> destinations = new ArrayList<>();

  @Override
  public Integer call() {
    if (destinations.isEmpty() && queries == null) {
      throw usage("Missing DST (or --queries FILE)");
    }
    List<RouteQuery> asked = destinations.stream().map(query::query).toList();
    HostHistory history = history();
    history.warnings().forEach(w -> spec.commandLine().getErr().println("vipscope: warning: " + w));
    List<State> states = states(history);
    PrintWriter out = spec.commandLine().getOut();
    try {
      for (int i = 0; i < asked.size(); i++) {
        answer(JsonNodeFactory.instance.numberNode(i), states, asked.get(i), out);
      }
      if (queries != null) {
        new QueryReader(queries).forEach((id, q) -> answer(id, states, q, out));
      }
    } finally {
      out.flush();
    }
    return ExitCode.DONE;
  }

  /**
   * A state that is asked.
   *
   * @param role null: the newest snapshot, whatever its role
   * @param folder where it was read
   */
  private record State(@Nullable Role role, HostSnapshot snapshot, Path folder) {
    static State of(@Nullable Role role, HostHistory history) {
      HostSnapshot snapshot = role == null ? history.getLast() : role.state(history);
      return new State(role, snapshot, history.folder(snapshot));
    }
  }

  private List<State> states(HostHistory history) {
    HostSnapshot newest = history.getLast();
    boolean people = !json && queries == null;
    WhichRole which = role;
    if (which == null) {
      which = people && !newest.vips().isEmpty() ? WhichRole.BOTH : null;
    } else if (newest.vips().isEmpty()) {
      throw usage("--role needs a keepalived.conf with VIPs in the snapshot");
    }
    return switch (which) {
      case null -> List.of(State.of(null, history));
      case MASTER -> List.of(State.of(Role.MASTER, history));
      case BACKUP -> List.of(State.of(Role.BACKUP, history));
      case BOTH -> List.of(State.of(Role.MASTER, history), State.of(Role.BACKUP, history));
    };
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private HostHistory history() {
    int equals = host.indexOf('=');
    if (equals <= 0 || equals == host.length() - 1) {
      throw usage("--host expects NAME=DIR, found '" + host + "'");
    }
    Path directory = Path.of(host.substring(equals + 1));
    return HostHistory.of(host.substring(0, equals), directory);
  }

  private void answer(JsonNode id, List<State> states, RouteQuery q, PrintWriter out) {
    boolean people = !json && queries == null;
    for (State state : states) {
      if (state.snapshot().routes(q.v6()) == null) {
        throw new CaptureException(
            state.folder().resolve(q.v6() ? "route6.json" : "route4.json")
                + ": is missing or empty, nothing can be said about "
                + q.dst());
      }
    }
    if (people) {
      out.println(q.dst());
    }
    List<String> before = List.of();
    for (State state : states) {
      RoutePrediction prediction = RouteLookup.routeGet(state.snapshot(), q);
      WireAnswer onWire = WireAnswer.of(state.snapshot(), q);
      if (!people) {
        out.println(
            PredictionJson.line(
                id, state.role(), state.snapshot().assumed(), prediction, onWire, wire));
        continue;
      }
      List<String> lines =
          PredictionText.lines(prediction, onWire, state.role() == null ? "  " : "    ");
      if (state.role() != null) {
        boolean same = lines.equals(before);
        out.println(
            "  as "
                + state.role()
                + ", "
                + SnapshotText.basis(state.snapshot())
                + (same ? ": the same" : ""));
        before = lines;
        lines = same ? List.of() : lines;
      }
      lines.forEach(out::println);
    }
  }
}
