package io.vipscope.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vipscope.core.failover.Trigger;
import io.vipscope.core.finding.FindingKind;
import io.vipscope.core.flow.EndReason;
import io.vipscope.core.flow.FlowState;
import io.vipscope.core.flow.Opener;
import io.vipscope.core.model.flow.Mechanism;
import io.vipscope.core.model.inverse.Cause;
import io.vipscope.core.model.inverse.CauseText;
import io.vipscope.core.ownership.Evidence;
import io.vipscope.core.verdict.Direction;
import io.vipscope.core.verdict.FlowVerdict;
import io.vipscope.core.verdict.Origin;
import io.vipscope.core.verdict.PathVerdict;
import io.vipscope.core.verdict.Severity;
import io.vipscope.core.verdict.SourceClass;
import io.vipscope.core.verdict.UndecidedCode;
import io.vipscope.core.verdict.Verdict;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * {@code doc/reference.md} has a row for every word and counter of the program, and none for words
 * that it does not know. The README's table of findings has them all, too.
 */
class ReferencePageTest {

  private static final Path PAGE = Path.of("doc/reference.md");
  private static final Path README = Path.of("../README.md");
  private static final Path DEMO = Path.of("demo").toAbsolutePath();

  /** What stands in backticks in the first cell of a table's row. */
  private static final Pattern WORD = Pattern.compile("`([^`]+)`");

  /** Counters that the record puts beside others, not into a row of their own. */
  private static final Set<String> NOT_COUNTERS = Set.of("timestamp", "event_type", "sensor");

  @TempDir private Path folder;

  /** The lines from a heading to the next one of its level or above. */
  private static List<String> section(Path page, String heading) throws IOException {
    List<String> lines = new ArrayList<>();
    boolean inside = false;
    for (String line : Files.readAllLines(page)) {
      if (line.startsWith("## ")) {
        inside = line.startsWith("## " + heading);
      } else if (inside) {
        lines.add(line);
      }
    }
    assertFalse(lines.isEmpty(), heading);
    return lines;
  }

  /** The words of the first cells of a section's tables, in their order. */
  private static Set<String> rows(Path page, String heading) throws IOException {
    Set<String> words = new LinkedHashSet<>();
    for (String line : section(page, heading)) {
      if (line.startsWith("| `")) {
        Matcher word = WORD.matcher(line.split("\\|", -1)[1]);
        while (word.find()) {
          words.add(word.group(1));
        }
      }
    }
    return words;
  }

  private static Set<String> words(Object[] values) {
    return new LinkedHashSet<>(Arrays.stream(values).map(Object::toString).toList());
  }

  @Test
  void everyVerdictCodeAndTriggerHasARowAndNoOther() throws IOException {
    assertEquals(words(Verdict.values()), rows(PAGE, "Verdicts"));
    assertEquals(new TreeSet<>(words(UndecidedCode.values())), new TreeSet<>(rows(PAGE, "Codes")));
    assertEquals(words(Severity.values()), rows(PAGE, "Severity"));
    assertEquals(words(Trigger.values()), rows(PAGE, "Failovers"));
  }

  @Test
  void everyFindingHasARowWithASeverityAndNoOther() throws IOException {
    Set<String> kinds = new TreeSet<>(words(FindingKind.values()));
    assertEquals(kinds, new TreeSet<>(rows(PAGE, "Findings")));
    assertEquals(kinds, new TreeSet<>(rows(README, "Failovers and findings")));
    for (Path page : List.of(PAGE, README)) {
      String heading = page.equals(PAGE) ? "Findings" : "Failovers and findings";
      for (String line : section(page, heading)) {
        if (line.startsWith("| `")) {
          String severity = line.split("\\|", -1)[2].strip();
          assertTrue(
              words(Severity.values()).contains(severity.split("[,; ]", 2)[0]),
              () -> page + ": no severity in " + line);
        }
      }
    }
  }

  @Test
  void everyCauseHasARowAndNoOther() throws Exception {
    Set<String> causes = new TreeSet<>(FlowVerdict.CAUSES);
    for (Class<?> kind : Cause.class.getPermittedSubclasses()) {
      causes.add(CauseText.word(any(kind)));
    }
    for (String condition :
        List.of(
            "fwmark 0x1",
            "uid 33",
            "tos 0x10",
            "bound to device eth1",
            "connected socket",
            "sent to 192.0.2.1, mapped to this one",
            "sent to 192.0.2.1",
            "statistic",
            "forwarded")) {
      causes.add(CauseText.word(new Cause.Conditional(condition)));
    }
    assertEquals(causes, new TreeSet<>(rows(PAGE, "Causes")));
  }

  /** A cause of this kind, whatever it is about: its word does not depend on that. */
  private static Cause any(Class<?> kind) throws ReflectiveOperationException {
    RecordComponent[] parts = kind.getRecordComponents();
    Class<?>[] types = Arrays.stream(parts).map(RecordComponent::getType).toArray(Class<?>[]::new);
    Object[] values = new Object[types.length];
    for (int i = 0; i < types.length; i++) {
      values[i] =
          types[i] == boolean.class
              ? (Object) false
              : types[i] == int.class
                  ? (Object) 0
                  : types[i] == String.class
                      ? "forwarded"
                      : types[i] == List.class ? List.of() : null;
    }
    Constructor<?> constructor = kind.getDeclaredConstructor(types);
    constructor.setAccessible(true);
    return (Cause) constructor.newInstance(values);
  }

  @Test
  void everyOtherWordOfAFlowIsNamed() throws IOException {
    List<Object> words = new ArrayList<>();
    for (Object[] values :
        List.of(
            Direction.values(),
            Opener.values(),
            Origin.values(),
            SourceClass.values(),
            Mechanism.values(),
            PathVerdict.values(),
            FlowState.values(),
            EndReason.values(),
            Evidence.values())) {
      words.addAll(List.of(values));
    }
    String text = String.join("\n", section(PAGE, "Other words of a flow"));
    for (Object word : words) {
      assertTrue(
          text.contains("`" + word + "`"), () -> word.getClass().getSimpleName() + " " + word);
    }
  }

  @Test
  void everyCounterOfTheLastRecordHasARowAndNoOther() throws IOException {
    Cli run =
        Cli.run(
            "audit",
            "-r",
            DEMO.resolve("mirror.pcap.gz").toString(),
            "--hosts",
            DEMO.resolve("snapshots").toString(),
            "--records",
            "none",
            "--hdr",
            folder.resolve("times.hlog").toString(),
            "--json");
    assertEquals(0, run.code(), run.err());
    JsonNode stats = run.records().getLast();
    assertEquals("stats", stats.get("event_type").asString());
    Set<String> counters = new TreeSet<>(stats.propertyNames());
    counters.addAll(stats.get("undecodable").propertyNames());
    counters.removeAll(NOT_COUNTERS);
    assertEquals(counters, new TreeSet<>(rows(PAGE, "Counters")));
  }

  @Test
  void everyMetricHasARowAndNoOther() throws Exception {
    try (Page page =
        Page.open(
            "audit",
            "-r",
            DEMO.resolve("mirror.pcap.gz").toString(),
            "--hosts",
            DEMO.resolve("snapshots").toString(),
            "--hdr",
            folder.resolve("times.hlog").toString())) {
      page.awaitEnd();
      Matcher metric = Pattern.compile("(?m)^# TYPE (\\S+) ").matcher(page.get("metrics").body());
      Set<String> metrics = new TreeSet<>();
      while (metric.find()) {
        metrics.add(metric.group(1));
      }
      assertEquals(metrics, new TreeSet<>(rows(PAGE, "Metrics")));
    }
  }
}
