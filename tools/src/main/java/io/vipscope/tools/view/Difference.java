package io.vipscope.tools.view;

import io.vipscope.core.flow.FlowRecord;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.verdict.FlowVerdict;
import io.vipscope.core.verdict.Verdict;
import org.jspecify.annotations.Nullable;

/** What flows that differ from the prediction in the same way have in common. */
public record Difference(
    Verdict verdict,
    @Nullable String host,
    IpAddress src,
    IpAddress dst,
    String service,
    String reason) {

  /** The kind of a flow; null if it does not differ. */
  public static @Nullable Difference of(FlowRecord flow, FlowVerdict verdict) {
    Verdict value = verdict.verdict();
    return value == Verdict.MISMATCH || value == Verdict.CONDITIONAL
        ? new Difference(
            value, verdict.host(), flow.src(), flow.dst(), FlowRow.service(flow), verdict.reason())
        : null;
  }

  /**
   * How often, and when.
   *
   * @param example the first of them
   */
  public record Tally(long flows, long firstNs, long lastNs, FlowRow example) {
    Tally minusOne() {
      return new Tally(flows - 1, firstNs, lastNs, example);
    }

    Tally plus(FlowRow row) {
      return new Tally(
          flows + 1,
          Math.min(firstNs, row.flow().startNs()),
          Math.max(lastNs, row.flow().startNs()),
          example);
    }
  }
}
