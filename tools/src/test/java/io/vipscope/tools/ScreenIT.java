package io.vipscope.tools;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The screen of a live audit in a real terminal (tmux) while the demo's capture is played to it in
 * its own rhythm: at 80x24 and 160x50, made larger and smaller while it runs, ended by signals.
 */
class ScreenIT {

  private static final Path DEMO = Path.of("demo").toAbsolutePath();
  private static final Path REPLAY = Path.of("src/test/terminal/replay.py").toAbsolutePath();

  @TempDir private Path folder;
  private String netns = "";
  private String socket = "";

  @BeforeEach
  void wire() throws Exception {
    Needs.namespaces();
    Needs.programs("tmux", "python3");
    netns = "vipscope-screen-" + ProcessHandle.current().pid();
    socket = folder.resolve("tmux").toString();
    sh("ip netns add " + netns);
    in(
        """
        sysctl -q -w net.ipv6.conf.default.disable_ipv6=1
        ip link add m0 type veth peer name m1
        ip link set m0 up
        ip link set m1 up
        """);
  }

  @AfterEach
  void unwire() throws Exception {
    if (!netns.isEmpty()) {
      sh("tmux -S " + socket + " kill-server 2>/dev/null; ip netns del " + netns);
    }
  }

  @Test
  void fitsItsTerminalAlsoWhenThatIsResized() throws Exception {
    start("--hdr %s/times.hlog".formatted(folder));
    in("python3 %s %s/mirror.pcap.gz m0".formatted(REPLAY, DEMO));

    List<String> small = await("4 failovers", 80, 24);
    assertTrue(small.getFirst().startsWith("vipscope Live on m1"), small::toString);
    assertTrue(small.getFirst().contains("630 frames, lost 0"), small::toString);
    assertTrue(small.getLast().startsWith("q quit  p pause"), small::toString);
    assertTrue(String.join("\n", small).contains("frame to classified  p50 "), small::toString);
    assertTrue(String.join(" ", small).contains("would do that"), "the reason in full");

    tmux("resize-window -x 160 -y 50");
    List<String> large = await("lb1 to lb2  prio0", 160, 50);
    assertTrue(large.getLast().startsWith("q quit"), large::toString);
    assertEquals(
        4,
        large.stream().filter(l -> l.contains("mismatch ") && l.endsWith("would do that")).count(),
        large::toString);

    tmux("send-keys Down");
    tmux("send-keys Enter");
    List<String> why = await("How the expected source comes about", 160, 50);
    assertTrue(why.getLast().startsWith("Esc back"), why::toString);
    tmux("resize-window -x 40 -y 10");
    List<String> tiny = await("up/down: line", 40, 10);
    assertTrue(tiny.getFirst().startsWith("vipscope Live on m1"), tiny::toString);
    tmux("resize-window -x 80 -y 24");
    tmux("send-keys Escape");
    await("q quit  p pause", 80, 24);

    tmux("send-keys q");
    List<String> end = await("Frames  630 = 521 of flows", 80, 24);
    assertFalse(String.join("\n", end).contains("q quit"), "the screen is given back");
    assertEquals("0", exitCode());
  }

  /** Interfaces: a signal ends a live audit cleanly, summary and records are written. */
  @ParameterizedTest
  @ValueSource(strings = {"TERM", "INT"})
  void signalGivesTheScreenBackAndEndsWithTheSummary(String signal) throws Exception {
    Path records = folder.resolve("flows.jsonl");
    start("-o " + records);
    in("python3 %s %s/mirror.pcap.gz m0".formatted(REPLAY, DEMO));
    await("4 failovers", 80, 24);
    sh("kill -%s $(cat %s/pid)".formatted(signal, folder));
    List<String> end = await("Frames  630 = 521 of flows", 80, 24);
    assertFalse(String.join("\n", end).contains("q quit"), "the screen is given back");
    assertEquals("0", exitCode());
    assertEquals("", said());
    assertTrue(lastOf(records).contains("\"event_type\":\"stats\""), lastOf(records));
    assertTrue(
        sh("tmux -S " + socket + " display -p '#{alternate_on}#{cursor_flag}'").startsWith("01"));
  }

  @Test
  void closedTerminalEndsTheAuditCleanly() throws Exception {
    Path records = folder.resolve("flows.jsonl");
    start("-o " + records);
    in("python3 %s %s/mirror.pcap.gz m0".formatted(REPLAY, DEMO));
    await("4 failovers", 80, 24);
    tmux("kill-server");
    long pid = Long.parseLong(Files.readString(folder.resolve("pid")).strip());
    for (int i = 0; i < 200 && ProcessHandle.of(pid).isPresent(); i++) {
      Thread.sleep(50);
    }
    assertTrue(ProcessHandle.of(pid).isEmpty(), "goes on unseen");
    assertTrue(lastOf(records).contains("\"event_type\":\"stats\""), lastOf(records));
  }

  /** The audit on a terminal of 80x24, which shows its screen. */
  private void start(String options) throws Exception {
    String audit =
        "sh -c 'echo $$ >%s/pid; exec %s -XX:+UseSerialGC -XX:TieredStopAtLevel=1 --enable-native-access=ALL-UNNAMED -cp %s"
                .formatted(
                    folder,
                    Path.of(System.getProperty("java.home"), "bin", "java"),
                    LaboratoryIT.classPath())
            + " io.vipscope.tools.Main audit -i m1 --hosts %s/snapshots %s 2>%s/err'"
                .formatted(DEMO, options, folder)
            + "; echo $? >%s/code; sleep 600".formatted(folder);
    Files.writeString(folder.resolve("audit.sh"), audit);
    in(
        "TERM=xterm-256color tmux -S %s -f /dev/null new-session -d -x 80 -y 24 sh %s/audit.sh"
            .formatted(socket, folder));
    tmux("set -g status off");
    tmux("set -g window-size manual");
    tmux("resize-window -x 80 -y 24");
    await("q quit", 80, 24);
  }

  private String exitCode() throws Exception {
    Path code = folder.resolve("code");
    for (int i = 0; i < 100 && !Files.exists(code); i++) {
      Thread.sleep(50); // the summary is printed before the process has ended
    }
    return Files.readString(code).strip();
  }

  /** Standard error, but for the line at the start. */
  private String said() throws Exception {
    return Files.readString(err())
        .lines()
        .filter(l -> !l.contains("listening on"))
        .collect(Collectors.joining("\n"));
  }

  private static String lastOf(Path records) throws Exception {
    return Files.readAllLines(records).getLast();
  }

  /** Waits for a text on a screen of this size, none of whose lines is wider. */
  private List<String> await(String text, int width, int height) throws Exception {
    List<String> lines = List.of();
    for (int i = 0; i < 300; i++) {
      lines =
          new ArrayList<>(List.of(sh("tmux -S " + socket + " capture-pane -p").split("\n", -1)));
      if (lines.getLast().isEmpty()) {
        lines.removeLast(); // after the last line's end
      }
      if (lines.size() == height && String.join("\n", lines).contains(text)) {
        for (String line : lines) {
          assertTrue(line.codePointCount(0, line.length()) <= width, line);
        }
        return lines;
      }
      Thread.sleep(100);
    }
    return fail(
        text + " is not on the screen:\n" + String.join("\n", lines) + Files.readString(err()));
  }

  private Path err() {
    return folder.resolve("err");
  }

  private void tmux(String command) throws Exception {
    sh("tmux -S " + socket + " " + command);
  }

  private void in(String script) throws Exception {
    Files.writeString(folder.resolve("in.sh"), "set -e\n" + script);
    sh("ip netns exec " + netns + " sh " + folder.resolve("in.sh"));
  }

  private String sh(String command) throws Exception {
    Process process = new ProcessBuilder("sh", "-c", command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertEquals(0, process.waitFor(), command + ": " + said);
    return said;
  }
}
