package io.vipscope.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What the page's server answers, over the demo's audit and over its records. */
class WebServerTest {

  private static final PairData DEMO = new PairData(Path.of("demo").toAbsolutePath());

  @TempDir private Path folder;

  private static String[] audit(String... more) {
    java.util.ArrayList<String> all =
        new java.util.ArrayList<>(
            List.of(
                "audit",
                "-r",
                DEMO.capture().toString(),
                "--hosts",
                DEMO.folder().resolve("snapshots").toString()));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  private static long count(List<JsonNode> records, String verdict) {
    return records.stream()
        .filter(r -> r.path("event_type").asString("").equals("flow"))
        .filter(r -> r.path("vipscope").path("verdict").asString("").equals(verdict))
        .count();
  }

  @Test
  void auditAndItsRecordsShowTheSame() throws Exception {
    Path records = folder.resolve("flows.jsonl");
    String times = folder.resolve("times.hlog").toString();
    List<JsonNode> written;
    try (Page live = Page.open(audit("-o", records.toString(), "--hdr", times))) {
      live.awaitEnd();
      written = Cli.parse(java.nio.file.Files.readString(records));
      try (Page recorded = Page.open("serve", records.toString())) {
        for (Page page : List.of(live, recorded)) {
          JsonNode overview = page.json("api/overview");
          for (String verdict : List.of("match", "conditional", "mismatch", "undecided")) {
            assertEquals(
                count(written, verdict), overview.get("tiles").get(verdict).asLong(), verdict);
          }
          assertEquals("lb1", overview.get("owners").get(0).get("holder").asString());
          assertEquals(4, overview.get("failovers").size());
        }
        ObjectNode a = (ObjectNode) live.json("api/overview");
        ObjectNode b = (ObjectNode) recorded.json("api/overview");
        a.remove(List.of("version", "title"));
        b.remove(List.of("version", "title"));
        assertEquals(a, b);
        assertEquals(live.json("api/health"), recorded.json("api/health"));
        assertEquals(2, live.json("api/health").get("latency").size());
        for (String rules : List.of("api/coverage", "api/coverage?kernel=1&use=never&q=default")) {
          assertTrue(live.json(rules).get("found").asInt() > 0, rules);
          assertEquals(live.json(rules), recorded.json(rules));
        }
      }
    }
  }

  /** Flow ids are places in one capture: two runs have the same. */
  @Test
  void recordsOfSeveralRunsStandBesideEachOther() throws Exception {
    Path monday = folder.resolve("monday.jsonl");
    Path tuesday = folder.resolve("tuesday.jsonl");
    assertEquals(0, Cli.run(audit("-o", monday.toString(), "--expect", expectation())).code());
    java.nio.file.Files.writeString(
        tuesday, java.nio.file.Files.readString(monday).replace("2026-11-25T", "2026-11-24T"));
    try (Page one = Page.open("serve", monday.toString());
        Page both = Page.open("serve", monday.toString(), tuesday.toString())) {
      JsonNode flows = both.json("api/flows?limit=500");
      assertEquals(148, flows.get("found").asInt());
      JsonNode rows = flows.get("rows");
      assertEquals("2026-11-25", day(both, rows.get(0)));
      assertEquals("2026-11-24", day(both, rows.get(147)));
      assertEquals(
          2 * one.json("api/overview").get("findings").size(),
          both.json("api/overview").get("findings").size());
      assertEquals(
          2 * one.json("api/health").get("groups").size(),
          both.json("api/health").get("groups").size());
    }
  }

  /** The day of a flow's beginning, by its own page. */
  private static String day(Page page, JsonNode row) throws Exception {
    JsonNode record = page.json("api/flow?id=" + row.get("key").asString()).get("record");
    return record.get("flow").get("start").asString().substring(0, 10);
  }

  private String expectation() throws Exception {
    return java.nio.file.Files.writeString(folder.resolve("expect.yaml"), "- {must_be: primary}\n")
        .toString();
  }

  @Test
  void flowsAreFilteredSearchedAndTurnedOver() throws Exception {
    try (Page page = Page.open(audit())) {
      page.awaitEnd();
      assertEquals(6, page.json("api/flows?verdict=mismatch").get("found").asInt());
      JsonNode found = page.json("api/flows?verdict=mismatch&host=lb1&q=8443%20bind");
      assertEquals(2, found.get("found").asInt());
      for (JsonNode row : found.get("rows")) {
        assertEquals("8443/tcp", row.get("service").asString());
      }
      JsonNode second = page.json("api/flows?limit=10&offset=70");
      assertEquals(4, second.get("rows").size());
      assertEquals(74, second.get("found").asInt());
      assertEquals(0, page.json("api/flows?q=%25zz").get("found").asInt(), "no such text");
    }
  }

  /** The demo's hosts name a route's source and map two destinations; a mark is not seen. */
  @Test
  void rulesSayHowManyFlowsWentByThem() throws Exception {
    Path records = folder.resolve("flows.jsonl");
    try (Page page = Page.open(audit("-o", records.toString()))) {
      page.awaitEnd();
      List<JsonNode> written =
          Cli.parse(java.nio.file.Files.readString(records)).stream()
              .filter(r -> r.get("event_type").asString().equals("coverage"))
              .map(r -> r.get("vipscope"))
              .toList();
      JsonNode all = page.json("api/coverage?kernel=1");
      assertEquals(written.size(), all.get("found").asInt());
      for (int i = 0; i < written.size(); i++) {
        JsonNode row = all.get("rows").get(i);
        for (String key : List.of("host", "kind", "text", "flows", "bytes")) {
          assertEquals(written.get(i).get(key), row.get(key), key);
        }
        boolean used = row.get("flows").asLong() > 0;
        boolean observable = written.get(i).get("observable").asBoolean();
        assertEquals(used ? "used" : observable ? "never" : "unseen", row.get("use").asString());
        assertEquals(written.get(i).get("last").isNull(), row.get("last").isNull());
        assertEquals(used, !row.get("last").isNull());
      }
      JsonNode mapped = page.json("api/coverage?host=lb1&use=used&q=snat%20203.0.113.6");
      assertEquals(1, mapped.get("found").asInt(), mapped::toString);
      assertEquals("snat", mapped.get("rows").get(0).get("kind").asString());
      assertEquals(0, page.json("api/coverage?host=none").get("found").asInt());
      assertEquals("[]", page.json("api/health").get("latency").toString(), "not measured");
    }
  }

  @Test
  void oneFlowIsExplained() throws Exception {
    try (Page page = Page.open(audit())) {
      page.awaitEnd();
      JsonNode row = page.json("api/flows?verdict=mismatch").get("rows").get(0);
      JsonNode flow = page.json("api/flow?id=" + row.get("id").asLong());
      assertTrue(flow.get("steps").size() >= 2, flow::toString);
      assertTrue(flow.get("causes").toString().contains("bound"), flow::toString);
      assertFalse(flow.get("changes").isEmpty(), flow::toString);
      assertEquals("192.168.0.9", flow.get("record").get("src_ip").asString());
      assertEquals(404, page.get("api/flow?id=999999999").statusCode());
      assertEquals(404, page.get("api/flow").statusCode());
    }
  }

  @Test
  void numbersForPrometheusAreThoseOfTheRecords() throws Exception {
    try (Page page = Page.open(audit())) {
      page.awaitEnd();
      String text = page.get("metrics").body();
      for (String line :
          List.of(
              "vipscope_flows_total{host=\"lb1\",source_class=\"vip\",verdict=\"mismatch\"} 4",
              "vipscope_failovers_total{pair=\"\",segment=\"\",vrid=\"51\",family=\"4\",trigger=\"prio0\"}"
                  + " 1",
              "vipscope_failover_dark_seconds_count 4",
              "vipscope_frames_total{iface=\"" + DEMO.capture() + "\"} 630")) {
        assertTrue(text.contains(line + "\n"), () -> line + " is missing in\n" + text);
      }
    }
  }

  @Test
  void foreignNamesMethodsAndPathsAreRefused() throws Exception {
    System.setProperty("jdk.httpclient.allowRestrictedHeaders", "host");
    try (Page page = Page.open(audit())) {
      HttpResponse<String> home = page.get("");
      assertEquals(200, home.statusCode());
      assertTrue(
          home.headers().firstValue("Content-Security-Policy").orElse("").contains("'none'"));
      assertEquals(
          "200 " + home.body().getBytes(java.nio.charset.StandardCharsets.UTF_8).length,
          page.head(""));
      assertEquals(404, page.get("../../etc/passwd").statusCode());
      assertEquals(404, page.get("app.class").statusCode());
    }
  }

  @Test
  void tokenIsAskedForAndShownOnce() throws Exception {
    try (Page page = Page.open(audit("--token", "s3cret"))) {
      assertEquals(403, page.get("api/health").statusCode());
      assertEquals(403, page.get("metrics", "Authorization", "Bearer s3cre").statusCode());
      assertEquals(200, page.get("metrics", "Authorization", "Bearer s3cret").statusCode());
      HttpResponse<String> shown = page.get("?token=s3cret");
      assertEquals(303, shown.statusCode());
      String cookie = shown.headers().firstValue("Set-Cookie").orElse("");
      assertTrue(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), cookie);
      assertEquals(200, page.get("api/health", "Cookie", cookie.split(";", 2)[0]).statusCode());
      assertNull(page.get("?token=wrong").headers().firstValue("Set-Cookie").orElse(null));
    }
  }

  @Test
  void otherAddressesNeedAToken() {
    Cli run = Cli.run(audit("--serve", "192.0.2.1:8080"));
    assertEquals(2, run.code());
    assertTrue(run.err().contains("needs a token"), run.err());
    assertEquals(2, Cli.run(audit("--serve", "8080x")).code());
    assertEquals(2, Cli.run(audit("--token", "x")).code());
    assertNotNull(run.out());
  }

  @Test
  void addressThatIsNoneOfThisMachineIsExit3() {
    Cli run = Cli.run(audit("--serve", "192.0.2.1:8080", "--token", "x"));
    assertEquals(3, run.code());
    assertTrue(run.err().contains("cannot be listened on"), run.err());
  }
}
