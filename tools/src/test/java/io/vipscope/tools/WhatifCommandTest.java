package io.vipscope.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** {@code whatif} on the demo's capture and hosts. */
class WhatifCommandTest {

  private static final Path DEMO = Path.of("demo").toAbsolutePath();
  private static final String HOSTS = DEMO.resolve("snapshots").toString();
  private static final String LB1 = "lb1=" + DEMO.resolve("snapshots/lb1");
  private static final String CAPTURE = DEMO.resolve("mirror.pcap.gz").toString();

  private static final String DEFAULT_BY_VIP =
      "ip route replace default via 192.168.0.254 dev eth0 src 192.168.0.9";

  @TempDir private Path folder;

  private static Cli whatif(String... args) {
    List<String> all = new ArrayList<>(List.of("whatif"));
    all.addAll(List.of(args));
    return Cli.run(all.toArray(String[]::new));
  }

  private static List<JsonNode> lines(Cli run) {
    assertEquals(0, run.code(), run::err);
    return run.records();
  }

  private static JsonNode of(List<JsonNode> lines, String role, boolean failover, String dst) {
    return lines.stream()
        .filter(l ->
            l.get("role").asString().equals(role)
                && l.get("after_failover").asBoolean() == failover
                && l.path("dst").asString("").equals(dst))
        .findFirst()
        .orElseThrow(() -> new AssertionError(role + " " + dst + " in " + lines));
  }

  @Test
  void routeBySourceChangesTheMasterAndBreaksTheNextBackup() {
    List<JsonNode> lines = lines(whatif("--host", LB1, "--change", DEFAULT_BY_VIP, "--json"));
    JsonNode master = of(lines, "master", false, "0.0.0.0/0");
    assertEquals("192.168.0.1", master.at("/before/wire_src").asString());
    assertEquals("192.168.0.9", master.at("/after/wire_src").asString());
    assertTrue(master.get("except").toString().contains("203.0.113.6/32"), master::toString);
    JsonNode refused = lines.stream().filter(l -> l.has("refused")).findFirst().orElseThrow();
    assertEquals("backup", refused.get("role").asString());
    JsonNode failover = of(lines, "backup", true, "0.0.0.0/0");
    assertEquals("ENETUNREACH", failover.at("/after/error").asString());
    assertEquals("192.168.0.1", failover.at("/before/src").asString());
  }

  @Test
  void singleDestinationsAreAnsweredChangedOrNot() {
    List<JsonNode> lines =
        lines(
            whatif(
                "--host",
                LB1,
                "--change",
                DEFAULT_BY_VIP,
                "--json",
                "--role",
                "master",
                "198.51.100.7",
                "192.168.0.77"));
    assertTrue(of(lines, "master", false, "198.51.100.7").get("source_changes").asBoolean());
    assertFalse(of(lines, "master", false, "192.168.0.77").get("source_changes").asBoolean());
  }

  @Test
  void changesAreMadeOneAfterTheOther() {
    List<JsonNode> lines =
        lines(
            whatif(
                "--host",
                LB1,
                "--role",
                "backup",
                "--json",
                "--change",
                "ip addr add 192.168.0.9/24 dev eth0",
                "--change",
                DEFAULT_BY_VIP,
                "198.51.100.7"));
    JsonNode backup = of(lines, "backup", false, "198.51.100.7");
    assertEquals("192.168.0.9", backup.at("/after/wire_src").asString());
  }

  @Test
  void natRuleChangesWhatLeavesAndNotWhatRoutingPicks() {
    String rule = "nft add rule ip edge postrouting oifname eth0 snat to 192.168.0.9";
    List<JsonNode> lines = lines(whatif("--host", LB1, "--change", rule, "--json"));
    JsonNode master = of(lines, "master", false, "0.0.0.0/0");
    assertEquals("192.168.0.1", master.at("/after/src").asString());
    assertEquals("192.168.0.9", master.at("/after/wire_src").asString());
  }

  @Test
  void everyJudgedFlowIsCountedOnce() {
    Cli run =
        whatif(
            "--hosts", HOSTS, "--on", "lb1", "--change", DEFAULT_BY_VIP, "-r", CAPTURE, "--json");
    List<JsonNode> lines = lines(run);
    JsonNode stats = lines.getLast();
    assertEquals("whatif_stats", stats.get("event_type").asString());
    long changed = stats.get("changed").asLong();
    assertTrue(changed > 0, run::out);
    assertEquals(changed, lines.size() - 1);
    long all =
        changed
            + stats.get("unchanged").asLong()
            + stats.get("not_compared").asLong()
            + stats.get("other_hosts").asLong();
    long judged =
        Cli.run("audit", "-r", CAPTURE, "--hosts", HOSTS, "--json").records().stream()
            .filter(r -> r.get("event_type").asString().equals("flow"))
            .filter(r -> !r.at("/vipscope/verdict").isNull())
            .count();
    assertEquals(judged, all);
    for (JsonNode line : lines.subList(0, lines.size() - 1)) {
      assertEquals("[\"192.168.0.9\"]", line.at("/after/predicted").toString());
      boolean follows = line.get("src_ip").asString().equals("192.168.0.1");
      assertEquals(follows, line.get("follows").asBoolean(), line::toString);
    }
  }

  @Test
  void mirroredFramesAreReadAsTheAuditReadsThem() throws IOException {
    Path vxlan = folder.resolve("vxlan.pcap");
    Reduction.vxlan(Path.of(CAPTURE), vxlan);
    JsonNode plain = flowsOf(CAPTURE);
    assertTrue(plain.get("changed").asLong() > 0, plain::toString);
    assertEquals(plain, flowsOf(vxlan.toString(), "--mirror", "vxlan"));
    assertEquals(plain, flowsOf(vxlan.toString(), "--layer", "inner"));
    assertEquals(0, flowsOf(vxlan.toString(), "--mirror", "none").get("changed").asLong());
  }

  /** The totals of a change of the default route. */
  private static JsonNode flowsOf(String capture, String... options) {
    List<String> args = new ArrayList<>(List.of("--hosts", HOSTS, "--on", "lb1"));
    args.addAll(List.of("--change", DEFAULT_BY_VIP, "--json", "-r", capture));
    args.addAll(List.of(options));
    return lines(whatif(args.toArray(String[]::new))).getLast();
  }

  @Test
  void flowsOfAnAddressThatGoesAreCounted() {
    Cli run =
        whatif(
            "--hosts",
            HOSTS,
            "--on",
            "lb1",
            "-r",
            CAPTURE,
            "--json",
            "--change",
            "ip addr del 192.168.0.1/24 dev eth0");
    JsonNode stats = lines(run).getLast();
    assertTrue(stats.at("/address_gone/192.168.0.1").asLong() > 0, run::out);
  }

  @Test
  void textNamesWhatDoesNotChange() {
    Cli run = whatif("--host", LB1, "--change", DEFAULT_BY_VIP);
    assertEquals(0, run.code(), run::err);
    assertTrue(run.out().contains("192.168.0.1 -> "), run::out);
    assertTrue(run.out().contains("but not 192.168.0.0/24, 203.0.113.6"), run::out);
    assertTrue(run.out().contains("as backup, after a failover"), run::out);
    assertTrue(run.out().contains("the kernel would refuse"), run::out);
  }

  @Test
  void whatIsRefusedEverywhereIsSaidOnce() {
    Cli run = whatif("--host", LB1, "--change", "ip route add default via 10.9.9.9 dev eth7");
    assertEquals(ExitCode.INPUT, run.code());
    assertEquals("", run.out());
    assertEquals(
        "vipscope: the kernel would refuse 'ip route add default via 10.9.9.9 dev eth7': there is no"
            + " device eth7\n",
        run.err());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ip link set eth0 down",
        "ip route frobnicate default",
        "ip route add default via 192.168.0.300",
        "nft add rule ip edge postrouting snat to",
        "reboot",
        ""
      })
  void whatIsNoChangeIsAUsageError(String change) {
    Cli run = whatif("--host", LB1, "--change", change);
    assertEquals(2, run.code(), run::err);
    assertTrue(run.err().startsWith("vipscope: --change '" + change + "': "), run::err);
    assertEquals(2, run.err().lines().count(), run::err);
  }

  @ParameterizedTest
  @CsvSource({
    "ip route add default via 192.168.0.254 dev eth7, there is no device eth7",
    "ip route add default via 172.16.0.1 dev eth0, gateway 172.16.0.1 is on no link of eth0",
    "ip addr del 192.168.0.77/24 dev eth0, eth0 has no address 192.168.0.77/24",
    "nft add rule ip nowhere postrouting accept, there is no",
  })
  void whatTheKernelRefusesEverywhereIsAnInputError(String change, String why) {
    Cli run = whatif("--host", LB1, "--change", change);
    assertEquals(3, run.code(), run::err);
    assertTrue(run.err().contains("'" + change + "': "), run::err);
    assertTrue(run.err().contains(why), run::err);
  }

  @Test
  void hostMustBeClear() {
    assertEquals(2, whatif("--hosts", HOSTS, "--change", DEFAULT_BY_VIP).code());
    assertEquals(2, whatif("--hosts", HOSTS, "--on", "lb3", "--change", DEFAULT_BY_VIP).code());
    assertEquals(
        2, whatif("--host", LB1, "--change", DEFAULT_BY_VIP, "-r", CAPTURE, "10.0.0.1").code());
  }
}
