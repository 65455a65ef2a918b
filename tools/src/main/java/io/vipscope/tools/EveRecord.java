package io.vipscope.tools;

import io.vipscope.core.pipeline.SnapshotEvidence.Recorded;
import io.vipscope.core.verdict.Verdict;
import org.jspecify.annotations.Nullable;

/**
 * A flow's record, as an audit wrote it.
 *
 * @param judged null in records of other programs
 */
record EveRecord(ExplainedFlow flow, @Nullable Judged judged) {

  /**
   * What the audit said.
   *
   * @param state null where the source was compared with no prediction
   */
  record Judged(
      @Nullable String host, @Nullable Verdict verdict, String reason, @Nullable Recorded state) {}
}
