package io.vipscope.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vipscope.capture.host.SnapshotReader;
import io.vipscope.core.model.change.ChangeException;
import io.vipscope.core.model.snapshot.HostSnapshot;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Changes of a state against the kernel: a random command is run in a network namespace, and must
 * do there what it does to the snapshot taken before. With {@code -Dvipscope.oracle.record=FILE}
 * command and answers are appended to a file.
 */
class ChangeOracleIT {

  private static final int CASES = Integer.getInteger("vipscope.oracle.cases", 150);
  private static final long SEED = Long.getLong("vipscope.oracle.seed", 1);
  private static final int FIRST = Integer.getInteger("vipscope.oracle.first", 0);
  private static final int QUERIES = 14;
  private static final int OWN_QUERIES = 10;

  @TempDir private Path folder;

  private int made;
  private int refused;
  private int asked;
  private final List<String> wrong = new ArrayList<>();

  @Test
  void changedStateIsTheKernels() {
    Needs.namespaces();
    for (int i = FIRST; i < FIRST + CASES; i++) {
      oneChange(SEED * 100_000 + 70_000 + i);
    }
    System.out.printf(
        "%d changes made and %d refused by the kernel, %d answers after them, %d wrong%n",
        made, refused, asked, wrong.size());
    assertEquals(List.of(), wrong);
    assertTrue(CASES < 50 || made > CASES / 3 && refused > CASES / 20, "changes of both kinds");
  }

  private void oneChange(long seed) {
    RandomHost host = new RandomHost(seed);
    String change = host.change();
    String command = "ip " + change;
    if (Boolean.getBoolean("vipscope.oracle.print")) {
      System.out.println(String.join("\n", host.setup()) + "\n\n" + command);
    }
    List<String> queries =
        Stream.concat(
                Stream.generate(host::query).limit(QUERIES),
                Stream.generate(host::ownQuery).limit(OWN_QUERIES))
            .toList();
    try (Namespace namespace = new Namespace("vipscope-" + ProcessHandle.current().pid(), folder)) {
      namespace.write("keepalived.conf", "");
      namespace.ask(host.setup(), List.of(), List.of());
      HostSnapshot before = SnapshotReader.read("host", folder);
      Map<String, String> files = KernelCase.files(folder);
      boolean succeeds = namespace.runs(command);
      String told = String.join(" ", namespace.lines("output.txt"));
      List<KernelAnswer> answers = namespace.ask(List.of(), List.of(), queries);
      @Nullable HostSnapshot after = null;
      String why = "";
      try {
        after = new NamedChanges(List.of(command)).applyTo(before);
      } catch (ChangeException e) {
        why = String.valueOf(e.getMessage());
      }
      String at = "seed " + seed + ": " + command + "\n";
      if (hidden(before, after, why)) {
        return;
      }
      List<KernelCase.Asked> answered = new ArrayList<>();
      for (int i = 0; i < queries.size() && succeeds; i++) {
        answered.add(new KernelCase.Asked("get " + queries.get(i), answers.get(i)));
      }
      Recording.record(
          new KernelCase(
              "command",
              seed,
              files,
              null,
              null,
              command,
              host.ruled(),
              host.multipath(),
              answered));
      if (succeeds != (after != null)) {
        wrong.add(at + (succeeds ? "made, but the model refuses: " + why : "refused: " + told));
      }
      if (!succeeds || after == null) {
        refused += succeeds ? 0 : 1;
        return;
      }
      made++;
      asked += answered.size();
      for (KernelCase.Asked question : answered) {
        String both = Question.disagreement(after, question, host.ruled(), host.multipath());
        if (both != null) {
          wrong.add(at + both);
        }
      }
    }
  }

  /**
   * Whether what the kernel does depends on what no command shows: the family of a blackhole
   * nexthop, and that a gateway was an own address when its route was added.
   */
  private static boolean hidden(HostSnapshot before, @Nullable HostSnapshot after, String why) {
    return why.contains("cannot be told")
        || after != null
            && Stream.of(before.routes4(), before.routes6())
                .filter(Objects::nonNull)
                .flatMap(List::stream)
                .flatMap(r -> r.nexthops().stream())
                .anyMatch(h ->
                    h.gateway() != null && before.holds(h.gateway()) != after.holds(h.gateway()));
  }
}
