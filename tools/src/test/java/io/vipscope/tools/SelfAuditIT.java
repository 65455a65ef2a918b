package io.vipscope.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** {@code audit --host self} on lb1 of the laboratory, beside the audit of the mirror. */
class SelfAuditIT {

  private static final Path LAB = Path.of("lab", "lab").toAbsolutePath();
  private static final String SCENARIO = "failover-route-src";

  @TempDir private static Path lab;

  @BeforeAll
  static void run() throws Exception {
    Needs.namespaces();
    Needs.programs("python3", "keepalived", "nft", "iptables-save", "tc", "tcpdump", "ethtool");
    List<String> path = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      path.add(Path.of(entry).toAbsolutePath().toString());
    }
    // Runs in the mirror's namespace: goes over into lb1's, and finds keepalived's file there.
    String command =
        """
        sensor=$(ip netns identify $$)
        host="${sensor%%-sensor}-lb1"
        conf=$(for pid in $(ip netns pids "$host"); do tr '\\0' '\\n' <"/proc/$pid/cmdline"; done |
          grep -m 1 '/lb1[.]conf$')
        echo "pairs: [{name: edge, hosts: {lb1: $LAB_DIR}}]" >"$LAB_DIR/config.yaml"
        (until grep -q 'listening on' "$LAB_DIR/live.err" 2>/dev/null; do sleep 0.05; done
        touch "$LAB_DIR/sensor-ready") &
        ip netns exec "$host" "%s" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \\
          --enable-native-access=ALL-UNNAMED -cp "%s" io.vipscope.tools.Main audit -i eth0 \\
          --config "$LAB_DIR/config.yaml" --host lb1=self --keepalived "$conf" --json \\
          >"$LAB_DIR/live.jsonl" 2>"$LAB_DIR/live.err"
        """
            .formatted(
                Path.of(System.getProperty("java.home"), "bin", "java"),
                String.join(File.pathSeparator, path));
    Process run =
        new ProcessBuilder(
                LAB.toString(), "run", SCENARIO, "-o", lab.toString(), "--sensor-exec", command)
            .redirectErrorStream(true)
            .redirectOutput(lab.resolve("run.log").toFile())
            .start();
    assertEquals(0, run.waitFor(), () -> read(lab.resolve("run.log")));
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static Map<String, String> outbound(List<JsonNode> records, String pair) {
    Map<String, String> verdicts = new TreeMap<>();
    for (JsonNode record : records) {
      JsonNode v = record.path("vipscope");
      if (record.get("event_type").asString().equals("flow")
          && v.path("host").asString("").equals("lb1")
          && v.path("direction").asString("").equals("outbound")) {
        assertEquals(v.get("pair").isNull() ? "none" : v.get("pair").asString(), pair);
        verdicts.put(
            TruthCheck.key(record),
            List.of(v.get("source_class"), v.get("verdict"), v.get("predicted")).toString());
      }
    }
    return verdicts;
  }

  @Test
  void theHostItselfAndTheMirrorAgree() throws Exception {
    PairData pair = new PairData(lab.resolve(SCENARIO));
    Path told = pair.folder().resolve("live.err");
    assertEquals(0, pair.facts().get("sensor_exit").asInt(), () -> read(told));
    List<JsonNode> self = Cli.parse(Files.readString(pair.folder().resolve("live.jsonl")));
    Books.balanced(self);
    Map<String, String> mirror = outbound(pair.audit(pair.capture()), "none");
    Map<String, String> own = outbound(self, "edge");
    List<String> differ = new ArrayList<>();
    int equal = 0;
    for (Map.Entry<String, String> flow : mirror.entrySet()) {
      String other = own.getOrDefault(flow.getKey(), "none");
      if (other.equals(flow.getValue())) {
        equal++;
      } else {
        differ.add(flow.getKey() + ": mirror " + flow.getValue() + ", host " + other);
      }
    }
    int count = equal;
    assertTrue(equal > 50, () -> count + " flows\n" + differ);
    assertEquals(List.of(), differ);
    assertTrue(
        own.values().stream().anyMatch(v -> v.contains("vip"))
            && own.values().stream().anyMatch(v -> v.contains("primary")),
        "before and after the failover");
  }

  /**
   * Half a second is enough to find whose socket it is; most flows of the laboratory are shorter.
   */
  private static boolean lasted(JsonNode record) {
    Long start = Timestamp.parse(record.path("flow").path("start").asString(""));
    Long end = Timestamp.parse(record.path("flow").path("end").asString(""));
    return record.get("proto").asString().equals("TCP")
        && start != null
        && end != null
        && end - start > 500_000_000L;
  }

  @Test
  void outboundFlowsNameTheirProcess() throws Exception {
    List<JsonNode> self = Cli.parse(Files.readString(lab.resolve(SCENARIO + "/live.jsonl")));
    int named = 0;
    int outbound = 0;
    int any = 0;
    for (JsonNode record : self) {
      JsonNode v = record.path("vipscope");
      boolean flow = record.get("event_type").asString().equals("flow");
      if (flow && v.path("direction").asString("").equals("outbound")) {
        outbound += lasted(record) ? 1 : 0;
        JsonNode process = v.path("process");
        if (process.path("comm").isString()) {
          named += lasted(record) ? 1 : 0;
          any++;
          assertEquals("python3", process.get("comm").asString().replaceFirst("[0-9.]+$", "3"));
          assertEquals(0, process.get("uid").asInt());
          assertTrue(process.get("pid").asLong() > 0);
        }
      } else if (flow) {
        assertTrue(v.path("process").isMissingNode(), record::toString);
      }
    }
    int found = named;
    int of = outbound;
    int all = any;
    // The scenario keeps two connections of lb1 open; of shorter ones luck decides.
    assertTrue(
        of >= 2 && found == of, () -> all + " named, " + found + " of the " + of + " that lasted");
  }
}
