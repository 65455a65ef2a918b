package io.vipscope.tools;

import io.vipscope.core.flow.Protocols;
import io.vipscope.core.model.explanation.StepText;
import io.vipscope.core.model.flow.FlowPrediction;
import io.vipscope.core.model.inverse.Cause;
import io.vipscope.core.model.inverse.CauseText;
import io.vipscope.core.model.inverse.Explanation;
import io.vipscope.core.model.inverse.Observation;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.Link;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.verdict.FlowVerdict;
import io.vipscope.core.verdict.SourceClass;
import java.util.function.Predicate;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The one-line JSON form of an explanation: a flow's record as far as it is known, and causes. */
final class ExplanationJson {

  private static final JsonMapper MAPPER = new JsonMapper();

  private ExplanationJson() {}

  /**
   * One explanation.
   *
   * @param vip whether an address is a VIP
   */
  static String line(Explained e, Predicate<IpAddress> vip) {
    ObjectNode out = MAPPER.createObjectNode();
    flow(out, e.flow());
    ObjectNode own = out.putObject("vipscope");
    own.put("host", e.host()).put("host_known", e.host() != null && e.sure());
    own.put("verdict", e.verdict() == null ? null : e.verdict().toString());
    own.put("reason", e.reason().isEmpty() ? null : e.reason());
    Explanation explanation = e.explanation();
    if (explanation != null) {
      state(own, explanation.observation(), vip);
      prediction(own, explanation);
      own.put("expected", explanation.expected());
      ArrayNode words = own.putArray("causes");
      explanation.causes().forEach(cause -> words.add(CauseText.word(cause)));
      ArrayNode all = own.putArray("explanations");
      explanation
          .causes()
          .forEach(cause -> cause(all.addObject(), cause, explanation.observation().source()));
      remedies(own, explanation);
    }
    return MAPPER.writeValueAsString(out);
  }

  private static void flow(ObjectNode out, ExplainedFlow flow) {
    out.put("event_type", "explanation");
    if (flow.flowId() != 0) {
      out.put("flow_id", flow.flowId());
    }
    out.put("src_ip", flow.src().toString()).put("src_port", flow.srcPort());
    out.put("dest_ip", flow.dst().toString()).put("dest_port", flow.dstPort());
    out.put("proto", Protocols.name(flow.protocol())).put("ip_v", flow.src().family());
    if (flow.communityId() != null) {
      out.put("community_id", flow.communityId());
    }
    if (flow.startNs() != FlowVerdict.NO_TIME) {
      out.putObject("flow").put("start", Timestamp.of(flow.startNs()));
    }
  }

  private static void state(ObjectNode own, Observation o, Predicate<IpAddress> vip) {
    SourceClass sourceClass =
        vip.test(o.source())
            ? SourceClass.VIP
            : o.known() ? SourceClass.PRIMARY : SourceClass.FOREIGN;
    Link link = o.state().owner(o.source());
    own.put("source_class", sourceClass.toString());
    own.put("source_dev", link == null ? null : link.name());
    time(own, o.state());
    own.put("assumed", o.state().assumed());
  }

  private static void prediction(ObjectNode own, Explanation explanation) {
    FlowPrediction p = explanation.prediction();
    ArrayNode predicted = own.putArray("predicted");
    p.sources().forEach(source -> predicted.add(source.toString()));
    own.put("mechanism", p.mechanism().toString()).put("rule", p.rule());
    own.put("error", p.error()).put("unknown", p.unmodelled());
    own.put("nat_known", !p.natUnknown());
    ArrayNode trace = own.putArray("trace");
    explanation.trace().forEach(trace::add);
  }

  private static void cause(ObjectNode out, Cause cause, IpAddress source) {
    out.put("cause", CauseText.word(cause)).put("checked", cause.checked());
    switch (cause) {
      case Cause.Bound(var bind, var assumed) -> {
        out.put("address", bind.address().toString());
        ArrayNode conditions = out.putArray("conditions");
        bind.conditions().forEach(conditions::add);
        if (assumed != null) {
          time(out, assumed);
        }
      }
      case Cause.Conditional(String condition) -> out.put("condition", condition);
      case Cause.WithoutRule(var rule, boolean alone) ->
          out.put("rule", rule.id()).put("selectors", StepText.selectors(rule)).put("alone", alone);
      case Cause.WithoutRoute(var route, boolean alone) ->
          out.put("route", StepText.sentence(route)).put("alone", alone);
      case Cause.WithoutNat(String chain, var rule, boolean alone) ->
          out.put("chain", chain).put("rule", rule.text()).put("alone", alone);
      case Cause.OtherState(var snapshot, boolean neighbour, boolean alone, int further) -> {
        time(out, snapshot);
        out.put("neighbour", neighbour).put("alone", alone).put("further", further);
      }
      case Cause.StaleAddress(var holders) -> {
        ArrayNode hosts = out.putArray("holders");
        holders.forEach(holder -> hosts.add(holder.host()));
      }
      case Cause.SnatUnknown _ -> {}
      case Cause.SnatElsewhere _ -> {}
      case Cause.SentByAnother _ -> {}
      case Cause.Spoof _ -> {}
      case Cause.Untried(int count) -> out.put("count", count);
      case Cause.Unexplained _ -> {}
    }
    out.put("text", CauseText.clause(cause, source, SnapshotText::time));
  }

  private static void remedies(ObjectNode own, Explanation explanation) {
    if (explanation.remedies().isEmpty()) {
      return;
    }
    ArrayNode remedies = own.putArray("remedies");
    explanation
        .remedies()
        .forEach(
            r -> remedies.addObject().put("src", r.source().toString()).put("change", r.change()));
  }

  private static void time(ObjectNode out, HostSnapshot snapshot) {
    boolean known = snapshot.tEndNs() != HostSnapshot.ALWAYS;
    out.put("state_time", known ? Timestamp.of(snapshot.tEndNs()) : null);
  }
}
