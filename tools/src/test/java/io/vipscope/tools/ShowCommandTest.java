package io.vipscope.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Over the records of the demo's audit. */
class ShowCommandTest {

  @TempDir private static Path folder;

  private static String records = "";

  @BeforeAll
  static void audit() {
    Path file = folder.resolve("flows.jsonl");
    Path demo = Path.of("demo").toAbsolutePath();
    Cli cli =
        Cli.run(
            "audit",
            "-r",
            demo.resolve("mirror.pcap.gz").toString(),
            "--hosts",
            demo.resolve("snapshots").toString(),
            "-o",
            file.toString());
    assertEquals(0, cli.code(), cli.err());
    records = file.toString();
  }

  @Test
  void groupsAddUpToWhatIsSelected() {
    Cli all = Cli.run("show", records, "--json");
    Cli groups = Cli.run("show", records, "--group-by", "verdict,host", "--json", "--top", "100");
    long sum = groups.records().stream().mapToLong(g -> g.get("records").asLong()).sum();
    assertEquals(all.records().size(), sum);
    assertEquals(74, sum);
    JsonNode mismatches =
        groups.records().stream()
            .filter(g -> g.get("verdict").asString().equals("mismatch"))
            .findFirst()
            .orElseThrow();
    assertEquals("lb1", mismatches.get("host").asString());
    assertEquals(4, mismatches.get("records").asLong());
    assertTrue(mismatches.get("bytes").asLong() > 0);
  }

  @Test
  void recordsAreSelectedByVerdictAndFields() {
    Cli cli = Cli.run("show", records, "--verdict", "mismatch", "--where", "causes=bind", "--json");
    assertEquals(6, cli.records().size(), cli.err());
    Cli one =
        Cli.run("show", records, "--verdict", "mismatch", "--where", "vipscope.host=lb2", "--json");
    assertEquals(2, one.records().size(), one.err());
    assertTrue(one.err().contains("2 of "), one.err());
  }

  @Test
  void tableShowsTheLargestGroups() {
    List<String> lines =
        Cli.run("show", records, "--group-by", "source_class", "--top", "2").out().lines().toList();
    assertEquals(4, lines.size());
    assertTrue(lines.get(0).matches("records +bytes +source_class"), lines.get(0));
    assertTrue(lines.get(1).matches(" +43 +\\d+ +primary"), lines.get(1));
    assertTrue(lines.get(3).startsWith("… 1 more"), lines.get(3));
  }

  @Test
  void timesSelect() {
    List<JsonNode> all = Cli.run("show", records, "--type", "vip_owner", "--json").records();
    String second = all.get(1).get("timestamp").asString();
    int from =
        Cli.run("show", records, "--type", "vip_owner", "--json", "--since", second)
            .records()
            .size();
    int to =
        Cli.run(
                "show",
                records,
                "--type",
                "vip_owner",
                "--json",
                "--until",
                second.substring(11, 29))
            .records()
            .size();
    assertTrue(from < all.size() && to < all.size(), from + " and " + to);
    assertTrue(from + to > all.size(), "the second one is in both");
  }

  @Test
  void linesAreForPeople() {
    Cli cli = Cli.run("show", records, "--verdict", "mismatch", "--top", "1");
    assertTrue(
        cli.out().contains("MISMATCH    lb1      192.168.0.9:")
            && cli.out().contains("192.168.0.1 is expected"),
        cli.out());
  }

  @Test
  void badInputIsTold() throws IOException {
    Path bad = Files.writeString(folder.resolve("bad.jsonl"), "{\"event_type\":\"flow\"}\n[1]\n");
    Cli cli = Cli.run("show", bad.toString());
    assertEquals(3, cli.code());
    assertTrue(cli.err().contains("bad.jsonl: line 2: not a JSON object"), cli.err());
    assertEquals(3, Cli.run("show", folder.resolve("none").toString()).code());
    assertEquals(2, Cli.run("show", records, "--verdict", "wrong").code());
    assertEquals(2, Cli.run("show", records, "--since", "yesterday").code());
    Cli unknown = Cli.run("show", records, "--group-by", "dst_port");
    assertTrue(unknown.err().contains("no record has a field dst_port"), unknown.err());
  }
}
