package io.vipscope.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The capture that comes with the program, against its truth. Needs no root. */
class DemoTest {

  private static final PairData DEMO = new PairData(Path.of("demo").toAbsolutePath());

  @TempDir private Path folder;

  @Test
  void everySocketIsJudgedAsItWas() throws Exception {
    List<JsonNode> records = DEMO.audit(DEMO.capture());
    TruthCheck check = new TruthCheck(DEMO.truth(), records);
    assertEquals(List.of(), check.complete());
    assertTrue(check.found() > 50, () -> check.found() + " outbound flows found");
    Books.balanced(records);
  }

  @Test
  void framesOfThePairAloneGiveNoFalseMismatch() throws Exception {
    reduced(Reduction.sentBy(DEMO.macs()));
  }

  @Test
  void framesToThePairAloneGiveNoFalseMismatch() throws Exception {
    reduced(Reduction.notSentBy(DEMO.macs()));
  }

  @ParameterizedTest
  @ValueSource(ints = {5, 20, 50})
  void lostFramesGiveNoFalseMismatch(int percent) throws Exception {
    for (int seed = 1; seed <= 20; seed++) {
      reduced(Reduction.allBut(percent, seed));
    }
  }

  private void reduced(Reduction.Choice choice) throws Exception {
    Path capture = folder.resolve("reduced.pcap");
    assertTrue(Reduction.write(DEMO.capture(), capture, choice) > 0, "frames were left out");
    List<JsonNode> records = DEMO.audit(capture);
    assertEquals(List.of(), new TruthCheck(DEMO.truth(), records).mismatches());
    Books.balanced(records);
  }

  @Test
  void workersDoNotChangeTheRecords() {
    Set<String> one = lines(DEMO.audit(DEMO.capture(), "--threads", "1"));
    for (String threads : List.of("2", "3", "8")) {
      assertEquals(one, lines(DEMO.audit(DEMO.capture(), "--threads", threads)));
    }
  }

  private static Set<String> lines(List<JsonNode> records) {
    Set<String> lines = new TreeSet<>();
    for (JsonNode record : records) {
      if (!record.get("event_type").asString().equals("stats")) {
        lines.add(record.toString());
      }
    }
    return lines;
  }

  @Test
  void demoShowsWhatAUserWantsFirst() {
    System.setProperty("vipscope.home", Path.of("..").toAbsolutePath().normalize().toString());
    Cli demo = Cli.run("demo");
    assertEquals(0, demo.code(), demo::err);
    for (String part :
        List.of(
            "lb1 ",
            "lb2 ",
            "MISMATCH",
            "snat",
            "192.168.0.1 is expected (default), 192.168.0.9 was used",
            "Who held which VIP",
            "Frames  630 = ",
            "Try next")) {
      assertTrue(demo.out().contains(part), () -> part + " is missing in\n" + demo.out());
    }
    assertEquals("", demo.err());
  }

  @Test
  void everyRuleRouteAndNatRuleHasItsCount() throws IOException {
    List<JsonNode> records = new PairData(Path.of("demo")).audit(Path.of("demo/mirror.pcap.gz"));
    Map<String, Long> counted = new TreeMap<>();
    long matched = 0;
    for (JsonNode r : records) {
      JsonNode v = r.path("vipscope");
      if (r.get("event_type").asString().equals("coverage")) {
        counted.put(
            v.get("host").asString() + " " + v.get("text").asString(), v.get("flows").asLong());
        assertEquals(v.get("flows").asLong() == 0, v.get("last").isNull());
      } else if (r.get("event_type").asString().equals("flow")
          && v.get("verdict").asString("").equals("match")
          && v.get("host").asString("").equals("lb1")) {
        matched++;
      }
    }
    long snat =
        counted.getOrDefault(
            "lb1 ip edge postrouting: ip daddr 203.0.113.6 snat to 192.168.0.9", -1L);
    assertEquals(4, snat);
    long main =
        counted.getOrDefault("lb1 rule4 32766: from all lookup main", -1L)
            + counted.getOrDefault("lb1 rule6 32766: from all lookup main", -1L);
    assertEquals(30, main, "every outbound flow, those of bound sockets too");
    assertTrue(matched <= main);
    assertEquals(0, counted.get("lb1 rule4 32767: from all lookup default"));
  }
}
