package io.vipscope.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vipscope.core.model.snapshot.HostSnapshot;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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

  private static final List<KernelCase> CASES = Recording.read();

  /** Read once: a run of the mutation tests asks them thousands of times. */
  private static final Map<KernelCase, HostSnapshot> SNAPSHOTS = new HashMap<>();

  @TempDir private static Path folder;

  static List<KernelCase> cases() {
    return CASES;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void modelAgrees(KernelCase one) {
    assertEquals(
        List.of(), one.disagreements(SNAPSHOTS.computeIfAbsent(one, c -> c.snapshot(folder))));
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
