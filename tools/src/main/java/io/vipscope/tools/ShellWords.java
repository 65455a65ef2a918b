package io.vipscope.tools;

import java.util.regex.Pattern;

/** Words as a shell reads them. */
final class ShellWords {

  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9@%+=:,./_-]+");

  private ShellWords() {}

  /** A word, in quotes where a shell would take it apart. */
  static String quoted(String word) {
    return PLAIN.matcher(word).matches() ? word : "'" + word.replace("'", "'\\''") + "'";
  }
}
