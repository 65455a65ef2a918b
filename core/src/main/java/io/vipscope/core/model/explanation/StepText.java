package io.vipscope.core.model.explanation;

import io.vipscope.core.model.snapshot.Nexthop;
import io.vipscope.core.model.snapshot.PolicyRule;
import io.vipscope.core.model.snapshot.Route;
import io.vipscope.core.model.snapshot.RouteType;
import io.vipscope.core.model.snapshot.RuleAction;
import io.vipscope.core.net.IpPrefix;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Sentences for steps. */
public final class StepText {

  private StepText() {}

  /** The step's kind as records name it: rule, table, route, source or nat. */
  public static String kind(Step step) {
    return switch (step) {
      case Step.Rule _ -> "rule";
      case Step.Table _ -> "table";
      case Step.RouteChosen _ -> "route";
      case Step.NoLookup _ -> "route";
      case Step.Source _ -> "source";
      case Step.Pass _ -> "route";
      case Step.Nat _ -> "nat";
      case Step.Undetermined _ -> "route";
    };
  }

  public static String sentence(Step step) {
    return switch (step) {
      case Step.Rule(PolicyRule rule, Step.Effect effect) -> rule(rule, effect);
      case Step.Table(String table, boolean merged, boolean found) ->
          merged
              ? "tables local and main (one, as long as no rule was ever added) have "
                  + (found ? "a route" : "no route for it")
              : "table " + table + (found ? " has a route" : " has no route for it");
      case Step.RouteChosen(Route route, Nexthop hop, int choices) ->
          "route "
              + route(route, hop)
              + (choices > 1 ? ", one of " + choices + " ways that are equally possible" : "");
      case Step.NoLookup(Step.NoLookup.Why why, String dev) -> noLookup(why, dev);
      case Step.Source s -> source(s);
      case Step.Pass(int number, var source) ->
          "pass " + number + " of the socket: lookup again, now with source " + source;
      case Step.Nat(var before, var after, String rule) ->
          before != null && before.equals(after)
              ? "source stays " + after + ": " + rule
              : "source becomes " + after + ": " + rule;
      case Step.Undetermined(int ways, var errors) -> undetermined(ways, errors);
    };
  }

  /** A route as one of its ways out shows it: {@code route default via … dev … of table main}. */
  public static String sentence(Route route) {
    return "route " + route(route, route.nexthops().isEmpty() ? null : route.nexthops().getFirst());
  }

  private static String undetermined(int ways, List<String> errors) {
    List<String> answers = new ArrayList<>(errors);
    if (ways > 0) {
      answers.addFirst(ways == 1 ? "one way out" : ways + " ways out");
    }
    return "the snapshot does not determine it: " + String.join(" or ", answers);
  }

  private static String rule(PolicyRule rule, Step.Effect effect) {
    String head = rule.id() + " (" + selectors(rule) + ") ";
    return head
        + switch (effect) {
          case DECIDED -> "decides by " + action(rule);
          case NO_ROUTE -> "matches, but " + action(rule) + " has no route for it";
          case SUPPRESSED -> "matches, but suppresses what " + action(rule) + " answers";
          case JUMPED -> "matches: " + action(rule);
          case REJECTED -> "refuses it: " + action(rule);
          case UNKNOWN -> "cannot be evaluated";
        };
  }

  private static String action(PolicyRule rule) {
    return switch (rule.action()) {
      case RuleAction.Lookup(String table) -> "table " + table;
      case RuleAction.Goto(long priority) -> "goto " + priority;
      case RuleAction.Nop() -> "nop";
      case RuleAction.Reject(RouteType type) -> type.text();
      case RuleAction.Other(String text) -> text;
    };
  }

  /** The selectors as {@code ip rule} writes them. */
  public static String selectors(PolicyRule r) {
    List<String> parts = new ArrayList<>();
    if (r.inverted()) {
      parts.add("not");
    }
    IpPrefix from = r.from();
    parts.add("from " + (from == null ? "all" : from));
    add(parts, "to", r.to());
    if (r.markMask() != 0) {
      parts.add(
          "fwmark 0x"
              + Integer.toHexString(r.mark())
              + (r.markMask() == -1 ? "" : "/0x" + Integer.toHexString(r.markMask())));
    }
    add(parts, "iif", r.iif());
    add(parts, "oif", r.oif());
    add(parts, "tos", r.tos() == 0 ? null : "0x" + Integer.toHexString(r.tos()));
    add(parts, "ipproto", r.ipproto() == 0 ? null : r.ipproto());
    add(parts, "sport", r.sport());
    add(parts, "dport", r.dport());
    add(parts, "uidrange", r.uid());
    parts.addAll(r.unmodelled());
    return String.join(" ", parts);
  }

  private static void add(List<String> parts, String name, @Nullable Object value) {
    if (value != null) {
      parts.add(name + " " + value);
    }
  }

  private static String route(Route route, @Nullable Nexthop hop) {
    StringBuilder out = new StringBuilder();
    if (route.type() != RouteType.UNICAST) {
      out.append(route.type().text()).append(' ');
    }
    out.append(route.dst().length() == 0 ? "default" : route.dst().toString());
    if (route.from() != null && route.from().length() > 0) {
      out.append(" from ").append(route.from());
    }
    if (route.tos() != 0) {
      out.append(" tos 0x").append(Integer.toHexString(route.tos()));
    }
    if (hop != null && hop.gateway() != null) {
      out.append(" via ").append(hop.gateway());
    }
    if (hop != null && hop.dev() != null) {
      out.append(" dev ").append(hop.dev());
    }
    if (route.metric() != 0) {
      out.append(" metric ").append(route.metric());
    }
    return out.append(" of table ").append(route.table()).toString();
  }

  private static String noLookup(Step.NoLookup.Why why, @Nullable String dev) {
    return switch (why) {
      case LINK_DESTINATION -> "no lookup: such a destination is on the link of " + dev;
      case DEVICE_OF_SOURCE -> "no lookup: it leaves by " + dev + ", the device of its source";
      case THIS_HOST -> "no lookup: the unspecified address is this host";
      case ASSUMED_ON_LINK ->
          "the lookup fails, but a device was asked for: taken as on the link of " + dev;
      case NO_ROUTE -> "no rule leads to a route";
      case DEVICE_UNUSABLE -> "device " + dev + " does not exist or is down";
      case SOURCE_INVALID -> "the source may not be used on " + (dev == null ? "the wire" : dev);
      case SOURCE_NOT_LOCAL -> "the source is no address of this host";
      case DESTINATION_INVALID -> "nothing can be sent to this destination";
    };
  }

  private static String source(Step.Source s) {
    return switch (s.basis()) {
      case GIVEN -> "source " + s.source() + " was given";
      case ROUTE_SRC -> "source " + s.source() + ": the route names it (src)";
      case DESTINATION -> "source " + s.source() + ": the destination is this host";
      case ADDRESS_LIST -> "source " + s.source() + ": " + s.detail();
      case NONE -> "no source: " + s.detail();
    };
  }
}
