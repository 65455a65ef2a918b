package io.vipscope.tools.picture;

import java.util.Locale;

/** Builds one SVG picture. Not thread-safe. */
final class Svg {

  private final StringBuilder out = new StringBuilder(4096);

  /**
   * Opens the picture.
   *
   * @param title what it shows, for those who do not see it
   */
  Svg(double width, double height, String title) {
    out.append(
        String.format(
            Locale.ROOT,
            "<svg viewBox=\"0 0 %.0f %.0f\" width=\"100%%\" role=\"img\" aria-label=\"%s\" xmlns=\"http://www.w3.org/2000/svg\">",
            width,
            height,
            Markup.escape(title)));
  }

  /**
   * A rectangle.
   *
   * @param tip shown when pointed at; empty: none
   */
  Svg rect(double x, double y, double width, double height, String style, String tip) {
    out.append(
        String.format(
            Locale.ROOT,
            "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" class=\"%s\"",
            x,
            y,
            Math.max(0.4, width),
            Math.max(0, height),
            style));
    out.append(tip.isEmpty() ? "/>" : "><title>" + Markup.escape(tip) + "</title></rect>");
    return this;
  }

  /** A line. */
  Svg line(double x1, double y1, double x2, double y2, String style) {
    out.append(
        String.format(
            Locale.ROOT,
            "<line x1=\"%.2f\" y1=\"%.2f\" x2=\"%.2f\" y2=\"%.2f\" class=\"%s\"/>",
            x1,
            y1,
            x2,
            y2,
            style));
    return this;
  }

  /**
   * Text.
   *
   * @param anchor start, middle or end
   */
  Svg text(double x, double y, String style, String anchor, String text) {
    out.append(
        String.format(
            Locale.ROOT,
            "<text x=\"%.2f\" y=\"%.2f\" class=\"%s\" text-anchor=\"%s\">%s</text>",
            x,
            y,
            style,
            anchor,
            Markup.escape(text)));
    return this;
  }

  /** Markup that is safe already. */
  Svg raw(String markup) {
    out.append(markup);
    return this;
  }

  String close() {
    return out.append("</svg>").toString();
  }
}
