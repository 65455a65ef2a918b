package io.vipscope.core.finding;

import io.vipscope.core.flow.FlowRecord;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.verdict.FlowVerdict;
import io.vipscope.core.verdict.Severity;
import io.vipscope.core.verdict.Verdict;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * {@code model-drift}: flows of one host, three or more and to two services or more, begin to have
 * the source that they would have without one certain rule, route or NAT rule of its state, and for
 * ten seconds no flow goes by it any more. One finding tells what the state has and the host, it
 * seems, has not.
 */
final class DriftWatch {

  private static final int ENOUGH_FLOWS = 3;
  private static final int ENOUGH_SERVICES = 2;

  /** Flows of bound sockets come between others: in so long some flow goes by what is there. */
  private static final long LASTING_NS = 10_000_000_000L;

  private static final int MAX_FLOWS = 1_000;
  private static final long QUIET_NS = 600_000_000_000L;
  private static final int MAX_FACTS = 10_000;

  private record Fact(String host, String text) {}

  private record Service(IpAddress dst, int protocol, int port) {}

  private static final class Doubt {
    final List<FlowRecord> flows = new ArrayList<>();
    final Set<Service> services = new HashSet<>();
  }

  private final FindingLog log;
  private final Map<Fact, Doubt> doubts = new HashMap<>();
  private final Map<String, Integer> doubtful = new HashMap<>();

  DriftWatch(FindingLog log) {
    this.log = log;
  }

  void judged(FlowRecord f, FlowVerdict v, VerdictReasons reasons, long nowNs) {
    String host = v.host();
    if (host == null) {
      return;
    }
    if (v.verdict() == Verdict.MISMATCH) {
      reasons.absences().forEach(fact -> doubt(new Fact(host, fact), f, v, nowNs));
    } else if (v.verdict() == Verdict.MATCH && doubtful.getOrDefault(host, 0) > 0) {
      reasons.uses().forEach(fact -> trust(new Fact(host, fact), nowNs));
    }
  }

  private void doubt(Fact fact, FlowRecord f, FlowVerdict v, long nowNs) {
    Doubt doubt = doubts.get(fact);
    if (doubt == null) {
      if (doubts.size() == MAX_FACTS) {
        return;
      }
      doubt = new Doubt();
      doubts.put(fact, doubt);
      doubtful.merge(fact.host(), 1, Integer::sum);
    }
    doubt.services.add(new Service(f.dst(), f.protocol(), f.dstPort()));
    boolean open = log.isOpen(FindingKind.MODEL_DRIFT, subject(fact));
    doubt.flows.add(f);
    FlowRecord first = doubt.flows.getFirst();
    boolean lasts =
        doubt.flows.size() >= ENOUGH_FLOWS
            && doubt.services.size() >= ENOUGH_SERVICES
            && f.startNs() - first.startNs() >= LASTING_NS;
    if (!open && !lasts) {
      if (doubt.flows.size() > MAX_FLOWS) {
        doubt.flows.removeLast();
      }
      return;
    }
    for (FlowRecord flow : doubt.flows) {
      log.see(sighting(fact, flow, first, v), nowNs);
    }
    doubt.flows.clear();
    doubt.flows.add(first);
  }

  private void trust(Fact fact, long nowNs) {
    if (doubts.remove(fact) != null) {
      doubtful.merge(fact.host(), -1, Integer::sum);
      log.resolve(FindingKind.MODEL_DRIFT, subject(fact), nowNs);
    }
  }

  private static String subject(Fact fact) {
    return fact.host() + " " + fact.text();
  }

  private static Sighting sighting(Fact fact, FlowRecord f, FlowRecord first, FlowVerdict v) {
    return new Sighting(
        FindingKind.MODEL_DRIFT,
        subject(fact),
        Severity.WARNING,
        fact.host(),
        v.vip(),
        first.startNs(),
        f.startNs(),
        f.flowId(),
        f.flowId(),
        "flows of "
            + fact.host()
            + " have the sources that they would have without "
            + fact.text()
            + ": the host seems to have lost it since its state was taken, or all its sockets are"
            + " bound",
        List.of(
            "ssh " + fact.host() + " ip route get " + f.dst(),
            "vipscope snapshot --ssh " + fact.host() + " -o " + Commands.STATE));
  }

  void advance(long nowNs) {
    log.quiet(FindingKind.MODEL_DRIFT, QUIET_NS, nowNs);
  }
}
