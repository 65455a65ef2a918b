package io.vipscope.tools;

import io.vipscope.core.flow.FlowRecord;
import io.vipscope.core.model.inverse.CauseText;
import io.vipscope.core.model.inverse.Evidence;
import io.vipscope.core.model.inverse.Explanation;
import io.vipscope.core.pipeline.EvidenceSink;
import io.vipscope.core.pipeline.HostIndex;
import io.vipscope.core.verdict.FlowVerdict;
import io.vipscope.tools.export.Anonymizer;
import io.vipscope.tools.report.Why;
import io.vipscope.tools.view.Difference;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps, for the first flow of every kind that differs, with what to explain it. The cold thread
 * only keeps; explanations are made later, where there is time.
 */
final class DifferenceReasons implements EvidenceSink {

  private static final int MAX_KINDS = 200;

  private record Kept(ExplainedFlow flow, FlowVerdict verdict, Evidence evidence) {}

  private final @Nullable Anonymizer names;
  private final Map<Difference, Kept> kept = new LinkedHashMap<>();
  private final Map<Difference, Why> made = new LinkedHashMap<>();

  /**
   * @param names makes pseudonyms of addresses; null: they stay
   */
  DifferenceReasons(@Nullable Anonymizer names) {
    this.names = names;
  }

  @Override
  public void flow(FlowRecord flow, FlowVerdict verdict, Supplier<@Nullable Evidence> evidence) {
    if (Difference.of(flow, verdict) == null) {
      return;
    }
    Difference kind =
        names == null
            ? Difference.of(flow, verdict)
            : Difference.of(names.of(flow), names.of(verdict));
    if (kind == null) {
      return;
    }
    synchronized (kept) {
      if (kept.size() == MAX_KINDS || kept.containsKey(kind)) {
        return;
      }
    }
    Evidence found = evidence.get();
    if (found != null) {
      synchronized (kept) {
        kept.put(kind, new Kept(ExplainedFlow.of(flow, ""), verdict, found));
      }
    }
  }

  /** The explanation of one kind; null where none can be made. */
  @Nullable Why why(Difference kind, HostIndex index) {
    Kept one;
    synchronized (kept) {
      one = kept.get(kind);
    }
    if (one == null) {
      return null;
    }
    synchronized (made) {
      return made.computeIfAbsent(kind, _ -> explain(one, index));
    }
  }

  /** The explanations of all kinds that were kept. */
  Map<Difference, Why> all(HostIndex index) {
    List<Difference> kinds;
    synchronized (kept) {
      kinds = List.copyOf(kept.keySet());
    }
    Map<Difference, Why> all = new LinkedHashMap<>();
    for (Difference kind : kinds) {
      Why why = why(kind, index);
      if (why != null) {
        all.put(kind, why);
      }
    }
    return all;
  }

  private Why explain(Kept one, HostIndex index) {
    Explained explained = new Explainer(index).captured(one.flow(), one.verdict(), one.evidence());
    Explanation e = explained.explanation();
    if (e == null) {
      return new Why(List.of(), List.of(), List.of(), List.of());
    }
    Advice advice = Advice.of(e, index::isVip);
    return new Why(
        e.trace().stream().map(this::shown).toList(),
        e.causes().stream()
            .map(c -> shown(CauseText.clause(c, one.flow().src(), SnapshotText::time)))
            .toList(),
        advice.remedies().stream()
            .map(r -> new Why.Change(shown(r.source().toString()), shown(r.change())))
            .toList(),
        advice.minds().stream().map(this::shown).toList());
  }

  private String shown(String text) {
    return names == null ? text : names.text(text);
  }
}
