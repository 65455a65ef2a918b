package io.vipscope.tools;

import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Compares the records of an audit with what the laboratory knows; collects each difference. */
final class TruthCheck {

  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSSSSSxx");
  private static final long SLACK_NS = 1_000_000_000L;

  private final List<Truth> truth;
  private final Map<String, List<JsonNode>> flows = new HashMap<>();
  private final List<String> problems = new ArrayList<>();
  private int found;

  TruthCheck(List<Truth> truth, List<JsonNode> records) {
    this.truth = truth;
    for (JsonNode record : records) {
      if (record.get("event_type").asString().equals("flow")) {
        flows.computeIfAbsent(key(record), _ -> new ArrayList<>()).add(record);
      }
    }
  }

  /** Outbound flows of truth that a record was found for. */
  int found() {
    return found;
  }

  /** Every socket has a record with the right host, direction, class, verdict and cause. */
  List<String> complete() {
    for (Truth t : truth) {
      JsonNode record = record(t);
      if (t.expect().equals("none") || record == null && !t.arrived()) {
        continue;
      }
      if (record == null) {
        problem("no record", t, null);
      } else if (t.outbound() || t.rewritten()) {
        found++;
        outbound(t, record);
      } else if (t.direction().equals("inbound")
          && !t.expect().equals("undecided")
          && !text(record, "direction").equals("inbound")) {
        problem("not inbound", t, record);
      }
    }
    mismatches();
    return problems;
  }

  private void outbound(Truth t, JsonNode record) {
    boolean shown = !t.expect().equals("undecided");
    if (shown && !text(record, "direction").equals("outbound")) {
      problem("not outbound", t, record);
    }
    if (!text(record, "host").equals(t.seenHost())) {
      problem("host", t, record);
    }
    boolean known = t.sourceClass() != null || t.arrived();
    if (shown && known && !text(record, "source_class").equals(String.valueOf(t.sourceClass()))) {
      problem("class", t, record);
    }
    String verdict = text(record, "verdict");
    if (!t.allows(verdict)) {
      problem("verdict", t, record);
    } else if (verdict.equals("mismatch")
        && !record
            .get("vipscope")
            .get("causes")
            .toString()
            .contains('"' + t.mismatchCause() + '"')) {
      problem("cause", t, record);
    }
  }

  /** No mismatch but where a socket was bound against the prediction. */
  List<String> mismatches() {
    Map<Long, Truth> sockets = new HashMap<>();
    for (Truth t : truth) {
      JsonNode record = record(t);
      if (record != null) {
        sockets.put(record.get("flow_id").asLong(), t);
      }
    }
    for (List<JsonNode> records : flows.values()) {
      for (JsonNode record : records) {
        if (text(record, "verdict").equals("mismatch")) {
          Truth t = sockets.get(record.get("flow_id").asLong());
          if (t == null || !t.outbound() || !t.allows("mismatch")) {
            problems.add("false mismatch: " + t + " " + record);
          }
        }
      }
    }
    return problems;
  }

  private @Nullable JsonNode record(Truth t) {
    JsonNode best = null;
    for (JsonNode record : flows.getOrDefault(t.key(), List.of())) {
      long start = ns(record.get("flow").get("start").asString());
      long end = ns(record.get("flow").get("end").asString());
      if (inSegment(record, t.vlan())
          && start < t.endNs() + SLACK_NS
          && end > t.startNs() - SLACK_NS
          && (best == null
              || Math.abs(start - t.startNs())
                  < Math.abs(ns(best.get("flow").get("start").asString()) - t.startNs()))) {
        best = record;
      }
    }
    return best;
  }

  private static boolean inSegment(JsonNode record, @Nullable Integer vlan) {
    return vlan == null || record.has("vlan") && record.get("vlan").get(0).asInt() == vlan;
  }

  private void problem(String what, Truth t, @Nullable JsonNode record) {
    problems.add(what + ": " + t + " " + (record == null ? "" : record.get("vipscope")));
  }

  static String text(JsonNode record, String field) {
    return record.get("vipscope").get(field).asString("null");
  }

  static String key(JsonNode r) {
    JsonNode id = r.get("icmp_id");
    return r.get("proto").asString()
        + " "
        + r.get("src_ip").asString()
        + " "
        + (id == null ? r.get("src_port") : id).asInt()
        + " > "
        + r.get("dest_ip").asString()
        + " "
        + r.get("dest_port").asInt();
  }

  private static long ns(String stamp) {
    OffsetDateTime at = OffsetDateTime.parse(stamp, STAMP);
    return at.toEpochSecond() * 1_000_000_000L + at.getNano();
  }
}
