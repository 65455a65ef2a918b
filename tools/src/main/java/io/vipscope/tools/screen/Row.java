package io.vipscope.tools.screen;

import java.util.ArrayList;
import java.util.List;

/**
 * A line of the screen.
 *
 * @param style how it is shown
 */
record Row(String text, Style style) {

  /** Ways to show a line, as an SGR code. */
  enum Style {
    PLAIN(""),
    BOLD("1"),
    BAR("7"),
    SELECTED("7"),
    SOFT("2"),
    GOOD("32"),
    BAD("31"),
    WARN("33");

    final String code;

    Style(String code) {
      this.code = code;
    }
  }

  static Row of(String text) {
    return new Row(text, Style.PLAIN);
  }

  /** Cut to the width of the screen. */
  Row cut(int width) {
    return text.length() <= width
        ? this
        : new Row(width < 2 ? "" : text.substring(0, width - 1) + "…", style);
  }

  /** A text as lines of the screen's width; further lines are indented by two more. */
  static List<String> wrapped(String text, String indent, int width) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder(indent);
    int start = indent.length();
    for (String word : text.split(" ", -1)) {
      if (line.length() > start && line.length() + word.length() + 1 > width) {
        lines.add(line.toString());
        line.setLength(0);
        line.append(indent).append("  ");
        start = line.length();
      }
      line.append(line.length() > start ? " " : "").append(word);
    }
    lines.add(line.toString());
    return lines;
  }
}
