package io.vipscope.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code --learn FILE} over files that are there already: nothing that people wrote is lost. */
class LearnedFileTest {

  private static final Path DEMO = Path.of("demo").toAbsolutePath();

  @TempDir private Path folder;

  private static Cli audit(String... more) {
    return Cli.run(
        Stream.concat(
                Stream.of(
                    "audit",
                    "-r",
                    DEMO.resolve("mirror.pcap.gz").toString(),
                    "--hosts",
                    DEMO.resolve("snapshots").toString()),
                Stream.of(more))
            .toArray(String[]::new));
  }

  private static int learn(Path baseline, Path learn) {
    return audit("--baseline", baseline.toString(), "--learn", learn.toString()).code();
  }

  @Test
  void theBaselineItselfGrowsByWhatIsNew() throws IOException {
    Path all = folder.resolve("all.jsonl");
    Path file = folder.resolve("accepted.jsonl");
    assertEquals(ExitCode.DONE, audit("--learn", all.toString()).code());
    List<String> learned = Files.readAllLines(all);
    assertTrue(learned.size() >= 3, learned::toString);
    String written =
        "# our syslog binds\n\n"
            + learned.getFirst().replace("\"comment\":\"\"", "\"comment\":\"syslog\"");
    Files.writeString(file, written); // the last line has no end
    assertEquals(ExitCode.DONE, learn(file, file));
    List<String> kept = written.lines().toList();
    List<String> now = Files.readAllLines(file);
    assertEquals(kept, now.subList(0, kept.size()));
    assertEquals(learned.subList(1, learned.size()), now.subList(kept.size(), now.size()));
    Cli again = audit("--baseline", file.toString(), "--learn", file.toString());
    assertEquals(now, Files.readAllLines(file), "nothing is new");
    assertTrue(
        again.err().contains("0 deviations added to the " + learned.size() + " that it had"),
        again::err);
    assertEquals(
        ExitCode.DONE, audit("--baseline", file.toString(), "--fail-on", "unaccepted").code());
  }

  @Test
  void anotherFileKeepsItsLinesToo() throws IOException {
    Path file = folder.resolve("learned.jsonl");
    Files.writeString(file, "{\"host\":\"lb9\",\"cause\":\"bind\",\"comment\":\"by hand\"}\n");
    assertEquals(ExitCode.DONE, audit("--learn", file.toString()).code());
    List<String> once = Files.readAllLines(file);
    assertTrue(once.getFirst().contains("by hand"), once::toString);
    assertTrue(once.size() >= 4, once::toString);
    assertEquals(ExitCode.DONE, audit("--learn", file.toString()).code());
    assertEquals(once, Files.readAllLines(file), "what it has is not added again");
  }

  @Test
  void aFileThatIsNoBaselineIsNotTouched() throws IOException {
    Path file = folder.resolve("notes.txt");
    Files.writeString(file, "{}\nremember the milk\n");
    Cli run = audit("--learn", file.toString());
    assertEquals(ExitCode.INPUT, run.code());
    assertTrue(run.err().contains(file + ": line 2: not a JSON object"), run::err);
    assertEquals("{}\nremember the milk\n", Files.readString(file));
  }
}
