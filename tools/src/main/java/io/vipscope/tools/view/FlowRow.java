package io.vipscope.tools.view;

import io.vipscope.core.flow.EndReason;
import io.vipscope.core.flow.FlowRecord;
import io.vipscope.core.flow.Protocols;
import io.vipscope.core.verdict.FlowVerdict;
import java.util.List;
import java.util.Locale;

/**
 * A flow as the view keeps it.
 *
 * @param run which run's records it is of, from 0: flow ids are unique within one alone
 * @param trace the prediction's steps; empty where there were more flows than time to ask for them
 * @param ended its record was written; else it goes on
 */
public record FlowRow(
    int run,
    FlowRecord flow,
    FlowVerdict verdict,
    boolean accepted,
    List<String> trace,
    boolean ended) {

  /** What names it among all that are kept: the flow id, with the run's number if it is another. */
  public String key() {
    return run == 0 ? Long.toString(flow.flowId()) : run + "." + flow.flowId();
  }

  /** Its record is an interim one: the flow goes on. */
  static boolean interim(FlowRecord flow) {
    return flow.reason() == EndReason.ACTIVE;
  }

  /** {@code 443/tcp}, {@code icmp}: what was asked for at the destination. */
  public String service() {
    return service(flow);
  }

  static String service(FlowRecord flow) {
    String name = Protocols.name(flow.protocol()).toLowerCase(Locale.ROOT);
    return Protocols.isIcmp(flow.protocol()) || flow.dstPort() == 0
        ? name
        : flow.dstPort() + "/" + name;
  }
}
