package io.vipscope.tools;

import io.vipscope.core.model.explanation.Step;
import io.vipscope.core.model.explanation.StepText;
import io.vipscope.core.model.selection.Egress;
import io.vipscope.core.model.selection.RoutePrediction;
import java.util.ArrayList;
import java.util.List;

/** A prediction as a person reads it: the answer, what netfilter makes of it, every step. */
final class PredictionText {

  private PredictionText() {}

  /** What of the steps already stands in the answer is not said again. */
  static List<String> lines(RoutePrediction prediction, WireAnswer onWire, String indent) {
    List<String> lines = new ArrayList<>();
    Egress first = prediction.first();
    if (prediction.unknown() != null) {
      add(lines, "cannot be told: " + prediction.unknown(), indent);
    } else if (first == null) {
      add(lines, "kernel refuses: " + prediction.error(), indent);
    } else {
      add(lines, "kernel picks " + way(first) + ", table " + prediction.table(), indent);
    }
    if (!prediction.exact() && prediction.unknown() == null) {
      prediction.candidates().stream()
          .filter(c -> !c.equals(first))
          .forEach(c -> add(lines, "or " + way(c), indent));
      prediction.errors().stream()
          .filter(e -> e != prediction.error())
          .forEach(e -> add(lines, "or refuses: " + e, indent));
    }
    if (first != null) {
      add(lines, "on the wire" + wire(onWire), indent);
      onWire.conditions().forEach(c -> add(lines, "depends on: " + c, indent + "  "));
    }
    for (Step step : prediction.trace()) {
      add(lines, StepText.sentence(step), indent + "  ");
    }
    onWire.steps().stream()
        .filter(step -> first == null || !step.equals(onWire.why()))
        .forEach(step -> add(lines, "nat: " + step, indent + "  "));
    return lines;
  }

  private static void add(List<String> lines, String text, String indent) {
    lines.addAll(Lines.wrapped(text, indent, indent + "  "));
  }

  private static String wire(WireAnswer onWire) {
    if (onWire.source() != null) {
      return " " + onWire.source() + ": " + onWire.why();
    }
    return (onWire.nothingLeaves() ? ": " : " not known: ") + onWire.why();
  }

  private static String way(Egress egress) {
    return (egress.source() == null ? "no source" : egress.source())
        + " dev "
        + egress.dev()
        + (egress.gateway() == null ? "" : " via " + egress.gateway());
  }
}
