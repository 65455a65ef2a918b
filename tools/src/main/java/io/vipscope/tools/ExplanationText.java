package io.vipscope.tools;

import io.vipscope.core.model.flow.FlowPrediction;
import io.vipscope.core.model.inverse.Cause;
import io.vipscope.core.model.inverse.CauseText;
import io.vipscope.core.model.inverse.Explanation;
import io.vipscope.core.model.inverse.Remedy;
import io.vipscope.core.model.snapshot.Link;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.verdict.FlowVerdict;
import io.vipscope.core.verdict.Verdict;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** An explanation as a person reads it: expected, observed, and what would explain that. */
final class ExplanationText {

  private static final String INDENT = "    ";
  private static final int WORD = 15;

  private final Predicate<IpAddress> vip;
  private final TextStyle style;

  /**
   * @param vip whether an address is a VIP
   */
  ExplanationText(Predicate<IpAddress> vip, TextStyle style) {
    this.vip = vip;
    this.style = style;
  }

  List<String> lines(Explained e) {
    List<String> lines = new ArrayList<>();
    lines.add(style.bold(e.flow().toString()));
    place(e.flow(), lines);
    Explanation explanation = e.explanation();
    if (explanation == null) {
      lines.addAll(unexplained(e));
      return lines;
    }
    lines.add(
        (e.sure() ? "  sent by " : "  if it was sent by ")
            + e.host()
            + ", "
            + SnapshotText.basis(explanation.observation().state()));
    lines.addAll(Lines.wrapped(expected(explanation.prediction()), "  expected ", INDENT));
    for (String step : explanation.trace()) {
      lines.addAll(Lines.wrapped(step, INDENT, INDENT + "  "));
    }
    lines.add("  observed " + source(explanation) + ": " + outcome(e, explanation));
    if (e.verdict() == Verdict.UNDECIDED) {
      lines.addAll(Lines.wrapped(e.reason(), INDENT));
    }
    causes(explanation, true, "  What would explain it, checked with the model", lines);
    causes(explanation, false, "  What may explain it; the model cannot check that", lines);
    Advice advice = Advice.of(explanation, vip);
    remedies(advice.remedies(), advice.minds(), lines);
    return lines;
  }

  private static void place(ExplainedFlow flow, List<String> lines) {
    if (flow.seenIn() == null) {
      return;
    }
    String place = "  in " + flow.seenIn();
    if (flow.flowId() != 0) {
      place = "  flow " + flow.flowId() + " of " + flow.seenIn();
    }
    lines.add(place);
    if (flow.startNs() != FlowVerdict.NO_TIME) {
      lines.add("  began " + Timestamp.of(flow.startNs()));
    }
  }

  private List<String> unexplained(Explained e) {
    String host = e.host() == null ? "" : e.host() + ": ";
    String verdict = e.verdict() == null ? "" : style.verdict(e.verdict()) + ": ";
    return Lines.wrapped(host + verdict + e.reason(), "  ", INDENT);
  }

  private static String expected(FlowPrediction p) {
    if (p.unmodelled() != null) {
      return "cannot be told: the state uses what is not modelled: " + p.unmodelled();
    }
    if (p.sources().isEmpty()) {
      return p.error() == null ? "no source address" : "no packet (" + p.error() + ")";
    }
    return p.sources().stream().map(IpAddress::toString).collect(Collectors.joining(" or "))
        + " ("
        + p.mechanism()
        + (p.rule() == null ? "" : ", " + p.rule())
        + ")"
        + (p.natUnknown() ? ", if no NAT rule changes it: none was collected" : "");
  }

  private String source(Explanation explanation) {
    IpAddress source = explanation.observation().source();
    Link link = explanation.observation().state().owner(source);
    if (vip.test(source)) {
      return source + ", a VIP " + (link == null ? "that it does not hold" : "on " + link.name());
    }
    return source + (link == null ? ", no address of it" : ", an address of " + link.name());
  }

  private String outcome(Explained e, Explanation explanation) {
    if (e.verdict() != null) {
      return style.verdict(e.verdict());
    }
    if (explanation.prediction().unmodelled() != null) {
      return "cannot be compared";
    }
    return explanation.expected() ? "as expected" : "not what the state gives";
  }

  private static void causes(
      Explanation explanation, boolean checked, String title, List<String> lines) {
    List<Cause> causes = explanation.causes().stream().filter(c -> c.checked() == checked).toList();
    if (!causes.isEmpty()) {
      lines.add(title);
    }
    IpAddress source = explanation.observation().source();
    for (Cause cause : causes) {
      String word = INDENT + CauseText.word(cause);
      String indent = " ".repeat(INDENT.length() + WORD);
      lines.addAll(
          Lines.wrapped(
              CauseText.clause(cause, source, SnapshotText::time),
              word + " ".repeat(Math.max(1, indent.length() - word.length())),
              indent));
    }
  }

  private void remedies(List<Remedy> remedies, List<String> minds, List<String> lines) {
    Map<IpAddress, List<Remedy>> bySource =
        remedies.stream()
            .collect(
                Collectors.groupingBy(Remedy::source, LinkedHashMap::new, Collectors.toList()));
    bySource.forEach((source, changes) -> {
      lines.add(
          "  To make the host use " + source + (vip.test(source) ? ", the VIP" : "") + ", one of");
      changes.forEach(remedy -> lines.add(INDENT + remedy.change()));
    });
    minds.forEach(mind -> lines.addAll(Lines.wrapped(mind, "  Mind: ", INDENT)));
    if (!remedies.isEmpty()) {
      lines.add("  (tried on the model alone; 'vipscope whatif' shows what else one changes)");
    }
  }
}
