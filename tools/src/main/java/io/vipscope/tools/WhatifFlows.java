package io.vipscope.tools;

import io.vipscope.core.flow.Protocols;
import io.vipscope.core.model.flow.FlowPrediction;
import io.vipscope.core.verdict.FlowVerdict;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Recorded flows whose source would change: grouped for people, one JSON object each. */
final class WhatifFlows {

  private static final JsonMapper MAPPER = new JsonMapper();
  private static final String INDENT = "    ";
  private static final int EXAMPLES = 5;

  private final String host;
  private final boolean json;
  private final PrintWriter out;
  private final Map<String, Group> groups = new LinkedHashMap<>();
  private long changed;

  /** Flows that change alike. */
  private static final class Group {
    final List<FlowChanges.Changed> examples = new ArrayList<>();
    long flows;
    long bound;
  }

  WhatifFlows(String host, boolean json, PrintWriter out) {
    this.host = host;
    this.json = json;
    this.out = out;
  }

  /** On the pipeline's cold thread. */
  void changed(FlowChanges.Changed c) {
    changed++;
    if (json) {
      out.println(line(c));
      return;
    }
    String key = FlowChanges.text(c.before()) + " -> " + FlowChanges.text(c.after());
    Group group = groups.computeIfAbsent(key, _ -> new Group());
    group.flows++;
    group.bound += c.follows() ? 0 : 1;
    if (group.examples.size() < EXAMPLES) {
      group.examples.add(c);
    }
  }

  private String line(FlowChanges.Changed c) {
    ObjectNode line = MAPPER.createObjectNode();
    ExplainedFlow flow = c.flow();
    line.put("event_type", "whatif").put("host", host).put("flow_id", flow.flowId());
    line.put("src_ip", flow.src().toString()).put("src_port", flow.srcPort());
    line.put("dest_ip", flow.dst().toString()).put("dest_port", flow.dstPort());
    line.put("proto", Protocols.name(flow.protocol()));
    line.put("community_id", flow.communityId());
    if (flow.startNs() != FlowVerdict.NO_TIME) {
      line.putObject("flow").put("start", Timestamp.of(flow.startNs()));
    }
    line.put("assumed", c.assumed()).put("follows", c.follows());
    prediction(line.putObject("before"), c.before());
    prediction(line.putObject("after"), c.after());
    return MAPPER.writeValueAsString(line);
  }

  private static void prediction(ObjectNode out, FlowPrediction p) {
    ArrayNode predicted = out.putArray("predicted");
    p.sources().forEach(source -> predicted.add(source.toString()));
    out.put("mechanism", p.mechanism().toString()).put("rule", p.rule());
    out.put("error", p.error()).put("unknown", p.unmodelled());
  }

  /** The totals: every judged flow is in one of them. */
  void end(FlowChanges all) {
    if (json) {
      ObjectNode line = MAPPER.createObjectNode();
      line.put("event_type", "whatif_stats").put("host", host);
      line.put("changed", changed).put("unchanged", all.compared - changed);
      line.put("not_compared", all.notCompared).put("other_hosts", all.otherHosts);
      ArrayNode refused = line.putArray("refused");
      all.refused.keySet().forEach(refused::add);
      ObjectNode gone = line.putObject("address_gone");
      all.orphaned.forEach((address, flows) -> gone.put(address.toString(), flows));
      out.println(MAPPER.writeValueAsString(line));
      return;
    }
    groups.forEach(this::group);
    all.orphaned.forEach((address, flows) ->
        out.println(
            count(flows)
                + " of "
                + host
                + " had "
                + address
                + " as source, which it would not hold any more"));
    all.refused.forEach((why, states) ->
        Lines.wrapped("the kernel would refuse " + why, "", INDENT).forEach(out::println));
    out.println(
        "Flows  "
            + (all.compared + all.notCompared + all.otherHosts)
            + " = "
            + changed
            + " changed + "
            + (all.compared - changed)
            + " unchanged + "
            + all.notCompared
            + " not compared + "
            + all.otherHosts
            + " of other hosts");
  }

  private static String count(long flows) {
    return flows + (flows == 1 ? " flow" : " flows");
  }

  private void group(String change, Group group) {
    out.println(
        TextStyle.forStdout().bold(change)
            + "  "
            + count(group.flows)
            + (group.bound == 0
                ? ""
                : ", "
                    + group.bound
                    + " of them may keep their source: they do not follow the"
                    + " state today"));
    for (FlowChanges.Changed c : group.examples) {
      out.println(INDENT + c.flow() + (c.follows() ? "" : "  (may keep " + c.flow().src() + ")"));
    }
    if (group.flows > group.examples.size()) {
      out.println(INDENT + "and " + (group.flows - group.examples.size()) + " more");
    }
  }
}
