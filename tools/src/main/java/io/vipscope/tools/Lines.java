package io.vipscope.tools;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Text on lines of the width that every terminal has. */
final class Lines {

  private static final int WIDTH = 80;

  private static final Pattern COLOUR = Pattern.compile("\u001b\\[[0-9;]*m");

  private Lines() {}

  /** Words on lines of at most 80 columns; a longer word has a line of its own. */
  static List<String> wrapped(String text, String indent) {
    return wrapped(text, indent, indent);
  }

  /**
   * The same with another start.
   *
   * @param first begins the first line; escapes for colours in it take no room
   * @param rest begins the others
   */
  static List<String> wrapped(String text, String first, String rest) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder(first);
    int start = first.length();
    int width = WIDTH + start - COLOUR.matcher(first).replaceAll("").length();
    for (String word : text.split(" ", -1)) {
      if (line.length() > start && line.length() + 1 + word.length() > width) {
        lines.add(line.toString());
        width = WIDTH;
        line.setLength(0);
        line.append(rest);
        start = rest.length();
      }
      line.append(line.length() > start ? " " : "").append(word);
    }
    lines.add(line.toString());
    return lines;
  }
}
