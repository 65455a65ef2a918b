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

  static List<String> lines(RoutePrediction prediction, WireAnswer onWire) {
    List<String> lines = new ArrayList<>();
    Egress first = prediction.first();
    if (prediction.unknown() != null) {
      lines.add("cannot be told: " + prediction.unknown());
    } else if (first == null) {
      lines.add("kernel refuses: " + prediction.error());
    } else {
      lines.add("kernel picks " + way(first) + ", table " + prediction.table());
    }
    if (!prediction.exact() && prediction.unknown() == null) {
      prediction.candidates().stream()
          .filter(c -> !c.equals(first))
          .forEach(c -> lines.add("or " + way(c)));
      prediction.errors().stream()
          .filter(e -> e != prediction.error())
          .forEach(e -> lines.add("or refuses: " + e));
    }
    if (first != null) {
      lines.add("on the wire" + wire(onWire));
      onWire.conditions().forEach(c -> lines.add("  depends on: " + c));
    }
    for (Step step : prediction.trace()) {
      lines.add("  " + StepText.sentence(step));
    }
    onWire.steps().forEach(step -> lines.add("  nat: " + step));
    return lines;
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
