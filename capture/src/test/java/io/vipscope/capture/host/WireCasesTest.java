package io.vipscope.capture.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.vipscope.core.model.flow.FlowPrediction;
import io.vipscope.core.model.flow.FlowPredictor;
import io.vipscope.core.model.flow.FlowQuery;
import io.vipscope.core.model.flow.OwnFlow;
import io.vipscope.core.model.flow.WireSource;
import io.vipscope.core.model.inverse.CauseText;
import io.vipscope.core.model.inverse.Causes;
import io.vipscope.core.model.inverse.Evidence;
import io.vipscope.core.model.inverse.Explanation;
import io.vipscope.core.model.inverse.Observation;
import io.vipscope.core.model.selection.RouteLookup;
import io.vipscope.core.model.selection.RoutePrediction;
import io.vipscope.core.model.selection.RouteQuery;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.net.IpAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The model with netfilter against real flows, seen at the far side of a wire. */
class WireCasesTest {

  private int asked;
  private int firm;
  private int chance;
  private int conditional;
  private final List<String> wrong = new ArrayList<>();

  private interface Check {
    void run(HostSnapshot snapshot, JsonNode line);
  }

  private void forEachFlow(Check check) {
    Path folder = RecordedAnswers.folder("wire-cases");
    assumeTrue(folder != null, "recorded flows are not beside this checkout");
    for (Path directory : RecordedAnswers.cases(Objects.requireNonNull(folder))) {
      HostSnapshot snapshot = SnapshotReader.read("host", directory);
      for (JsonNode line : RecordedAnswers.queries(directory)) {
        int before = wrong.size();
        check.run(snapshot, line);
        for (int i = before; i < wrong.size(); i++) {
          wrong.set(i, directory.getFileName() + " " + wrong.get(i));
        }
      }
    }
    assertTrue(asked > 100, "too few recorded flows: " + asked);
    assertEquals(List.of(), wrong);
  }

  /** With mark, uid and bound source given, the model's ways hold what the far side saw. */
  @Test
  void everyFlowLeavesAsPredicted() {
    forEachFlow(this::replay);
    System.out.println(
        asked + " recorded flows: " + firm + " firmly predicted, " + chance + " left to chance");
  }

  private void replay(HostSnapshot snapshot, JsonNode line) {
    asked++;
    RouteQuery q = RecordedAnswers.query(line);
    boolean sendto = text(line, "mode").equals("udp-sendto");
    RoutePrediction route =
        sendto
            ? RouteLookup.send(snapshot, q)
            : RouteLookup.connect(snapshot, q, q.ipproto() != 6 || line.has("from"));
    OwnFlow flow = OwnFlow.through(snapshot, q, route);
    List<WireSource> matching = flow.ways().stream().filter(w -> agrees(w, line)).toList();
    boolean anyFirm = matching.stream().anyMatch(w -> w.conditions().isEmpty());
    boolean open = matching.stream().allMatch(w -> !w.conditions().isEmpty());
    boolean unknown = flow.ways().stream().anyMatch(w -> w.unknown() != null);
    if (matching.isEmpty() || unknown || open && !hidden(line)) {
      wrong.add(line + "\n   model " + flow.ways() + "\n   " + flow.sentences() + "\n");
    }
    firm += anyFirm ? 1 : 0;
    chance += anyFirm ? 0 : 1;
  }

  private static boolean hidden(JsonNode line) {
    String facts = line.path("hidden").toString();
    return facts.contains("statistic") || facts.contains("range");
  }

  private static boolean agrees(WireSource w, JsonNode line) {
    JsonNode wire = line.path("wire");
    if (wire.isNull() || wire.isMissingNode()) {
      return text(line, "error").equals(w.error());
    }
    return w.egress() != null
        && text(wire, "src").equals(String.valueOf(w.egress().source()))
        && text(wire, "dst").equals(w.dst().toString())
        && text(wire, "dev").equals(w.egress().dev());
  }

  private static String text(JsonNode node, String key) {
    String value = RecordedAnswers.text(node.get(key));
    return value == null ? "" : value;
  }

  /** Knowing only what a mirror shows, the predictor never firmly says another source. */
  @Test
  void noFlowIsFirmlyPredictedOtherwise() {
    forEachFlow(this::fromTheMirror);
    System.out.println(
        asked
            + " flows as a mirror sees them: "
            + firm
            + " predicted, "
            + conditional
            + " conditional, "
            + chance
            + " bound");
  }

  private void fromTheMirror(HostSnapshot snapshot, JsonNode line) {
    JsonNode wire = line.path("wire");
    if (!wire.isObject()) {
      return;
    }
    asked++;
    IpAddress observed = IpAddress.parse(text(wire, "src"));
    FlowQuery q = fromMirror(line, wire);
    FlowPredictor predictor = new FlowPredictor(snapshot);
    FlowPrediction p = predictor.predict(q);
    Set<IpAddress> sources = p.sources();
    @Nullable IpAddress bound = predictor.boundTo(q, observed);
    String facts = line.path("hidden").toString();
    if (sources.contains(observed)) {
      firm++;
    } else if (p.conditional().stream().anyMatch(c -> c.source().equals(observed))) {
      conditional++;
    } else if (facts.contains("from") && bound != null) {
      chance++;
    } else if (p.unmodelled() == null) {
      wrong.add(line + "\n   model " + p + "\n");
    }
  }

  private static FlowQuery fromMirror(JsonNode line, JsonNode wire) {
    return new FlowQuery(
        IpAddress.parse(text(wire, "dst")),
        RecordedAnswers.query(line).ipproto(),
        (int) RecordedAnswers.number(line, "sport"),
        (int) RecordedAnswers.number(wire, "dport"));
  }

  /** Where one hidden fact decided, it is among the causes. */
  @Test
  void theTrueCauseIsFound() {
    forEachFlow(this::explain);
    System.out.println(asked + " recorded flows: " + chance + " explained by the one hidden fact");
    assertTrue(chance > 20, "too few flows with one hidden fact: " + chance);
  }

  private void explain(HostSnapshot snapshot, JsonNode line) {
    JsonNode wire = line.path("wire");
    if (!wire.isObject()) {
      return;
    }
    asked++;
    IpAddress observed = IpAddress.parse(text(wire, "src"));
    Observation o = new Observation(fromMirror(line, wire), observed, snapshot, List.of(), true);
    Explanation e =
        Explanation.of(
            new Evidence(o, List.of(snapshot), List.of()), new Causes(FlowPredictor::new));
    JsonNode hidden = line.path("hidden");
    if (e.expected() || hidden.size() != 1) {
      return;
    }
    chance++;
    Set<String> words =
        switch (hidden.get(0).asString()) {
          case "from" -> Set.of("bind");
          case "mark" -> Set.of("mark");
          case "uid" -> Set.of("uid");
          case "connect" -> Set.of("socket");
          default -> Set.of("nat");
        };
    if (e.causes().stream().map(CauseText::word).noneMatch(words::contains)) {
      wrong.add(line + "\n   explained by " + e.causes() + "\n");
    }
  }
}
