package io.vipscope.tools.export;

import java.util.List;

/** Builds Prometheus's text format, version 0.0.4. Not thread-safe. */
final class MetricText {

  private final StringBuilder out = new StringBuilder(8192);

  /**
   * Starts a metric.
   *
   * @param type counter, gauge or histogram
   */
  MetricText metric(String name, String type, String help) {
    out.append("# HELP ").append(name).append(' ').append(escape(help, false)).append('\n');
    out.append("# TYPE ").append(name).append(' ').append(type).append('\n');
    return this;
  }

  /**
   * One value.
   *
   * @param labels name, value, name, value, …
   */
  MetricText value(String name, List<String> labels, double value) {
    out.append(name);
    if (!labels.isEmpty()) {
      char separator = '{';
      for (int i = 0; i < labels.size(); i += 2) {
        out.append(separator)
            .append(labels.get(i))
            .append("=\"")
            .append(escape(labels.get(i + 1), true))
            .append('"');
        separator = ',';
      }
      out.append('}');
    }
    out.append(' ');
    if (value == Math.rint(value) && Math.abs(value) < 1e15) {
      out.append((long) value);
    } else {
      out.append(value);
    }
    out.append('\n');
    return this;
  }

  /** The same of a whole number. */
  MetricText value(String name, List<String> labels, long value) {
    return value(name, labels, (double) value);
  }

  private static String escape(String text, boolean quotes) {
    String safe = text.replace("\\", "\\\\").replace("\n", "\\n");
    return quotes ? safe.replace("\"", "\\\"") : safe;
  }

  @Override
  public String toString() {
    return out.toString();
  }
}
