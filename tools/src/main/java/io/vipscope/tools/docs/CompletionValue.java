package io.vipscope.tools.docs;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Model.ArgSpec;

/** What may stand for an option's or a parameter's value. */
sealed interface CompletionValue {

  /** One of these. */
  record Words(List<String> words) implements CompletionValue {}

  /** A network interface. */
  record Interfaces() implements CompletionValue {}

  /**
   * A path.
   *
   * @param folders folders alone
   */
  record Files(boolean folders) implements CompletionValue {}

  /** What cannot be known. */
  record Anything() implements CompletionValue {}

  static CompletionValue of(ArgSpec arg) {
    Class<?> type = arg.auxiliaryTypes().length == 0 ? arg.type() : arg.auxiliaryTypes()[0];
    if (type.isEnum()) {
      List<String> words = new ArrayList<>();
      for (Object constant : type.getEnumConstants()) {
        words.add(((Enum<?>) constant).name().toLowerCase(Locale.ROOT));
      }
      return new Words(words);
    }
    String label = arg.paramLabel();
    return label.contains("IFACE")
        ? new Interfaces()
        : label.contains("FILE") || label.contains("RECORDS")
            ? new Files(false)
            : label.contains("DIR") ? new Files(!label.contains("=")) : new Anything();
  }
}
