package io.vipscope.core.model.flow;

import io.vipscope.core.model.selection.Egress;
import io.vipscope.core.net.IpAddress;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Conditional sources as they are found.
 *
 * @param predicted what needs no condition
 * @param supposed sources that need nothing beside what is not modelled
 */
record Conditions(
    FlowQuery q, Set<Egress> predicted, Set<IpAddress> supposed, Set<ConditionalSource> all) {

  Conditions(FlowQuery q, Set<Egress> predicted, Set<IpAddress> supposed) {
    this(q, predicted, supposed, new LinkedHashSet<>());
  }

  /** The sources that need no condition beside what is not modelled. */
  static Set<IpAddress> supposed(OwnFlow ordinary) {
    Set<IpAddress> sources = new LinkedHashSet<>();
    for (WireSource way : ordinary.ways()) {
      IpAddress source = way.source();
      if (source != null && way.unknown() != null && way.conditions().isEmpty()) {
        sources.add(source);
      }
    }
    return sources;
  }

  /** What is not modelled is one of the conditions, unless it would do without the others. */
  void addAll(OwnFlow flow, List<String> given) {
    for (WireSource way : flow.ways()) {
      List<String> conditions = new ArrayList<>(given);
      conditions.addAll(way.conditions());
      IpAddress source = way.source();
      if (source == null || conditions.isEmpty() || !way.reaches(q)) {
        continue;
      }
      if (way.unknown() != null) {
        conditions.add(way.unknown());
      }
      if (way.unknown() == null || !supposed.contains(source)) {
        add(source, String.join(", ", conditions));
      }
    }
  }

  /** Combinations are named only where no single condition gives the source. */
  void add(@Nullable IpAddress source, String condition) {
    if (source == null || predicted.stream().anyMatch(e -> source.equals(e.source()))) {
      return;
    }
    boolean combined = condition.contains(", ");
    if (!combined || all.stream().noneMatch(c -> c.source().equals(source))) {
      all.add(new ConditionalSource(source, condition));
    }
  }
}
