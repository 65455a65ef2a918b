package io.vipscope.tools;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Asks the model again what was recorded. {@link BrokenModel} loads it beside a broken model. */
public final class Replay {

  private Replay() {}

  /**
   * The cases on which the model disagrees with the kernel: each with its first question.
   *
   * @param cases lines of a recording
   * @param most enough of them
   * @param folder empty, and empty again afterwards
   * @param asked counts the cases, so that another thread sees that it goes on
   */
  public static List<String> disagreements(
      List<String> cases, int most, Path folder, AtomicInteger asked) {
    List<String> found = new ArrayList<>();
    for (String line : cases) {
      if (found.size() >= most) {
        break;
      }
      asked.incrementAndGet();
      KernelCase one = KernelCase.of(line);
      var snapshot = one.snapshot(folder);
      try {
        List<String> wrong = one.disagreements(snapshot);
        if (!wrong.isEmpty()) {
          found.add(one + ": " + wrong.getFirst().lines().findFirst().orElse(""));
        }
      } catch (RuntimeException | StackOverflowError e) {
        found.add(one + ": " + e);
      }
    }
    return found;
  }
}
