package io.vipscope.tools;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What {@code audit -w} writes, as tshark reads it. */
class EvidenceFramesIT {

  private static final Path DEMO = Path.of("demo").toAbsolutePath();

  private static final Path REPLAY = Path.of("src/test/terminal/replay.py").toAbsolutePath();

  @TempDir private Path folder;

  private static List<String> tshark(Path file, String... fields) throws Exception {
    List<String> command =
        new ArrayList<>(List.of("tshark", "-r", file.toString(), "-T", "fields"));
    for (String field : fields) {
      command.add("-e");
      command.add(field);
    }
    Process p = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    List<String> lines = new String(p.getInputStream().readAllBytes(), UTF_8).lines().toList();
    assertEquals(0, p.waitFor());
    return lines;
  }

  private Cli audit(Path evidence, String... more) {
    List<String> args =
        new ArrayList<>(
            List.of(
                "audit",
                "-r",
                DEMO.resolve("mirror.pcap.gz").toString(),
                "--hosts",
                DEMO.resolve("snapshots").toString(),
                "--json",
                "-w",
                evidence.toString()));
    args.addAll(List.of(more));
    Cli cli = Cli.run(args.toArray(String[]::new));
    assertEquals(0, cli.code(), cli.err());
    return cli;
  }

  @Test
  void framesOfMismatchesAreThereWithTheReason() throws Exception {
    Needs.programs("tshark");
    Path evidence = folder.resolve("evidence.pcapng");
    check(audit(evidence).records(), evidence, 128);
  }

  /** Every frame of the mismatches is there, and says so. */
  private static void check(List<JsonNode> records, Path evidence, int most) throws Exception {
    Map<String, Long> expected = new HashMap<>();
    Set<Long> places = new HashSet<>();
    for (JsonNode r : records) {
      JsonNode v = r.path("vipscope");
      if (r.get("event_type").asString().equals("flow")
          && v.path("verdict").asString("").equals("mismatch")) {
        JsonNode flow = r.get("flow");
        expected.put(
            r.get("flow_id").asString(),
            flow.get("pkts_toserver").asLong() + flow.get("pkts_toclient").asLong());
      }
      v.path("frames").forEach(frame -> places.add(frame.asLong()));
    }
    Map<String, Long> found = new HashMap<>();
    List<String> lines = tshark(evidence, "frame.comment", "frame.cap_len", "frame.len");
    for (String line : lines) {
      String[] parts = line.split("\t", -1);
      assertTrue(Integer.parseInt(parts[1]) <= most, line);
      assertTrue(Integer.parseInt(parts[2]) >= Integer.parseInt(parts[1]), line);
      if (parts[0].startsWith("flow ")) {
        found.merge(parts[0].split(" ", 3)[1], 1L, Long::sum);
        assertTrue(parts[0].contains("mismatch of lb"), line);
      }
    }
    assertEquals(6, expected.size());
    assertEquals(expected, found);
    assertTrue(
        lines.size() >= found.values().stream().mapToLong(Long::longValue).sum(),
        places.toString());
  }

  @Test
  void timesAndBytesAreThoseOfTheCapture() throws Exception {
    Needs.programs("tshark");
    Path evidence = folder.resolve("evidence.pcapng");
    audit(evidence, "--payload");
    Set<String> all =
        new HashSet<>(
            tshark(
                DEMO.resolve("mirror.pcap.gz"),
                "frame.time_epoch",
                "frame.len",
                "frame.cap_len",
                "tcp.seq_raw"));
    List<String> kept =
        tshark(evidence, "frame.time_epoch", "frame.len", "frame.cap_len", "tcp.seq_raw");
    assertTrue(!kept.isEmpty() && all.containsAll(kept), () -> "not in the capture: " + kept);
  }

  /** What is known seconds later: the frames before are still there. */
  @Test
  void framesOfALiveAuditAreThereToo() throws Exception {
    Needs.namespaces();
    Needs.programs("tshark", "python3");
    Path evidence = folder.resolve("live.pcapng");
    try (Namespace wire =
        Namespace.withMirror("vipscope-evidence-" + ProcessHandle.current().pid(), folder)) {
      try (LiveProcess live =
          new LiveProcess(
              wire.name(),
              folder,
              List.of(),
              List.of(
                  "-i",
                  "m1",
                  "--hosts",
                  DEMO.resolve("snapshots").toString(),
                  "-w",
                  evidence.toString()))) {
        live.listening();
        wire.in("python3 " + REPLAY + " " + DEMO.resolve("mirror.pcap.gz") + " m0");
        assertEquals(0, live.stop(), live.err());
        check(live.records(), evidence, 128);
        assertTrue(live.err().contains("live.pcapng: "), live.err());
        assertTrue(!live.err().contains("warning"), live.err());
      }
    }
  }

  @Test
  void standardOutputTakesEvidenceAlone() throws Exception {
    Needs.programs("tshark");
    Path evidence = folder.resolve("piped.pcapng");
    Process p =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                LaboratoryIT.classPath(),
                "io.vipscope.tools.Main",
                "audit",
                "-r",
                DEMO.resolve("mirror.pcap.gz").toString(),
                "--hosts",
                DEMO.resolve("snapshots").toString(),
                "-w",
                "-")
            .redirectOutput(evidence.toFile())
            .redirectError(folder.resolve("err").toFile())
            .start();
    assertEquals(0, p.waitFor(), java.nio.file.Files.readString(folder.resolve("err")));
    assertTrue(tshark(evidence, "frame.comment").size() > 6);
    assertEquals(2, Cli.run("audit", "-r", "x", "-w", "-", "--json").code());
  }

  @Test
  void whatCannotBeReadTwiceIsRefused() {
    Cli cli = Cli.run("audit", "-r", "-", "-w", folder.resolve("x").toString());
    assertEquals(2, cli.code());
    assertTrue(cli.err().contains("captures that can be read twice"), cli.err());
    assertEquals(2, Cli.run("audit", "-r", "x", "--payload").code());
  }
}
