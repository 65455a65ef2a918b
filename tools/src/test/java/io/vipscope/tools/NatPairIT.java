package io.vipscope.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * {@code --nat-pair} with clients that the laboratory's pair forwards, and the truth about them.
 */
class NatPairIT {

  private static final Path LAB = Path.of("lab", "lab").toAbsolutePath();

  @TempDir private static Path lab;
  private static PairData pair;

  @BeforeAll
  static void run() throws Exception {
    Needs.namespaces();
    Needs.programs("python3", "keepalived", "nft", "iptables-save", "tc", "tcpdump", "ethtool");
    Process run =
        new ProcessBuilder(LAB.toString(), "run", "forward", "-o", lab.toString())
            .redirectErrorStream(true)
            .redirectOutput(lab.resolve("run.log").toFile())
            .start();
    assertEquals(0, run.waitFor());
    pair = new PairData(lab.resolve("forward"));
  }

  private static String option(Path inside) {
    return "inside=" + inside + ",outside=" + pair.capture();
  }

  private static List<JsonNode> nat(List<JsonNode> records) {
    return records.stream().filter(r -> r.get("event_type").asString().equals("nat")).toList();
  }

  @Test
  void everyForwardedFlowIsPairedAndAsPredicted() throws Exception {
    List<JsonNode> records =
        pair.audit(pair.capture(), "--nat-pair", option(pair.folder().resolve("inside.pcap")));
    Books.balanced(records);
    List<JsonNode> found = nat(records);
    int checked = 0;
    for (JsonNode t : Cli.parse(Files.readString(pair.folder().resolve("truth.jsonl")))) {
      if (!t.get("host").asString().equals("back") || t.get("wire_src").isNull()) {
        continue;
      }
      String number = t.hasNonNull("icmp_id") ? "icmp_id" : "local_port";
      List<JsonNode> of =
          found.stream()
              .filter(r -> {
                JsonNode inside = r.path("vipscope").path("inside");
                return inside.path("src_ip").asString("").equals(t.get("local_addr").asString())
                    && inside.path("src_port").asInt() == t.get(number).asInt()
                    && r.get("dest_ip").asString().equals(t.get("remote_addr").asString())
                    && r.get("proto").asString().equalsIgnoreCase(t.get("proto").asString());
              })
              .toList();
      assertFalse(of.isEmpty(), t::toString);
      JsonNode v = of.getFirst().get("vipscope");
      assertEquals("paired", v.get("status").asString(), v::toString);
      assertEquals(
          t.get("wire_src").asString(), v.get("outside").get("src_ip").asString(), v::toString);
      assertEquals("match", v.get("verdict").asString(), v::toString);
      assertEquals("lb1", v.get("host").asString());
      assertEquals(
          t.get("cause").asString().replace("forwarded", "none"),
          v.get("mechanism").asString(),
          v::toString);
      assertFalse(v.get("double").asBoolean());
      checked++;
    }
    assertTrue(checked > 40, checked + " flows");
    long alone =
        found.stream()
            .filter(r -> !r.get("vipscope").get("status").asString().equals("paired"))
            .count();
    assertEquals(0, alone, "nothing is seen on one side only");
    List<JsonNode> plain = pair.audit(pair.capture());
    assertEquals(
        Books.balanced(plain).get("frames").asLong(),
        Books.balanced(records).get("frames").asLong());
  }

  @Test
  void anotherRuleThanTheStateHasIsAMismatch() throws Exception {
    Path other = lab.resolve("other");
    try (Stream<Path> files = Files.walk(pair.folder().resolve("snapshots"))) {
      for (Path file : files.toList()) {
        Path copy = other.resolve(pair.folder().resolve("snapshots").relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(copy);
        } else if (file.endsWith("nft.json")) {
          Files.writeString(
              copy, Files.readString(file).replace("\"10.20.0.10\"", "\"10.20.0.77\""));
        } else {
          Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
        }
      }
    }
    Cli run =
        Cli.run(
            "audit",
            "-r",
            pair.capture().toString(),
            "--hosts",
            other.toString(),
            "--json",
            "--nat-pair",
            option(pair.folder().resolve("inside.pcap")));
    assertEquals(0, run.code(), run::err);
    List<String> verdicts = new ArrayList<>();
    for (JsonNode r : nat(run.records())) {
      JsonNode v = r.get("vipscope");
      if (v.path("inside").path("src_ip").asString("").equals("10.20.0.10")) {
        verdicts.add(v.get("verdict").asString());
        assertEquals("[\"10.20.0.10\"]", v.get("predicted").toString());
      }
    }
    assertNotEquals(0, verdicts.size());
    assertTrue(verdicts.stream().allMatch("mismatch"::equals), verdicts::toString);
    assertTrue(run.err().contains("NAT  "), run::err);
  }

  @Test
  void oneSideAloneIsTold() throws Exception {
    Path cut = lab.resolve("cut.pcap");
    Reduction.write(pair.folder().resolve("inside.pcap"), cut, Reduction.allBut(50, 1));
    List<JsonNode> found = nat(pair.audit(pair.capture(), "--nat-pair", option(cut)));
    List<String> status =
        found.stream().map(r -> r.get("vipscope").get("status").asString()).distinct().toList();
    assertTrue(status.contains("outside-only"), status::toString);
    Cli wrong = Cli.run("audit", "-r", cut.toString(), "--nat-pair", option(cut));
    assertEquals(2, wrong.code());
    assertEquals(2, Cli.run("audit", "--nat-pair", "inside=x").code());
  }
}
