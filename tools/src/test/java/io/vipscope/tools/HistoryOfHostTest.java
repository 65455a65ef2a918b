package io.vipscope.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is wrong with a host's folder of snapshots is said with the place where it is wrong. */
class HistoryOfHostTest {

  private static final Path DEMO = Path.of("demo", "snapshots");

  @TempDir private Path folder;
  private Path newest = Path.of("");

  @BeforeEach
  void copy() throws IOException {
    try (Stream<Path> files = Files.walk(DEMO)) {
      for (Path file : files.toList()) {
        Path copy = folder.resolve(DEMO.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(copy);
        } else {
          Files.copy(file, copy);
        }
      }
    }
    try (Stream<Path> folders = Files.list(folder.resolve("lb1"))) {
      newest = folders.max(Path::compareTo).orElseThrow();
    }
  }

  private Cli predict(Path of) {
    return Cli.run("predict", "--host", "lb1=" + of, "198.51.100.7");
  }

  @Test
  void snapshotWithoutATimeCountsAsTheOldestAndThatIsSaid() throws IOException {
    Files.delete(newest.resolve("meta.json"));
    String warning =
        "vipscope: warning: "
            + newest
            + ": no meta.json tells its time, so it counts as older than the others";
    Cli run = predict(folder.resolve("lb1"));
    assertEquals(0, run.code());
    assertEquals(List.of(warning), run.err().lines().toList());
    String capture = Path.of("demo", "mirror.pcap.gz").toString();
    Cli audit = Cli.run("audit", "-r", capture, "--hosts", folder.toString());
    assertEquals(0, audit.code());
    assertEquals(1, audit.err().lines().filter(warning::equals).count(), audit::err);
  }

  @Test
  void oneSnapshotNeedsNoTime() throws IOException {
    Files.delete(newest.resolve("meta.json"));
    assertEquals("", predict(newest).err());
  }

  @Test
  void missingRoutesAreNamedWhereTheyAreMissing() throws IOException {
    Files.delete(newest.resolve("route4.json"));
    Cli run = predict(folder.resolve("lb1"));
    assertEquals(3, run.code());
    assertEquals("", run.out());
    assertEquals(
        "vipscope: "
            + newest.resolve("route4.json")
            + ": is missing or empty, nothing can be said about 198.51.100.7",
        run.err().strip());
  }

  @Test
  void folderOfSeveralHostsIsNone() {
    Cli run = predict(folder);
    assertEquals(3, run.code());
    assertEquals(1, run.err().lines().count(), run::err);
    assertTrue(
        run.err()
            .startsWith("vipscope: " + folder + ": holds hosts (lb1), expected the snapshots of"),
        run::err);
  }
}
