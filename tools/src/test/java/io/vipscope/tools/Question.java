package io.vipscope.tools;

import io.vipscope.core.model.explanation.StepText;
import io.vipscope.core.model.flow.FlowPrediction;
import io.vipscope.core.model.flow.FlowPredictor;
import io.vipscope.core.model.flow.FlowQuery;
import io.vipscope.core.model.flow.OwnFlow;
import io.vipscope.core.model.flow.WireSource;
import io.vipscope.core.model.netfilter.WireOutcome;
import io.vipscope.core.model.selection.Egress;
import io.vipscope.core.model.selection.RouteLookup;
import io.vipscope.core.model.selection.RoutePrediction;
import io.vipscope.core.model.selection.RouteQuery;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.PolicyRule;
import io.vipscope.core.net.IpAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the kernel was asked, and whether the model agrees with its answer. The first word of a
 * question says how it was asked, the others are those of {@code ip route get}:
 *
 * <ul>
 *   <li>{@code get}: by {@code ip route get}; source, device, gateway and table are known
 *   <li>{@code udp}, {@code tcp}, {@code tcp-bound}: by {@code connect()}, the last with a source
 *       port that was bound; the source is known, and mostly the device
 *   <li>{@code send}: by {@code sendto()}; only the error is known
 *   <li>{@code wire}: by {@code sendto()} through netfilter; the source on the wire is known
 * </ul>
 */
record Question(String kind, RouteQuery query) {

  static Question of(String text) {
    String[] words = text.replaceAll(" # .*", "").split(" ", -1);
    Map<String, String> options = new HashMap<>();
    for (int i = 2; i < words.length; i += 2) {
      options.put(words[i], words[i + 1]);
    }
    boolean tcp = words[0].startsWith("tcp");
    RouteQuery query =
        QueryReader.query(
            words[1],
            options.get("from"),
            Long.decode(options.getOrDefault("mark", "0")),
            Long.decode(options.getOrDefault("tos", "0")),
            options.get("oif"),
            words[0].equals("get") ? options.get("ipproto") : tcp ? "tcp" : "udp",
            Long.decode(options.getOrDefault("sport", "0")),
            Long.decode(options.getOrDefault("dport", "0")),
            Long.decode(options.getOrDefault("uid", "0")),
            0);
    return new Question(words[0], query);
  }

  /** What the model says of routing. */
  RoutePrediction predict(HostSnapshot s) {
    return switch (kind) {
      case "get" -> RouteLookup.routeGet(s, query);
      case "udp" -> RouteLookup.connect(s, query);
      case "tcp", "tcp-bound" -> RouteLookup.connect(s, query, kind.equals("tcp-bound"));
      case "send", "wire" -> RouteLookup.send(s, query);
      default -> throw new IllegalArgumentException(kind);
    };
  }

  /** Whether the model cannot tell. */
  boolean unknown(HostSnapshot s) {
    return predict(s).unknown() != null;
  }

  /** Null if the model agrees; else both answers. */
  static @Nullable String disagreement(
      HostSnapshot s, KernelCase.Asked asked, boolean ruled, boolean multipath) {
    Question question = of(asked.text());
    KernelAnswer kernel = asked.answer();
    if (question.kind.equals("wire")) {
      return question.onTheWire(s, kernel);
    }
    RoutePrediction p = question.predict(s);
    boolean determined = p.exact() || !ruled && !multipath && !addressTwice(s) && !p.hidesSource();
    boolean agrees;
    if (determined && p.unknown() == null) {
      agrees =
          kernel.error() == null
              ? p.first() != null
                  && question.same(p.first(), kernel)
                  && question.table(s, p, kernel, ruled)
              : p.error() != null && p.error().name().equals(kernel.error());
    } else if (kernel.error() == null) {
      agrees =
          p.unknown() != null
              || p.candidates().stream()
                  .anyMatch(e ->
                      p.hidesSource() ? question.sameWay(e, kernel) : question.same(e, kernel));
    } else {
      agrees =
          p.unknown() != null || p.errors().stream().anyMatch(e -> e.name().equals(kernel.error()));
    }
    return agrees
        ? null
        : "%s\n  kernel %s\n  model %s%s %s\n    %s\n"
            .formatted(
                asked.text(),
                kernel,
                p.candidates(),
                p.errors(),
                p.table(),
                String.join("\n    ", p.trace().stream().map(StepText::sentence).toList()));
  }

  private boolean sameWay(Egress egress, KernelAnswer kernel) {
    return same(new Egress(kernel.source(), egress.dev(), egress.gateway()), kernel);
  }

  private boolean same(Egress egress, KernelAnswer kernel) {
    return switch (kind) {
      case "get" -> egress.equals(new Egress(kernel.source(), kernel.dev(), kernel.gateway()));
      case "send" -> true;
      default ->
          Objects.equals(egress.source(), kernel.source())
              && (kernel.dev() == null || kernel.dev().equals(egress.dev()));
    };
  }

  /** The name of the one trie is main, even where the answer is the same without it. */
  private boolean table(HostSnapshot s, RoutePrediction p, KernelAnswer kernel, boolean ruled) {
    boolean untold = ruled && s.rules4().equals(PolicyRule.defaults(false));
    return !kind.equals("get") || untold || Objects.equals(kernel.table(), p.table());
  }

  /** Which of two devices the kernel finds for an address depends on their order in a hash. */
  private static boolean addressTwice(HostSnapshot snapshot) {
    List<IpAddress> all =
        snapshot.links().stream().flatMap(l -> l.addresses().stream()).map(a -> a.local()).toList();
    return all.size() > all.stream().distinct().count();
  }

  /** An answer without a source: nothing reached the far side. */
  private @Nullable String onTheWire(HostSnapshot s, KernelAnswer kernel) {
    OwnFlow flow = OwnFlow.through(s, query, RouteLookup.send(s, query));
    boolean expected = flow.ways().stream().anyMatch(w -> w.egress() != null && !ordered(w));
    boolean agrees =
        kernel.source() == null
            ? !expected || flow.ways().stream().anyMatch(w -> w.egress() == null && ordered(w))
            : flow.ways().stream().anyMatch(w -> possible(w) && source(w).equals(kernel.source()));
    if (!agrees) {
      return "%s\n  seen %s\n  model %s\n  %s\n"
          .formatted(query, kernel.source(), flow.ways(), String.join("\n  ", flow.sentences()));
    }
    return kernel.source() == null ? null : fromTheMirror(s, kernel.source(), flow);
  }

  /** Firm, or so if chains of equal priority are of another age than their tables. */
  private static boolean possible(WireSource w) {
    return w.firm() || w.egress() != null && w.conditions().isEmpty() && ordered(w);
  }

  private static boolean ordered(WireSource w) {
    return WireOutcome.CHAIN_ORDER.equals(w.unknown());
  }

  private static Object source(WireSource w) {
    return w.egress() == null || w.egress().source() == null ? "" : w.egress().source();
  }

  /** Knowing only what a mirror shows, the predictor must not firmly say another source. */
  private @Nullable String fromTheMirror(HostSnapshot s, IpAddress seen, OwnFlow flow) {
    WireSource way =
        flow.ways().stream()
            .filter(w -> possible(w) && source(w).equals(seen))
            .findFirst()
            .orElseThrow();
    FlowQuery q = new FlowQuery(way.dst(), query.ipproto(), query.sport(), way.dport());
    FlowPredictor predictor = new FlowPredictor(s);
    FlowPrediction p = predictor.predict(q);
    boolean told =
        p.sources().contains(seen)
            || p.conditional().stream().anyMatch(c -> c.source().equals(seen))
            || p.unmodelled() != null
            || query.from() != null && predictor.boundTo(q, seen) != null;
    return told
        ? null
        : "%s\n  sent as %s\n  %s\n  seen %s\n  from the mirror %s\n"
            .formatted(q, query, String.join("\n  ", flow.sentences()), seen, p);
  }
}
