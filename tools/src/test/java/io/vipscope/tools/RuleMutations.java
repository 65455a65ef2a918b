package io.vipscope.tools;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The proof that the recorded answers hold every rule of the model: each patch of a folder breaks
 * one, and some recorded case must then disagree. {@code tools/mutation rules} runs it.
 */
final class RuleMutations {

  private RuleMutations() {}

  private record Row(String name, String rule, String shownBy, boolean survived) {}

  /**
   * Prints a line for each patch. Exits with 1 if a broken rule stays unnoticed or a patch does not
   * fit the sources, with 3 if the model as it is disagrees already.
   *
   * @param args the root of the checkout, and names of patches: all without one
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    Path root = Path.of(args[0]);
    List<String> wanted = List.of(args).subList(1, args.length);
    List<String> cases = new ArrayList<>(Recording.lines());
    Collections.shuffle(cases, new Random(1)); // every kind of case comes early
    List<String> before =
        Replay.disagreements(cases, 1, Files.createTempDirectory("vipscope"), new AtomicInteger());
    if (!before.isEmpty()) {
      System.err.println("the model disagrees as it is: " + before.getFirst());
      System.exit(3);
    }
    long start = System.nanoTime();
    List<Future<Row>> rows = new ArrayList<>();
    ExecutorService threads =
        Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
    for (BrokenModel broken : BrokenModel.read(root.resolve("tools/mutations"))) {
      if (wanted.isEmpty() || wanted.contains(broken.name())) {
        rows.add(threads.submit(() -> row(broken, root, cases)));
      }
    }
    int survived = 0;
    for (Future<Row> future : rows) {
      try {
        Row row = future.get();
        survived += row.survived() ? 1 : 0;
        System.out.printf(
            "%-34s %-9s %s%n",
            row.name(),
            row.survived() ? "SURVIVES" : "killed by",
            row.survived() ? row.shownBy() + row.rule() : row.shownBy());
      } catch (ExecutionException e) {
        throw new IllegalStateException(e.getCause());
      }
    }
    System.out.printf(
        "%d rules broken, %d noticed, %d not, by %d recorded cases, %d s%n",
        rows.size(),
        rows.size() - survived,
        survived,
        cases.size(),
        (System.nanoTime() - start) / 1_000_000_000);
    System.exit(survived == 0 ? 0 : 1);
  }

  private static Row row(BrokenModel broken, Path root, List<String> cases)
      throws IOException, InterruptedException {
    try {
      List<String> shown = broken.shownBy(root, cases, 1);
      return shown.isEmpty()
          ? new Row(broken.name(), broken.rule(), "", true)
          : new Row(broken.name(), broken.rule(), shown.getFirst(), false);
    } catch (BrokenModel.StaleException e) {
      return new Row(broken.name(), broken.rule(), e.getMessage() + " ", true);
    }
  }
}
