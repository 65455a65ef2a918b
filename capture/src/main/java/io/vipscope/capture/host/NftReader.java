package io.vipscope.capture.host;

import io.vipscope.core.model.netfilter.Expression;
import io.vipscope.core.model.netfilter.Match;
import io.vipscope.core.model.netfilter.Ruleset.Chain;
import io.vipscope.core.model.netfilter.Ruleset.Rule;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads {@code nft -j list ruleset}. */
final class NftReader {

  /** What nft calls the priorities of its hooks. */
  static final Map<String, Integer> PRIORITIES =
      Map.of(
          "raw", -300, "mangle", -150, "dstnat", -100, "filter", 0, "security", 50, "srcnat", 100);

  /** Hooks of families that packets of a host pass, or that stand right before the wire. */
  private static final Set<String> FAMILIES = Set.of("ip", "ip6", "inet", "netdev");

  private record Name(String family, String table, String name) {}

  /** A chain while its rules are read. */
  private record Draft(JsonPlace place, List<Rule> rules) {}

  private final Map<Name, JsonPlace> sets = new HashMap<>();
  private final Map<Name, Draft> chains = new LinkedHashMap<>();

  /** Chains as nft shows them; rules of iptables-nft have arguments that it does not show. */
  static List<Chain> read(JsonPlace file) {
    List<JsonPlace> objects = objects(file);
    NftReader reader = new NftReader();
    objects.forEach(reader::declare);
    objects.forEach(reader::rule);
    List<Chain> all = new ArrayList<>();
    reader.chains.forEach((name, draft) -> all.add(chain(name, draft)));
    return all;
  }

  /** Without the array it is no output of nft; that would say "no rules" where nobody looked. */
  private static List<JsonPlace> objects(JsonPlace file) {
    JsonPlace objects = file.object().at("nftables");
    if (objects == null) {
      throw file.wrong("an object with nftables");
    }
    return objects.elements();
  }

  private static @Nullable Name name(JsonPlace object, String key) {
    String family = object.text("family", "ip");
    return FAMILIES.contains(family)
        ? new Name(family, object.text("table", ""), object.text(key, ""))
        : null;
  }

  private void declare(JsonPlace object) {
    for (String kind : List.of("set", "map", "chain")) {
      JsonPlace place = object.object().at(kind);
      Name name = place == null ? null : name(place.object(), "name");
      if (place != null && name != null) {
        if (kind.equals("chain")) {
          chains.putIfAbsent(name, new Draft(place, new ArrayList<>()));
        } else {
          sets.put(name, place);
        }
      }
    }
  }

  private void rule(JsonPlace object) {
    JsonPlace place = object.at("rule");
    Name name = place == null ? null : name(place.object(), "chain");
    Draft chain = name == null ? null : chains.get(name);
    if (place == null || name == null || chain == null) {
      return;
    }
    NftSets named = set -> sets.get(new Name(name.family(), name.table(), set));
    NftStatement reader = new NftStatement(named);
    List<Expression> parts = new ArrayList<>();
    List<JsonPlace> expressions = place.list("expr");
    for (JsonPlace expression : expressions) {
      parts.addAll(reader.read(expression.object()));
    }
    if (parts.stream().allMatch(Match.class::isInstance)) {
      return; // counts, logs or says nothing
    }
    chain.rules().add(new Rule(parts, NftText.of(expressions), place.number("handle", 0)));
  }

  private static Chain chain(Name name, Draft draft) {
    JsonPlace c = draft.place();
    String hook = c.text("hook");
    String type = c.text("type");
    List<Rule> rules = draft.rules();
    String family = name.family();
    int priority = priority(c);
    if (family.equals("netdev") || "egress".equals(hook)) {
      // Runs right before the wire, on its devices only.
      rules = onDevices(c, rules);
      family = "inet";
      type = hook == null ? null : "filter";
      hook = "egress".equals(hook) ? "postrouting" : hook;
      priority = Integer.MAX_VALUE;
    }
    return new Chain(
        family,
        name.table(),
        name.name(),
        hook,
        type,
        priority,
        "drop".equals(c.text("policy")),
        false,
        rules);
  }

  private static List<Rule> onDevices(JsonPlace chain, List<Rule> rules) {
    JsonPlace dev = chain.at("dev");
    if (dev == null) {
      return rules;
    }
    Set<String> names =
        dev.node().isArray()
            ? Set.copyOf(dev.elements().stream().map(JsonPlace::text).toList())
            : Set.of(dev.text());
    List<Rule> bound = new ArrayList<>();
    for (Rule rule : rules) {
      List<Expression> parts = new ArrayList<>();
      parts.add(new Match.Device(true, names, false));
      parts.addAll(rule.expressions());
      bound.add(new Rule(parts, rule.text(), rule.handle()));
    }
    return bound;
  }

  private static int priority(JsonPlace chain) {
    JsonPlace prio = chain.at("prio");
    if (prio == null) {
      return 0;
    }
    Integer named = prio.node().isString() ? PRIORITIES.get(prio.text()) : null;
    return named == null ? (int) prio.number() : named;
  }
}
