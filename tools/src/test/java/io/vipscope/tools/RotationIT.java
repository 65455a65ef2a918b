package io.vipscope.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Records go on under their own name when logrotate has moved the file away and sent SIGHUP. */
class RotationIT {

  private static final Path DEMO = Path.of("demo").toAbsolutePath();
  private static final Path REPLAY = Path.of("src/test/terminal/replay.py").toAbsolutePath();

  @TempDir private Path folder;

  @Test
  void nothingIsLostOrCutWhenTheFileIsRotated() throws Exception {
    Needs.namespaces();
    Needs.programs("python3");
    Path records = folder.resolve("flows.jsonl");
    Path moved = folder.resolve("flows.jsonl.1");
    try (Namespace wire =
        Namespace.withMirror("vipscope-rotate-" + ProcessHandle.current().pid(), folder)) {
      String play = "python3 " + REPLAY + " " + DEMO.resolve("mirror.pcap.gz") + " m0";
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
                  "-o",
                  records.toString()))) {
        live.listening();
        wire.in(play);
        Files.move(records, moved);
        wire.in("kill -HUP " + live.pid());
        wire.in(play);
        assertEquals(0, live.stop(), live.err());
      }
    }
    List<JsonNode> before = Cli.parse(Files.readString(moved));
    List<JsonNode> after = Cli.parse(Files.readString(records));
    assertTrue(before.size() > 3, "before: " + before.size());
    JsonNode stats = after.getLast();
    assertEquals("stats", stats.get("event_type").asString());
    assertEquals(2 * 630, stats.get("frames").asInt());
    long flows =
        java.util.stream.Stream.concat(before.stream(), after.stream())
            .filter(r -> r.get("event_type").asString().equals("flow"))
            .count();
    assertEquals(stats.get("flows").asLong(), flows);
  }
}
