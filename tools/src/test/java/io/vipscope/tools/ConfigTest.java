package io.vipscope.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** {@code --config FILE} and {@code vipscope config check}, with the demo's pair. */
class ConfigTest {

  private static final Path DEMO = Path.of("demo").toAbsolutePath();

  @TempDir private Path folder;

  private Path config(String text) throws IOException {
    Path file = folder.resolve("vipscope.yaml");
    Files.writeString(file, text);
    return file;
  }

  private static List<JsonNode> flows(List<JsonNode> records) {
    return records.stream().filter(r -> r.get("event_type").asString().equals("flow")).toList();
  }

  private static List<String> verdicts(List<JsonNode> flows) {
    List<String> verdicts = new ArrayList<>();
    for (JsonNode r : flows) {
      JsonNode v = r.get("vipscope");
      verdicts.add(
          List.of(
                  r.get("src_ip"),
                  r.get("src_port"),
                  r.get("dest_ip"),
                  r.get("dest_port"),
                  v.get("direction"),
                  v.get("source_class"),
                  v.get("verdict"),
                  v.get("owner"),
                  v.get("predicted"))
              .toString());
    }
    verdicts.sort(null);
    return verdicts;
  }

  @Test
  void aConfigurationStandsForOptions() throws IOException {
    Path file =
        config(
            """
            capture: {files: [%s/mirror.pcap.gz], threads: 1, sensor: span7}
            state: {dir: %s/snapshots}
            pairs:
              - name: edge
                hosts: [lb1, lb2]
            """
                .formatted(DEMO, DEMO));
    Cli run = Cli.run("audit", "--config", file.toString(), "--json");
    assertEquals(0, run.code(), run::err);
    List<JsonNode> flows = flows(run.records());
    assertEquals("edge", flows.getFirst().get("vipscope").get("pair").asString());
    assertEquals("span7", flows.getFirst().get("sensor").asString());
    assertEquals(
        verdicts(flows(new PairData(DEMO).audit(DEMO.resolve("mirror.pcap.gz")))), verdicts(flows));
    Cli other = Cli.run("audit", "--config", file.toString(), "--json", "--sensor", "span8");
    assertEquals("span8", other.records().getFirst().get("sensor").asString(), "options override");
    Cli one =
        Cli.run(
            "audit",
            "--config",
            file.toString(),
            "--json",
            "--host",
            "lb1=" + DEMO.resolve("snapshots/lb1"));
    List<String> hosts =
        flows(one.records()).stream()
            .map(r -> r.get("vipscope"))
            .filter(v -> v.get("host").isString())
            .map(v -> v.get("host").asString() + " of " + v.get("pair").asString())
            .distinct()
            .toList();
    assertEquals(List.of("lb1 of edge"), hosts);
  }

  @Test
  void twoPairsWithTheSameAddressesOnTwoSegments() throws IOException {
    Path ten = folder.resolve("10.pcap");
    Path twenty = folder.resolve("20.pcap");
    Path plain = folder.resolve("plain.pcap");
    try (var in =
        new java.util.zip.GZIPInputStream(Files.newInputStream(DEMO.resolve("mirror.pcap.gz")))) {
      Files.write(plain, in.readAllBytes());
    }
    Reduction.tag(plain, ten, 10);
    Reduction.tag(plain, twenty, 20);
    Path file =
        config(
            """
            capture: {files: [10.pcap, 20.pcap]}
            pairs:
              - name: left
                segment: 10
                hosts: {a1: %1$s/lb1, a2: %1$s/lb2}
              - name: right
                segment: 20
                hosts: {b1: %1$s/lb1, b2: %1$s/lb2}
            """
                .formatted(DEMO.resolve("snapshots")));
    Cli run = Cli.run("audit", "--config", file.toString(), "--json");
    assertEquals(0, run.code(), run::err);
    List<String> expected = verdicts(flows(new PairData(DEMO).audit(plain)));
    for (String[] side :
        List.of(new String[] {"10", "left", "a"}, new String[] {"20", "right", "b"})) {
      List<JsonNode> flows =
          flows(run.records()).stream()
              .filter(r -> r.get("vlan").get(0).asString().equals(side[0]))
              .toList();
      assertEquals(
          expected.stream().map(v -> v.replace("\"lb", "\"" + side[2])).toList(), verdicts(flows));
      long named = 0;
      for (JsonNode flow : flows) {
        JsonNode v = flow.get("vipscope");
        if (v.get("host").isString()) {
          named++;
          assertEquals(side[1], v.get("pair").asString());
          assertTrue(v.get("host").asString().startsWith(side[2]), v::toString);
        }
      }
      assertNotEquals(0, named);
    }
  }

  @Test
  void expectationsAndBaselinesAreAboutTheirPair() throws IOException {
    Files.writeString(folder.resolve("expect.yaml"), "- {must_be: primary, ports: 123}\n");
    Files.writeString(folder.resolve("accepted.jsonl"), "{\"cause\":\"bind\"}\n");
    Path file =
        config(
            """
            capture: {files: %1$s/mirror.pcap.gz}
            pairs:
              - name: first
                hosts: {lb1: %1$s/snapshots/lb1}
                expect: expect.yaml
              - name: second
                hosts: {lb2: %1$s/snapshots/lb2}
                baseline: accepted.jsonl
            """
                .formatted(DEMO));
    Cli run = Cli.run("audit", "--config", file.toString(), "--json");
    assertEquals(0, run.code(), run::err);
    for (JsonNode record : run.records()) {
      JsonNode v = record.path("vipscope");
      if (v.path("kind").asString("").equals("expectation")) {
        assertEquals("lb1", v.get("host").asString());
      }
      if (v.path("verdict").asString("").equals("mismatch")) {
        assertEquals(v.get("host").asString().equals("lb2"), v.get("accepted").asBoolean());
      }
    }
    assertTrue(run.out().contains("\"kind\":\"expectation\""));
  }

  @Test
  void checkPrintsPairsAndTheirState() throws IOException {
    Path file =
        config(
            """
            state: {dir: %s/snapshots, max_age: 1s}
            pairs:
              - {name: edge, segment: 100, hosts: [lb1, lb2]}
            """
                .formatted(DEMO));
    Cli run = Cli.run("config", "check", file.toString());
    assertEquals(0, run.code(), run::err);
    assertTrue(run.out().contains("pair     edge, segment VLAN 100"), run::out);
    assertTrue(run.out().contains("  VIPs   192.168.0.9 2001:db8:0:1::9"), run::out);
    assertTrue(
        run.out().contains("host   lb1, 5 snapshots, the newest of 2026-11-25T23:51:37"), run::out);
    assertTrue(run.err().contains("line 3: the state of lb1 is older than 1 s"), run::err);
  }

  @Test
  void everyErrorHasItsLineAndWhatWasExpected() throws IOException {
    Path file =
        config(
            """
            capture:
              threads: many
              source: fast
              colour: red
            pairs:
              - name: edge
                segment: 5000
                hosts: {lb1: nowhere}
                vips: [192.168.0.9/24]
                expect: none.yaml
              - name: edge
                hosts: [lb1]
              - just words
            """);
    Cli run = Cli.run("config", "check", file.toString());
    assertEquals(3, run.code());
    for (String problem :
        List.of(
            "line 2: threads: expected a number from 1 to 64, found 'many'",
            "line 3: source: ",
            "line 4: unknown key 'colour', expected one of ",
            "line 7: segment: expected a VLAN id from 1 to 4094",
            "line 8: expected the snapshots of lb1 in ",
            "line 9: vips: expected an IP address without a prefix length, found '192.168.0.9/24'",
            "line 10: expected a file that can be read, found ",
            "line 11: the name edge is that of another pair",
            "line 12: the host lb1 is named before",
            "line 13: pairs: expected a pair")) {
      assertTrue(run.err().contains(file + ": " + problem), () -> problem + "\n" + run.err());
    }
    Cli audit = Cli.run("audit", "--config", file.toString());
    assertEquals(3, audit.code());
    assertEquals(1, audit.err().lines().count(), "one sentence");
    assertFalse(audit.err().contains("internal error"));
  }

  @Test
  void whatIsNoYamlIsRefused() throws IOException {
    Path file = config("pairs: [\n  {name: edge\n");
    Cli run = Cli.run("config", "check", file.toString());
    assertEquals(3, run.code());
    assertTrue(run.err().contains("no YAML"), run::err);
    assertEquals(3, Cli.run("config", "check", folder.resolve("none").toString()).code());
    assertEquals(2, Cli.run("config").code());
  }

  @Test
  void assumptionsAreChecked() {
    for (String bad :
        List.of("lb9:mark=1=tcp/443", "lb1:mark=1", "lb1:ttl=1=tcp/443", "lb1:tos=256=udp/1")) {
      Cli run =
          Cli.run(
              "audit",
              "-r",
              DEMO.resolve("mirror.pcap.gz").toString(),
              "--hosts",
              DEMO.resolve("snapshots").toString(),
              "--assume",
              bad);
      assertEquals(2, run.code(), bad);
      assertTrue(run.err().contains("--assume"), run::err);
    }
    Cli run =
        Cli.run(
            "audit",
            "-r",
            DEMO.resolve("mirror.pcap.gz").toString(),
            "--hosts",
            DEMO.resolve("snapshots").toString(),
            "--assume",
            "lb1:mark=0x1=*/*",
            "--assume",
            "lb2:uid=33=tcp/443",
            "--assume",
            "lb2:tos=0x10=udp");
    assertEquals(0, run.code(), run::err);
  }
}
