package io.vipscope.tools;

import io.vipscope.core.model.inverse.Explanation;
import io.vipscope.core.verdict.Verdict;
import org.jspecify.annotations.Nullable;

/**
 * A flow and why it has its source, if one host sent it.
 *
 * @param host who sent it; null: no audited host did
 * @param sure false: another host may have sent it
 * @param verdict of the audit; null if there was none
 * @param reason the audit's sentence, or why there is no explanation; empty: nothing to add
 * @param explanation null where the source is compared with no prediction
 */
record Explained(
    ExplainedFlow flow,
    @Nullable String host,
    boolean sure,
    @Nullable Verdict verdict,
    String reason,
    @Nullable Explanation explanation) {

  /** No prediction is made for the flow. */
  static Explained nothing(ExplainedFlow flow, @Nullable String host, String why) {
    return new Explained(flow, host, true, null, why, null);
  }
}
