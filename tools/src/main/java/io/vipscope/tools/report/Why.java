package io.vipscope.tools.report;

import java.util.List;

/**
 * Why flows of one kind have their source.
 *
 * @param steps how the expected source comes about
 * @param causes what would explain the one that was used
 * @param changes what would make the host use another, the safe ones first
 * @param minds what to mind before one makes a change
 */
public record Why(
    List<String> steps, List<String> causes, List<Change> changes, List<String> minds) {

  /**
   * A change of one line.
   *
   * @param source the address that the host would then use
   * @param command the line, as one types it on the host
   */
  public record Change(String source, String command) {}
}
