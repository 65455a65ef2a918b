package io.vipscope.tools;

import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** Minds what the parser does not: ranges of numbers, and what goes together. */
final class OptionCheck {

  private OptionCheck() {}

  /**
   * Refuses a command line for an option's sake.
   *
   * @throws ParameterException if it does not hold: the option, and what is expected of it
   */
  static void check(CommandLine line, boolean holds, String option, String expected) {
    if (!holds) {
      throw new ParameterException(line, option + " expects " + expected);
    }
  }
}
