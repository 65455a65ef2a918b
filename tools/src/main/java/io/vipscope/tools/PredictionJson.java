package io.vipscope.tools;

import io.vipscope.core.model.change.Role;
import io.vipscope.core.model.explanation.Step;
import io.vipscope.core.model.explanation.StepText;
import io.vipscope.core.model.selection.Egress;
import io.vipscope.core.model.selection.RoutePrediction;
import io.vipscope.core.net.IpAddress;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The one-line JSON form of a prediction. */
final class PredictionJson {

  private static final JsonMapper MAPPER = new JsonMapper();

  private PredictionJson() {}

  /**
   * One answer.
   *
   * @param role null: the state was not asked for by role, and says nothing of it
   * @param assumed the state was derived, not taken from the host
   */
  static String line(
      JsonNode id,
      @Nullable Role role,
      boolean assumed,
      RoutePrediction p,
      WireAnswer wire,
      boolean wireAsSource) {
    ObjectNode out = MAPPER.createObjectNode();
    out.set("id", id);
    if (role != null) {
      out.put("role", role.toString()).put("assumed", assumed);
    }
    answer(out, p, wire, wireAsSource);
    ArrayNode trace = out.putArray("trace");
    p.trace().forEach(step -> step(trace.addObject(), step));
    wire.steps().forEach(text -> trace.addObject().put("step", "nat").put("text", text));
    return MAPPER.writeValueAsString(out);
  }

  /** What is answered, without how that came about. */
  static void answer(ObjectNode out, RoutePrediction p, WireAnswer wire, boolean wireAsSource) {
    Egress first = p.first();
    IpAddress source = first == null ? null : first.source();
    put(out, "src", wireAsSource ? wire.source() : source);
    out.put("dev", first == null ? null : first.dev());
    put(out, "gateway", first == null ? null : first.gateway());
    out.put("table", first == null ? null : p.table());
    out.put("error", p.error() == null ? null : p.error().name());
    boolean exact = p.exact() && (!wireAsSource || wire.exact());
    out.put("exact", exact);
    boolean onWire = wireAsSource && wire.unknown() == null;
    ArrayNode candidates = out.putArray("candidates");
    for (Egress egress : onWire ? wire.candidates() : p.candidates()) {
      ObjectNode candidate = candidates.addObject();
      put(candidate, "src", egress.source());
      candidate.put("dev", egress.dev());
      put(candidate, "gateway", egress.gateway());
    }
    if (!exact) {
      p.errors().forEach(error -> refused(candidates, error.name()));
      if (onWire) {
        wire.errors().forEach(error -> refused(candidates, error));
      }
    }
    put(out, "wire_src", wire.source());
    ArrayNode conditions = out.putArray("conditions");
    wire.conditions().forEach(conditions::add);
    boolean wireUnknown = wireAsSource && p.unknown() == null && p.error() == null;
    out.put("unknown", wireUnknown ? wire.unknown() : p.unknown());
  }

  private static void refused(ArrayNode candidates, String error) {
    candidates.addObject().putNull("src").putNull("dev").putNull("gateway").put("error", error);
  }

  /** The kind, what a program may want to read, and the sentence. */
  private static void step(ObjectNode out, Step step) {
    out.put("step", StepText.kind(step));
    switch (step) {
      case Step.Rule(var rule, var effect) ->
          out.put("rule", rule.id()).put("effect", effect.name().toLowerCase(Locale.ROOT));
      case Step.Table(var table, var _, var found) -> out.put("table", table).put("found", found);
      case Step.RouteChosen(var route, var hop, var _) -> {
        out.put("dst", route.dst().toString()).put("table", route.table());
        if (hop != null) {
          out.put("dev", hop.dev());
          put(out, "gateway", hop.gateway());
        }
      }
      case Step.Source(var source, var basis, var dev, var _) -> {
        put(out, "src", source);
        out.put("basis", basis.name().toLowerCase(Locale.ROOT).replace('_', '-')).put("dev", dev);
      }
      case Step.Nat(var before, var after, var _) -> {
        put(out, "before", before);
        put(out, "after", after);
      }
      case Step.NoLookup _ -> {}
      case Step.Pass _ -> {}
      case Step.Undetermined _ -> {}
    }
    out.put("text", StepText.sentence(step));
  }

  private static void put(ObjectNode out, String key, @Nullable IpAddress address) {
    out.put(key, address == null ? null : address.toString());
  }
}
