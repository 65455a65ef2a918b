package io.vipscope.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xml.sax.InputSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The report of the demo's capture, against the records of the same audit. */
class ReportTest {

  private static final PairData DEMO = new PairData(Path.of("demo").toAbsolutePath());

  @TempDir private static Path folder;

  private static List<JsonNode> records = List.of();

  @BeforeAll
  static void audit() {
    records = DEMO.audit(DEMO.capture(), "--report", folder.resolve("new/report").toString());
  }

  private static String file(String name) throws Exception {
    return Files.readString(folder.resolve("new/report").resolve(name));
  }

  private static long flows(String verdict) {
    return records.stream()
        .filter(r -> r.path("event_type").asString("").equals("flow"))
        .filter(r -> r.path("vipscope").path("verdict").asString("").equals(verdict))
        .count();
  }

  private static long of(String type) {
    return records.stream().filter(r -> r.path("event_type").asString("").equals(type)).count();
  }

  @Test
  void jsonCountsWhatTheRecordsCount() throws Exception {
    JsonNode report = JsonMapper.shared().readTree(file("report.json"));
    for (String verdict : List.of("match", "conditional", "mismatch", "undecided")) {
      long sum = 0;
      for (JsonNode host : report.get("hosts")) {
        sum += host.get("verdicts").get(verdict).asLong();
      }
      long overTime = 0;
      for (JsonNode interval : report.get("flows_over_time").get("intervals")) {
        overTime += interval.get(verdict).asLong();
      }
      assertEquals(flows(verdict), sum, verdict);
      assertEquals(flows(verdict), overTime, verdict + " over time");
    }
    long differing = 0;
    for (JsonNode difference : report.get("differences")) {
      differing += difference.get("flows").asLong();
      assertFalse(difference.get("steps").isEmpty(), difference::toString);
    }
    assertEquals(flows("mismatch") + flows("conditional"), differing);
    assertEquals(of("failover"), report.get("failovers").size());
    JsonNode stats = records.getLast();
    long accounted = 0;
    for (JsonNode part : report.get("capture").get("accounting")) {
      accounted += part.asLong();
    }
    assertEquals(stats.get("frames").asLong(), accounted);
  }

  @Test
  void differencesSayWhyAndWhatToChange() throws Exception {
    JsonNode first = JsonMapper.shared().readTree(file("report.json")).get("differences").get(0);
    assertTrue(first.get("explanations").toString().contains("bound"), first::toString);
    assertTrue(first.get("changes").toString().contains("src"), first::toString);
  }

  @Test
  void htmlStandsAlone() throws Exception {
    String html = file("report.html");
    assertFalse(html.contains("<script"), "no script");
    Matcher outside = Pattern.compile("(?:src|href)=\"|url\\((?!#)|@import").matcher(html);
    assertFalse(outside.find(), "nothing is fetched");
    for (String part : List.of("lb1", "lb2", "192.168.0.9", "VI_4", "prefers-color-scheme: dark")) {
      assertTrue(html.contains(part), part);
    }
  }

  @Test
  void picturesAreXml() throws Exception {
    Matcher pictures =
        Pattern.compile("<svg.*?</svg>", Pattern.DOTALL).matcher(file("report.html"));
    int count = 0;
    while (pictures.find()) {
      DocumentBuilderFactory.newInstance()
          .newDocumentBuilder()
          .parse(new InputSource(new StringReader(pictures.group())));
      count++;
    }
    assertEquals(3, count);
  }

  @Test
  void markdownTellsTheSame() throws Exception {
    String text = file("report.md");
    assertTrue(text.contains("another source than the host's state gives"), text);
    assertTrue(text.contains("630 frames = 521 of flows + 109 control"), text);
    assertTrue(text.contains("never leave the host"), text);
    assertTrue(text.contains("  - mind: if the application binds "), text);
    assertTrue(text.contains("virtual\\_routes"), text);
    for (String one : text.split("\n- ", -1)) {
      int route = one.indexOf("to use 192.168.0.9: `ip route");
      int other = one.lastIndexOf("to use 192.168.0.9: `nft");
      assertTrue(route < 0 || other < route, () -> "a route with the VIP before others:\n" + one);
    }
  }

  @Test
  void folderThatCannotBeMadeIsExit3() {
    Cli run =
        Cli.run(
            "audit",
            "-r",
            DEMO.capture().toString(),
            "--report",
            DEMO.capture().resolve("below-a-file").toString());
    assertEquals(3, run.code());
    assertTrue(run.err().contains("no report can be written: Not a directory"), run.err());
    assertEquals("", run.out(), "known before the audit");
  }
}
