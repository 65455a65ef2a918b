package io.vipscope.tools;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** Prometheus's own checks of the numbers and of the alert rules. */
class PrometheusTest {

  private static final PairData DEMO = new PairData(Path.of("demo").toAbsolutePath());

  private static String promtool(String input, String... args) throws Exception {
    Needs.programs("promtool");
    java.util.ArrayList<String> command = new java.util.ArrayList<>(List.of("promtool"));
    command.addAll(List.of(args));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().write(input.getBytes(UTF_8));
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertEquals(0, process.waitFor(), said);
    return said;
  }

  private static String metrics() throws Exception {
    try (Page page =
        Page.open(
            "audit",
            "-r",
            DEMO.capture().toString(),
            "--hosts",
            DEMO.folder().resolve("snapshots").toString())) {
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
    String said = promtool("", "check", "rules", "prometheus/rules.yml");
    assertTrue(said.contains("10 rules found"), said);
  }

  @Test
  void rulesAndDashboardNameMetricsThatExist() throws Exception {
    Set<String> known = names(metrics());
    for (Path file : List.of(Path.of("prometheus/rules.yml"), Path.of("grafana/vipscope.json"))) {
      Set<String> asked = names(Files.readString(file));
      asked.removeIf(name -> !name.matches("vipscope_.*") || name.equals("vipscope_total"));
      assertFalse(asked.isEmpty());
      for (String name : asked) {
        assertTrue(
            known.contains(name) || name.equals("vipscope_undecided_total"),
            () -> file + " asks for " + name);
      }
    }
  }

  /** Where nothing is undecided, a counter has its head alone. */
  private static Set<String> names(String text) {
    Set<String> names = new HashSet<>();
    Matcher name = Pattern.compile("\\bvipscope_[a-z_]+").matcher(text);
    while (name.find()) {
      names.add(name.group());
    }
    return names;
  }

  @Test
  void dashboardIsJson() throws IOException {
    var dashboard =
        JsonMapper.shared().readTree(Files.readString(Path.of("grafana/vipscope.json")));
    assertTrue(dashboard.get("panels").size() > 8);
  }
}
