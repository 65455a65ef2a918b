package io.vipscope.tools;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** {@code explain} on the demo's capture and hosts, and on hosts made from them by hand. */
class ExplainCommandTest {

  private static final Path DEMO = Path.of("demo").toAbsolutePath();
  private static final String HOSTS = DEMO.resolve("snapshots").toString();
  private static final String CAPTURE = DEMO.resolve("mirror.pcap.gz").toString();

  /** A connection that lb1 opened from its VIP, by a bind. */
  private static final String BOUND = "192.168.0.9:33603 > 203.0.113.5:8443/tcp";

  /** What an audit says of the demo. */
  private static final List<JsonNode> AUDITED = new ArrayList<>();

  private static String records;

  @TempDir private Path folder;

  @BeforeAll
  static void audit() {
    records = Cli.run("audit", "-r", CAPTURE, "--hosts", HOSTS, "--json").out();
    for (JsonNode record : Cli.parse(records)) {
      if (record.get("event_type").asString().equals("flow")) {
        AUDITED.add(record);
      }
    }
    assertTrue(AUDITED.size() > 50, "flows of the demo");
  }

  private static List<String> command(String... args) {
    return Stream.concat(Stream.of("explain", "--hosts", HOSTS), Stream.of(args)).toList();
  }

  private static Cli explain(String... args) {
    return Cli.run(command(args).toArray(String[]::new));
  }

  private static Cli piped(String input, String... args) {
    return piped(input, command(args));
  }

  private static Cli piped(String input, List<String> command) {
    InputStream before = System.in;
    try {
      System.setIn(new ByteArrayInputStream(input.getBytes(UTF_8)));
      return Cli.run(command.toArray(String[]::new));
    } finally {
      System.setIn(before);
    }
  }

  private static JsonNode only(Cli run) {
    assertEquals(0, run.code(), run::err);
    assertEquals(1, run.records().size(), run::out);
    return run.records().getFirst().get("vipscope");
  }

  private static List<String> causes(JsonNode own) {
    List<String> words = new ArrayList<>();
    own.get("causes").forEach(word -> words.add(word.asString()));
    return words;
  }

  /** The capture itself, its records on standard input and in a file say the same as the audit. */
  @Test
  void explanationsAgreeWithTheAudit() throws IOException {
    String[] ids = AUDITED.stream().map(r -> r.get("flow_id").asString()).toArray(String[]::new);
    Path file = Files.writeString(folder.resolve("flows.jsonl"), records);
    List<String> lookUp = new ArrayList<>(List.of("--json", "-r", CAPTURE));
    lookUp.addAll(List.of(ids));
    agree(AUDITED, explain(lookUp.toArray(String[]::new)));
    lookUp.set(2, file.toString());
    agree(AUDITED, explain(lookUp.toArray(String[]::new)));
    agree(AUDITED, piped(records, "--json", "-"));
  }

  /** One snapshot of each host: the audit takes the failover from the wire. */
  @Test
  void assumedStatesAreFoundAgainFromTheRecord() throws IOException {
    for (String host : List.of("lb1", "lb2")) {
      String first = "20261125T235130.349381Z";
      copy(DEMO.resolve("snapshots").resolve(host).resolve(first), folder.resolve(host));
    }
    Cli audit = Cli.run("audit", "-r", CAPTURE, "--hosts", folder.toString(), "--json");
    List<JsonNode> flows =
        audit.records().stream()
            .filter(r -> r.get("event_type").asString().equals("flow"))
            .toList();
    Cli run = piped(audit.out(), List.of("explain", "--hosts", folder.toString(), "--json", "-"));
    agree(flows, run);
    int gained = 0;
    for (JsonNode flow : run.records()) {
      JsonNode own = flow.get("vipscope");
      if (own.get("host").asString("").equals("lb2")
          && own.path("source_class").asString("").equals("vip")) {
        assertTrue(own.get("assumed").asBoolean(), flow::toString);
        gained++;
      }
    }
    assertTrue(gained >= 4, "lb2 used the VIP that it gained");
  }

  private static void agree(List<JsonNode> audited, Cli run) {
    assertEquals(0, run.code(), run::err);
    Map<Long, JsonNode> explained = new LinkedHashMap<>();
    run.records().forEach(r -> explained.put(r.get("flow_id").asLong(), r));
    assertEquals(audited.size(), run.records().size());
    int compared = 0;
    for (JsonNode record : audited) {
      JsonNode said = record.get("vipscope");
      JsonNode flow = Objects.requireNonNull(explained.get(record.get("flow_id").asLong()));
      JsonNode own = flow.get("vipscope");
      for (String key : List.of("src_ip", "dest_ip", "proto", "src_port", "dest_port")) {
        assertEquals(record.get(key), flow.get(key));
      }
      assertEquals(record.get("community_id"), flow.get("community_id"));
      assertEquals(said.get("host"), own.get("host"));
      assertEquals(said.get("verdict"), own.get("verdict"));
      if (said.get("mechanism").isNull()) {
        assertFalse(own.has("causes"), flow::toString);
        assertEquals(said.get("reason"), own.get("reason"));
        continue;
      }
      compared++;
      for (String key :
          List.of("predicted", "state_time", "trace", "rule", "mechanism", "source_dev")) {
        assertEquals(said.get(key), own.get(key), flow::toString);
      }
      boolean match = said.get("verdict").asString().equals("match");
      assertEquals(match, own.get("expected").asBoolean(), flow::toString);
      assertEquals(match, causes(own).isEmpty(), flow::toString);
      List<String> told = causes(said);
      assertTrue(causes(own).containsAll(told), () -> told + " in " + flow);
    }
    assertTrue(compared > 40, "flows with a prediction");
  }

  @Test
  void peopleReadWhatIsExpectedAndWhatExplainsTheRest() {
    Cli run = explain("-r", CAPTURE, BOUND);
    assertEquals(0, run.code(), run::err);
    assertEquals("", run.err());
    List<String> lines = run.out().lines().toList();
    assertEquals(BOUND, lines.getFirst());
    for (String line :
        List.of(
            "  sent by lb1, by the snapshot of 2026-11-25T23:51:30.390209019+0000",
            "  expected 192.168.0.1 (default, rule4 32766)",
            "    route default via 192.168.0.254 dev eth0 of table main",
            "  observed 192.168.0.9, a VIP on eth0: MISMATCH",
            "  What would explain it, checked with the model",
            "    bind           a socket bound to it would do that")) {
      assertTrue(lines.contains(line), () -> line + " in\n" + run.out());
    }
    assertFalse(run.out().contains("the model cannot check"), run::out);
  }

  @Test
  void whatIsExpectedHasNoCause() {
    Cli run = explain("--json", "192.168.0.1 > 203.0.113.5:8443/tcp");
    JsonNode own = only(run);
    assertTrue(own.get("expected").asBoolean());
    assertTrue(own.get("host_known").asBoolean());
    assertEquals("lb1", own.get("host").asString());
    assertEquals(List.of(), causes(own));
    String text = explain("192.168.0.1 > 203.0.113.5:8443/tcp").out();
    assertTrue(text.contains("observed 192.168.0.1, an address of eth0: as expected"), text);
  }

  @Test
  void communityIdFindsTheFlow() {
    JsonNode record = AUDITED.getFirst();
    Cli run = explain("-r", CAPTURE, "--json", record.get("community_id").asString());
    assertEquals(0, run.code(), run::err);
    assertEquals(record.get("flow_id"), run.records().getFirst().get("flow_id"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        BOUND,
        "203.0.113.5:8443 > 192.168.0.9:33603/tcp",
        "192.168.0.9:33603>203.0.113.5 8443/TCP",
        "192.168.0.9:33603 > 203.0.113.5/6"
      })
  void addressesFindTheFlowInTheCapture(String name) {
    Cli run = explain("-r", CAPTURE, "--json", name);
    assertEquals(0, run.code(), run::err);
    assertEquals(144, run.records().getFirst().get("flow_id").asInt());
    assertEquals(1, run.records().size());
  }

  @Test
  void mirroredFramesAreReadAsTheAuditReadsThem() throws IOException {
    Path vxlan = folder.resolve("vxlan.pcap");
    Reduction.vxlan(Path.of(CAPTURE), vxlan);
    JsonNode plain = only(explain("-r", CAPTURE, "--json", BOUND));
    String file = vxlan.toString();
    assertEquals(plain, only(explain("-r", file, "--mirror", "vxlan", "--json", BOUND)));
    assertEquals(plain, only(explain("-r", file, "--layer", "inner", "--json", BOUND)));
    Cli outer = explain("-r", file, "--mirror", "none", "--json", BOUND);
    assertEquals(3, outer.code(), "flows of the tunnel alone");
    assertTrue(outer.err().contains("no flow " + BOUND), outer::err);
  }

  @Test
  void flowsThatASummaryShowsAreFoundAll() {
    Cli run = explain("-r", CAPTURE, "--json", "192.168.0.9 > 203.0.113.5 8443/tcp");
    assertEquals(3, run.records().size(), run::out);
  }

  @Test
  void ipv6InBrackets() {
    JsonNode own = only(explain("--json", "[2001:db8:0:1::9]:40000 > [2001:db8:ff::5]:443/tcp"));
    assertEquals("vip", own.get("source_class").asString());
    assertFalse(own.get("host_known").asBoolean(), "the VIP's holder need not be its user");
    assertTrue(causes(own).contains("bind"));
  }

  @Test
  void aHostThatDoesNotHoldTheVip() {
    String lb2 = DEMO.resolve("snapshots/lb2").toString();
    JsonNode own = only(Cli.run("explain", "--host", "lb2=" + lb2, "--json", BOUND));
    assertEquals(List.of("snat-elsewhere", "stale-address"), causes(own));
    assertTrue(own.get("source_dev").isNull());
    assertTrue(own.get("host_known").asBoolean(), "the user named one host");
  }

  @Test
  void recordOfAHostThatWasNotGiven() {
    String lb2 = DEMO.resolve("snapshots/lb2").toString();
    List<String> command = List.of("explain", "--host", "lb2=" + lb2, "--json", "-");
    JsonNode own = only(piped(record(144).toString(), command));
    assertFalse(own.has("causes"));
    assertEquals("no snapshot of lb1, which sent it, was given", own.get("reason").asString());
  }

  @Test
  void recordByAStateThatIsNotThere() {
    String changed = record(144).toString().replace("T23:51:30.390209019", "T21:00:00.000000000");
    JsonNode own = only(piped(changed, "--json", "-"));
    assertFalse(own.has("causes"));
    assertTrue(own.get("reason").asString().contains("shows the state"), own::toString);
  }

  private static JsonNode record(long id) {
    return AUDITED.stream().filter(r -> r.get("flow_id").asLong() == id).findFirst().orElseThrow();
  }

  @Test
  void recordOfAnotherProgramIsExplainedByItsTime() {
    String eve =
        "{\"timestamp\":\"2026-11-25T23:51:33.700000+0000\",\"event_type\":\"flow\","
            + "\"src_ip\":\"192.168.0.9\",\"src_port\":40000,\"dest_ip\":\"203.0.113.5\","
            + "\"dest_port\":8443,\"proto\":\"TCP\"}";
    JsonNode own = only(piped(eve, "--json", "-"));
    assertEquals("lb2", own.get("host").asString(), "its holder then");
    assertEquals(List.of("bind"), causes(own));
  }

  @Test
  void flowTowardsTheHostsHasNothingToExplain() {
    JsonNode own = only(explain("--json", "203.0.113.5:5000 > 192.168.0.9:443/tcp"));
    assertTrue(own.get("host").isNull());
    assertTrue(own.get("reason").asString().contains("no address of an audited host"));
  }

  /** A snapshot of lb1, as master, to be changed. */
  private Path lb1() throws IOException {
    Path from = DEMO.resolve("snapshots/lb1/20261125T235130.349381Z");
    return copy(from, folder.resolve("lb1"));
  }

  private static Path copy(Path from, Path to) throws IOException {
    Files.createDirectory(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
    return to;
  }

  private static void replace(Path file, String what, String by) throws IOException {
    String text = Files.readString(file);
    assertTrue(text.contains(what), () -> what + " in " + file);
    Files.writeString(file, text.replace(what, by));
  }

  private static JsonNode of(Path lb1, String flow) {
    return only(Cli.run("explain", "--host", "lb1=" + lb1, "--json", flow));
  }

  @Test
  void markThatARuleTests() throws IOException {
    Path lb1 = lb1();
    replace(
        lb1.resolve("rule4.json"),
        "{\"priority\":32766",
        "{\"priority\":1000,\"src\":\"all\",\"fwmark\":\"0x7\",\"table\":\"77\"},"
            + "{\"priority\":32766");
    replace(
        lb1.resolve("route4.json"),
        "[{",
        "[{\"dst\":\"default\",\"gateway\":\"192.168.0.254\",\"dev\":\"eth0\",\"table\":\"77\","
            + "\"prefsrc\":\"192.168.0.9\"},{");
    JsonNode own = of(lb1, BOUND);
    assertEquals(List.of("bind", "mark"), causes(own));
    assertEquals("fwmark 0x7", own.get("explanations").get(1).get("condition").asString());
  }

  @Test
  void natThatWasNotCollected() throws IOException {
    Path lb1 = lb1();
    for (String file : List.of("nft.json", "iptables-save.txt", "ip6tables-save.txt")) {
      Files.delete(lb1.resolve(file));
    }
    JsonNode own = of(lb1, BOUND);
    assertEquals(List.of("bind", "snat-unknown"), causes(own));
    assertFalse(own.get("nat_known").asBoolean());
    assertFalse(own.get("explanations").get(1).get("checked").asBoolean());
    String text = Cli.run("explain", "--host", "lb1=" + lb1, BOUND).out();
    assertTrue(text.contains("the model cannot check that\n    snat-unknown   a NAT"), text);
  }

  @Test
  void primaryWhereANatRuleMakesItTheVip() throws IOException {
    JsonNode own = of(lb1(), "192.168.0.1:40000 > 203.0.113.6:443/tcp");
    assertEquals("snat", own.get("mechanism").asString());
    assertEquals(List.of("nat-rule"), causes(own), "a bound primary would be mapped, too");
  }

  @Test
  void routeThatNamesTheVip() throws IOException {
    Path lb1 = lb1();
    replace(
        lb1.resolve("route4.json"),
        "[{",
        "[{\"dst\":\"203.0.113.0/24\",\"gateway\":\"192.168.0.254\",\"dev\":\"eth0\","
            + "\"prefsrc\":\"192.168.0.9\"},{");
    JsonNode own = of(lb1, "192.168.0.1:40000 > 203.0.113.5:443/tcp");
    assertEquals(List.of("bind", "route"), causes(own));
    assertEquals(
        "without route 203.0.113.0/24 via 192.168.0.254 dev eth0 of table main it is used",
        own.get("explanations").get(1).get("text").asString());
    assertTrue(own.get("explanations").get(1).get("alone").asBoolean());
  }

  @Test
  void familyWithoutRoutes() throws IOException {
    Path lb1 = lb1();
    Files.delete(lb1.resolve("route4.json"));
    JsonNode own = of(lb1, BOUND);
    assertFalse(own.has("causes"));
    assertEquals("its snapshot has no IPv4 routes", own.get("reason").asString());
  }

  @Test
  void theReadmeShowsWhatIsPrinted() throws IOException {
    String readme = Files.readString(Path.of("../README.md"));
    String flow = "192.168.0.1:40000 > 203.0.113.6:443/tcp";
    String command = "$ tools/vipscope explain --hosts tools/demo/snapshots '" + flow + "'\n";
    assertTrue(readme.contains(command + explain(flow).out() + "```"), explain(flow)::out);
  }

  @Test
  void everyLineFitsATerminal() {
    Cli run = piped(records, "-");
    for (String line : run.out().lines().toList()) {
      boolean command = line.matches("    (ip|nft|ip6?tables) .*"); // to be pasted as it is
      assertTrue(line.length() <= 80 || command, line);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "nonsense | expected a flow_id",
        "10.0.0.1:1 > 10.0.0.2:2 | the protocol is missing",
        "10.0.0.1:1 > 10.0.0:2/tcp | '10.0.0' is not an IP address",
        "10.0.0.1:70000 > 10.0.0.2:2/tcp | '70000' is no port",
        "10.0.0.1:x > 10.0.0.2:2/tcp | 'x' is no port",
        "10.0.0.1:1 > [2001:db8::1]:2/tcp | differ in family",
        "[2001:db8::1 > [2001:db8::2]:2/tcp | is no address and port",
        "10.0.0.1:1 > 10.0.0.2:2/quic | 'quic' is no protocol",
        "9007199254740992 | expected a flow_id",
        "144 | give -r FILE",
        "1:QG1eLGYFjtIEBCOdapYUmEKizec= | give -r FILE"
      })
  void unparsableFlowIsAUsageError(String flow, String part) {
    Cli run = explain(flow);
    assertEquals(ExitCode.USAGE, run.code(), run::err);
    assertTrue(run.err().startsWith("vipscope: FLOW '" + flow + "'"), run::err);
    assertTrue(run.err().contains(part), run::err);
    assertEquals(2, run.err().lines().count(), run::err);
    assertEquals("", run.out());
  }

  @Test
  void whatIsMissingOnTheCommandLine() {
    Cli noHost = Cli.run("explain", BOUND);
    assertEquals(ExitCode.USAGE, noHost.code());
    assertTrue(noHost.err().contains("Give --host NAME=DIR"), noHost::err);
    Cli noFlow = explain();
    assertEquals(ExitCode.USAGE, noFlow.code());
    assertTrue(noFlow.err().contains("FLOW"), noFlow::err);
    Cli twice = explain("-r", "-", "-");
    assertEquals(ExitCode.USAGE, twice.code());
    assertTrue(twice.err().contains("standard input can be read once"), twice::err);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"dest_ip\":\"10.0.0.2\",\"proto\":\"TCP\"} | src_ip is missing",
        "{\"src_ip\":\"10.0.0.1\",\"proto\":\"TCP\"} | dest_ip is missing",
        "{\"src_ip\":\"10.0.0.1\",\"dest_ip\":\"10.0.0.2\"} | proto is missing",
        "{\"src_ip\":\"lb1\",\"dest_ip\":\"10.0.0.2\",\"proto\":\"TCP\"} | src_ip: 'lb1'",
        "{\"src_ip\":\"::1\",\"dest_ip\":\"10.0.0.2\",\"proto\":\"TCP\"} | differ in family",
        "{\"src_ip\":\"10.0.0.1\",\"dest_ip\":\"10.0.0.2\",\"proto\":\"QUIC\"} | proto: 'QUIC'",
        "{\"src_ip\":\"10.0.0.1\",\"dest_ip\":\"10.0.0.2\",\"proto\":[]} | proto must be a string",
        "{\"src_ip\":\"10.0.0.1\",\"dest_ip\":\"10.0.0.2\",\"proto\":\"TCP\",\"src_port\":-1}"
            + " | src_port must be a number from 0 to 65535",
        "{\"src_ip\":\"10.0.0.1\",\"dest_ip\":\"10.0.0.2\",\"proto\":\"TCP\",\"timestamp\":\"now\"}"
            + " | timestamp: \"now\" is no time",
        "[] | not a JSON object",
        "{\"src_ip\" | not a JSON object"
      })
  void badRecordNamesItsLine(String line, String part) {
    Cli run = piped(record(144) + "\n" + line + "\n", "-");
    assertEquals(ExitCode.INPUT, run.code());
    assertTrue(run.err().startsWith("vipscope: -: line 2: "), run::err);
    assertTrue(run.err().contains(part), run::err);
    assertEquals(1, run.err().lines().count(), run::err);
    assertTrue(run.out().startsWith(BOUND), "what was read before is explained");
  }

  @Test
  void recordsWithoutAFlow() {
    for (String input : List.of("", "{\"event_type\":\"stats\"}\n")) {
      Cli run = piped(input, "-");
      assertEquals(ExitCode.INPUT, run.code());
      assertTrue(run.err().contains("no record of a flow"), run::err);
    }
  }

  @Test
  void flowThatIsNotThere() {
    Cli run = explain("-r", CAPTURE, "999", "144", "1:AAAAAAAAAAAAAAAAAAAAAAAAAAA=");
    assertEquals(ExitCode.INPUT, run.code());
    assertEquals(
        "vipscope: " + CAPTURE + ": no flow 999, no flow 1:AAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        run.err().strip());
    assertTrue(run.out().startsWith(BOUND), "the others are explained");
  }

  @Test
  void captureThatIsNone() throws IOException {
    Path text = Files.writeString(folder.resolve("notes.txt"), "this is no capture\n");
    Cli run = explain("-r", text.toString(), "144");
    assertEquals(ExitCode.INPUT, run.code());
    assertTrue(run.err().contains("notes.txt: is not a pcap"), run::err);
    Cli none = explain("-r", folder.resolve("none.pcap").toString(), "144");
    assertEquals(ExitCode.INPUT, none.code());
    assertTrue(none.err().contains("none.pcap: no such file"), none::err);
  }

  private static List<String> remedies(JsonNode own) {
    List<String> all = new ArrayList<>();
    own.get("remedies")
        .forEach(r -> all.add(r.get("src").asString() + ": " + r.get("change").asString()));
    return all;
  }

  @Test
  void remediesOfABindAreARouteSourceAndNat() {
    JsonNode own = only(explain("-r", CAPTURE, "--json", BOUND));
    assertEquals(
        List.of(
            "192.168.0.9: ip route replace default via 192.168.0.254 dev eth0 src 192.168.0.9",
            "192.168.0.9: ip route add 203.0.113.5 via 192.168.0.254 dev eth0 src 192.168.0.9",
            "192.168.0.9: nft insert rule ip edge postrouting ip daddr 203.0.113.5 snat to"
                + " 192.168.0.9"),
        remedies(own));
  }

  @Test
  void remediesOfNatAreAnotherRuleOrNone() {
    JsonNode own = only(explain("--json", "192.168.0.1:40000 > 203.0.113.6:443/tcp"));
    assertEquals(
        List.of(
            "192.168.0.1: nft insert rule ip edge postrouting ip daddr 203.0.113.6 snat to"
                + " 192.168.0.1",
            "192.168.0.1: nft delete rule ip edge postrouting handle 2"),
        remedies(own));
  }

  /** What explain prints, whatif takes, and it does what was said. */
  @Test
  void remediesAreChangesThatWhatifConfirms() {
    JsonNode own = only(explain("--json", "192.168.0.1:40000 > 203.0.113.6:443/tcp"));
    own.get("remedies")
        .forEach(remedy -> {
          Cli run =
              Cli.run(
                  "whatif",
                  "--host",
                  "lb1=" + DEMO.resolve("snapshots/lb1"),
                  "--role",
                  "master",
                  "--ipproto",
                  "tcp",
                  "--dport",
                  "443",
                  "--json",
                  "--change",
                  remedy.get("change").asString(),
                  "203.0.113.6");
          assertEquals(0, run.code(), run::err);
          assertEquals(
              remedy.get("src").asString(),
              run.records().getFirst().at("/after/wire_src").asString(),
              run::out);
        });
  }
}
