package io.vipscope.tools.report;

import io.vipscope.tools.view.Difference;
import io.vipscope.tools.view.ViewCopy;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * All that a report tells.
 *
 * @param why for kinds of difference as far as they were explained
 */
public record Report(ViewCopy view, CaptureFacts facts, Map<Difference, Why> why) {

  public Report {
    why = new LinkedHashMap<>(why);
  }
}
