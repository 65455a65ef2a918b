package io.vipscope.capture.host;

import io.vipscope.core.model.netfilter.AddressRange;
import io.vipscope.core.model.netfilter.Match;
import io.vipscope.core.model.netfilter.Match.Field;
import io.vipscope.core.model.netfilter.Match.Side;
import io.vipscope.core.model.snapshot.Range;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads nft's {@code match} expressions, and keys of maps and sets. */
final class NftMatch {

  private static final long ALL = 0xffffffffL;

  private final NftSets sets;
  private final NftKeys keys = new NftKeys();

  NftMatch(NftSets sets) {
    this.sets = sets;
  }

  /** {@code {"op": …, "left": …, "right": …}}. */
  List<Match> match(JsonPlace body) {
    JsonPlace left = body.at("left");
    JsonPlace right = body.at("right");
    if (left == null || right == null || !left.node().isObject()) {
      return List.of(new Match.Unknown("match"));
    }
    String op = body.text("op", "==");
    List<JsonPlace> values = NftValues.of(right, sets);
    if (values == null) {
      return List.of(new Match.Unknown("set " + right.node().asString("")));
    }
    return switch (op) {
      case "==" -> equal(left, values, false);
      case "!=" -> equal(left, values, true);
      case "in" -> flags(left, right, values, false);
      case "!" -> flags(left, right, values, true);
      case "<", ">", "<=", ">=" -> ordered(left, op, values);
      default -> List.of(new Match.Unknown("operator " + op));
    };
  }

  /** Whether the key has one of the values, with what the key itself asks for first. */
  List<Match> equal(JsonPlace left, List<JsonPlace> values, boolean negated) {
    List<Match> all = new ArrayList<>(keys.required(left));
    all.add(core(left, values, negated));
    return all;
  }

  private Match core(JsonPlace left, List<JsonPlace> values, boolean negated) {
    if (left.has("concat")) {
      return concat(left.list("concat"), values, negated);
    }
    if (left.has("&")) {
      return masked(left.list("&"), values, negated);
    }
    if (left.has("numgen") || left.has("jhash") || left.has("symhash")) {
      return new Match.Hidden("statistic", negated);
    }
    JsonPlace payload = left.at("payload");
    JsonPlace meta = left.at("meta");
    JsonPlace ct = left.at("ct");
    JsonPlace fib = left.at("fib");
    if (payload != null) {
      return payload(payload.object(), values, negated);
    }
    if (meta != null) {
      return meta(meta.object(), values, negated);
    }
    if (ct != null) {
      return NftConntrack.match(ct.object(), values, negated);
    }
    if (fib != null) {
      return fib(fib.object(), values, negated);
    }
    String kind = left.node().propertyNames().stream().findFirst().orElse("match");
    return kind.equals("socket") || kind.equals("time")
        ? new Match.Hidden(kind, negated)
        : new Match.Unknown(kind);
  }

  private Match concat(List<JsonPlace> parts, List<JsonPlace> values, boolean negated) {
    List<List<Match>> alternatives = new ArrayList<>();
    for (JsonPlace value : values) {
      List<JsonPlace> items = value.node().isObject() ? value.list("concat") : List.of();
      if (items.size() != parts.size()) {
        return new Match.Unknown("concatenation");
      }
      List<Match> all = new ArrayList<>();
      for (int i = 0; i < parts.size(); i++) {
        all.add(core(parts.get(i), List.of(items.get(i)), false));
      }
      alternatives.add(all);
    }
    return new Match.AnyOf(alternatives, negated);
  }

  private static Match masked(List<JsonPlace> operands, List<JsonPlace> values, boolean negated) {
    if (operands.size() != 2) {
      return new Match.Unknown("&");
    }
    Field field = NftKeys.field(operands.getFirst());
    Function<JsonPlace, @Nullable Long> number = reader(field);
    Long mask = number.apply(operands.getLast());
    List<Range> ranges = NftValues.numbers(values, number);
    if (field == null || mask == null || ranges == null) {
      return new Match.Unknown("masked " + NftText.of(List.of(operands.getFirst())));
    }
    return new Match.Numeric(field, mask, ranges, negated);
  }

  private static Function<JsonPlace, @Nullable Long> reader(@Nullable Field field) {
    return field == Field.TCP_FLAGS ? NftValues::tcpFlags : NftValues::number;
  }

  /** {@code in}: one of the bits is set. */
  private List<Match> flags(
      JsonPlace left, JsonPlace right, List<JsonPlace> values, boolean negated) {
    if (NftKeys.field(left) != Field.TCP_FLAGS) {
      return equal(left, values, negated);
    }
    Long bits = NftValues.tcpFlags(right);
    List<Match> all = new ArrayList<>(keys.required(left));
    all.add(
        bits == null
            ? new Match.Unknown("tcp flags")
            : new Match.Numeric(Field.TCP_FLAGS, bits, List.of(new Range(0, 0)), !negated));
    return all;
  }

  private List<Match> ordered(JsonPlace left, String op, List<JsonPlace> values) {
    Long n = values.size() == 1 ? NftValues.number(values.getFirst()) : null;
    if (n == null) {
      return List.of(new Match.Unknown(op));
    }
    Range range =
        switch (op) {
          case "<" -> new Range(0, n - 1);
          case "<=" -> new Range(0, n);
          case ">" -> new Range(n + 1, ALL);
          default -> new Range(n, ALL);
        };
    List<Match> all = new ArrayList<>(keys.required(left));
    Field field = NftKeys.field(left);
    JsonPlace payload = left.at("payload");
    String port = payload == null ? "" : payload.object().text("field", "");
    if (field != null) {
      all.add(new Match.Numeric(field, ALL, List.of(range), false));
    } else if (port.equals("sport") || port.equals("dport")) {
      all.add(new Match.Ports(port.equals("sport"), List.of(range), false));
    } else {
      all.add(new Match.Unknown(NftText.of(List.of(left)) + " " + op));
    }
    return all;
  }

  private static Match payload(JsonPlace p, List<JsonPlace> values, boolean negated) {
    String protocol = p.text("protocol", "");
    String name = p.text("field", "");
    boolean network = protocol.equals("ip") || protocol.equals("ip6");
    if (network && (name.equals("saddr") || name.equals("daddr"))) {
      List<AddressRange> ranges = NftValues.addresses(values);
      Side side = name.equals("saddr") ? Side.SOURCE : Side.DESTINATION;
      return ranges == null
          ? new Match.Unknown(protocol + " " + name)
          : new Match.Addresses(side, ranges, negated);
    }
    if (name.equals("sport") || name.equals("dport")) {
      List<Range> ranges = NftValues.numbers(values, NftValues::number);
      return ranges == null
          ? new Match.Unknown(name)
          : new Match.Ports(name.equals("sport"), ranges, negated);
    }
    List<Range> ranges =
        switch (protocol + " " + name) {
          case "ip protocol", "ip6 nexthdr" -> NftValues.numbers(values, NftValues::protocol);
          case "ip length" -> NftValues.numbers(values, NftValues::number);
          case "tcp flags" -> NftValues.numbers(values, NftValues::tcpFlags);
          case "icmp type" -> NftValues.numbers(values, v -> NftValues.icmpType(v, false));
          case "icmpv6 type" -> NftValues.numbers(values, v -> NftValues.icmpType(v, true));
          default -> null;
        };
    if (network && name.equals("dscp")) {
      List<Range> dscp = NftValues.numbers(values, NftValues::dscp);
      return dscp == null
          ? new Match.Unknown("dscp")
          : new Match.Numeric(Field.TOS, 0xfc, shifted(dscp), negated);
    }
    Field field = NftKeys.field(protocol, name);
    return field == null || ranges == null
        ? new Match.Unknown((protocol + " " + name).strip())
        : new Match.Numeric(field, ALL, ranges, negated);
  }

  private static List<Range> shifted(List<Range> dscp) {
    return dscp.stream().map(r -> new Range(r.first() << 2, r.last() << 2)).toList();
  }

  private static Match meta(JsonPlace m, List<JsonPlace> values, boolean negated) {
    String key = m.text("key", "");
    List<String> texts = NftValues.texts(values);
    List<Range> numbers = NftValues.numbers(values, NftValues::number);
    Field field = NftKeys.meta(key);
    if (field != null && field != Field.PROTOCOL && numbers != null) {
      return new Match.Numeric(field, ALL, numbers, negated);
    }
    return switch (key) {
      case "l4proto" -> {
        List<Range> protocols = NftValues.numbers(values, NftValues::protocol);
        yield protocols == null
            ? new Match.Unknown("meta l4proto")
            : new Match.Numeric(Field.PROTOCOL, ALL, protocols, negated);
      }
      case "nfproto" -> families(texts, "ipv4", "ipv6", negated);
      case "protocol" -> families(texts, "ip", "ip6", negated);
      case "oif", "oifname" -> new Match.Device(true, Set.copyOf(texts), negated);
      case "iif", "iifname" -> new Match.Device(false, Set.copyOf(texts), negated);
      case "skgid" ->
          new Match.Hidden(
              "gid " + String.join(", ", texts),
              (numbers != null && numbers.stream().anyMatch(r -> r.contains(0))) != negated);
      case "cgroup" -> new Match.Hidden("cgroup " + String.join(", ", texts), negated);
      case "random", "cpu" -> new Match.Hidden("statistic", negated);
      case "time", "day", "hour" -> new Match.Hidden("time", negated);
      default -> new Match.Unknown("meta " + key);
    };
  }

  private static Match families(List<String> texts, String four, String six, boolean negated) {
    boolean v4 = texts.contains(four) != negated;
    boolean v6 = texts.contains(six) != negated;
    return v4 == v6 ? new Match.Constant(v4) : new Match.Family(v6);
  }

  private static Match fib(JsonPlace fib, List<JsonPlace> values, boolean negated) {
    List<String> flags = NftValues.texts(fib.list("flags"));
    boolean type = fib.text("result", "").equals("type") && flags.size() == 1;
    if (!type || !flags.getFirst().endsWith("addr")) {
      return new Match.Unknown("fib " + fib.text("result", ""));
    }
    Side side = flags.getFirst().equals("saddr") ? Side.SOURCE : Side.DESTINATION;
    return new Match.AddressType(side, Set.copyOf(NftValues.texts(values)), negated);
  }
}
