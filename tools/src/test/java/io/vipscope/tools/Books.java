package io.vipscope.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import tools.jackson.databind.JsonNode;

/** The accounting of a run: every frame is in exactly one bucket. */
final class Books {

  private static final List<String> BUCKETS =
      List.of("flow_frames", "untracked", "control_frames", "duplicates", "non_ip", "filtered");

  private Books() {}

  /** The last record, which must be the stats, whose sum must hold. */
  static JsonNode balanced(List<JsonNode> records) {
    JsonNode stats = records.getLast();
    assertEquals("stats", stats.get("event_type").asString());
    long sum = 0;
    for (String bucket : BUCKETS) {
      sum += stats.get(bucket).asLong();
    }
    for (JsonNode count : stats.get("undecodable")) {
      sum += count.asLong();
    }
    assertEquals(stats.get("frames").asLong(), sum, () -> "frames = every bucket: " + stats);
    long flows =
        records.stream()
            .filter(r -> r.get("event_type").asString().equals("flow"))
            .filter(r -> !r.get("flow").get("reason").asString().equals("active"))
            .count();
    assertEquals(flows, stats.get("flows").asLong(), "a record for every flow");
    return stats;
  }
}
