package io.vipscope.capture.host;

import io.vipscope.core.model.snapshot.Nexthop;
import io.vipscope.core.model.snapshot.Route;
import io.vipscope.core.model.snapshot.RouteType;
import io.vipscope.core.model.snapshot.Scope;
import io.vipscope.core.model.snapshot.TableName;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.IpPrefix;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Reads {@code ip -j route}, one route after the other. A full table has a million of them, which
 * differ in their destination and share nearly all else: equal values are kept once.
 */
final class RouteReader {

  private static final long MAX_U32 = 0xffffffffL;

  private final boolean v6;
  private final List<Route> routes = new ArrayList<>();
  private final Map<Object, Object> shared = new HashMap<>();

  RouteReader(boolean v6) {
    this.v6 = v6;
  }

  /** What was read so far. */
  List<Route> routes() {
    return routes;
  }

  /** One element of the command's array. */
  void add(JsonPlace element) {
    JsonPlace r = element.object();
    IpKeys.ROUTE.check(r);
    IpPrefix dst = r.prefix("dst", v6);
    if (dst == null) {
      throw r.wrong("a route with a dst");
    }
    IpAddress prefsrc = r.address("prefsrc", v6);
    routes.add(
        new Route(
            r.parsed("type", RouteReader::type, RouteType.UNICAST, "a route type"),
            dst,
            r.prefix("from", v6),
            r.tos("tos"),
            shared(TableName.of(r.text("table", TableName.MAIN))),
            shared(r.text("protocol", "boot")),
            r.parsed("scope", Scope::parse, Scope.UNIVERSE, "a scope"),
            prefsrc == null ? null : shared(prefsrc),
            r.integer("metric", 0, MAX_U32),
            pref(r),
            r.integer("nhid", 0, MAX_U32),
            shared(nexthops(r))));
  }

  private static RouteType type(String text) {
    return RouteType.valueOf(text.toUpperCase(Locale.ROOT));
  }

  /** Of no meaning to IPv4; a value that iproute2 has no name for is a number. */
  private static int pref(JsonPlace r) {
    return switch (r.scalar("pref", "medium")) {
      case "high" -> 1;
      case "low" -> -1;
      default -> 0;
    };
  }

  private List<Nexthop> nexthops(JsonPlace r) {
    List<JsonPlace> several = r.list("nexthops");
    JsonPlace info = r.at("nh_info");
    if (several.isEmpty()) {
      if (leadsSomewhere(r)) {
        return List.of(NexthopReader.nexthop(r));
      }
      return info != null && leadsSomewhere(info)
          ? List.of(NexthopReader.nexthop(info))
          : List.of();
    }
    List<Nexthop> hops = new ArrayList<>();
    for (JsonPlace hop : several) {
      hops.add(NexthopReader.nexthop(hop));
    }
    return List.copyOf(hops);
  }

  private static boolean leadsSomewhere(JsonPlace hop) {
    return hop.has("dev") || hop.has("gateway") || hop.has("via");
  }

  /** The first value read that is equal to this one. */
  @SuppressWarnings("unchecked") // an equal value of another type would not be equal
  private <T> T shared(T value) {
    Object first = shared.putIfAbsent(value, value);
    return first == null ? value : (T) first;
  }
}
