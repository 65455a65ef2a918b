package io.vipscope.capture.host;

import io.vipscope.core.model.change.Change;
import io.vipscope.core.model.change.RouteChange;
import io.vipscope.core.model.change.RouteSpec;
import io.vipscope.core.model.snapshot.Nexthop;
import io.vipscope.core.model.snapshot.RouteType;
import io.vipscope.core.model.snapshot.Scope;
import io.vipscope.core.model.snapshot.TableName;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.IpPrefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reads {@code ip route add|append|prepend|replace|change|del [TYPE] PREFIX …}. */
final class IpRouteCommand {

  private static final String WHERE = "ip route";

  private boolean v6;
  private @Nullable RouteType type;
  private @Nullable IpPrefix dst;
  private @Nullable IpPrefix from;
  private int tos;
  private @Nullable String table;
  private @Nullable String protocol;
  private @Nullable Integer scope;
  private @Nullable IpAddress prefsrc;
  private @Nullable Long metric;
  private int pref;
  private long nexthopId;
  private @Nullable IpAddress gateway;
  private @Nullable String dev;
  private boolean onlink;
  private final List<Nexthop> hops = new ArrayList<>();

  private IpRouteCommand(boolean v6) {
    this.v6 = v6;
  }

  /**
   * @param v6 the family, by option or by the addresses
   */
  static Change read(CommandWords words, boolean v6) {
    String verb = words.next("add, replace, change, append, prepend or del");
    RouteChange.Op op =
        switch (verb) {
          case "add", "a" -> RouteChange.Op.ADD;
          case "append" -> RouteChange.Op.APPEND;
          case "prepend" -> RouteChange.Op.PREPEND;
          case "replace" -> RouteChange.Op.REPLACE;
          case "change", "chg" -> RouteChange.Op.CHANGE;
          case "del", "delete", "d" -> RouteChange.Op.DELETE;
          default -> throw CommandWords.unknown(verb, WHERE);
        };
    IpRouteCommand command = new IpRouteCommand(v6);
    while (words.hasNext()) {
      command.option(words.next("an option"), words);
    }
    return new RouteChange(op, command.spec());
  }

  private void option(String word, CommandWords words) {
    switch (word) {
      case "to" -> dst = words.prefix("the destination", v6);
      case "from" -> from = words.prefix("the source prefix", v6);
      case "via" -> gateway = gateway(words);
      case "dev" -> dev = words.next("a device");
      case "src" -> prefsrc = words.address("src");
      case "metric", "priority", "preference" -> metric = words.number("the metric");
      case "table" -> table = TableName.of(words.next("a table"));
      case "tos", "dsfield" -> tos = (int) words.number("tos");
      case "proto", "protocol" -> protocol = words.next("a protocol");
      case "scope" -> scope = scope(words.next("a scope"));
      case "pref" -> pref = preference(words.next("high, medium or low"));
      case "nhid" -> nexthopId = words.number("nhid");
      case "onlink" -> onlink = true;
      case "nexthop" -> hops.add(nexthop(words));
      case "mtu", "advmss", "hoplimit", "initcwnd", "initrwnd" -> {
        long _ = words.number(word); // of no consequence for the source
      }
      default -> destination(word, words);
    }
  }

  private void destination(String word, CommandWords words) {
    if (dst != null) {
      throw CommandWords.unknown(word, WHERE);
    }
    for (RouteType candidate : RouteType.values()) {
      if (candidate.name().equals(word.toUpperCase(Locale.ROOT))) {
        type = candidate;
        dst = words.prefix("the destination", v6);
        return;
      }
    }
    dst = CommandWords.prefix(word, "the destination", v6);
  }

  private static IpAddress gateway(CommandWords words) {
    if (!words.take("inet6")) {
      words.take("inet");
    }
    return words.address("the gateway");
  }

  private static int scope(String word) {
    try {
      return Scope.parse(word);
    } catch (IllegalArgumentException _) {
      throw new IllegalArgumentException("\"" + word + "\" is no scope");
    }
  }

  private static int preference(String word) {
    return switch (word) {
      case "high" -> 1;
      case "medium" -> 0;
      case "low" -> -1;
      default -> throw new IllegalArgumentException("\"" + word + "\" is no preference");
    };
  }

  private static Nexthop nexthop(CommandWords words) {
    IpAddress via = null;
    String device = null;
    int weight = 1;
    boolean direct = false;
    while (words.hasNext() && !words.peek().equals("nexthop")) {
      String word = words.next("an option");
      switch (word) {
        case "via" -> via = gateway(words);
        case "dev" -> device = words.next("a device");
        case "weight" -> weight = (int) words.number("the weight");
        case "onlink" -> direct = true;
        default -> throw CommandWords.unknown(word, "a nexthop");
      }
    }
    return new Nexthop(device, via, weight, false, false, direct);
  }

  private RouteSpec spec() {
    IpPrefix to = dst;
    if (to == null) {
      throw new IllegalArgumentException("ip route needs a destination");
    }
    if (gateway != null || dev != null) {
      if (!hops.isEmpty()) {
        throw new IllegalArgumentException("a route has nexthops or one gateway, not both");
      }
      hops.add(new Nexthop(dev, gateway, 1, false, false, onlink));
    }
    return new RouteSpec(
        type, to, from, tos, table, protocol, scope, prefsrc, metric, pref, nexthopId, hops);
  }
}
