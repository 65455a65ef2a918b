package io.vipscope.core.model.selection;

import io.vipscope.core.model.explanation.Step;
import io.vipscope.core.model.fib.Fib;
import io.vipscope.core.model.fib.RouteError;
import io.vipscope.core.model.fib.RouteQuery;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.net.IpAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * The lookups of IPv4 sockets: {@code ip_route_connect} looks up without a source, then again with
 * the one found; {@code ip_route_newports} once more with TCP's final port.
 */
final class Ipv4Socket {

  private static final int ECHO = 8 << 8; // type and code stand where the lookup has the port

  private final HostSnapshot s;
  private final Fib fib;
  private final boolean asOne;

  Ipv4Socket(HostSnapshot s, Fib fib, boolean asOne) {
    this.s = s;
    this.fib = fib;
    this.asOne = asOne;
  }

  List<SocketOutcome> predict(SocketKind kind, RouteQuery asked) {
    IpAddress from = asked.from();
    boolean free = s.sysctls().number("net.ipv4.ip_nonlocal_bind", 0) != 0;
    if (from != null && !free && !fib.isLocal(from, asOne)) {
      Step why = new Step.NoLookup(Step.NoLookup.Why.SOURCE_NOT_LOCAL, null);
      return List.of(
          SocketOutcome.of(Outcome.failed(RouteError.EADDRNOTAVAIL, null, null, List.of(why))));
    }
    return switch (kind) {
      case UDP_SENDTO, RAW -> single(asked);
      case ICMP_ECHO -> single(asked.withPorts(asked.ipproto(), 0, ECHO));
      case UDP_CONNECT -> connect(asked, asked);
      case TCP_CONNECT ->
          connect(from == null ? asked.withPorts(asked.ipproto(), 0, asked.dport()) : asked, asked);
    };
  }

  private List<SocketOutcome> single(RouteQuery q) {
    return lookup(q).stream().map(SocketOutcome::of).toList();
  }

  private List<Outcome> lookup(RouteQuery q) {
    return new Ipv4Lookup(s, fib, asOne, false).lookup(q);
  }

  /**
   * @param early what the first passes know
   * @param last what the last one knows: TCP's source port too
   */
  private List<SocketOutcome> connect(RouteQuery early, RouteQuery last) {
    if (early.from() != null) {
      return single(early);
    }
    List<SocketOutcome> outcomes = new ArrayList<>();
    for (Outcome first : lookup(early)) {
      Egress egress = first.egress();
      if (egress == null || egress.source() == null) {
        outcomes.add(SocketOutcome.of(first));
        continue;
      }
      RouteQuery again = early.withFrom(egress.source());
      for (Outcome second : lookup(again)) {
        if (second.egress() == null || last.equals(early)) {
          outcomes.add(join(first, second));
        } else {
          lookup(last.withFrom(egress.source())).forEach(t -> outcomes.add(join(first, t)));
        }
      }
    }
    return outcomes;
  }

  /** The source of the first pass, the way of the second. */
  private static SocketOutcome join(Outcome first, Outcome second) {
    List<Step> trace = new ArrayList<>(first.trace());
    boolean same = first.sameAnswer(second);
    Egress egress = first.egress();
    if (!same) {
      trace.add(new Step.Pass(2, egress == null ? null : egress.source()));
      trace.addAll(second.trace());
    }
    Outcome joined =
        new Outcome(
            second.egress(),
            second.error(),
            second.table(),
            first.rule(),
            first.basis(),
            second.unknown(),
            trace);
    return new SocketOutcome(joined, second.rule());
  }
}
