package io.vipscope.tools;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Compares findings and failover records with what a scenario says an audit should find. */
final class FindingsCheck {

  private static final Set<String> GRAVE = Set.of("warning", "critical");

  private final JsonNode facts;

  /** Findings by id, as they were told last. */
  private final Map<String, JsonNode> findings = new LinkedHashMap<>();

  private final Map<String, List<JsonNode>> failovers = new TreeMap<>();
  private final List<String> problems = new ArrayList<>();

  FindingsCheck(JsonNode facts, List<JsonNode> records) {
    this.facts = facts;
    for (JsonNode record : records) {
      JsonNode v = record.get("vipscope");
      switch (record.get("event_type").asString()) {
        case "finding" -> findings.put(v.get("finding_id").asString(), v);
        case "failover" ->
            failovers
                .computeIfAbsent(v.get("instance").asString("null"), _ -> new ArrayList<>())
                .add(v);
        default -> {}
      }
    }
  }

  /** Every expected finding is there at its time, and no other one of weight. */
  List<String> complete() {
    for (JsonNode expected : facts.get("findings")) {
      JsonNode found = null;
      for (JsonNode finding : findings.values()) {
        found = same(expected, finding) ? finding : found;
      }
      if (found != null) {
        near("start", expected, found);
        near("end", expected, found);
      } else if (!expected.get("maybe").asBoolean()) {
        problems.add("not found: " + expected);
      }
    }
    for (JsonNode finding : findings.values()) {
      if (GRAVE.contains(finding.get("severity").asString()) && !isExpected(finding)) {
        problems.add("nobody expects " + finding);
      }
    }
    failovers();
    return problems;
  }

  /**
   * Findings of weight that nobody expects in a part of the capture: that it is one may be told.
   */
  List<String> falseAlarms() {
    for (JsonNode finding : findings.values()) {
      if (GRAVE.contains(finding.get("severity").asString())
          && !finding.get("kind").asString().equals("sensor-blind")
          && !isExpected(finding)) {
        problems.add("nobody expects " + finding);
      }
    }
    return problems;
  }

  private boolean isExpected(JsonNode finding) {
    for (JsonNode expected : facts.get("findings")) {
      if (same(expected, finding)) {
        return true;
      }
    }
    return false;
  }

  private static boolean same(JsonNode expected, JsonNode finding) {
    return expected.get("kind").asString().equals(finding.get("kind").asString())
        && text(expected, "host").equals(text(finding, "host"))
        && text(expected, "vip").equals(text(finding, "vip"));
  }

  private static String text(JsonNode node, String field) {
    return node.get(field).asString("null");
  }

  private void near(String what, JsonNode expected, JsonNode finding) {
    JsonNode wanted = expected.get(what + "_ns");
    Long was = Timestamp.parse(text(finding, what));
    if (!wanted.isNull()
        && (was == null
            || Math.abs(was - wanted.asLong()) > expected.get("within_ms").asLong() * 1_000_000)) {
      problems.add(what + " is not that of " + expected + ": " + finding);
    }
  }

  private void failovers() {
    Map<String, List<JsonNode>> expected = new TreeMap<>();
    for (JsonNode one : facts.get("failovers")) {
      expected.computeIfAbsent(text(one, "instance"), _ -> new ArrayList<>()).add(one);
    }
    if (!changes(expected).equals(changes(failovers))) {
      problems.add("failovers " + changes(expected) + " were expected: " + failovers);
      return;
    }
    expected.forEach((instance, list) -> {
      for (int i = 0; i < list.size(); i++) {
        dark(list.get(i), failovers.getOrDefault(instance, List.of()).get(i));
      }
    });
  }

  private static String changes(Map<String, List<JsonNode>> records) {
    StringBuilder text = new StringBuilder();
    records.forEach((instance, list) -> {
      text.append(instance);
      for (JsonNode r : list) {
        text.append(' ').append(text(r, "from")).append('>').append(text(r, "to"));
        text.append(' ').append(text(r, "trigger"));
      }
      text.append("; ");
    });
    return text.toString();
  }

  private void dark(JsonNode expected, JsonNode failover) {
    @Nullable JsonNode range = expected.get("dark_ms");
    if (range == null || range.isNull()) {
      return;
    }
    double within = expected.get("within_ms").asDouble();
    double dark = failover.get("dark_ms").asDouble();
    if (dark < range.get(0).asDouble() - within || dark > range.get(1).asDouble() + within) {
      problems.add("dark for " + range + " ms, told is " + failover);
    }
  }
}
