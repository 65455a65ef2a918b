package io.vipscope.tools;

import io.vipscope.core.model.selection.Egress;
import io.vipscope.core.model.selection.RouteLookup;
import io.vipscope.core.model.selection.RoutePrediction;
import io.vipscope.core.model.selection.RouteQuery;
import io.vipscope.core.model.snapshot.HostSnapshot;
import java.util.List;

/** The answer of one state to one query, as answers of two states are compared. */
record SourceAnswer(RoutePrediction route, WireAnswer wire) {

  static SourceAnswer of(HostSnapshot s, RouteQuery q) {
    return new SourceAnswer(RouteLookup.routeGet(s, q), WireAnswer.of(s, q));
  }

  /** The source on the wire, or why there is none, for people. */
  String source() {
    Egress first = route.first();
    if (route.unknown() != null) {
      return "not known (" + route.unknown() + ")";
    }
    if (first == null) {
      return String.valueOf(route.error());
    }
    String source = first.source() == null ? "0.0.0.0" : first.source().toString();
    if (wire.unknown() != null) {
      return source + " (" + wire.unknown() + ")";
    }
    source = wire.source() == null ? "0.0.0.0" : wire.source().toString();
    List<String> conditions =
        wire.conditions().stream().filter(c -> !c.equals(WireAnswer.NETFILTER_UNKNOWN)).toList();
    return conditions.isEmpty()
        ? source
        : source + " (depends on: " + String.join("; ", conditions) + ")";
  }

  /** Device and gateway, for people; empty if nothing is sent. */
  String way() {
    Egress first = route.first();
    return first == null ? "" : way(first);
  }

  private static String way(Egress egress) {
    return " dev " + egress.dev() + (egress.gateway() == null ? "" : " via " + egress.gateway());
  }

  boolean sameSource(SourceAnswer other) {
    return source().equals(other.source());
  }

  /** The same source by the same way. */
  boolean same(SourceAnswer other) {
    return sameSource(other) && sameWay(other);
  }

  boolean sameWay(SourceAnswer other) {
    return ways().equals(other.ways());
  }

  private List<String> ways() {
    return route.candidates().stream().map(SourceAnswer::way).distinct().toList();
  }

  /** It goes to the host itself. */
  boolean stays() {
    Egress first = route.first();
    return first != null && "lo".equals(first.dev());
  }
}
