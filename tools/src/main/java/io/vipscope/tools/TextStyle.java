package io.vipscope.tools;

import io.vipscope.core.verdict.Verdict;
import java.io.Console;
import java.util.Locale;

/** Colour, where the reader is a terminal and has not asked for none. */
enum TextStyle {
  PLAIN,
  COLOUR;

  /** When standard output gets colour ({@code --color}). */
  enum When {
    AUTO,
    ALWAYS,
    NEVER
  }

  private static volatile When when = When.AUTO;

  /** Of the run that begins. */
  static void choose(When chosen) {
    when = chosen;
  }

  /**
   * What suits standard output, where nobody has said otherwise: {@code NO_COLOR} and pipes get
   * plain text.
   */
  @SuppressWarnings("SystemConsoleNull") // its type still says that it may be null
  static TextStyle forStdout() {
    if (when != When.AUTO) {
      return when == When.ALWAYS ? COLOUR : PLAIN;
    }
    Console console = System.console();
    boolean terminal = console != null && console.isTerminal();
    String noColor = System.getenv("NO_COLOR");
    return terminal && (noColor == null || noColor.isEmpty()) ? COLOUR : PLAIN;
  }

  String bold(String text) {
    return wrap("1", text);
  }

  String verdict(Verdict verdict) {
    String text = verdict.toString().toUpperCase(Locale.ROOT);
    return switch (verdict) {
      case MATCH -> wrap("32", text);
      case CONDITIONAL -> wrap("33", text);
      case MISMATCH -> wrap("31", text);
      case UNDECIDED -> wrap("36", text);
    };
  }

  private String wrap(String code, String text) {
    return this == PLAIN ? text : "\u001b[" + code + "m" + text + "\u001b[0m";
  }
}
