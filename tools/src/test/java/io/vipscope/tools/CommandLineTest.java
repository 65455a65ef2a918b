package io.vipscope.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Wrong input: one sentence on stderr, the documented exit code, nothing read before is lost. */
class CommandLineTest {

  private static final Path DEMO = Path.of("demo").toAbsolutePath();

  @TempDir private Path folder;
  private Path capture;
  private byte[] bytes;

  @BeforeEach
  void unpack() throws IOException {
    capture = folder.resolve("mirror.pcap");
    try (GZIPInputStream in =
        new GZIPInputStream(Files.newInputStream(DEMO.resolve("mirror.pcap.gz")))) {
      bytes = in.readAllBytes();
    }
    Files.write(capture, bytes);
  }

  private static void oneSentence(Cli run, int code, String... parts) {
    assertEquals(code, run.code(), run::err);
    List<String> lines = run.err().lines().toList();
    assertTrue(lines.getFirst().startsWith("vipscope: "), run::err);
    assertEquals(1, lines.size(), run::err);
    for (String part : parts) {
      assertTrue(lines.getFirst().contains(part), () -> part + " in: " + run.err());
    }
    assertFalse(run.err().contains("\tat "), run::err);
  }

  private static void usage(Cli run, String part) {
    assertEquals(ExitCode.USAGE, run.code(), run::err);
    assertTrue(run.err().contains(part), run::err);
    assertTrue(run.err().lines().count() <= 3, run::err);
  }

  @Test
  void unknownOptionIsAUsageError() {
    usage(Cli.run("audit", "-r", capture.toString(), "--jsn"), "--jsn");
    usage(Cli.run("audit"), "-r FILE or -i IFACE");
    usage(Cli.run("nothing"), "nothing");
    usage(Cli.run(), "Missing command");
    usage(Cli.run("audit", "-r", capture.toString(), "--records", "some"), "some");
    usage(Cli.run("audit", "-r", capture.toString(), "--fail-on", "error"), "error");
    usage(Cli.run("audit", "-r", capture.toString(), "--max-loss", "many"), "many");
    usage(Cli.run("audit", "-r", capture.toString(), "--vip", "lb1"), "lb1");
    usage(Cli.run("audit", "-r", capture.toString(), "--max-state-age", "soon"), "soon");
    usage(Cli.run("audit", "-r", capture.toString(), "-j", "card"), "card");
    usage(
        Cli.run("audit", "-i", "lo", "--source", "pcap", "--decode", "worker"), "--decode worker");
    usage(Cli.run("audit", "-r", capture.toString(), "-j", "adapter"), "-j adapter");
    usage(Cli.run("audit", "-r", capture.toString(), "port and and"), "port and and");
    usage(
        Cli.run("predict", "--host", "lb1=" + DEMO.resolve("snapshots/lb1"), "nowhere"), "nowhere");
  }

  /** But for how long it took. */
  @Test
  void anotherThreadThatReadsChangesNothing() {
    List<String> apart = audit("--json", "--decode", "worker").out().lines().toList();
    List<String> same = audit("--json").out().lines().toList();
    assertEquals(same.subList(0, same.size() - 1), apart.subList(0, apart.size() - 1));
    assertTrue(apart.getLast().contains("\"event_type\":\"stats\""), apart::getLast);
  }

  /** Commands to copy stay on one line. */
  @Test
  void summaryFitsEightyColumns() {
    Cli run =
        Cli.run("audit", "-r", capture.toString(), "--hosts", DEMO.resolve("snapshots").toString());
    assertEquals(0, run.code(), run::err);
    assertEquals(
        List.of(),
        run.out().lines().filter(l -> l.length() > 80 && !l.startsWith("      $ ")).toList());
    assertTrue(
        run.out().replaceAll("\\s+", " ").contains("dark 615.3 ms, 11 flows, 0 source changes"));
  }

  @Test
  void coloursTakeNoRoom() {
    String text = "word ".repeat(30).strip();
    List<String> plain = Lines.wrapped(text, "  MATCH  ", "    ");
    List<String> coloured = Lines.wrapped(text, "  \u001b[32mMATCH\u001b[0m  ", "    ");
    assertEquals(plain, coloured.stream().map(l -> l.replaceAll("\u001b\\[[0-9;]*m", "")).toList());
    assertTrue(plain.size() > 1 && plain.stream().allMatch(l -> l.length() <= 80), plain::toString);
  }

  /**
   * The list is made of the commands' headers alone; it must be what the whole parser would say.
   */
  @ParameterizedTest
  @ValueSource(strings = {"--help", "-h"})
  void helpListsEveryCommandAsTheWholeParserDoes(String option) {
    Cli run = Cli.run(option);
    assertEquals(0, run.code(), run::err);
    assertEquals(Main.whole().getUsageMessage(), run.out());
    assertTrue(run.out().contains("predict   Which source address"), run::out);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--threads 0",
        "--threads 99",
        "--max-flows 0",
        "-c 0",
        "-s 1",
        "--max-state-age -5s",
        "--max-state-age 0",
        "--active-timeout 0",
        "--max-loss 101%",
        "--fail-on mismatch:foo",
        "--fail-on mismatch,",
        "--fail-on finding:loud",
        "--clock-offset lb1=99999d",
        "--clock-offset lb1=soon",
        "--clock-offset lb3=1s",
        "--host lb1=",
        "-i lo",
        "-r - -r -"
      })
  void nonsensicalValuesAreUsageErrors(String options) {
    Cli run = audit(options.split(" ", -1));
    usage(run, options.split("[ =]", -1)[0]);
    assertFalse(run.err().contains("option option"), run::err);
  }

  @Test
  void aHostsFolderIsNotTakenForThePair() {
    oneSentence(
        Cli.run("audit", "-r", capture + "", "--hosts", DEMO.resolve("snapshots/lb1") + ""),
        ExitCode.INPUT,
        "snapshots of one host, lb1",
        "--host lb1=");
  }

  @Test
  void aFullDiskIsTold() {
    Cli run = audit("-o", "/dev/full");
    assertEquals(ExitCode.INPUT, run.code());
    assertTrue(run.err().contains("/dev/full: cannot be written to its end"), run::err);
  }

  @Test
  void findingsCountInEveryMode() {
    for (List<String> mode : List.of(List.<String>of(), List.of("--json"))) {
      List<String> args =
          new java.util.ArrayList<>(
              List.of("audit", "-r", capture + "", "--vip", "198.18.0.1", "--fail-on"));
      args.add("finding:notice");
      args.addAll(mode);
      args.addAll(List.of("--host", "lb1=" + withoutKeepalived()));
      Cli run = Cli.run(args.toArray(String[]::new));
      assertEquals(ExitCode.FOUND, run.code(), run::err);
      assertTrue((run.out() + run.err()).contains("unnamed-vip"), run::out);
    }
  }

  private Path withoutKeepalived() {
    try {
      Path lb1 = folder.resolve("lb1");
      if (!Files.exists(lb1)) {
        Files.delete(copySnapshot("lb1").resolve("keepalived.conf"));
      }
      return lb1;
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void aHostWithoutVipsIsTold() {
    Cli run = Cli.run("audit", "-r", capture + "", "--host", "lb1=" + withoutKeepalived());
    assertTrue(run.err().contains("no keepalived.conf names a VIP (lb1)"), run::err);
  }

  @Test
  void missingFile() {
    oneSentence(Cli.run("audit", "-r", folder + "/none.pcap"), ExitCode.INPUT, "none.pcap");
  }

  @Test
  void textFileAsCapture() throws IOException {
    Path text = Files.writeString(folder.resolve("notes.txt"), "this is no capture\n".repeat(9));
    oneSentence(Cli.run("audit", "-r", text.toString()), ExitCode.INPUT, "notes.txt", "pcap");
  }

  @Test
  void emptyFileAsCapture() throws IOException {
    Path empty = Files.createFile(folder.resolve("empty.pcap"));
    oneSentence(Cli.run("audit", "-r", empty.toString()), ExitCode.INPUT, "empty.pcap");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 17, 5000})
  void truncatedCaptureReportsWhatWasRead(int missing) throws IOException {
    Path cut = folder.resolve("cut.pcap");
    Files.write(cut, Arrays.copyOf(bytes, bytes.length - missing));
    Cli run =
        Cli.run("audit", "-r", cut.toString(), "--hosts", DEMO.resolve("snapshots") + "", "--json");
    JsonNode stats = Books.balanced(run.records());
    assertEquals(ExitCode.INPUT, run.code());
    long whole = 630;
    assertTrue(stats.get("frames").asLong() < whole && stats.get("frames").asLong() > 400);
    String last = run.err().lines().toList().getLast();
    assertTrue(last.startsWith("vipscope: ") && last.contains("cut.pcap"), last);
    assertTrue(last.contains("record " + (stats.get("frames").asLong() + 1)), last);
  }

  @Test
  void cutGzipReportsWhatWasRead() throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(packed)) {
      out.write(bytes);
    }
    Path cut = folder.resolve("cut.pcap.gz");
    Files.write(cut, Arrays.copyOf(packed.toByteArray(), packed.size() / 2));
    Cli run = Cli.run("audit", "-r", cut.toString(), "--json");
    assertEquals(ExitCode.INPUT, run.code());
    assertTrue(Books.balanced(run.records()).get("frames").asLong() > 100, run::out);
  }

  @Test
  void brokenSnapshot() throws IOException {
    Path lb1 = copySnapshot("lb1");
    Files.writeString(lb1.resolve("addr.json"), "[{\"ifname\":\"eth0\",\n \"addr_info\":7}]");
    oneSentence(
        Cli.run("audit", "-r", capture.toString(), "--host", "lb1=" + lb1, "--json"),
        ExitCode.INPUT,
        "addr.json");
    Files.writeString(
        lb1.resolve("addr.json"),
        "[{\"ifname\":\"eth0\",\"addr_info\":[{\"local\":\"192.0.2.1\",\"prefixlen\":\"24\"}]}]");
    oneSentence(
        Cli.run("predict", "--host", "lb1=" + lb1, "198.51.100.7"),
        ExitCode.INPUT,
        "addr.json",
        "prefixlen",
        "expected a number");
    Files.writeString(lb1.resolve("addr.json"), "[{\"ifname\":\"eth0\"");
    oneSentence(
        Cli.run("predict", "--host", "lb1=" + lb1, "198.51.100.7"), ExitCode.INPUT, "addr.json");
    oneSentence(
        Cli.run("audit", "-r", capture.toString(), "--host", "lb1=" + folder.resolve("no")),
        ExitCode.INPUT,
        "no");
  }

  private Path copySnapshot(String host) throws IOException {
    Path from;
    try (Stream<Path> all = Files.list(DEMO.resolve("snapshots").resolve(host))) {
      from = all.sorted().findFirst().orElseThrow();
    }
    Path to = Files.createDirectory(folder.resolve(host));
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    return to;
  }

  @Test
  void missingInterface() {
    oneSentence(Cli.run("audit", "-i", "nosuch0"), ExitCode.INPUT, "nosuch0");
  }

  @Test
  void outputThatCannotBeWritten() {
    oneSentence(
        Cli.run("audit", "-r", capture.toString(), "-o", folder + "/no/such/flows.jsonl"),
        ExitCode.INPUT,
        "flows.jsonl");
  }

  @Test
  void failOnNamesWhatIsLookedFor() {
    assertEquals(ExitCode.FOUND, audit("--fail-on", "mismatch").code());
    assertEquals(ExitCode.FOUND, audit("--fail-on", "mismatch:bind").code());
    assertEquals(ExitCode.DONE, audit("--fail-on", "mismatch:spoof").code());
    assertEquals(ExitCode.DONE, audit("--fail-on", "blind").code());
    assertEquals(ExitCode.DONE, audit("--fail-on", "finding").code());
    assertEquals(ExitCode.DONE, audit("--fail-on", "finding:info").code(), "the demo has none");
  }

  @Test
  void whatWasLearnedIsAccepted(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("accepted.jsonl");
    assertEquals(ExitCode.FOUND, audit("--learn", file + "", "--fail-on", "unaccepted").code());
    List<String> lines = Files.readAllLines(file);
    assertTrue(lines.size() >= 3, lines::toString);
    assertTrue(lines.getFirst().contains("\"cause\":\"bind\""), lines::toString);
    Cli quiet = audit("--baseline", file + "", "--fail-on", "unaccepted,mismatch", "--json");
    assertEquals(ExitCode.DONE, quiet.code());
    for (JsonNode record : quiet.records()) {
      if (record.get("event_type").asString().equals("flow")) {
        JsonNode v = record.get("vipscope");
        assertEquals(
            v.get("verdict").asString("").equals("mismatch"),
            v.get("accepted").asBoolean(),
            record::toString);
      }
    }
    Files.write(file, lines.subList(1, lines.size()));
    assertEquals(ExitCode.FOUND, audit("--baseline", file + "", "--fail-on", "mismatch").code());
  }

  @Test
  void oneLineMayAcceptMany(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("accepted.jsonl");
    Files.writeString(
        file, "# binds are meant\n\n{\"cause\":\"bind\",\"destination\":\"0.0.0.0/0\"}\n");
    assertEquals(ExitCode.DONE, audit("--baseline", file + "", "--fail-on", "unaccepted").code());
    Files.writeString(file, "{\"cause\":\"bind\",\"port\":1}\n");
    assertEquals(ExitCode.FOUND, audit("--baseline", file + "", "--fail-on", "unaccepted").code());
  }

  @Test
  void violatedExpectationIsAFinding(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("expect.yaml");
    Files.writeString(
        file,
        """
        - hosts: lb1
          destinations: [203.0.113.6/32]
          ports: 443
          must_be: vip            # SNAT does it
        - destinations: 198.51.100.0/24
          ports: [100-200]
          must_be: primary        # lb1 and lb2 bind there
        - destinations: 198.51.100.0/24
          protocol: tcp
          must_be: 192.0.2.1      # nothing of the demo is TCP there
        """);
    Cli run = audit("--expect", file + "", "--fail-on", "finding", "--json", "--records", "none");
    assertEquals(ExitCode.FOUND, run.code());
    List<String> texts =
        run.records().stream()
            .filter(r -> r.get("event_type").asString().equals("finding"))
            .map(r -> r.get("vipscope").get("text").asString())
            .distinct()
            .toList();
    assertFalse(texts.isEmpty());
    for (String text : texts) {
      assertTrue(text.startsWith("expectation 2 wants a primary address, but lb"), text);
    }
  }

  @Test
  void badExpectationIsNamedWithItsPlace(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("expect.yaml");
    for (String bad :
        List.of(
            "{must_be: x}",
            "{hosts: lb1}",
            "{must: vip}",
            "{must_be: vip, ports: 9-1}",
            "3",
            "{must_be: vip, destinations: 1.2.3}",
            "{must_be: vip, protocol: tcpp}",
            "{must_be: vip, must_be: primary}",
            "{must_be: vip, hosts: {a: 1}}")) {
      Files.writeString(file, "- must_be: vip\n- " + bad + "\n");
      oneSentence(audit("--expect", file + ""), ExitCode.INPUT, file + ": line 2: ");
    }
    for (String bad : List.of("a: [", "must_be: vip")) {
      Files.writeString(file, bad);
      assertEquals(ExitCode.INPUT, audit("--expect", file + "").code(), bad);
    }
  }

  @Test
  void badBaselineIsNamedWithItsLine(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("accepted.jsonl");
    for (String bad :
        List.of(
            "[]",
            "{",
            "{\"hosts\":\"lb1\"}",
            "{\"port\":\"x\"}",
            "{\"protocol\":\"tcpp\"}",
            "{\"port\":70000}",
            "{\"source\":\"x\"}",
            "{\"destination\":\"10.0.0.0/99\"}",
            "{\"cause\":\"foo\"}")) {
      Files.writeString(file, "{}\n" + bad + "\n");
      Cli run = audit("--baseline", file + "");
      assertEquals(ExitCode.INPUT, run.code(), bad);
      assertTrue(run.err().contains("line 2"), run::err);
    }
    assertEquals(ExitCode.INPUT, audit("--baseline", folder.resolve("none") + "").code());
  }

  @Test
  void failOverIsTold() {
    Cli run = audit("--json");
    List<JsonNode> told =
        run.records().stream()
            .filter(r -> r.get("event_type").asString().equals("failover"))
            .map(r -> r.get("vipscope"))
            .filter(v -> v.get("instance").asString("").equals("VI_4"))
            .toList();
    assertEquals(2, told.size(), told::toString);
    JsonNode first = told.getFirst();
    assertEquals("lb1", first.get("from").asString());
    assertEquals("lb2", first.get("to").asString());
    assertEquals("prio0", first.get("trigger").asString());
    double dark = first.get("dark_ms").asDouble();
    assertTrue(dark > 600 && dark < 700, first::toString);
    assertEquals(51, first.get("vrid").asInt());
    assertTrue(first.has("source_changes") && first.has("first_traffic_new"), first::toString);
    assertTrue(audit().out().contains("Failovers (UTC)"), "the summary");
  }

  @Test
  void expressionSelectsFlowsAndKeepsControlFrames() {
    Cli run = audit("--json", "udp port 123");
    JsonNode stats = Books.balanced(run.records());
    assertTrue(stats.get("filtered").asLong() > 100, stats::toString);
    assertEquals(owners(audit("--json")), owners(run), "VRRP, ARP and ND pass");
    for (JsonNode record : run.records()) {
      if (record.get("event_type").asString().equals("flow")) {
        assertEquals(123, record.get("dest_port").asInt());
      }
    }
  }

  private static List<JsonNode> owners(Cli run) {
    return run.records().stream()
        .filter(r -> r.get("event_type").asString().equals("vip_owner"))
        .toList();
  }

  @Test
  void fullFlowTableIsCounted() {
    JsonNode stats = Books.balanced(audit("--json", "--max-flows", "16").records());
    long evicted = stats.get("evicted").asLong();
    assertTrue(evicted > 0, stats::toString);
    String summary = audit("--max-flows", "16").out().replaceAll("\\s+", " ");
    assertTrue(summary.contains(" flows, " + evicted + " ended early for want of room"), summary);
    assertFalse(audit().out().contains("ended early"));
  }

  @Test
  void lettersOfTcpdumpMeanTheSameOrSayWhyNot() throws IOException {
    Cli list = Cli.run("audit", "-D");
    assertEquals(0, list.code(), list.err());
    assertTrue(list.out().startsWith("1.lo [Up, Loopback]"), list.out());
    for (String letters :
        List.of("-e", "-N", "-L", "-y EN10MB", "-C 5", "-G 60", "-Z user", "-Q in")) {
      List<String> args = new ArrayList<>(List.of("audit", "-i", "lo"));
      args.addAll(List.of(letters.split(" ")));
      Cli refused = Cli.run(args.toArray(String[]::new));
      assertEquals(2, refused.code(), letters);
      assertTrue(
          refused.err().contains(letters.substring(0, 2) + ": ")
              || refused.err().contains(letters.substring(0, 2) + ", ")
              || refused.err().contains(letters.substring(0, 2) + " and "),
          refused.err());
    }
    String capture = Path.of("demo/mirror.pcap.gz").toString();
    Path file = folder.resolve("expression");
    Files.writeString(file, "udp\n  and port 123\n");
    Cli given = Cli.run("audit", "-n", "-q", "-r", capture, "--json", "udp and port 123");
    Cli read = Cli.run("audit", "-Q", "inout", "-r", capture, "--json", "-F", file.toString());
    assertEquals(0, read.code(), read.err());
    assertTrue(read.records().size() > 2);
    assertEquals(given.records().size(), read.records().size());
    assertEquals(2, Cli.run("audit", "-r", capture, "-F", file.toString(), "udp").code());
    assertEquals(3, Cli.run("audit", "-r", capture, "-F", "nofile").code());
    Cli dash = Cli.run("audit", "-r", capture, "-o", "-");
    assertEquals(
        given.records().getLast().get("event_type"), dash.records().getLast().get("event_type"));
  }

  @Test
  void colourIsWhenItIsAskedFor() {
    String[] demo = {
      "audit", "-r", "demo/mirror.pcap.gz", "--hosts", "demo/snapshots", "--color=always"
    };
    assertTrue(Cli.run(demo).out().contains("\u001b[31m"), "always");
    demo[5] = "--color=never";
    assertFalse(Cli.run(demo).out().contains("\u001b["), "never");
    demo[5] = "--color=AUTO";
    assertFalse(Cli.run(demo).out().contains("\u001b["), "no terminal");
  }

  @Test
  void recordsGoToTheNamedFileAndTheSummaryToStdout() throws IOException {
    Path file = folder.resolve("flows.jsonl");
    Cli run = audit("-o", file.toString(), "--records", "mismatch");
    assertTrue(run.out().contains("Frames  630"), run::out);
    List<JsonNode> records = Cli.parse(Files.readString(file));
    assertEquals(
        6, records.stream().filter(r -> r.get("event_type").asString().equals("flow")).count());
    assertEquals("stats", records.getLast().get("event_type").asString());
  }

  @Test
  void standardInputIsACapture() throws IOException {
    java.io.InputStream before = System.in;
    try {
      System.setIn(Files.newInputStream(capture));
      Cli run =
          Cli.run("audit", "-r", "-", "--hosts", DEMO.resolve("snapshots").toString(), "--json");
      assertEquals(630, Books.balanced(run.records()).get("frames").asLong());
    } finally {
      System.setIn(before);
    }
  }

  private Cli audit(String... more) {
    String[] args =
        Stream.concat(
                Stream.of("audit", "-r", capture + "", "--hosts", DEMO.resolve("snapshots") + ""),
                Arrays.stream(more))
            .toArray(String[]::new);
    return Cli.run(args);
  }
}
