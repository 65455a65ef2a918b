package io.vipscope.tools;

import io.vipscope.core.model.flow.OwnFlow;
import io.vipscope.core.model.flow.WireSource;
import io.vipscope.core.model.selection.Egress;
import io.vipscope.core.model.selection.RouteLookup;
import io.vipscope.core.model.selection.RoutePrediction;
import io.vipscope.core.model.selection.RouteQuery;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.net.IpAddress;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The source expected on the wire, after netfilter.
 *
 * @param source null = 0.0.0.0 leaves, or {@code unknown} says why there is no answer
 * @param conditions what it depends on and the query does not say
 * @param unknown why no source can be given; null if one can
 * @param why a sentence
 * @param steps what netfilter did, one sentence each
 * @param candidates everything that may leave, {@code source} first, conditions or not
 * @param errors why nothing might leave instead
 */
record WireAnswer(
    @Nullable IpAddress source,
    List<String> conditions,
    @Nullable String unknown,
    String why,
    List<String> steps,
    List<Egress> candidates,
    List<String> errors) {

  /** The condition that no netfilter rules were collected. */
  static final String NETFILTER_UNKNOWN = "netfilter unknown";

  private static final String NOTHING = "nothing leaves: ";

  private static final int TCP = 6;

  WireAnswer {
    conditions = List.copyOf(conditions);
    steps = List.copyOf(steps);
    candidates = List.copyOf(candidates);
    errors = List.copyOf(errors);
  }

  /** Whether state and question leave one source alone. */
  boolean exact() {
    return conditions.isEmpty();
  }

  /** A given source port is taken as one that the application bound. */
  static WireAnswer of(HostSnapshot s, RouteQuery q) {
    RoutePrediction route =
        q.ipproto() == TCP ? RouteLookup.connect(s, q, true) : RouteLookup.send(s, q);
    List<WireSource> ways = OwnFlow.through(s, q, route).ways();
    List<WireSource> ordinary = ways.stream().filter(w -> w.conditions().isEmpty()).toList();
    List<WireSource> firm = ordinary.stream().filter(WireSource::firm).toList();
    for (WireSource way : ordinary) {
      if (way.unknown() != null && !sources(firm).equals(sources(List.of(way)))) {
        return nothing(way.unknown(), way.steps());
      }
    }
    if (firm.isEmpty()) {
      WireSource first = ordinary.getFirst();
      return nothing(NOTHING + reason(first), first.steps());
    }
    WireSource first = firm.getFirst();
    List<String> conditions = conditions(ways, firm);
    String why = first.steps().isEmpty() ? "netfilter leaves it as it is" : first.steps().getLast();
    if (!s.netfilter().known()) {
      conditions.add(NETFILTER_UNKNOWN);
      why = "netfilter rules were not collected, they may change it";
    }
    Egress egress = first.egress();
    return new WireAnswer(
        egress == null ? null : egress.source(),
        conditions,
        null,
        why,
        first.steps(),
        candidates(firm, conditions.isEmpty() ? List.of() : ways),
        conditions.isEmpty() ? List.of() : errors(ways));
  }

  private static List<Egress> candidates(List<WireSource> firm, List<WireSource> ways) {
    Set<Egress> candidates = new LinkedHashSet<>();
    Stream.concat(firm.stream(), ways.stream().filter(w -> w.unknown() == null))
        .map(WireSource::egress)
        .filter(Objects::nonNull)
        .forEach(candidates::add);
    return new ArrayList<>(candidates);
  }

  private static List<String> errors(List<WireSource> ways) {
    return ways.stream()
        .filter(w -> w.egress() == null && w.unknown() == null)
        .map(WireSource::error)
        .filter(error -> error != null && !error.equals(WireSource.LOCAL))
        .distinct()
        .toList();
  }

  private static WireAnswer nothing(String unknown, List<String> steps) {
    return new WireAnswer(null, List.of(), unknown, unknown, steps, List.of(), List.of());
  }

  boolean nothingLeaves() {
    return unknown != null && unknown.startsWith(NOTHING);
  }

  private static String reason(WireSource way) {
    String error = way.error();
    if (error == null) {
      return "not known why";
    }
    return error.equals(WireSource.LOCAL) ? "it stays on this host" : error;
  }

  /** The conditions under which another source leaves. */
  private static List<String> conditions(List<WireSource> ways, List<WireSource> firm) {
    Set<String> conditions = new LinkedHashSet<>();
    Set<String> sources = sources(firm);
    if (sources.size() > 1) {
      conditions.add("one of " + String.join(", ", sources));
    }
    for (WireSource way : ways) {
      if (!way.conditions().isEmpty() && !sources.containsAll(sources(List.of(way)))) {
        conditions.add(String.join(", ", way.conditions()));
      }
    }
    return new ArrayList<>(conditions);
  }

  private static Set<String> sources(List<WireSource> ways) {
    Set<String> sources = new LinkedHashSet<>();
    for (WireSource way : ways) {
      Egress egress = way.egress();
      sources.add(egress == null ? "none" : String.valueOf(egress.source()));
    }
    return sources;
  }
}
