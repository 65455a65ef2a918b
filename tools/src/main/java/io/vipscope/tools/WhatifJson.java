package io.vipscope.tools;

import io.vipscope.core.model.selection.RouteQuery;
import io.vipscope.core.model.snapshot.HostSnapshot;
import java.io.PrintWriter;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What changes of a state do, one JSON object a line. */
final class WhatifJson implements WhatifOutput {

  private static final JsonMapper MAPPER = new JsonMapper();

  private final String host;
  private final PrintWriter out;

  WhatifJson(String host, PrintWriter out) {
    this.host = host;
    this.out = out;
  }

  private ObjectNode state(ChangedState state) {
    ObjectNode line = MAPPER.createObjectNode();
    line.put("event_type", "whatif").put("host", host);
    line.put("role", state.role() == null ? null : state.role().toString());
    line.put("after_failover", state.afterFailover());
    line.put("assumed", state.before().assumed());
    return line;
  }

  private void print(ObjectNode line) {
    out.println(MAPPER.writeValueAsString(line));
  }

  @Override
  public void refused(ChangedState state) {
    print(state(state).put("refused", state.refused()));
  }

  @Override
  public void answers(ChangedState state, List<RouteQuery> asked, HostSnapshot after) {
    for (RouteQuery q : asked) {
      ObjectNode line = state(state).put("dst", q.dst().toString());
      compared(line, SourceAnswer.of(state.before(), q), SourceAnswer.of(after, q));
      print(line);
    }
  }

  @Override
  public void sweep(ChangedState state, DestinationChange.Sweep sweep) {
    for (DestinationChange change : sweep.changes()) {
      ObjectNode line =
          state(state)
              .put("dst", change.prefix().toString())
              .put("example", change.example().toString());
      ArrayNode except = line.putArray("except");
      change.except().forEach(prefix -> except.add(prefix.toString()));
      compared(line, change.before(), change.after());
      print(line);
    }
  }

  private static void compared(ObjectNode line, SourceAnswer before, SourceAnswer after) {
    line.put("source_changes", !before.sameSource(after));
    PredictionJson.answer(line.putObject("before"), before.route(), before.wire(), false);
    PredictionJson.answer(line.putObject("after"), after.route(), after.wire(), false);
  }
}
