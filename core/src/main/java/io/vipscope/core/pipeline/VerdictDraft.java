package io.vipscope.core.pipeline;

import io.vipscope.core.model.flow.FlowPrediction;
import io.vipscope.core.model.inverse.Observation;
import io.vipscope.core.model.selection.Egress;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.verdict.Direction;
import io.vipscope.core.verdict.FlowVerdict;
import io.vipscope.core.verdict.Origin;
import io.vipscope.core.verdict.PathVerdict;
import io.vipscope.core.verdict.Severity;
import io.vipscope.core.verdict.SourceClass;
import io.vipscope.core.verdict.UndecidedCode;
import io.vipscope.core.verdict.Verdict;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A verdict while it is put together. */
final class VerdictDraft {

  @Nullable String host;
  @Nullable String pair;
  Direction direction = Direction.UNKNOWN;
  Origin origin = Origin.UNKNOWN;
  @Nullable SourceClass sourceClass;
  List<String> sourceFlags = List.of();
  @Nullable String sourceDev;
  List<IpAddress> predicted = List.of();
  @Nullable SourceClass predictedClass;
  @Nullable Verdict verdict;
  Severity severity = Severity.INFO;
  @Nullable String mechanism;
  final List<String> causes = new ArrayList<>();
  final List<String> conditions = new ArrayList<>();
  @Nullable UndecidedCode code;
  @Nullable String rule;
  List<String> trace = List.of();
  @Nullable IpAddress vip;
  @Nullable String owner;
  int epoch;
  long stateTimeNs = FlowVerdict.NO_TIME;
  String reason = "";
  @Nullable String pathDev;
  @Nullable IpAddress pathGateway;
  PathVerdict path = PathVerdict.UNKNOWN;

  /** What was compared with the prediction; null if it did not come to that. */
  @Nullable Observation observation;

  VerdictDraft(FlowPlace place) {
    AuditedHost audited = place.host();
    host = audited == null ? null : audited.name();
    AuditedPair of = audited == null ? null : audited.pair();
    pair = of == null ? null : of.name();
    direction = place.direction();
  }

  /**
   * Takes over what the model says.
   *
   * @param steps the trace
   */
  void prediction(FlowPrediction p, List<String> steps) {
    trace = steps;
    predicted = List.copyOf(p.sources());
    mechanism = p.mechanism().toString();
    rule = p.rule();
  }

  /** Takes over where the packet should go. */
  void egress(Egress egress, PathVerdict verdictOfPath) {
    pathDev = egress.dev();
    pathGateway = egress.gateway();
    path = verdictOfPath;
  }

  VerdictDraft undecided(UndecidedCode why, String sentence) {
    verdict = Verdict.UNDECIDED;
    code = why;
    severity = Severity.NOTICE;
    reason = sentence;
    return this;
  }

  VerdictDraft decided(Verdict value, Severity weight, String sentence) {
    verdict = value;
    severity = weight;
    reason = sentence;
    return this;
  }

  FlowVerdict done() {
    return new FlowVerdict(
        host,
        pair,
        direction,
        origin,
        sourceClass,
        sourceFlags,
        sourceDev,
        predicted,
        predictedClass,
        verdict,
        severity,
        mechanism,
        causes,
        conditions,
        code,
        rule,
        trace,
        vip,
        owner,
        epoch,
        stateTimeNs,
        reason,
        pathDev,
        pathGateway,
        path);
  }
}
