package io.vipscope.capture.host;

import io.vipscope.core.model.netfilter.AddressRange;
import io.vipscope.core.model.netfilter.Match;
import io.vipscope.core.model.netfilter.Ruleset;
import io.vipscope.core.model.netfilter.Statement;
import io.vipscope.core.model.snapshot.Range;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.IpPrefix;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Reads {@code nft -j list ruleset}. Expressions that it does not evaluate are kept by name, so
 * that a prediction that depends on one can say so.
 */
final class NftReader {

  private record ChainHead(
      String family,
      String table,
      String name,
      @Nullable String hook,
      @Nullable String type,
      int priority) {
    String key() {
      return family + " " + table + " " + name;
    }
  }

  private final Map<String, List<JsonPlace>> sets = new HashMap<>();
  private final Map<String, ChainHead> heads = new LinkedHashMap<>();
  private final Map<String, List<Ruleset.Rule>> rules = new HashMap<>();

  private NftReader() {}

  static List<Ruleset.Chain> read(JsonPlace file) {
    NftReader reader = new NftReader();
    List<JsonPlace> entries = file.object().list("nftables");
    for (JsonPlace entry : entries) {
      reader.declaration(entry.object());
    }
    for (JsonPlace entry : entries) {
      JsonPlace rule = entry.at("rule");
      if (rule != null) {
        reader.rule(rule.object());
      }
    }
    List<Ruleset.Chain> chains = new ArrayList<>();
    for (ChainHead h : reader.heads.values()) {
      chains.add(
          new Ruleset.Chain(
              h.family(),
              h.table(),
              h.name(),
              h.hook(),
              h.type(),
              h.priority(),
              reader.rules.getOrDefault(h.key(), List.of())));
    }
    return chains;
  }

  private void declaration(JsonPlace entry) {
    JsonPlace chain = entry.at("chain");
    if (chain != null) {
      ChainHead head =
          new ChainHead(
              chain.object().text("family", ""),
              chain.text("table", ""),
              chain.text("name", ""),
              chain.text("hook"),
              chain.text("type"),
              (int) chain.number("prio", 0));
      heads.put(head.key(), head);
    }
    JsonPlace set = entry.at("set");
    if (set != null) {
      sets.put(
          set.object().text("family", "") + " " + set.text("table", "") + " @" + set.text("name"),
          set.list("elem"));
    }
  }

  private void rule(JsonPlace rule) {
    String table = rule.text("family", "") + " " + rule.text("table", "");
    List<Match> matches = new ArrayList<>();
    Statement statement = new Statement.Nothing();
    for (JsonPlace expression : rule.list("expr")) {
      String kind = expression.object().node().propertyNames().stream().findFirst().orElse("");
      JsonPlace body = expression.at(kind);
      if (kind.equals("match") && body != null) {
        implied(body, matches);
        matches.add(match(body.object(), table));
      } else {
        Statement next = statement(kind, body);
        statement = next instanceof Statement.Nothing ? statement : next;
        if (kind.equals("xt")) {
          matches.add(new Match.Unknown("xt " + (body == null ? "" : body.text("name", ""))));
        }
      }
    }
    String key = table + " " + rule.text("chain", "");
    String text = key + " handle " + rule.number("handle", 0);
    rules
        .computeIfAbsent(key, _ -> new ArrayList<>())
        .add(new Ruleset.Rule(matches, statement, "nft " + text));
  }

  /** {@code ip saddr} only matches IPv4, {@code tcp dport} only TCP: the dump leaves that out. */
  private static void implied(JsonPlace match, List<Match> matches) {
    JsonPlace left = match.at("left");
    JsonPlace payload = left == null || !left.node().isObject() ? null : left.at("payload");
    if (payload == null) {
      return;
    }
    switch (payload.object().text("protocol", "")) {
      case "ip" -> matches.add(new Match.Family(false));
      case "ip6" -> matches.add(new Match.Family(true));
      case "tcp" -> matches.add(new Match.Protocol(Set.of(6), false));
      case "udp" -> matches.add(new Match.Protocol(Set.of(17), false));
      case "sctp" -> matches.add(new Match.Protocol(Set.of(132), false));
      default -> {}
    }
  }

  private static Statement statement(String kind, @Nullable JsonPlace body) {
    return switch (kind) {
      case "snat" -> snat(body);
      case "masquerade" -> new Statement.Masquerade();
      case "accept" -> new Statement.Accept();
      case "drop", "reject" -> new Statement.Drop();
      case "return" -> new Statement.Return();
      case "jump" -> new Statement.Jump(body == null ? "" : body.object().text("target", ""));
      case "goto" -> new Statement.Goto(body == null ? "" : body.object().text("target", ""));
      case "counter", "log", "comment", "xt", "limit", "quota", "ct helper", "notrack" ->
          new Statement.Nothing();
      default -> new Statement.Unknown("nft " + kind);
    };
  }

  private static Statement snat(@Nullable JsonPlace body) {
    JsonPlace addr = body == null ? null : body.object().at("addr");
    if (addr != null) {
      AddressRange range = range(addr);
      if (range != null) {
        return new Statement.Snat(range);
      }
    }
    return new Statement.Unknown("nft snat to a map");
  }

  private Match match(JsonPlace m, String table) {
    JsonPlace left = m.at("left");
    JsonPlace right = m.at("right");
    String op = m.text("op", "==");
    if (left == null || right == null || !left.node().isObject()) {
      return new Match.Unknown("nft match");
    }
    boolean negated = op.equals("!=");
    if (!negated && !op.equals("==") && !op.equals("in")) {
      return new Match.Unknown("nft match " + op);
    }
    JsonPlace payload = left.at("payload");
    if (payload != null) {
      return payload(
          payload.object().text("protocol", "") + " " + payload.text("field", ""),
          values(right, table),
          negated);
    }
    JsonPlace meta = left.at("meta");
    if (meta != null) {
      return meta(meta.object().text("key", ""), values(right, table), negated);
    }
    JsonPlace ct = left.at("ct");
    if (ct != null && ct.object().text("key", "").equals("state")) {
      boolean isNew = right.node().toString().contains("new");
      return isNew != negated ? new Match.Always() : new Match.Never();
    }
    for (String hidden : List.of("numgen", "socket", "hash")) {
      if (left.has(hidden)) {
        return new Match.Hidden(hidden.equals("numgen") ? "statistic" : hidden);
      }
    }
    return new Match.Unknown("nft " + left.node().propertyNames().stream().findFirst().orElse(""));
  }

  private static Match payload(String field, @Nullable List<JsonPlace> values, boolean negated) {
    if (values == null) {
      return new Match.Unknown("nft " + field);
    }
    return switch (field) {
      case "ip saddr", "ip6 saddr" -> addresses(true, field, values, negated);
      case "ip daddr", "ip6 daddr" -> addresses(false, field, values, negated);
      case "tcp sport", "udp sport", "th sport", "sctp sport" ->
          ports(true, field, values, negated);
      case "tcp dport", "udp dport", "th dport", "sctp dport" ->
          ports(false, field, values, negated);
      case "ip protocol", "ip6 nexthdr" -> protocols(field, values, negated);
      default -> new Match.Unknown("nft " + field);
    };
  }

  private static Match meta(String key, @Nullable List<JsonPlace> values, boolean negated) {
    if (values == null) {
      return new Match.Unknown("nft meta " + key);
    }
    return switch (key) {
      case "l4proto" -> protocols("meta " + key, values, negated);
      case "oifname", "oif" -> new Match.OutDevice(names(values), negated);
      case "iifname", "iif" -> new Match.InDevice(names(values), negated);
      case "mark" ->
          values.size() == 1 && values.getFirst().node().isIntegralNumber()
              ? new Match.Mark((int) values.getFirst().number(), -1, negated)
              : new Match.Unknown("nft meta mark");
      case "nfproto" -> {
        String name = values.getFirst().node().toString();
        yield new Match.Family(name.contains("6") != negated);
      }
      case "skuid", "skgid" ->
          new Match.Hidden(
              (negated ? "not " : "")
                  + "uid "
                  + values.getFirst().node().toString().replace("\"", ""));
      case "cgroup", "random", "time", "hour", "day" -> new Match.Hidden(key);
      default -> new Match.Unknown("nft meta " + key);
    };
  }

  private static Set<String> names(List<JsonPlace> values) {
    Set<String> names = new HashSet<>();
    values.forEach(v -> names.add(v.text()));
    return names;
  }

  /** The values of a right side: one, or those of a set; null if a named set is not there. */
  private @Nullable List<JsonPlace> values(JsonPlace right, String table) {
    JsonNode node = right.node();
    if (node.isString() && node.stringValue().startsWith("@")) {
      return sets.get(table + " " + node.stringValue());
    }
    JsonPlace set = node.isObject() ? right.at("set") : null;
    if (set != null) {
      return set.node().isArray() ? set.elements() : List.of(set);
    }
    return node.isArray() ? right.elements() : List.of(right);
  }

  private static Match addresses(
      boolean source, String field, List<JsonPlace> values, boolean negated) {
    List<AddressRange> ranges = new ArrayList<>();
    for (JsonPlace value : values) {
      AddressRange range = range(value);
      if (range == null) {
        return new Match.Unknown("nft " + field);
      }
      ranges.add(range);
    }
    return new Match.Addresses(source, ranges, negated);
  }

  /** An address, prefix or range; null for anything else. */
  private static @Nullable AddressRange range(JsonPlace value) {
    try {
      if (value.node().isString()) {
        return AddressRange.of(IpPrefix.parse(value.text()));
      }
      if (!value.node().isObject()) {
        return null;
      }
      JsonPlace prefix = value.at("prefix");
      if (prefix != null) {
        String addr = prefix.object().text("addr");
        return addr == null
            ? null
            : AddressRange.of(IpPrefix.of(IpAddress.parse(addr), (int) prefix.number("len", 0)));
      }
      JsonPlace range = value.at("range");
      if (range != null && range.elements().size() == 2) {
        return new AddressRange(
            IpAddress.parse(range.elements().getFirst().text()),
            IpAddress.parse(range.elements().getLast().text()));
      }
      JsonPlace element = value.at("elem");
      JsonPlace inner = element == null || !element.node().isObject() ? null : element.at("val");
      return inner == null ? null : range(inner);
    } catch (IllegalArgumentException _) {
      return null;
    }
  }

  private static Match ports(
      boolean source, String field, List<JsonPlace> values, boolean negated) {
    List<Range> ranges = new ArrayList<>();
    for (JsonPlace value : values) {
      JsonPlace range = value.node().isObject() ? value.at("range") : null;
      if (value.node().isIntegralNumber()) {
        ranges.add(new Range(value.number(), value.number()));
      } else if (range != null && range.elements().size() == 2) {
        ranges.add(
            new Range(range.elements().getFirst().number(), range.elements().getLast().number()));
      } else {
        return new Match.Unknown("nft " + field);
      }
    }
    return new Match.Ports(source, ranges, negated);
  }

  private static Match protocols(String field, List<JsonPlace> values, boolean negated) {
    Set<Integer> numbers = new HashSet<>();
    for (JsonPlace value : values) {
      String text =
          value.node().isString()
              ? value.text()
              : value.node().isIntegralNumber() ? "" + value.number() : "";
      Integer number = ProtocolName.number(text).orElse(null);
      if (number == null) {
        return new Match.Unknown("nft " + field);
      }
      numbers.add(number);
    }
    return new Match.Protocol(numbers, negated);
  }
}
