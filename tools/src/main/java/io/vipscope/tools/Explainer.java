package io.vipscope.tools;

import io.vipscope.core.model.flow.FlowPredictor;
import io.vipscope.core.model.inverse.Causes;
import io.vipscope.core.model.inverse.Evidence;
import io.vipscope.core.model.inverse.Explanation;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.pipeline.AuditedHost;
import io.vipscope.core.pipeline.HostIndex;
import io.vipscope.core.pipeline.SnapshotEvidence;
import io.vipscope.core.verdict.FlowVerdict;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Explains flows, by what is known of each: its capture, its record, or its addresses alone. */
final class Explainer {

  private final HostIndex index;
  private final SnapshotEvidence snapshots;
  private final IdentityHashMap<HostSnapshot, FlowPredictor> predictors = new IdentityHashMap<>();

  Explainer(HostIndex index) {
    this.index = index;
    this.snapshots = new SnapshotEvidence(index);
  }

  /** One explanation, complete. */
  private Explanation explain(Evidence evidence) {
    Explanation explanation =
        Explanation.of(
            evidence, new Causes(s -> predictors.computeIfAbsent(s, FlowPredictor::new)));
    return explanation.withRemedies(
        Remedies.of(evidence.observation(), explanation.prediction(), index::isVip));
  }

  /** A flow of a capture, by what the wire showed around it. */
  Explained captured(ExplainedFlow flow, FlowVerdict verdict, @Nullable Evidence evidence) {
    return new Explained(
        flow,
        verdict.host(),
        true,
        verdict.verdict(),
        verdict.reason(),
        evidence == null ? null : explain(evidence));
  }

  /** A flow of which nothing but its addresses and perhaps its time is known. */
  List<Explained> alone(ExplainedFlow flow) {
    if (flow.src().isAny()) {
      return List.of(Explained.nothing(flow, null, "a packet without a source address"));
    }
    List<AuditedHost> senders = snapshots.senders(flow.src(), flow.dst(), flow.timeNs());
    if (senders.isEmpty()) {
      String why = "opened by " + flow.src() + ", which is no address of an audited host";
      return List.of(Explained.nothing(flow, null, why));
    }
    // Who holds a VIP is not always who uses it: that may be what is to be explained.
    boolean several = index.hosts().size() > 1;
    boolean sure = senders.size() == 1 && !(several && index.isVip(flow.src()));
    List<Explained> all = new ArrayList<>();
    for (AuditedHost host : senders) {
      all.add(by(host, flow, sure));
    }
    return all;
  }

  private Explained by(AuditedHost host, ExplainedFlow flow, boolean sure) {
    Evidence evidence = snapshots.at(host, flow.query(), flow.src(), flow.timeNs());
    if (evidence.observation().state().routes(flow.src().v6()) == null) {
      String why = "its snapshot has no IPv" + flow.src().family() + " routes";
      return new Explained(flow, host.name(), sure, null, why, null);
    }
    return new Explained(flow, host.name(), sure, null, "", explain(evidence));
  }

  /** A recorded flow, by the state that the audit had taken. */
  List<Explained> recorded(EveRecord record) {
    ExplainedFlow flow = record.flow();
    EveRecord.Judged judged = record.judged();
    if (judged == null) {
      return alone(flow);
    }
    AuditedHost host = index.host(judged.host());
    SnapshotEvidence.Recorded state = judged.state();
    if (state == null || host == null) {
      String why =
          state != null && host == null
              ? "no snapshot of " + judged.host() + ", which sent it, was given"
              : judged.reason();
      return List.of(new Explained(flow, judged.host(), true, judged.verdict(), why, null));
    }
    Evidence evidence = snapshots.recorded(host, flow.query(), flow.src(), flow.timeNs(), state);
    if (evidence == null) {
      String why =
          "no snapshot of "
              + host.name()
              + " that was given shows the state by which this was recorded: give the snapshots of"
              + " then, or the capture (-r)";
      return List.of(new Explained(flow, host.name(), true, judged.verdict(), why, null));
    }
    return List.of(
        new Explained(
            flow, host.name(), true, judged.verdict(), judged.reason(), explain(evidence)));
  }
}
