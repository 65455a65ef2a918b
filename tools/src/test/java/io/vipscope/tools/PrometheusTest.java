package io.vipscope.tools;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Prometheus's own checks of the numbers and of the alert rules. */
class PrometheusTest {

  private static final Path RULES = Path.of("prometheus/rules.yml");
  private static final Path DASHBOARD = Path.of("grafana/vipscope.json");
  private static final PairData DEMO = new PairData(Path.of("demo").toAbsolutePath());

  @TempDir private Path folder;

  private static String promtool(String input, String... args) throws Exception {
    Needs.programs("promtool");
    List<String> command = new ArrayList<>(List.of("promtool"));
    command.addAll(List.of(args));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().write(input.getBytes(UTF_8));
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertEquals(0, process.waitFor(), said);
    return said;
  }

  /** The demo as a configured pair, with an open finding and everything that is measured. */
  private String metrics() throws Exception {
    Files.writeString(folder.resolve("expect.yaml"), "- {must_be: primary}\n");
    Path config = folder.resolve("vipscope.yaml");
    Files.writeString(
        config,
        """
        state: {dir: %s/snapshots}
        pairs:
          - {name: edge, hosts: [lb1, lb2], expect: expect.yaml}
        """
            .formatted(DEMO.folder()));
    try (Page page =
        Page.open(
            "audit",
            "-r",
            DEMO.capture().toString(),
            "--config",
            config.toString(),
            "--hdr",
            folder.resolve("times.hlog").toString())) {
      page.awaitEnd();
      return page.get("metrics").body();
    }
  }

  @Test
  void metricsPassPromtool() throws Exception {
    assertEquals("", promtool(metrics(), "check", "metrics"));
  }

  @Test
  void rulesPassPromtool() throws Exception {
    String said = promtool("", "check", "rules", RULES.toString());
    assertTrue(said.contains("11 rules found"), said);
  }

  /** Every query of rules and dashboard, without Grafana's variables. */
  private static List<String> queries() throws IOException {
    List<String> queries = new ArrayList<>();
    JsonNode dashboard = JsonMapper.shared().readTree(Files.readString(DASHBOARD));
    for (JsonNode expression : dashboard.findValues("expr")) {
      queries.add(expression.asString());
    }
    for (JsonNode variable : dashboard.get("templating").get("list")) {
      if (variable.get("type").asString().equals("query")) {
        String query = variable.get("query").asString();
        assertTrue(query.matches("label_values\\(\\w+, \\w+\\)"), query);
        queries.add(query.replaceAll("label_values\\((\\w+), (\\w+)\\)", "count by ($2) ($1)"));
      }
    }
    Files.readAllLines(RULES).stream()
        .map(String::strip)
        .filter(line -> line.startsWith("expr:"))
        .forEach(line -> queries.add(line.substring(5).strip()));
    return queries.stream()
        .map(q -> q.replaceAll("\\$__(rate_interval|range)", "5m").replace("$sensor", ".*"))
        .toList();
  }

  /** What stands in front of a brace or bracket, or alone: no function, no label, no text. */
  private static Set<String> asked(String query) {
    String bare =
        query
            .replaceAll("\"[^\"]*\"", "")
            .replaceAll("\\b(by|on|without|group_left)\\s*\\([^)]*\\)", "")
            .replaceAll("\\{[^}]*\\}", "")
            .replaceAll("\\[[^]]*\\]", "");
    Set<String> names = new TreeSet<>();
    Matcher name = Pattern.compile("\\b[a-z_][a-z0-9_]*\\b(?!\\s*\\()").matcher(bare);
    while (name.find()) {
      names.add(name.group());
    }
    names.removeAll(Set.of("and", "or", "unless", "by", "on"));
    return names;
  }

  /** Labels in braces and in groupings; those that a scrape adds are not asked for here. */
  private static Set<String> labels(String query) {
    Set<String> labels = new TreeSet<>();
    Matcher label = Pattern.compile("([a-z_]+)\\s*(?:=~|!~|!=|=)\\s*\"").matcher(query);
    while (label.find()) {
      labels.add(label.group(1));
    }
    Matcher group = Pattern.compile("\\b(?:by|on)\\s*\\(([^)]*)\\)").matcher(query);
    while (group.find()) {
      labels.addAll(List.of(group.group(1).split("\\s*,\\s*", -1)));
    }
    labels.removeAll(Set.of("instance", "job"));
    return labels;
  }

  @Test
  void rulesAndDashboardAskForMetricsAndLabelsThatExist() throws Exception {
    Map<String, Set<String>> emitted = new HashMap<>();
    for (String line : metrics().lines().toList()) {
      Matcher sample = Pattern.compile("([a-z_]+)(?:\\{(.*)})? \\S+").matcher(line);
      if (!line.startsWith("#") && sample.matches()) {
        Set<String> labels = emitted.computeIfAbsent(sample.group(1), _ -> new HashSet<>());
        if (sample.group(2) != null) {
          labels.addAll(labels(sample.group(2)));
        }
      }
    }
    List<String> queries = queries();
    assertTrue(queries.size() > 24, queries::toString);
    for (String query : queries) {
      Set<String> names = asked(query);
      assertFalse(names.isEmpty(), query);
      Set<String> labels = labels(query);
      for (String name : names) {
        // The demo has no undecided flow, and a counter without a value has no labels to show.
        if (!name.equals("vipscope_undecided_total")) {
          assertTrue(emitted.containsKey(name), () -> name + " is not emitted: " + query);
          labels.removeAll(emitted.get(name));
        }
      }
      assertEquals(Set.of(), labels, query);
    }
  }

  /** Prometheus itself parses every query of the dashboard: as rules that record it. */
  @Test
  void dashboardsQueriesPassPromtool() throws Exception {
    StringBuilder rules = new StringBuilder("groups:\n  - name: dashboard\n    rules:\n");
    List<String> queries = queries();
    for (int i = 0; i < queries.size(); i++) {
      rules.append("      - record: query").append(i).append("\n        expr: '");
      rules.append(queries.get(i).replace("'", "''")).append("'\n");
    }
    Path file = Files.writeString(folder.resolve("rules.yml"), rules);
    String said = promtool("", "check", "rules", file.toString());
    assertTrue(said.contains(queries.size() + " rules found"), said);
  }

  @Test
  void pairsAdvertsAndTimesAreTold() throws Exception {
    String text = metrics();
    for (String line :
        List.of(
            "vipscope_failovers_total{pair=\"edge\",segment=\"\",vrid=\"51\",family=\"4\",trigger=\"prio0\"}"
                + " 1",
            "vipscope_vip_holders{pair=\"edge\",segment=\"\",vip=\"192.168.0.9\"} 1",
            "vipscope_findings_open{pair=\"edge\",kind=\"expectation\",severity=\"warning\"} 2",
            "vipscope_mirror_unseen_bytes_total{iface=\"" + DEMO.capture() + "\"} 0",
            "vipscope_classify_seconds_bucket{le=\"+Inf\"} 521",
            "vipscope_classify_seconds_count 521")) {
      assertTrue(text.contains(line + "\n"), () -> line + " is missing in\n" + text);
    }
    // The newest frame is no older than the newest advert, and both are of the demo's 10 seconds.
    Map<String, Double> last = new HashMap<>();
    Matcher time =
        Pattern.compile("(vipscope_last_\\w+_timestamp_seconds)\\{.*} (\\S+)").matcher(text);
    while (time.find()) {
      last.merge(time.group(1), Double.parseDouble(time.group(2)), Math::max);
    }
    double frame = last.getOrDefault("vipscope_last_frame_timestamp_seconds", 0.0);
    double advert = last.getOrDefault("vipscope_last_advert_timestamp_seconds", 0.0);
    assertTrue(advert > 1.7e9 && advert <= frame && frame - advert < 2, last::toString);
    assertTrue(
        text.contains(
            "vipscope_last_advert_timestamp_seconds{pair=\"edge\",segment=\"\",vrid=\"61\",family=\"6\"}"),
        text);
  }

  /** What is 1 when it is first scraped has not increased, and nobody would be alerted. */
  @Test
  void countersOfAlertsBeginWithZero() throws Exception {
    String text = metrics();
    for (String line :
        List.of(
            "vipscope_mismatches_total{pair=\"edge\",host=\"lb1\",cause=\"spoof\",accepted=\"false\"}"
                + " 0",
            "vipscope_failovers_total{pair=\"edge\",segment=\"\",vrid=\"61\",family=\"6\",trigger=\"master-down\"}"
                + " 0")) {
      assertTrue(text.contains(line + "\n"), () -> line + " is missing in\n" + text);
    }
  }

  /** Buckets grow, and none holds more than there are. */
  @Test
  void bucketsAreCumulative() throws Exception {
    String text = metrics();
    for (String name : List.of("vipscope_classify_seconds", "vipscope_failover_dark_seconds")) {
      Matcher bucket = Pattern.compile(name + "_bucket\\{le=\"([^\"]+)\"} (\\d+)").matcher(text);
      double bound = 0;
      long count = 0;
      while (bucket.find()) {
        double next =
            bucket.group(1).equals("+Inf")
                ? Double.POSITIVE_INFINITY
                : Double.parseDouble(bucket.group(1));
        assertTrue(next > bound && Long.parseLong(bucket.group(2)) >= count, bucket::group);
        bound = next;
        count = Long.parseLong(bucket.group(2));
      }
      assertEquals(Double.POSITIVE_INFINITY, bound, name);
      assertTrue(count > 0 && text.contains(name + "_count " + count + "\n"), name);
    }
  }

  @Test
  void panelsOfTheDashboardHaveTheirPlaces() throws IOException {
    var dashboard = JsonMapper.shared().readTree(Files.readString(DASHBOARD));
    assertTrue(dashboard.get("panels").size() > 8);
    boolean[] taken = new boolean[24 * 100];
    Set<Integer> ids = new HashSet<>();
    for (JsonNode panel : dashboard.get("panels")) {
      assertTrue(ids.add(panel.get("id").asInt()), () -> "id twice: " + panel);
      assertEquals(
          panel.get("type").asString().equals("row"), panel.has("panels"), panel::toString);
      JsonNode place = panel.get("gridPos");
      for (int y = place.get("y").asInt();
          y < place.get("y").asInt() + place.get("h").asInt();
          y++) {
        for (int x = 0; x < place.get("w").asInt(); x++) {
          int cell = 24 * y + place.get("x").asInt() + x;
          assertFalse(taken[cell], () -> "covers another: " + panel.get("title"));
          taken[cell] = true;
        }
      }
    }
  }
}
