package io.vipscope.capture.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.vipscope.core.model.explanation.StepText;
import io.vipscope.core.model.selection.Egress;
import io.vipscope.core.model.selection.RouteLookup;
import io.vipscope.core.model.selection.RoutePrediction;
import io.vipscope.core.model.selection.RouteQuery;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.net.IpAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * The model against what a real kernel answered for the same snapshots. Where a case has state that
 * no snapshot shows, the answer must be among the candidates; else it must be the first.
 */
class RecordedAnswersTest {

  private int asked;
  private int open;
  private boolean undetermined;
  private final List<String> wrong = new ArrayList<>();

  @Test
  void everyRouteGetAnswerIsPredicted() {
    forEachQuery((snapshot, line) ->
        compare(
            line,
            RouteLookup.routeGet(snapshot, RecordedAnswers.query(line)),
            line.get("answer"),
            true));
  }

  @Test
  void everyConnectedSocketIsPredicted() {
    forEachQuery((snapshot, line) -> {
      JsonNode socket = line.get("socket");
      if (socket != null) {
        RouteQuery q =
            RecordedAnswers.query(line)
                .withPorts(
                    17,
                    (int) RecordedAnswers.number(socket, "sport"),
                    (int) RecordedAnswers.number(socket, "dport"));
        RoutePrediction prediction = RouteLookup.connect(snapshot, q);
        compare(line, prediction, socket, false);
      }
    });
  }

  private interface Check {
    void run(HostSnapshot snapshot, JsonNode line);
  }

  private void forEachQuery(Check check) {
    Path folder = RecordedAnswers.folder("cases");
    assumeTrue(folder != null, "recorded kernel answers are not beside this checkout");
    for (Path directory : RecordedAnswers.cases(Objects.requireNonNull(folder))) {
      HostSnapshot snapshot = SnapshotReader.read("host", directory);
      int before = wrong.size();
      JsonNode meta = RecordedAnswers.meta(directory);
      undetermined = !meta.get("hidden_state").isEmpty() || meta.get("multipath").booleanValue();
      for (JsonNode line : RecordedAnswers.queries(directory)) {
        check.run(snapshot, line);
      }
      for (int i = before; i < wrong.size(); i++) {
        wrong.set(i, directory.getFileName() + " " + wrong.get(i));
      }
    }
    System.out.println(asked + " recorded answers, " + open + " of them not determined");
    assertTrue(asked > 500, "too few recorded answers: " + asked);
    assertEquals(List.of(), wrong);
  }

  private void compare(JsonNode line, RoutePrediction p, JsonNode recorded, boolean routeGet) {
    asked++;
    open += p.exact() ? 0 : 1;
    String error = RecordedAnswers.text(recorded.get("error"));
    boolean agrees;
    if (error != null) {
      agrees =
          undetermined
              ? p.errors().stream().anyMatch(e -> e.name().equals(error))
              : p.error() != null && p.error().name().equals(error);
    } else {
      Egress egress = routeGet ? egress(recorded, "src") : socketEgress(recorded);
      agrees =
          undetermined && !p.exact() ? p.candidates().contains(egress) : egress.equals(p.first());
      if (routeGet && !undetermined) {
        agrees &= Objects.equals(p.table(), RecordedAnswers.text(recorded.get("table")));
      }
    }
    agrees &= p.unknown() == null;
    if (!agrees) {
      wrong.add(
          RecordedAnswers.text(line.get("cmd"))
              + "\n   kernel "
              + recorded
              + "\n   model "
              + p.candidates()
              + " "
              + p.error()
              + " "
              + p.table()
              + " "
              + p.trace().stream().map(StepText::sentence).toList()
              + "\n");
    }
  }

  private static Egress egress(JsonNode recorded, String source) {
    return new Egress(
        address(recorded.get(source)),
        RecordedAnswers.text(recorded.get("dev")),
        address(recorded.get("gateway")));
  }

  /** The source that the socket had; IPv6 keeps the way of its first lookup if that succeeds. */
  private static Egress socketEgress(JsonNode socket) {
    IpAddress source = Objects.requireNonNull(address(socket.get("getsockname")));
    JsonNode last = socket.get("pass2");
    boolean again = last != null && !last.isNull();
    boolean first = source.v6() && RecordedAnswers.text(socket.get("pass1").get("error")) == null;
    Egress way = egress(again && !first ? last : socket.get("pass1"), "src");
    return new Egress(source, way.dev(), way.gateway());
  }

  private static @Nullable IpAddress address(@Nullable JsonNode value) {
    String text = RecordedAnswers.text(value);
    return text == null ? null : IpAddress.parse(text);
  }
}
