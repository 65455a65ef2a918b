package io.vipscope.core.model.selection;

import io.vipscope.core.model.explanation.Basis;
import io.vipscope.core.model.explanation.Step;
import io.vipscope.core.model.fib.Fib;
import io.vipscope.core.model.fib.FibAnswer;
import io.vipscope.core.model.fib.TableAnswer;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.Nexthop;
import io.vipscope.core.model.snapshot.Route;
import io.vipscope.core.model.snapshot.RouteType;
import io.vipscope.core.net.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One IPv6 output lookup: {@code ip6_route_output_flags}, {@code ip6_route_get_saddr}. */
final class Ipv6Lookup {

  private final HostSnapshot s;
  private final Fib fib;
  private final boolean asOne;

  /**
   * @param asOne as if no rule was ever added
   */
  Ipv6Lookup(HostSnapshot s, Fib fib, boolean asOne) {
    this.s = s;
    this.fib = fib;
    this.asOne = asOne;
  }

  /**
   * The ways a packet may leave, or why it cannot.
   *
   * @param bound the socket is bound to the device, which then is a condition
   */
  List<Outcome> lookup(RouteQuery q, boolean bound) {
    List<Step> trace = new ArrayList<>();
    if (q.oif() != null && s.link(q.oif()) == null) {
      trace.add(new Step.NoLookup(Step.NoLookup.Why.DEVICE_UNUSABLE, q.oif()));
      return List.of(Outcome.failed(RouteError.ENODEV, null, null, trace));
    }
    FibAnswer answer = fib.lookup(q, asOne, strict(q, bound), trace);
    if (answer.unknown() != null) {
      return List.of(Outcome.unknown(answer.rule(), answer.unknown(), trace));
    }
    TableAnswer found = answer.found();
    if (found == null) {
      RouteError error = answer.error() == null ? RouteError.ENETUNREACH : answer.error();
      return List.of(Outcome.failed(error, answer.table(), answer.rule(), trace));
    }
    List<Outcome> outcomes = new ArrayList<>();
    for (TableAnswer.Way way : found.ways()) {
      if (way.hop() == null || way.hop().dev() == null) {
        outcomes.add(Outcome.unknown(answer.rule(), "a route without a device", trace));
      } else {
        Nexthop first = found.ways().getFirst().hop();
        // With a nexthop group the source is that of its first member's device.
        String sourceDev = way.byObject() && first != null ? first.dev() : way.hop().dev();
        outcomes.addAll(leave(q, way, found.ways().size(), sourceDev, answer, trace));
      }
    }
    return outcomes;
  }

  private static boolean strict(RouteQuery q, boolean bound) {
    IpAddress dst = q.dst();
    return bound
        || q.oif() != null && q.from() == null
        || dst.isMulticast()
        || dst.isLinkLocal()
        || dst.isLoopback();
  }

  private List<Outcome> leave(
      RouteQuery q,
      TableAnswer.Way way,
      int choices,
      @Nullable String sourceDev,
      FibAnswer answer,
      List<Step> before) {
    Route route = way.route();
    Nexthop hop = way.hop();
    boolean own = route.type() == RouteType.LOCAL || route.type() == RouteType.ANYCAST;
    String dev = own ? "lo" : hop == null ? null : hop.dev();
    IpAddress gateway = hop == null ? null : hop.gateway();
    List<Step> trace = new ArrayList<>(before);
    trace.add(new Step.RouteChosen(route, hop, choices));
    if (q.from() != null) {
      trace.add(new Step.Source(q.from(), Basis.GIVEN, null, ""));
      return List.of(outcome(q.from(), dev, gateway, false, answer, trace));
    }
    if (route.prefsrc() != null) {
      trace.add(new Step.Source(route.prefsrc(), Basis.ROUTE_SRC, null, ""));
      return List.of(outcome(route.prefsrc(), dev, gateway, true, answer, trace));
    }
    trace.add(chosen(sourceDev, q.dst()));
    Set<IpAddress> sources = Ipv6Source.possible(s, sourceDev, q.dst());
    if (sources.isEmpty()) {
      return List.of(outcome(null, dev, gateway, false, answer, trace));
    }
    return sources.stream().map(a -> outcome(a, dev, gateway, false, answer, trace)).toList();
  }

  /** The choice of a source as a step. */
  Step chosen(@Nullable String dev, IpAddress dst) {
    Ipv6Source.Choice choice = Ipv6Source.choose(s, dev, dst);
    if (choice == null) {
      return new Step.Source(null, Basis.NONE, dev, "no address may be used for " + dst);
    }
    return new Step.Source(
        choice.address().local(),
        Basis.ADDRESS_LIST,
        dev,
        "RFC 6724 as the kernel does it, address of " + choice.dev() + ": " + choice.reason());
  }

  private static Outcome outcome(
      @Nullable IpAddress source,
      @Nullable String dev,
      @Nullable IpAddress gateway,
      boolean routeNamesSource,
      FibAnswer answer,
      List<Step> trace) {
    return new Outcome(
        new Egress(source, dev, gateway),
        null,
        answer.table(),
        answer.rule(),
        routeNamesSource,
        null,
        trace);
  }
}
