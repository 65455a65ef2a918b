package io.vipscope.core.verdict;

import io.vipscope.core.net.IpAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the audit says about one flow. A field is null where it does not apply.
 *
 * @param host audited host, or null
 * @param pair its pair's name, or null
 * @param sourceFlags flags of the source address in the state: {@code secondary}, {@code
 *     deprecated}
 * @param sourceDev device that has the source address
 * @param predicted every source that the state gives without condition
 * @param verdict null for flows that are not judged
 * @param causes of a mismatch: what would explain it
 * @param conditions of a conditional verdict
 * @param mechanism of the prediction, as in records
 * @param rule the rule that decided, {@code rule4 32766}
 * @param trace the prediction's steps, one sentence each; may be put together when it is first
 *     read, on the sink's thread: most never are
 * @param vip the VIP concerned
 * @param owner who held it then
 * @param epoch number of that ownership, from 1; 0 if nothing is known
 * @param stateTimeNs end of the snapshot in force; {@link #NO_TIME} without one
 * @param pathDev predicted device
 * @param pathGateway predicted gateway
 */
public record FlowVerdict(
    @Nullable String host,
    @Nullable String pair,
    Direction direction,
    Origin origin,
    @Nullable SourceClass sourceClass,
    List<String> sourceFlags,
    @Nullable String sourceDev,
    List<IpAddress> predicted,
    @Nullable SourceClass predictedClass,
    @Nullable Verdict verdict,
    Severity severity,
    @Nullable String mechanism,
    List<String> causes,
    List<String> conditions,
    @Nullable UndecidedCode code,
    @Nullable String rule,
    List<String> trace,
    @Nullable IpAddress vip,
    @Nullable String owner,
    int epoch,
    long stateTimeNs,
    String reason,
    @Nullable String pathDev,
    @Nullable IpAddress pathGateway,
    PathVerdict path) {

  /** Every cause that a mismatch may have. */
  public static final List<String> CAUSES =
      List.of("bind", "stale-address", "snat-unknown", "spoof", "unexplained");

  /** No snapshot time is known. */
  public static final long NO_TIME = Long.MIN_VALUE;

  public FlowVerdict {
    sourceFlags = List.copyOf(sourceFlags);
    predicted = List.copyOf(predicted);
    causes = List.copyOf(causes);
    conditions = List.copyOf(conditions);
  }

  /** The same with its steps made, for other threads. */
  public FlowVerdict withTrace(List<String> steps) {
    return new FlowVerdict(
        host,
        pair,
        direction,
        origin,
        sourceClass,
        sourceFlags,
        sourceDev,
        predicted,
        predictedClass,
        verdict,
        severity,
        mechanism,
        causes,
        conditions,
        code,
        rule,
        List.copyOf(steps),
        vip,
        owner,
        epoch,
        stateTimeNs,
        reason,
        pathDev,
        pathGateway,
        path);
  }

  /** Whether the flow was judged: an outbound flow of an audited host, or one cut at its start. */
  public boolean judged() {
    return verdict != null;
  }
}
