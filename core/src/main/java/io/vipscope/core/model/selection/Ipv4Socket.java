package io.vipscope.core.model.selection;

import io.vipscope.core.model.explanation.Step;
import io.vipscope.core.model.fib.Fib;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.net.IpAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * The lookups of IPv4 sockets: {@code ip_route_connect} looks up without a source, then again with
 * the one found; {@code ip_route_newports} once more with TCP's final port.
 */
final class Ipv4Socket {

  private static final int ICMP = 1;
  private static final int TCP = 6;
  private static final int ECHO = 8 << 8; // type and code stand where the lookup has the port

  private final HostSnapshot s;
  private final Fib fib;
  private final boolean asOne;

  Ipv4Socket(HostSnapshot s, Fib fib, boolean asOne) {
    this.s = s;
    this.fib = fib;
    this.asOne = asOne;
  }

  /** {@code connect()}; TCP that is not bound does not know its port in the first passes. */
  List<Outcome> connect(RouteQuery q) {
    if (notLocal(q)) {
      return List.of(refused());
    }
    if (q.from() != null && !q.dst().isAny()) {
      return lookup(q);
    }
    if (q.ipproto() != TCP || q.sport() == 0 || q.from() != null) {
      return passes(q, q);
    }
    List<Outcome> outcomes = new ArrayList<>(passes(q.withSport(0), q));
    outcomes.addAll(passes(q, q)); // bound to a port, not to an address
    return outcomes;
  }

  /**
   * {@code connect()} of a socket that is known to have bound its port, or not to have.
   *
   * @param portBound false: the port is chosen between the passes
   */
  List<Outcome> connect(RouteQuery q, boolean portBound) {
    if (notLocal(q) || q.from() != null || q.ipproto() != TCP) {
      return connect(q);
    }
    return portBound ? passes(q, q) : passes(q.withSport(0), q);
  }

  /** One lookup; a ping's type and code stand where the lookup has the destination port. */
  List<Outcome> send(RouteQuery q) {
    if (notLocal(q)) {
      return List.of(refused());
    }
    return lookup(q.ipproto() == ICMP ? q.withPorts(ICMP, 0, ECHO) : q);
  }

  private boolean notLocal(RouteQuery q) {
    return q.from() != null
        && s.sysctls().number("net.ipv4.ip_nonlocal_bind", 0) == 0
        && !fib.isLocal(q.from(), asOne);
  }

  private static Outcome refused() {
    Step why = new Step.NoLookup(Step.NoLookup.Why.SOURCE_NOT_LOCAL, null);
    return Outcome.failed(RouteError.EADDRNOTAVAIL, null, null, List.of(why));
  }

  private List<Outcome> lookup(RouteQuery q) {
    return new Ipv4Lookup(s, fib, asOne, false).lookup(q);
  }

  /**
   * The source of the first pass, the way of the last.
   *
   * @param early what the first two passes know
   * @param last what the third one knows: TCP's source port too
   */
  private List<Outcome> passes(RouteQuery early, RouteQuery last) {
    List<Outcome> outcomes = new ArrayList<>();
    for (Outcome first : lookup(early)) {
      Egress egress = first.egress();
      if (egress == null || egress.source() == null) {
        outcomes.add(first);
        continue;
      }
      for (Outcome second : lookup(again(early, egress.source()))) {
        if (second.egress() == null || last.equals(early)) {
          outcomes.add(join(first, second, 2));
        } else {
          lookup(again(last, egress.source()))
              .forEach(third -> outcomes.add(join(first, third, 3)));
        }
      }
    }
    return outcomes;
  }

  /** The first pass has put its source in, and for destination 0.0.0.0 as the destination too. */
  private static RouteQuery again(RouteQuery q, IpAddress source) {
    return (q.dst().isAny() ? q.withDst(source) : q).withFrom(source);
  }

  private static Outcome join(Outcome first, Outcome last, int pass) {
    List<Step> trace = new ArrayList<>(first.trace());
    Egress egress = first.egress();
    if (!first.sameAnswer(last)) {
      trace.add(new Step.Pass(pass, egress == null ? null : egress.source()));
      trace.addAll(last.trace());
    }
    return new Outcome(
        last.egress(),
        last.error(),
        last.table(),
        last.egress() == null ? last.rule() : first.rule(),
        first.routeNamesSource(),
        last.unknown(),
        trace);
  }
}
