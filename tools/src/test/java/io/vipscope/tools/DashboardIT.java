package io.vipscope.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A real Prometheus scrapes the audit of a failover every second, with the alert rules loaded, and
 * answers every query of the dashboard as Grafana would ask it.
 */
class DashboardIT {

  private static final Path LAB = Path.of("lab", "lab").toAbsolutePath();
  private static final Path RULES = Path.of("prometheus/rules.yml").toAbsolutePath();
  private static final Path DASHBOARD = Path.of("grafana/vipscope.json");

  /**
   * Arguments: java, class path, folder. Scrapes while the audit runs; at its end asks all queries,
   * then ends both.
   */
  private static final String SENSOR =
      """
      ip link set lo up
      folder=$3
      "$1" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 --enable-native-access=ALL-UNNAMED \\
        -cp "$2" io.vipscope.tools.Main audit -i "$LAB_IFACE" --serve 18098 --hdr "$LAB_DIR/times.hlog" --max-flows 150 \\
        --host lb1="$LAB_DIR/snapshots/lb1" --host lb2="$LAB_DIR/snapshots/lb2" --expect "$folder/expect.yaml" \\
        -o "$LAB_DIR/live.jsonl" 2>"$LAB_DIR/live.err" &
      audit=$!
      until grep -q 'listening on' "$LAB_DIR/live.err" 2>/dev/null; do sleep 0.05; done
      setsid prometheus --config.file="$folder/prometheus.yml" --storage.tsdb.path="$LAB_DIR/tsdb" \\
        --web.listen-address=127.0.0.1:18097 >"$LAB_DIR/prometheus.log" 2>&1 &
      prometheus=$!
      stop() {
        python3 "$folder/ask.py" "$folder/queries.json" "$folder/answers.json" >"$LAB_DIR/ask.log" 2>&1
        kill $audit $prometheus
      }
      trap stop INT TERM
      touch "$LAB_DIR/sensor-ready"
      wait $audit || wait $audit
      wait $prometheus
      """;

  /** Flows count some seconds after they began. */
  private static final String ASK =
      """
      import json, sys, time, urllib.parse, urllib.request

      def get(path, **arguments):
          url = "http://127.0.0.1:18097/api/v1/" + path + "?" + urllib.parse.urlencode(arguments)
          return json.load(urllib.request.urlopen(url))["data"]

      queries = json.load(open(sys.argv[1]))
      end = time.time()
      while time.time() < end + 12 and not get("query", query="rate(vipscope_flows_judged_total[4s]) > 0")["result"]:
          time.sleep(0.5)
      end = time.time()
      answers = {name: get("query_range", query=query, start=end - 60, end=end, step=1)["result"]
                 for name, query in queries.items()}
      answers["rules"] = [rule for group in get("rules")["groups"] for rule in group["rules"]]
      answers["targets"] = get("targets")["activeTargets"]
      json.dump(answers, open(sys.argv[2], "w"))
      """;

  @TempDir private Path folder;

  @Test
  void everyPanelHasItsNumbersDuringAFailover() throws Exception {
    Needs.namespaces();
    Needs.programs("prometheus", "python3", "keepalived", "nft", "iptables-save", "tc", "tcpdump");
    ObjectNode queries = queries();
    Files.writeString(folder.resolve("queries.json"), queries.toString());
    Files.writeString(folder.resolve("ask.py"), ASK);
    Files.writeString(folder.resolve("expect.yaml"), "- {must_be: primary}\n");
    Files.writeString(
        folder.resolve("prometheus.yml"),
        """
        global: {scrape_interval: 1s, evaluation_interval: 1s}
        rule_files: ["%s"]
        scrape_configs:
          - job_name: vipscope
            static_configs: [{targets: ["127.0.0.1:18098"]}]
        """
            .formatted(RULES));
    Files.writeString(folder.resolve("sensor.sh"), SENSOR);
    String sensor =
        "exec bash '%s/sensor.sh' '%s' '%s' '%s'"
            .formatted(
                folder,
                Path.of(System.getProperty("java.home"), "bin", "java"),
                LaboratoryIT.classPath(),
                folder);
    Process lab =
        new ProcessBuilder(
                LAB.toString(), "run", "failover", "-o", folder.toString(), "--sensor-exec", sensor)
            .inheritIO()
            .start();
    assertEquals(0, lab.waitFor(), () -> log("ask.log") + log("prometheus.log") + log("live.err"));

    JsonNode answers =
        JsonMapper.shared().readTree(Files.readString(folder.resolve("answers.json")));
    assertEquals("up", answers.get("targets").get(0).get("health").asString(), answers::toString);
    for (JsonNode rule : answers.get("rules")) {
      assertEquals("ok", rule.get("health").asString(), rule::toString);
    }
    assertEquals(11, answers.get("rules").size());
    Map<String, Double> greatest = new TreeMap<>();
    for (String name : queries.propertyNames()) {
      greatest.put(name, greatest(answers.get(name)));
    }
    List<String> without = new ArrayList<>();
    greatest.forEach((name, value) -> {
      if (value.isNaN()) {
        without.add(name + ": " + queries.get(name).asString());
      }
    });
    assertEquals(List.of(), without, greatest::toString);
    // What happened once must have been seen to increase: the first time counts.
    for (String name :
        List.of(
            "Failovers",
            "Failovers, by trigger 0",
            "Unaccepted mismatches by host and cause 0",
            "Outbound flows by verdict 0",
            "Open findings 0",
            "Dark time, 90th percentile 0",
            "Frames 0")) {
      assertTrue(greatest.getOrDefault(name, Double.NaN) > 0, () -> name + " in " + greatest);
    }
    assertEquals(
        List.of("lb1", "lb2"),
        answers.get("VIP holders 0").findValuesAsString("host").stream()
            .distinct()
            .sorted()
            .toList(),
        "both held the VIPs");
  }

  /** Each query with Grafana's variables filled in, by panel. */
  private static ObjectNode queries() throws IOException {
    JsonNode dashboard = JsonMapper.shared().readTree(Files.readString(DASHBOARD));
    Map<String, String> queries = new LinkedHashMap<>();
    for (JsonNode note : dashboard.get("annotations").get("list")) {
      queries.put(note.get("name").asString(), note.get("expr").asString());
    }
    for (JsonNode panel : dashboard.get("panels")) {
      ArrayNode targets = panel.withArray("targets");
      for (int i = 0; i < targets.size(); i++) {
        queries.put(panel.get("title").asString() + " " + i, targets.get(i).get("expr").asString());
      }
    }
    assertTrue(queries.size() > 16, queries::toString);
    ObjectNode all = JsonMapper.shared().createObjectNode();
    queries.forEach((name, query) ->
        all.put(
            name,
            query
                .replace("$__rate_interval", "4s")
                .replace("$__range", "60s")
                .replace("$sensor", ".*")));
    return all;
  }

  /** The greatest of all values; NaN if there is none. */
  private static double greatest(JsonNode result) {
    double greatest = Double.NaN;
    for (JsonNode series : result) {
      for (JsonNode point : series.get("values")) {
        double value = Double.parseDouble(point.get(1).asString());
        if (!Double.isNaN(value) && !(greatest >= value)) {
          greatest = value;
        }
      }
    }
    return greatest;
  }

  private String log(String name) {
    try {
      return Files.readString(folder.resolve("failover").resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
