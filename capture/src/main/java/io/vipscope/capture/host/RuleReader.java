package io.vipscope.capture.host;

import io.vipscope.core.model.snapshot.PolicyRule;
import io.vipscope.core.model.snapshot.Range;
import io.vipscope.core.model.snapshot.RouteType;
import io.vipscope.core.model.snapshot.RuleAction;
import io.vipscope.core.model.snapshot.TableName;
import io.vipscope.core.net.IpPrefix;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads {@code ip -j rule}. */
final class RuleReader {

  /** Selectors of newer kernels and of features that cannot be tested here. */
  private static final List<String> UNMODELLED =
      List.of("l3mdev", "tun_id", "dscp", "dscp_mask", "sport_mask", "dport_mask", "flowlabel");

  private static final long MAX_U32 = 0xffffffffL;
  private static final long MAX_PORT = 65_535;

  private RuleReader() {}

  /** The rules of a file, in its order. */
  static List<PolicyRule> read(JsonPlace file, boolean v6) {
    List<PolicyRule> rules = new ArrayList<>();
    for (JsonPlace entry : file.elements()) {
      IpKeys.RULE.check(entry.object());
      rules.add(rule(entry, v6));
    }
    return rules;
  }

  private static PolicyRule rule(JsonPlace r, boolean v6) {
    List<String> unmodelled = new ArrayList<>();
    UNMODELLED.stream().filter(r::has).forEach(unmodelled::add);
    Integer tos = tos(r, unmodelled);
    long start = r.integer("uid_start", 0, MAX_U32);
    return new PolicyRule(
        v6,
        r.integer("priority", 0, MAX_U32),
        r.marked("not"),
        selector(r, "src", "srclen", v6),
        selector(r, "dst", "dstlen", v6),
        r.text("iif"),
        r.text("oif"),
        (int) r.number("fwmark", 0, MAX_U32),
        r.has("fwmark") ? (int) r.number("fwmask", MAX_U32, MAX_U32) : 0,
        tos == null ? 0 : tos,
        protocol(r),
        ports(r, "sport"),
        ports(r, "dport"),
        r.has("uid_start") ? new Range(start, r.integer("uid_end", start, MAX_U32)) : null,
        action(r),
        suppressed(r),
        r.has("suppress_ifgroup") ? r.scalar("suppress_ifgroup", "") : null,
        unmodelled);
  }

  /** Null if it is a name that only that host's rt_dsfield file explains: noted as unmodelled. */
  private static @Nullable Integer tos(JsonPlace r, List<String> unmodelled) {
    JsonPlace value = r.at("tos");
    if (value == null) {
      return 0;
    }
    Integer known = DsField.number(value.scalar());
    if (known == null) {
      unmodelled.add("tos " + value.scalar());
    }
    return known;
  }

  /** -1: no limit. */
  private static int suppressed(JsonPlace r) {
    String key = r.has("suppress_prefixlen") ? "suppress_prefixlen" : "suppress_prefixlength";
    return r.integer(key, -1) < 0 ? -1 : (int) r.integer(key, -1, 128);
  }

  private static @Nullable IpPrefix selector(
      JsonPlace r, String key, String lengthKey, boolean v6) {
    IpPrefix prefix = r.prefix(key, v6);
    if (prefix == null || "all".equals(r.text(key))) {
      return null;
    }
    return IpPrefix.of(
        prefix.network(), (int) r.integer(lengthKey, prefix.length(), prefix.network().bits()));
  }

  private static int protocol(JsonPlace r) {
    JsonPlace value = r.at("ipproto");
    if (value == null) {
      return 0;
    }
    return ProtocolName.number(value.scalar()).orElseThrow(() -> value.wrong("an IP protocol"));
  }

  private static @Nullable Range ports(JsonPlace r, String key) {
    if (r.has(key)) {
      long port = r.number(key, 0, MAX_PORT);
      return new Range(port, port);
    }
    if (!r.has(key + "_start")) {
      return null;
    }
    long first = r.number(key + "_start", 0, MAX_PORT);
    return new Range(first, r.number(key + "_end", first, MAX_PORT));
  }

  private static RuleAction action(JsonPlace r) {
    JsonPlace target = r.at("goto");
    if (target != null) {
      // "none": the rule that it led to was deleted
      return target.scalar().equals("none")
          ? new RuleAction.Nop()
          : new RuleAction.Goto(r.integer("goto", 0, MAX_U32));
    }
    if (r.marked("nop")) {
      return new RuleAction.Nop();
    }
    String action = r.text("action", "to_tbl");
    return switch (action) {
      case "to_tbl" -> new RuleAction.Lookup(TableName.of(r.text("table", TableName.MAIN)));
      case "blackhole" -> new RuleAction.Reject(RouteType.BLACKHOLE);
      case "unreachable" -> new RuleAction.Reject(RouteType.UNREACHABLE);
      case "prohibit" -> new RuleAction.Reject(RouteType.PROHIBIT);
      case "nop" -> new RuleAction.Nop();
      default -> new RuleAction.Other(action);
    };
  }
}
