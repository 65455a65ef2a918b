package io.vipscope.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** {@code owner} and {@code timeline}, over the demo's capture and over its records. */
class OwnerCommandTest {

  private static final Path DEMO = Path.of("demo").toAbsolutePath();
  private static final String CAPTURE = DEMO.resolve("mirror.pcap.gz").toString();
  private static final String HOSTS = DEMO.resolve("snapshots").toString();

  @TempDir private Path folder;

  private String records() {
    Path file = folder.resolve("flows.jsonl");
    Cli cli = Cli.run("audit", "-r", CAPTURE, "--hosts", HOSTS, "-o", file.toString());
    assertEquals(0, cli.code(), cli.err());
    return file.toString();
  }

  private static String holder(Cli cli, String vip) {
    assertEquals(0, cli.code(), cli.err());
    return cli.records().stream()
        .map(r -> r.get("vipscope"))
        .filter(v -> v.get("vip").asString().equals(vip))
        .map(v -> v.get("host").asString("nobody"))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void ownerIsThatOfTheTimeAskedFor() {
    assertEquals(
        "lb1",
        holder(
            Cli.run("owner", "-r", CAPTURE, "--hosts", HOSTS, "--json", "--at", "23:51:31"),
            "192.168.0.9"));
    assertEquals(
        "nobody",
        holder(
            Cli.run("owner", "-r", CAPTURE, "--hosts", HOSTS, "--json", "--at", "23:51:32"),
            "192.168.0.9"));
    assertEquals(
        "lb2",
        holder(
            Cli.run("owner", "-r", CAPTURE, "--hosts", HOSTS, "--json", "--at", "23:51:33"),
            "192.168.0.9"));
  }

  @Test
  void recordsSayTheSameAsTheCapture() {
    String records = records();
    for (String at : List.of("23:51:31", "23:51:32", "23:51:33", "23:59")) {
      Cli capture = Cli.run("owner", "-r", CAPTURE, "--hosts", HOSTS, "--at", at);
      Cli recorded = Cli.run("owner", "-r", records, "--at", at);
      assertEquals(capture.out(), recorded.out());
      assertTrue(capture.out().lines().count() > 1, capture.out());
    }
    Cli one = Cli.run("owner", "-r", records, "--vip", "192.168.0.9");
    assertEquals(2, one.out().lines().count(), one.out());
    assertTrue(Cli.run("owner", "-r", records, "--vip", "10.0.0.1").out().startsWith("nothing"));
    assertEquals(
        Cli.run("timeline", "-r", CAPTURE, "--hosts", HOSTS).out(),
        Cli.run("timeline", "-r", records).out());
  }

  @Test
  void timelineIsInOrderAndWithinItsTimes() {
    String records = records();
    List<String> all = Cli.run("timeline", "-r", records).out().lines().toList();
    assertEquals(
        all.stream().map(l -> l.substring(0, 29)).sorted().toList(),
        all.stream().map(l -> l.substring(0, 29)).toList());
    assertTrue(all.stream().anyMatch(l -> l.contains("failover of")), () -> all.toString());
    List<JsonNode> some =
        Cli.run("timeline", "-r", records, "--since", "23:51:31", "--until", "23:51:32", "--json")
            .records();
    assertTrue(!some.isEmpty() && some.size() < all.size(), () -> some.toString());
  }

  private static String ownerRecord(String time, String since, String holders) {
    return """
    {"timestamp":"2026-11-25T10:00:%s.000000000+0000","event_type":"vip_owner","sensor":"s",\
    "vipscope":{"vip":"192.168.0.9","vrid":51,"family":4,"segment":null,"host":"lb1","mac":null,\
    "priority":150,"since":"2026-11-25T10:00:%s.000000000+0000","evidence":"vrrp","epoch":1,\
    "holders":[%s]}}
    """
        .formatted(time, since, holders);
  }

  private static String findingRecord(String time, String status, String end) {
    return """
    {"timestamp":"2026-11-25T10:00:%s.000000000+0000","event_type":"finding","sensor":"s",\
    "vipscope":{"kind":"split-brain","severity":"warning","status":"%s",\
    "start":"2026-11-25T10:00:05.000000000+0000","end":%s,"text":"two"}}
    """
        .formatted(time, status, end);
  }

  @Test
  void whoElseHoldsItIsToldOfItsTime() throws IOException {
    Path file = folder.resolve("split.jsonl");
    Files.writeString(
        file,
        ownerRecord("01", "01", "\"lb1\"")
            + ownerRecord("06", "01", "\"lb1\",\"lb2\"")
            + ownerRecord("14", "01", "\"lb1\""));
    for (String at : List.of("10:00:02", "10:00:15")) {
      Cli cli = Cli.run("owner", "-r", file.toString(), "--at", at);
      assertTrue(cli.out().lines().skip(1).allMatch(l -> l.endsWith(" -")), cli.out());
    }
    Cli split = Cli.run("owner", "-r", file.toString(), "--at", "10:00:08");
    assertTrue(split.out().lines().skip(1).allMatch(l -> l.endsWith(" lb2")), split.out());
  }

  @Test
  void findingsStandWhereTheyBeganAndEnded() throws IOException {
    Path file = folder.resolve("findings.jsonl");
    Files.writeString(
        file,
        ownerRecord("06", "06", "\"lb1\"")
            + findingRecord("08", "open", "null")
            + ownerRecord("12", "12", "\"lb1\"")
            + findingRecord("14", "resolved", "\"2026-11-25T10:00:11.000000000+0000\""));
    List<String> lines = Cli.run("timeline", "-r", file.toString()).out().lines().toList();
    assertEquals(
        List.of("10:00:05", "10:00:06", "10:00:11", "10:00:12"),
        lines.stream().map(l -> l.substring(11, 19)).toList());
    assertTrue(lines.get(0).endsWith("WARNING split-brain begins: two"), lines::toString);
    assertTrue(
        lines.get(2).contains("split-brain ends, began 2026-11-25T10:00:05"), lines::toString);
  }

  @Test
  void badUseIsTold() {
    assertEquals(2, Cli.run("owner").code());
    assertEquals(2, Cli.run("owner", "-r", CAPTURE, "-i", "lo").code());
    assertEquals(3, Cli.run("timeline", "-r", folder.resolve("none").toString()).code());
    assertEquals(2, Cli.run("timeline", "-r", records(), "-r", CAPTURE).code());
  }
}
