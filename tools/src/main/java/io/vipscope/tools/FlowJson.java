package io.vipscope.tools;

import io.vipscope.core.frame.Segments;
import io.vipscope.tools.view.FlowRow;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;

/** One flow's record by itself. */
final class FlowJson {

  private FlowJson() {}

  /** The line that an audit writes. */
  static String of(
      FlowRow row, String sensor, boolean live, List<String> sources, Segments segments) {
    StringWriter text = new StringWriter();
    PrintWriter out = new PrintWriter(text);
    new RecordWriter(out, sensor, live, sources, segments)
        .flow("flow", row.flow(), row.verdict().withTrace(row.trace()), row.accepted());
    out.flush();
    return text.toString();
  }
}
