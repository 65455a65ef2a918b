package io.vipscope.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * The whole program against a pair with real keepalived: every scenario of the laboratory, from its
 * capture and live on its mirror port.
 */
class LaboratoryIT {

  private static final Path LAB = Path.of("lab", "lab").toAbsolutePath();

  @TempDir private static Path lab;
  @TempDir private Path folder;

  @BeforeAll
  static void runEveryScenario() throws Exception {
    Needs.namespaces();
    Needs.programs("python3", "keepalived", "nft", "iptables-save", "tc", "tcpdump", "ethtool");
    Process run =
        new ProcessBuilder(
                LAB.toString(), "run", "all", "-o", lab.toString(), "--sensor-exec", live())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.INHERIT)
            .start();
    assertEquals(0, run.waitFor(), "the laboratory runs");
  }

  /**
   * Announces itself when the audit listens; runs until the laboratory interrupts it. The scenarios
   * are shared out between the two ways to capture.
   */
  private static String live() {
    return """
    case "$(basename "$LAB_DIR")" in [a-h]*) way=pcap ;; *) way=auto ;; esac
    if [ -e "$LAB_DIR/vipscope.yaml" ]; then set -- --config "$LAB_DIR/vipscope.yaml"
    else set -- --host lb1="$LAB_DIR/snapshots/lb1" --host lb2="$LAB_DIR/snapshots/lb2"; fi
    (until grep -q 'listening on' "$LAB_DIR/live.err" 2>/dev/null; do sleep 0.05; done
    touch "$LAB_DIR/sensor-ready") &
    "%s" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 --enable-native-access=ALL-UNNAMED \\
      -cp "%s" io.vipscope.tools.Main audit -i "$LAB_IFACE" --source $way "$@" --json \\
      >"$LAB_DIR/live.jsonl" 2>"$LAB_DIR/live.err"
    """
        .formatted(Path.of(System.getProperty("java.home"), "bin", "java"), classPath());
  }

  static String classPath() {
    StringBuilder path = new StringBuilder();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      if (!path.isEmpty()) {
        path.append(File.pathSeparator);
      }
      path.append(Path.of(entry).toAbsolutePath());
    }
    return path.toString();
  }

  static Stream<String> scenarios() throws IOException, InterruptedException {
    Process list =
        new ProcessBuilder(LAB.toString(), "list")
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    List<String> names =
        new String(list.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8)
            .lines()
            .map(line -> line.split(" ", 2)[0])
            .toList();
    assertEquals(0, list.waitFor());
    assertTrue(names.size() >= 20, () -> "scenarios: " + names);
    return names.stream();
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void everySocketIsJudgedAsItWas(String scenario) throws Exception {
    PairData pair = new PairData(lab.resolve(scenario));
    List<JsonNode> records = pair.audit(pair.capture());
    TruthCheck check = new TruthCheck(pair.truth(), records);
    assertEquals(List.of(), check.complete());
    assertTrue(check.found() > 5, () -> check.found() + " outbound flows found");
    assertEquals(List.of(), new FindingsCheck(pair.facts(), records).complete());
    Books.balanced(records);
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void partsOfTheCaptureGiveNoFalseAlarm(String scenario) throws Exception {
    PairData pair = new PairData(lab.resolve(scenario));
    reduced(pair, Reduction.sentBy(pair.macs()));
    reduced(pair, Reduction.notSentBy(pair.macs()));
    for (int seed = 1; seed <= 3; seed++) {
      reduced(pair, Reduction.allBut(5, seed));
    }
  }

  private void reduced(PairData pair, Reduction.Choice choice) throws IOException {
    Path capture = folder.resolve("reduced.pcap");
    assertNotEquals(0, Reduction.write(pair.capture(), capture, choice));
    List<JsonNode> records = pair.audit(capture);
    assertEquals(List.of(), new TruthCheck(pair.truth(), records).mismatches());
    assertEquals(List.of(), new FindingsCheck(pair.facts(), records).falseAlarms());
    Books.balanced(records);
  }

  @ParameterizedTest
  @ValueSource(strings = {"failover", "failover-route-src"})
  void lossOfTheMirrorIsNoticed(String scenario) throws Exception {
    PairData pair = new PairData(lab.resolve(scenario));
    Path capture = folder.resolve("lossy.pcap");
    assertNotEquals(0, Reduction.write(pair.capture(), capture, Reduction.allBut(5, 4)));
    long blind =
        pair.audit(capture).stream()
            .filter(r -> r.get("event_type").asString().equals("finding"))
            .map(r -> r.get("vipscope"))
            .filter(v -> v.get("kind").asString().equals("sensor-blind"))
            .filter(v -> v.get("text").asString().contains("that were acknowledged"))
            .map(v -> v.get("host").asString())
            .distinct()
            .count();
    assertEquals(2, blind);
  }

  /** Those whose mirror is not tagged already. */
  static Stream<String> untagged() throws IOException, InterruptedException {
    return scenarios().filter(scenario -> !scenario.equals("two-segments"));
  }

  @ParameterizedTest
  @MethodSource("untagged")
  void sameAddressesAndVridsOnThreeVlansAreThreeOfEach(String scenario) throws Exception {
    PairData pair = new PairData(lab.resolve(scenario));
    int[] vlans = {10, 20, 30};
    List<String> files = new ArrayList<>();
    for (int vlan : vlans) {
      Path tagged = folder.resolve(vlan + ".pcap");
      Reduction.tag(pair.capture(), tagged, vlan);
      files.addAll(List.of("-r", tagged.toString()));
    }
    List<JsonNode> plain = pair.audit(pair.capture());
    List<JsonNode> all =
        pair.audit(
            folder.resolve("10.pcap"), files.subList(2, files.size()).toArray(String[]::new));
    Books.balanced(all);
    for (int vlan : vlans) {
      assertEquals(verdicts(plain), verdicts(of(all, vlan)), () -> "verdicts of VLAN " + vlan);
      assertEquals(failovers(plain, -1), failovers(all, vlan), () -> "failovers of VLAN " + vlan);
      assertEquals(
          findings(plain, ""), findings(all, "-vlan-" + vlan), () -> "findings of VLAN " + vlan);
    }
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void transportOfTheMirrorChangesNothing(String scenario) throws Exception {
    PairData pair = new PairData(lab.resolve(scenario));
    Path erspan = folder.resolve("erspan.pcap");
    Path vxlan = folder.resolve("vxlan.pcap");
    Reduction.erspan(pair.capture(), erspan);
    Reduction.vxlan(pair.capture(), vxlan);
    Map<String, String> plain = verdicts(pair.audit(pair.capture()));
    List<JsonNode> byErspan = pair.audit(erspan);
    assertEquals(plain, verdicts(byErspan));
    assertEquals(List.of(), new FindingsCheck(pair.facts(), byErspan).complete());
    JsonNode stats = Books.balanced(byErspan);
    assertEquals(stats.get("frames").asLong(), stats.get("mirror").get("erspan").asLong());
    List<JsonNode> byVxlan = pair.audit(vxlan, "--mirror", "vxlan");
    assertEquals(plain, verdicts(byVxlan));
    assertEquals(List.of(), new FindingsCheck(pair.facts(), byVxlan).complete());
    Books.balanced(byVxlan);
  }

  @ParameterizedTest
  @ValueSource(strings = {"failover-route-src", "split-brain", "snat"})
  void copiesOfAMirrorAreLeftOut(String scenario) throws Exception {
    PairData pair = new PairData(lab.resolve(scenario));
    Path twice = folder.resolve("twice.pcap");
    Reduction.twice(pair.capture(), twice);
    List<JsonNode> plain = pair.audit(pair.capture());
    List<JsonNode> once = pair.audit(twice, "--dedup");
    JsonNode before = Books.balanced(plain);
    JsonNode after = Books.balanced(once);
    assertEquals(verdicts(plain), verdicts(once));
    assertEquals(before.get("flow_frames").asLong(), after.get("flow_frames").asLong());
    assertEquals(before.get("flow_frames").asLong(), after.get("duplicates").asLong());
    assertEquals(List.of(), new FindingsCheck(pair.facts(), once).complete());
  }

  private static List<JsonNode> of(List<JsonNode> records, int vlan) {
    return records.stream()
        .filter(r -> r.has("vlan") && r.get("vlan").get(0).asInt() == vlan)
        .toList();
  }

  private static List<String> failovers(List<JsonNode> records, int segment) {
    return records.stream()
        .filter(r -> r.get("event_type").asString().equals("failover"))
        .map(r -> r.get("vipscope"))
        .filter(v -> v.get("segment").asInt(-1) == segment)
        .map(v -> v.toString().replaceFirst("\"segment\":[^,]*", ""))
        .sorted()
        .toList();
  }

  /** Each finding that rests on a segment, with the last that was told of it. */
  private static Map<String, String> findings(List<JsonNode> records, String segment) {
    Map<String, String> findings = new TreeMap<>();
    for (JsonNode record : records) {
      if (record.get("event_type").asString().equals("finding")) {
        JsonNode v = record.get("vipscope");
        String id = v.get("finding_id").asString();
        boolean local =
            !Set.of("unexpected-vip-source", "model-drift").contains(v.get("kind").asString());
        if (local && id.contains("-vlan-") != segment.isEmpty() && id.contains(segment)) {
          findings.put(
              id.replace(segment, ""),
              List.of(v.get("severity"), v.get("start"), v.get("end"), v.get("count")).toString());
        }
      }
    }
    return findings;
  }

  static Stream<Story> stories() throws IOException {
    List<Story> stories = Story.read(Path.of("STORIES.md"));
    assertTrue(stories.size() >= 9, () -> "commands of stories: " + stories);
    return stories.stream();
  }

  /** As a reader runs them, by a shell; only the launcher is this build's. */
  @ParameterizedTest
  @MethodSource("stories")
  void commandsOfStoriesPrintWhatTheySay(Story story) throws Exception {
    Path launcher = folder.resolve("vipscope");
    Files.writeString(
        launcher,
        """
        #!/bin/sh
        exec "%s" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 --enable-native-access=ALL-UNNAMED \\
          -cp "%s" io.vipscope.tools.Main "$@"
        """
            .formatted(Path.of(System.getProperty("java.home"), "bin", "java"), classPath()));
    assertTrue(launcher.toFile().setExecutable(true));
    ProcessBuilder shell =
        new ProcessBuilder(
                "bash", "-c", story.script().replace("tools/vipscope ", "\"" + launcher + "\" "))
            .directory(new File("..").getAbsoluteFile())
            .redirectErrorStream(true);
    shell.environment().put("DIR", lab.toString());
    Process run = shell.start();
    String output =
        new String(run.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    assertEquals(story.exit(), run.waitFor(), output);
    assertEquals("", story.missing(output), output);
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void liveAuditGivesTheVerdictsOfTheFile(String scenario) throws Exception {
    PairData pair = new PairData(lab.resolve(scenario));
    JsonNode facts = pair.facts();
    String told = Files.readString(pair.folder().resolve("live.err"));
    assertEquals(0, facts.get("sensor_exit").asInt(), told);
    List<JsonNode> live = Cli.parse(Files.readString(pair.folder().resolve("live.jsonl")));
    JsonNode stats = Books.balanced(live);
    assertEquals(scenario.charAt(0) <= 'h' ? "pcap" : "afpacket", stats.get("source").asString());
    assertEquals(0, stats.get("kernel_drops").asLong());
    assertEquals(List.of(), new TruthCheck(pair.truth(), live).complete());
    assertEquals(List.of(), new FindingsCheck(facts, live).complete());
    assertEquals(verdicts(pair.audit(pair.capture())), verdicts(live));
  }

  private static Map<String, String> verdicts(List<JsonNode> records) {
    Map<String, List<String>> all = new TreeMap<>();
    for (JsonNode record : records) {
      if (record.get("event_type").asString().equals("flow")) {
        JsonNode v = record.get("vipscope");
        all.computeIfAbsent(TruthCheck.key(record), _ -> new ArrayList<>())
            .add(
                List.of(v.get("host"), v.get("direction"), v.get("source_class"), v.get("verdict"))
                    .toString());
      }
    }
    Map<String, String> verdicts = new TreeMap<>();
    all.forEach((key, given) -> verdicts.put(key, given.stream().sorted().toList().toString()));
    return verdicts;
  }
}
