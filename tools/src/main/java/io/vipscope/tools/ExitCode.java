package io.vipscope.tools;

/**
 * What the process's exit status means; when several hold, the first of 70, 3, 4, 1, 0 is given.
 */
final class ExitCode {

  /** Done; nothing that {@code --fail-on} names was found. */
  static final int DONE = 0;

  /** Done; {@code --fail-on} named something that was found. */
  static final int FOUND = 1;

  /** The command line is wrong. */
  static final int USAGE = 2;

  /** An input cannot be opened or read to its end, or permission is missing. */
  static final int INPUT = 3;

  /** More frames lost than {@code --max-loss} allows. */
  static final int LOSS = 4;

  /** A defect of the program. */
  static final int INTERNAL = 70;

  private ExitCode() {}
}
