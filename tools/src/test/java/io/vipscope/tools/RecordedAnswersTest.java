package io.vipscope.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vipscope.core.model.snapshot.HostSnapshot;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The model against what the kernel answered when {@link KernelOracleIT} and {@link
 * NetfilterOracleIT} asked it. Needs no root. Each case names its seed; the kernel's release is in
 * its {@code meta.json}. {@code tools/record-answers} makes the recording again (as root).
 */
class RecordedAnswersTest {

  /**
   * Cases of one test. The mutation tests run a test if it comes by the mutated line, and stop at
   * the first that fails: small groups fail sooner, but starting a test costs as much as a case.
   */
  private static final int GROUP = 10;

  private static final List<KernelCase> CASES = Recording.read();

  /** Read once: a run of the mutation tests asks them thousands of times. */
  private static final Map<KernelCase, HostSnapshot> SNAPSHOTS = new HashMap<>();

  @TempDir private static Path folder;

  /** Neighbours in the recording, all of one kind. */
  record Group(List<KernelCase> cases) {

    @Override
    public String toString() {
      return cases.getFirst() + " to " + cases.getLast().seed();
    }
  }

  static List<Group> groups() {
    List<Group> groups = new ArrayList<>();
    CASES.stream()
        .collect(Collectors.groupingBy(KernelCase::kind, TreeMap::new, Collectors.toList()))
        .values()
        .forEach(kind -> {
          for (int i = 0; i < kind.size(); i += GROUP) {
            groups.add(new Group(kind.subList(i, Math.min(i + GROUP, kind.size()))));
          }
        });
    return groups;
  }

  @ParameterizedTest
  @MethodSource("groups")
  void modelAgrees(Group group) {
    for (KernelCase one : group.cases()) {
      HostSnapshot s = SNAPSHOTS.computeIfAbsent(one, c -> c.snapshot(folder));
      assertEquals(List.of(), one.disagreements(s), one::toString);
    }
  }

  @Test
  void recordingHasEveryKindOfQuestion() {
    List<String> kinds =
        CASES.stream()
            .flatMap(c -> c.answers().stream())
            .map(a -> Question.of(a.text()).kind())
            .distinct()
            .sorted()
            .toList();
    assertEquals(List.of("get", "send", "tcp", "tcp-bound", "udp", "wire"), kinds);
    assertTrue(CASES.stream().mapToInt(c -> c.answers().size()).sum() > 3000);
  }
}
