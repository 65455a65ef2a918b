package io.vipscope.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The page in a real Chromium, driven by Playwright; tools/test installs both. */
class PageIT {

  private static final PairData DEMO = new PairData(Path.of("demo").toAbsolutePath());
  private static final Path SCRIPT = Path.of("src/test/browser/page.cjs").toAbsolutePath();
  private static final Path MODULES = Path.of("target/browser").toAbsolutePath();
  private static final Path LAB = Path.of("lab", "lab").toAbsolutePath();

  /** A page shows a new owner so long after the claim that proves it, at most. */
  private static final double LATEST_MS = 1_000;

  @TempDir private Path folder;

  private static void needsBrowser() {
    Needs.programs("chromium", "node");
    Needs.check(
        Files.isDirectory(MODULES.resolve("node_modules/playwright-core")),
        "playwright-core and axe-core in tools/target/browser");
  }

  @Test
  void everyViewWorksByKeyboardInLightAndDarkAndPassesAxe() throws Exception {
    needsBrowser();
    Path out = folder.resolve("visit.json");
    try (Page page =
        Page.open(
            "audit",
            "-r",
            DEMO.capture().toString(),
            "--hosts",
            DEMO.folder().resolve("snapshots").toString(),
            "--hdr",
            folder.resolve("times.hlog").toString())) {
      page.awaitEnd();
      Process visit =
          new ProcessBuilder(
                  "node",
                  SCRIPT.toString(),
                  MODULES.toString(),
                  "visit",
                  page.url(),
                  out.toString())
              .inheritIO()
              .start();
      assertEquals(0, visit.waitFor());
    }
    JsonNode seen = JsonMapper.shared().readTree(Files.readString(out));
    assertEquals("[]", seen.get("errors").toString());
    assertEquals("[]", seen.get("overlaps").toString());
    assertEquals("[]", seen.get("axe").toString());
    assertEquals("[]", seen.get("covered").toString());
    assertEquals("[]", seen.get("narrow").toString());
    assertEquals(12, seen.get("views").size(), "views that axe looked at");
    assertFalse(seen.get("wide").asBoolean(), "nothing is wider than the window");
    assertEquals("h-flows", seen.get("heading").asString(), "focus follows the view");
    assertEquals("6 flows of 74 kept", seen.get("mismatches").asString());
    for (JsonNode verdict : seen.get("shown")) {
      assertEquals("mismatch", verdict.asString());
    }
    for (JsonNode service : seen.get("searched")) {
      assertEquals("8443/tcp", service.asString());
    }
    assertTrue(seen.get("steps").size() >= 2, "steps of an explanation");
    assertTrue(seen.get("reason").asString().contains("is expected"));
    assertFalse(seen.get("flow").asString().contains("null"));
    assertTrue(seen.get("health").asString().contains("kernel_drops"));
    assertEquals("h-coverage", seen.get("coverageHeading").asString(), "focus follows the view");
    assertEquals(2, seen.get("rules").size(), "what somebody made: a NAT rule on each host");
    for (JsonNode rule : seen.get("rules")) {
      assertEquals("snat", rule.get(1).asString());
      assertEquals("used", rule.get(3).asString());
      assertTrue(rule.get(6).asString().startsWith("2026-11-25 23:51:"), rule::toString);
    }
    assertTrue(seen.get("never").asString().startsWith("0 of 2"), "none of these is unused");
    assertFalse(seen.get("withKernel").asString().contains(" of 2;"), "the kernel's own come in");
    assertEquals(2, seen.get("latency").size());
    for (JsonNode time : seen.get("latency")) {
      assertEquals(7, time.size());
      assertTrue(time.get(5).asString().matches("[1-9][0-9,.]*"), time::toString);
    }
  }

  @Test
  void ownersChangeOnThePageWithinASecondOfTheClaim() throws Exception {
    needsBrowser();
    Needs.namespaces();
    Needs.programs("python3", "keepalived", "nft", "iptables-save", "tc", "tcpdump", "ethtool");
    String sensor =
        """
        ip link set lo up
        # A script's background job ignores SIGINT.
        env --default-signal=INT "%s" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 --enable-native-access=ALL-UNNAMED \\
          -cp "%s" io.vipscope.tools.Main audit -i "$LAB_IFACE" --serve 18099 \\
          --host lb1="$LAB_DIR/snapshots/lb1" --host lb2="$LAB_DIR/snapshots/lb2" --json \\
          >"$LAB_DIR/live.jsonl" 2>"$LAB_DIR/live.err" &
        audit=$!
        trap 'kill -INT $audit' INT TERM
        until grep -q 'listening on' "$LAB_DIR/live.err" 2>/dev/null; do sleep 0.05; done
        node "%s" "%s" follow http://127.0.0.1:18099/ "$LAB_DIR/page.json" \\
          "$LAB_DIR/sensor-ready" >"$LAB_DIR/page.log" 2>&1 &
        page=$!
        wait $audit || wait $audit
        wait $page
        """
            .formatted(
                Path.of(System.getProperty("java.home"), "bin", "java"),
                LaboratoryIT.classPath(),
                SCRIPT,
                MODULES);
    Process lab =
        new ProcessBuilder(
                LAB.toString(), "run", "failover", "-o", folder.toString(), "--sensor-exec", sensor)
            .inheritIO()
            .start();
    assertEquals(0, lab.waitFor(), () -> log("page.log") + log("live.err"));
    JsonNode seen =
        JsonMapper.shared().readTree(Files.readString(folder.resolve("failover/page.json")));
    assertEquals("[]", seen.get("errors").toString());
    assertEquals("live", seen.get("live").get("running").asString());
    assertTrue(seen.get("live").get("steps").asInt() > 0, "an explanation while it runs");
    List<JsonNode> records = Cli.parse(Files.readString(folder.resolve("failover/live.jsonl")));
    List<String> late = new ArrayList<>();
    int changes = 0;
    for (JsonNode record : records) {
      if (record.get("event_type").asString().equals("failover")) {
        for (JsonNode vip : record.get("vipscope").get("vips")) {
          changes++;
          double delay = delayMs(record.get("vipscope"), vip.asString(), seen.get("owners"));
          System.out.println("page: owner of " + vip.asString() + " shown after " + delay + " ms");
          if (!(delay <= LATEST_MS)) {
            late.add(vip + ": " + delay + " ms in " + seen.get("owners"));
          }
        }
      }
    }
    assertEquals(4, changes, "two VIPs, there and back");
    assertEquals(List.of(), late);
  }

  /**
   * From the first claim of the new holder to its name on the page; NaN if it never stood there.
   */
  private static double delayMs(JsonNode failover, String vip, JsonNode owners) {
    long claimNs =
        Objects.requireNonNull(Timestamp.parse(failover.get("first_garp").asString()), "a claim");
    double claimMs = claimNs / 1e6;
    for (JsonNode owner : owners) {
      double delay = owner.get("ms").asDouble() - claimMs;
      boolean same =
          owner.get("vip").asString().equals(vip)
              && owner.get("holder").asString().equals(failover.get("to").asString());
      if (same && delay > -200) {
        return delay;
      }
    }
    return Double.NaN;
  }

  private String log(String name) {
    try {
      return Files.readString(folder.resolve("failover").resolve(name));
    } catch (java.io.IOException e) {
      return name + ": " + e;
    }
  }
}
