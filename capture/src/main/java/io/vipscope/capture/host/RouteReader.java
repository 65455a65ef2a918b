package io.vipscope.capture.host;

import io.vipscope.core.model.snapshot.Nexthop;
import io.vipscope.core.model.snapshot.NexthopObject;
import io.vipscope.core.model.snapshot.PolicyRule;
import io.vipscope.core.model.snapshot.Range;
import io.vipscope.core.model.snapshot.Route;
import io.vipscope.core.model.snapshot.RouteType;
import io.vipscope.core.model.snapshot.RuleAction;
import io.vipscope.core.model.snapshot.Scope;
import io.vipscope.core.model.snapshot.TableName;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.IpPrefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads {@code ip -j route}, {@code ip -j rule}, {@code ip -j nexthop}. */
final class RouteReader {

  /** Selectors of newer kernels and of features that cannot be tested here. */
  private static final List<String> UNMODELLED =
      List.of("l3mdev", "tun_id", "dscp", "dscp_mask", "sport_mask", "dport_mask", "flowlabel");

  private RouteReader() {}

  static List<Route> routes(JsonPlace file, boolean v6) {
    List<Route> routes = new ArrayList<>();
    for (JsonPlace entry : file.elements()) {
      routes.add(route(entry.object(), v6));
    }
    return routes;
  }

  private static Route route(JsonPlace r, boolean v6) {
    RouteType type = type(r, "type", RouteType.UNICAST);
    IpPrefix dst = r.prefix("dst", v6);
    if (dst == null) {
      throw r.wrong("a route with a dst");
    }
    List<Nexthop> hops = new ArrayList<>();
    for (JsonPlace hop : r.list("nexthops")) {
      hops.add(nexthop(hop.object()));
    }
    JsonPlace info = r.at("nh_info");
    if (hops.isEmpty() && (r.has("dev") || r.has("gateway") || r.has("via"))) {
      hops.add(nexthop(r));
    } else if (hops.isEmpty() && info != null && (info.has("dev") || info.has("gateway"))) {
      hops.add(nexthop(info));
    }
    JsonPlace scope = r.at("scope");
    String table = r.text("table", TableName.MAIN);
    return new Route(
        type,
        dst,
        r.prefix("from", v6),
        (int) r.number("tos", 0),
        TableName.of(table),
        r.text("protocol", "boot"),
        scope == null ? Scope.UNIVERSE : scope.parsed(Scope::parse, "a scope"),
        r.address("prefsrc"),
        r.integer("metric", 0),
        switch (r.text("pref", "medium")) {
          case "high" -> 1;
          case "low" -> -1;
          default -> 0;
        },
        r.integer("nhid", 0),
        hops);
  }

  private static Nexthop nexthop(JsonPlace hop) {
    IpAddress gateway = hop.address("gateway");
    JsonPlace via = hop.at("via");
    if (gateway == null && via != null) {
      gateway = via.object().address("host");
    }
    Set<String> flags = Set.copyOf(hop.list("flags").stream().map(JsonPlace::text).toList());
    return new Nexthop(
        hop.text("dev"),
        gateway,
        (int) hop.integer("weight", 1),
        flags.contains("dead"),
        flags.contains("linkdown"),
        flags.contains("onlink"));
  }

  private static RouteType type(JsonPlace place, String key, RouteType absent) {
    JsonPlace value = place.at(key);
    return value == null
        ? absent
        : value.parsed(t -> RouteType.valueOf(t.toUpperCase(Locale.ROOT)), "a route type");
  }

  static List<NexthopObject> nexthops(JsonPlace file) {
    List<NexthopObject> objects = new ArrayList<>();
    for (JsonPlace n : file.elements()) {
      List<NexthopObject.Member> group = new ArrayList<>();
      for (JsonPlace member : n.object().list("group")) {
        group.add(
            new NexthopObject.Member(member.integer("id", 0), (int) member.integer("weight", 1)));
      }
      boolean single = n.has("dev") || n.has("gateway");
      JsonPlace scope = n.at("scope");
      objects.add(
          new NexthopObject(
              n.integer("id", 0),
              single ? nexthop(n) : null,
              group,
              n.has("blackhole"),
              scope == null ? Scope.UNIVERSE : scope.parsed(Scope::parse, "a scope")));
    }
    return objects;
  }

  static List<PolicyRule> rules(JsonPlace file, boolean v6) {
    List<PolicyRule> rules = new ArrayList<>();
    for (JsonPlace entry : file.elements()) {
      rules.add(rule(entry.object(), v6));
    }
    return rules;
  }

  private static PolicyRule rule(JsonPlace r, boolean v6) {
    boolean marked = r.has("fwmark");
    List<String> unmodelled = new ArrayList<>();
    UNMODELLED.stream().filter(r::has).forEach(unmodelled::add);
    return new PolicyRule(
        v6,
        r.integer("priority", 0),
        r.has("not"),
        selector(r, "src", "srclen", v6),
        selector(r, "dst", "dstlen", v6),
        r.text("iif"),
        r.text("oif"),
        (int) r.number("fwmark", 0),
        marked ? (int) r.number("fwmask", 0xffffffffL) : 0,
        (int) r.number("tos", 0),
        protocol(r),
        range(r, "sport"),
        range(r, "dport"),
        r.has("uid_start") ? new Range(r.integer("uid_start", 0), r.integer("uid_end", 0)) : null,
        action(r),
        (int) r.integer("suppress_prefixlen", r.integer("suppress_prefixlength", -1)),
        group(r),
        unmodelled);
  }

  private static @Nullable String group(JsonPlace r) {
    JsonPlace value = r.at("suppress_ifgroup");
    return value == null ? null : value.node().isString() ? value.text() : "" + value.number();
  }

  private static @Nullable IpPrefix selector(
      JsonPlace r, String key, String lengthKey, boolean v6) {
    IpPrefix prefix = r.prefix(key, v6);
    if (prefix == null || "all".equals(r.text(key))) {
      return null;
    }
    long length = r.number(lengthKey, prefix.length());
    if (length < 0 || length > prefix.network().bits()) {
      throw r.wrong("a prefix length in " + lengthKey);
    }
    return IpPrefix.of(prefix.network(), (int) length);
  }

  private static int protocol(JsonPlace r) {
    JsonPlace value = r.at("ipproto");
    if (value == null) {
      return 0;
    }
    return ProtocolName.number(value.node().isString() ? value.text() : "" + value.number())
        .orElseThrow(() -> value.wrong("an IP protocol"));
  }

  private static @Nullable Range range(JsonPlace r, String key) {
    if (r.has(key)) {
      return new Range(r.number(key, 0), r.number(key, 0));
    }
    return r.has(key + "_start")
        ? new Range(r.number(key + "_start", 0), r.number(key + "_end", 0))
        : null;
  }

  private static RuleAction action(JsonPlace r) {
    if (r.has("goto")) {
      return new RuleAction.Goto(r.integer("goto", 0));
    }
    if (r.has("nop")) {
      return new RuleAction.Nop();
    }
    String action = r.text("action");
    if (action != null && !action.equals("to_tbl")) {
      return switch (action) {
        case "blackhole" -> new RuleAction.Reject(RouteType.BLACKHOLE);
        case "unreachable" -> new RuleAction.Reject(RouteType.UNREACHABLE);
        case "prohibit" -> new RuleAction.Reject(RouteType.PROHIBIT);
        case "nop" -> new RuleAction.Nop();
        default -> new RuleAction.Other(action);
      };
    }
    return new RuleAction.Lookup(TableName.of(r.text("table", TableName.MAIN)));
  }
}
