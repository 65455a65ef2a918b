package io.vipscope.tools;

import io.vipscope.core.net.IpAddress;
import io.vipscope.core.verdict.Verdict;
import java.util.Set;
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
      @Nullable String host, @Nullable Verdict verdict, String reason, @Nullable State state) {}

  /**
   * The state that the audit took, as far as the record tells.
   *
   * @param timeNs end of its snapshot
   * @param held whether it has the source
   */
  record State(long timeNs, boolean held, Set<IpAddress> predicted) {
    State {
      predicted = Set.copyOf(predicted);
    }
  }
}
