package io.vipscope.core.finding;

import io.vipscope.core.flow.FlowRecord;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.MacAddress;
import io.vipscope.core.verdict.FlowVerdict;
import io.vipscope.core.verdict.PathVerdict;
import io.vipscope.core.verdict.Severity;
import io.vipscope.core.verdict.SourceClass;
import io.vipscope.core.verdict.Verdict;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What verdicts add up to. {@code unexpected-vip-source}: the kernel chose a VIP, as the state
 * predicts, although no route, rule or NAT statement names it. {@code wrong-egress}: a flow with
 * the predicted source went to another next hop than the one predicted, which is the only one
 * possible.
 */
final class VerdictWatch {

  private static final long QUIET_NS = 600_000_000_000L;

  private final FindingLog log;

  VerdictWatch(FindingLog log) {
    this.log = log;
  }

  /**
   * A flow was judged.
   *
   * @param chosen says why the kernel chose the source itself; asked only where the source is a VIP
   *     that the state gives; null if somebody named it
   */
  void judged(FlowRecord f, FlowVerdict v, Supplier<@Nullable String> chosen, long nowNs) {
    String host = v.host();
    if (v.verdict() != Verdict.MATCH || host == null) {
      return;
    }
    if (v.sourceClass() == SourceClass.VIP) {
      String why = chosen.get();
      if (why != null) {
        unexpected(f, host, why, nowNs);
      }
    }
    if (v.path() == PathVerdict.MISMATCH && v.predicted().size() == 1) {
      wrongEgress(f, v, host, nowNs);
    }
  }

  private void unexpected(FlowRecord f, String host, String why, long nowNs) {
    log.see(
        new Sighting(
            FindingKind.UNEXPECTED_VIP_SOURCE,
            host + " " + f.src(),
            Severity.NOTICE,
            host,
            f.src(),
            f.startNs(),
            f.startNs(),
            f.flowId(),
            f.flowId(),
            host + " uses the VIP " + f.src() + " towards " + f.dst() + " by itself: " + why,
            List.of(
                "ssh " + host + " ip route get " + f.dst(), Commands.showAddress(host, f.src()))),
        nowNs);
  }

  private void wrongEgress(FlowRecord f, FlowVerdict v, String host, long nowNs) {
    IpAddress hop = v.pathGateway() == null ? f.dst() : v.pathGateway();
    log.see(
        new Sighting(
            FindingKind.WRONG_EGRESS,
            host + " " + hop,
            Severity.WARNING,
            host,
            null,
            f.startNs(),
            f.startNs(),
            f.flowId(),
            f.flowId(),
            host
                + " sends to "
                + f.dst()
                + " by "
                + new MacAddress(f.dstMac())
                + ", which is not the predicted next hop "
                + hop
                + " on "
                + v.pathDev(),
            List.of(
                "ssh " + host + " ip route get " + f.dst(),
                "ssh " + host + " ip neigh show " + hop,
                "ssh " + host + " ip route show cache")),
        nowNs);
  }

  void advance(long nowNs) {
    log.quiet(FindingKind.UNEXPECTED_VIP_SOURCE, QUIET_NS, nowNs);
    log.quiet(FindingKind.WRONG_EGRESS, QUIET_NS, nowNs);
  }
}
