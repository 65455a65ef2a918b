package io.vipscope.capture.host;

import io.vipscope.core.model.netfilter.Expression;
import io.vipscope.core.model.netfilter.Match;
import io.vipscope.core.model.netfilter.Statement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads the expressions of one nft rule. */
final class NftStatement {

  private static final long ALL = 0xffffffffL;

  private final NftMatch matches;
  private final NftNat nat;

  NftStatement(NftSets sets) {
    this.matches = new NftMatch(sets);
    this.nat = new NftNat(sets, matches);
  }

  /** One element of {@code expr}; empty where it does nothing that matters. */
  List<? extends Expression> read(JsonPlace e) {
    String kind = e.node().propertyNames().stream().findFirst().orElse("");
    JsonPlace body = e.at(kind);
    return switch (kind) {
      case "match" -> body == null ? List.of() : matches.match(body.object());
      case "accept" -> List.of(new Statement.Accept());
      case "drop", "reject" -> List.of(new Statement.Drop());
      case "return" -> List.of(new Statement.Return());
      case "jump" -> List.of(new Statement.Jump(target(body)));
      case "goto" -> List.of(new Statement.Goto(target(body)));
      case "snat" -> List.of(new Statement.Snat(nat.target(body)));
      case "dnat" -> List.of(new Statement.Dnat(nat.target(body)));
      case "masquerade" -> List.of(new Statement.Masquerade());
      case "redirect" -> List.of(new Statement.Redirect());
      case "notrack" -> List.of(new Statement.Notrack());
      case "mangle" -> body == null ? List.of() : mangle(body.object());
      case "vmap" -> body == null ? List.of() : List.of(cases(body.object()));
      case "limit" -> List.of(new Match.Hidden("limit", body == null || !inverted(body)));
      case "quota" -> List.of(new Match.Hidden("quota", body == null || !inverted(body)));
      case "ct count" ->
          List.of(new Match.Hidden("connection count", body == null || !inverted(body)));
      case "xt" -> body == null ? List.of() : xt(body.object());
      case "queue", "tproxy", "synproxy", "fwd" -> List.of(new Statement.Unknown(kind));
      default -> List.of(); // counter, log, set, map, dup, ct helper, comment, continue, ...
    };
  }

  private static boolean inverted(JsonPlace body) {
    return body.node().path("inv").asBoolean(false);
  }

  private static String target(@Nullable JsonPlace body) {
    return body == null ? "" : body.object().text("target", "");
  }

  /** nft does not show the arguments of iptables' extensions. */
  private static List<Expression> xt(JsonPlace body) {
    String name = body.text("name", "");
    if (name.equals("comment") || name.equals("LOG") || name.equals("NFLOG")) {
      return List.of();
    }
    return body.text("type", "match").equals("target")
        ? List.of(new Statement.Unknown("xt " + name))
        : List.of(new Match.Unknown("xt " + name));
  }

  private Statement cases(JsonPlace body) {
    JsonPlace key = body.at("key");
    List<NftNat.Pair> pairs = nat.pairs(body.at("data"));
    if (key == null || pairs == null) {
      return new Statement.Unknown("verdict map");
    }
    List<Statement.Case> cases = new ArrayList<>();
    for (NftNat.Pair pair : pairs) {
      List<? extends Expression> verdict = read(pair.value().object());
      boolean plain = verdict.size() == 1 && verdict.getFirst() instanceof Statement;
      List<Match> when = matches.equal(key, List.of(pair.key()), false);
      if (plain) {
        cases.add(new Statement.Case(when, (Statement) verdict.getFirst()));
      }
    }
    return new Statement.Cases(cases);
  }

  private List<Statement> mangle(JsonPlace m) {
    JsonPlace key = m.at("key");
    JsonPlace value = m.at("value");
    if (key == null || value == null) {
      return List.of(new Statement.Unknown("mangle"));
    }
    JsonPlace meta = key.at("meta");
    JsonPlace ct = key.at("ct");
    JsonPlace payload = key.at("payload");
    if (meta != null && meta.text("key", "").equals("mark")) {
      return List.of(mark(value, false));
    }
    if (ct != null && ct.text("key", "").equals("mark")) {
      return List.of(mark(value, true));
    }
    return payload == null ? List.of() : payload(payload, value);
  }

  private static List<Statement> payload(JsonPlace payload, JsonPlace value) {
    String field = payload.text("field", "");
    boolean plain = value.node().isString();
    return switch (field) {
      case "saddr", "daddr" -> {
        String protocol = payload.text("protocol", "");
        if (!protocol.equals("ip") && !protocol.equals("ip6")) {
          yield List.of();
        }
        yield plain
            ? List.of(
                new Statement.Rewrite(
                    field.equals("saddr"),
                    value.parsed(io.vipscope.core.net.IpAddress::parse, "an IP address")))
            : List.of(new Statement.Unknown(field + " rewrite"));
      }
      case "dscp" -> {
        Long dscp = NftValues.dscp(value);
        yield List.of(
            dscp == null
                ? new Statement.Unknown("dscp rewrite")
                : new Statement.SetTos(3, (int) (dscp << 2)));
      }
      case "dport", "sport" -> List.of(new Statement.Unknown("port rewrite"));
      default -> List.of();
    };
  }

  /** A mark as {@code (own & keep) ^ (other & take) ^ xor}. */
  private static Statement mark(JsonPlace value, boolean conntrack) {
    Statement.SetMark set = bits(value.node(), conntrack);
    return set == null ? new Statement.Unknown("mark by a map or a hash") : set;
  }

  private static Statement.@Nullable SetMark bits(JsonNode v, boolean conntrack) {
    if (v.isIntegralNumber()) {
      return new Statement.SetMark(conntrack, 0, 0, v.longValue() & ALL);
    }
    for (String source : List.of("meta", "ct")) {
      if (v.path(source).path("key").asString("").equals("mark")) {
        boolean own = source.equals("ct") == conntrack;
        return new Statement.SetMark(conntrack, own ? ALL : 0, own ? 0 : ALL, 0);
      }
    }
    for (String op : List.of("&", "|", "^")) {
      JsonNode operands = v.path(op);
      if (operands.size() == 2 && operands.path(1).isIntegralNumber()) {
        Statement.SetMark of = bits(operands.path(0), conntrack);
        return of == null ? null : applied(of, op, operands.path(1).longValue() & ALL);
      }
    }
    return null;
  }

  private static Statement.SetMark applied(Statement.SetMark m, String op, long operand) {
    return switch (op) {
      case "&" ->
          new Statement.SetMark(
              m.conntrack(), m.keep() & operand, m.take() & operand, m.xor() & operand);
      case "|" ->
          new Statement.SetMark(
              m.conntrack(),
              m.keep() & ~operand,
              m.take() & ~operand,
              m.xor() & ~operand | operand);
      default -> new Statement.SetMark(m.conntrack(), m.keep(), m.take(), m.xor() ^ operand);
    };
  }
}
