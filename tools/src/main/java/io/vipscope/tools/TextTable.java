package io.vipscope.tools;

import java.io.PrintWriter;
import java.util.List;

/** Columns as wide as their longest value. */
final class TextTable {

  private TextTable() {}

  /**
   * Prints a table; nothing below the head if there are no rows.
   *
   * @param right so many columns from the left hold numbers
   */
  static void print(
      PrintWriter out, List<String> head, List<List<String>> rows, int right, TextStyle style) {
    int[] widths = new int[head.size()];
    for (int i = 0; i < widths.length; i++) {
      int column = i;
      widths[i] =
          Math.max(
              head.get(i).length(),
              rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0));
    }
    out.println(style.bold(line(head, widths, right)));
    rows.forEach(row -> out.println(line(row, widths, right)));
  }

  private static String line(List<String> cells, int[] widths, int right) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      String padding = " ".repeat(widths[i] - cells.get(i).length());
      line.append(i == 0 ? "" : "  ")
          .append(i < right ? padding + cells.get(i) : cells.get(i) + padding);
    }
    return line.toString().stripTrailing();
  }
}
