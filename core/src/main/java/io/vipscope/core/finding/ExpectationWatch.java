package io.vipscope.core.finding;

import io.vipscope.core.flow.FlowRecord;
import io.vipscope.core.flow.Protocols;
import io.vipscope.core.verdict.Direction;
import io.vipscope.core.verdict.FlowVerdict;
import io.vipscope.core.verdict.Severity;
import java.util.List;
import java.util.Locale;

/** {@code expectation}: an outbound flow of an audited host has not the source it must have. */
final class ExpectationWatch {

  private static final long QUIET_NS = 600_000_000_000L;

  private final List<Expectation> expectations;
  private final FindingLog log;

  ExpectationWatch(List<Expectation> expectations, FindingLog log) {
    this.expectations = expectations;
    this.log = log;
  }

  void judged(FlowRecord f, FlowVerdict v, long nowNs) {
    String host = v.host();
    if (v.direction() != Direction.OUTBOUND || v.sourceClass() == null || host == null) {
      return;
    }
    for (Expectation e : expectations) {
      if (e.isAbout(f, v) && !e.isMet(f, v)) {
        log.see(violated(e, f, v, host), nowNs);
      }
    }
  }

  private static Sighting violated(Expectation e, FlowRecord f, FlowVerdict v, String host) {
    String service =
        Protocols.isIcmp(f.protocol())
            ? Protocols.name(f.protocol()).toLowerCase(Locale.ROOT)
            : f.dstPort() + "/" + Protocols.name(f.protocol()).toLowerCase(Locale.ROOT);
    return new Sighting(
        FindingKind.EXPECTATION,
        e.number() + " " + host + " " + f.src(),
        Severity.WARNING,
        host,
        v.vip(),
        f.startNs(),
        f.startNs(),
        f.flowId(),
        f.flowId(),
        "expectation "
            + e.number()
            + " wants "
            + e.wanted()
            + ", but "
            + host
            + " used "
            + f.src()
            + " towards "
            + f.dst()
            + " "
            + service,
        List.of("ssh " + host + " ip route get " + f.dst(), Commands.explain(f)));
  }

  void advance(long nowNs) {
    log.quiet(FindingKind.EXPECTATION, QUIET_NS, nowNs);
  }
}
