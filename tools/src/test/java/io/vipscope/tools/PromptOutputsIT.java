package io.vipscope.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a live audit tells Prometheus and syslog of mismatches while their flows go on. */
class PromptOutputsIT {

  private static final Path DEMO = Path.of("demo").toAbsolutePath();
  private static final Path REPLAY = Path.of("src/test/terminal/replay.py").toAbsolutePath();

  /** Notes what syslog gets for 25 s, and the numbers as they are then. */
  private static final String RECEIVER =
      """
      import re, socket, time, urllib.request
      s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
      s.bind(("127.0.0.1", 5514))
      s.settimeout(0.5)
      open("bound", "w").close()
      got, end = 0, time.time() + 60
      while time.time() < end:
          try:
              got += b" mismatch [" in s.recv(9000)
          except TimeoutError:
              pass
          text = ""
          try:
              text = urllib.request.urlopen("http://127.0.0.1:8080/metrics").read().decode()
          except OSError:
              pass
          def sum_of(name, label):
              return sum(int(n) for n in re.findall(name + r"{[^}]*" + label + r"[^}]*} (\\d+)", text))
          told = sum_of("vipscope_mismatches_total", "")
          judged = sum_of("vipscope_flows_judged_total", 'verdict="mismatch"')
          ended = sum_of("vipscope_flows_total", 'verdict="mismatch"')
          if told >= 6 and got >= 6:
              break
      print(told, judged, got, ended)
      """;

  @TempDir private Path folder;

  @Test
  void mismatchesAreToldBeforeTheirFlowsEnd() throws Exception {
    Needs.namespaces();
    Needs.programs("python3");
    try (Namespace wire =
        Namespace.withMirror("vipscope-prompt-" + ProcessHandle.current().pid(), folder)) {
      wire.in("ip link set lo up");
      Files.writeString(folder.resolve("receiver.py"), RECEIVER);
      Path told = folder.resolve("told");
      Process receiver =
          new ProcessBuilder("ip", "netns", "exec", wire.name(), "python3", "receiver.py")
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .redirectOutput(told.toFile())
              .start();
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
                  "--serve",
                  "8080",
                  "--syslog",
                  "127.0.0.1:5514"))) {
        live.listening();
        wire.in("python3 " + REPLAY + " " + DEMO.resolve("mirror.pcap.gz") + " m0");
        assertEquals(0, receiver.waitFor());
        String[] counts = Files.readString(told).strip().split(" ");
        assertEquals(4, counts.length, () -> String.join(" ", counts));
        assertEquals("6", counts[0], "Prometheus");
        assertEquals("6", counts[1], "Prometheus, all flows");
        assertEquals("6", counts[2], "syslog");
        assertTrue(Integer.parseInt(counts[3]) < 6, "flows that have ended: " + counts[3]);
        assertEquals(0, live.stop(), live.err());
      } finally {
        receiver.destroyForcibly();
      }
    }
  }
}
