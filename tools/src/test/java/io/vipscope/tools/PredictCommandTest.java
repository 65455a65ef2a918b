package io.vipscope.tools;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What predict says to people and to programs. */
class PredictCommandTest {

  private static final Path LB1 = Path.of("demo/snapshots/lb1");

  @TempDir private Path folder;

  /** The demo's lb1 as it is last, with these rules of iptables instead of its nft rules. */
  private String hostWith(String rule) throws IOException {
    Path last;
    try (Stream<Path> snapshots = Files.list(LB1)) {
      last = snapshots.max(Path::compareTo).orElseThrow();
    }
    Path host = Files.createDirectory(folder.resolve("lb1"));
    try (Stream<Path> files = Files.list(last)) {
      for (Path file : files.toList()) {
        Files.copy(file, host.resolve(file.getFileName()));
      }
    }
    Files.delete(host.resolve("nft.json"));
    Files.writeString(
        host.resolve("iptables-save.txt"),
        "*nat\n:POSTROUTING ACCEPT [0:0]\n" + rule + "\nCOMMIT\n");
    return "lb1=" + host;
  }

  private static JsonNode answer(String host, String... options) {
    Cli run =
        Cli.run(
            Stream.concat(
                    Stream.of("predict", "--host", host, "--role", "master", "--json"),
                    Stream.concat(Stream.of(options), Stream.of("203.0.113.5")))
                .toArray(String[]::new));
    assertEquals(0, run.code(), run::err);
    return run.records().getFirst();
  }

  @Test
  void chanceLeavesTheSourceOnTheWireOpen() throws IOException {
    String host =
        hostWith(
            "-A POSTROUTING -m statistic --mode random --probability 0.5 -j SNAT --to-source 192.168.0.9");
    JsonNode wire = answer(host, "--wire");
    assertFalse(wire.get("exact").asBoolean(), wire::toString);
    assertEquals("[\"statistic\"]", wire.get("conditions").toString());
    assertEquals(wire.get("src"), wire.get("wire_src"));
    assertEquals(wire.get("src"), wire.at("/candidates/0/src"), "its first is the answer");
    List<String> sources = wire.get("candidates").findValuesAsString("src");
    assertEquals(
        List.of("192.168.0.1", "192.168.0.9"), sources.stream().sorted().toList(), wire::toString);
    JsonNode route = answer(host);
    assertTrue(route.get("exact").asBoolean(), "before netfilter nothing is left to chance");
    assertEquals(1, route.get("candidates").size());
  }

  @Test
  void aRuleWithoutChanceDecides() throws IOException {
    JsonNode wire = answer(hostWith("-A POSTROUTING -j SNAT --to-source 192.168.0.9"), "--wire");
    assertTrue(wire.get("exact").asBoolean(), wire::toString);
    assertEquals("192.168.0.9", wire.get("src").asString());
    assertEquals("192.168.0.9", wire.at("/candidates/0/src").asString());
    assertEquals(1, wire.get("candidates").size());
  }

  @Test
  void peopleReadEveryStepOnceAndNoLineIsTooLong() {
    Cli run = Cli.run("predict", "--host", "lb1=" + LB1, "203.0.113.6");
    assertEquals(0, run.code(), run::err);
    String flat = run.out().replaceAll("\\s+", " ");
    String snat =
        "SNAT to 192.168.0.9 by ip edge postrouting: ip daddr 203.0.113.6 snat to 192.168.0.9";
    assertTrue(flat.contains("on the wire 192.168.0.9: " + snat), run::out);
    assertEquals(flat.indexOf(snat), flat.lastIndexOf(snat), run::out);
    run.out()
        .lines()
        .forEach(line -> assertTrue(line.getBytes(UTF_8).length <= 80, () -> "too long: " + line));
  }
}
