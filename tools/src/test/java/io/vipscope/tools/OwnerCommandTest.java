package io.vipscope.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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

  @Test
  void badUseIsTold() {
    assertEquals(2, Cli.run("owner").code());
    assertEquals(2, Cli.run("owner", "-r", CAPTURE, "-i", "lo").code());
    assertEquals(3, Cli.run("timeline", "-r", folder.resolve("none").toString()).code());
    assertEquals(2, Cli.run("timeline", "-r", records(), "-r", CAPTURE).code());
  }
}
