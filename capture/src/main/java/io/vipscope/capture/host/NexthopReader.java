package io.vipscope.capture.host;

import io.vipscope.core.model.snapshot.Nexthop;
import io.vipscope.core.model.snapshot.NexthopObject;
import io.vipscope.core.model.snapshot.Scope;
import io.vipscope.core.net.IpAddress;
import java.util.ArrayList;
import java.util.List;

/** Reads {@code ip -j nexthop}, and next hops where a route shows its own. */
final class NexthopReader {

  private static final long MAX_U32 = 0xffffffffL;
  private static final long MAX_WEIGHT = 65_536;

  private NexthopReader() {}

  /** The objects of a file. */
  static List<NexthopObject> read(JsonPlace file) {
    List<NexthopObject> objects = new ArrayList<>();
    for (JsonPlace n : file.elements()) {
      IpKeys.NEXTHOP.check(n.object());
      List<NexthopObject.Member> group = new ArrayList<>();
      for (JsonPlace member : n.list("group")) {
        group.add(new NexthopObject.Member(member.integer("id", 0, MAX_U32), weight(member)));
      }
      boolean single = n.has("dev") || n.has("gateway") || n.has("via");
      objects.add(
          new NexthopObject(
              n.integer("id", 0, MAX_U32),
              single ? nexthop(n) : null,
              group,
              n.marked("blackhole"),
              n.parsed("scope", Scope::parse, Scope.UNIVERSE, "a scope")));
    }
    return objects;
  }

  /** The next hop that an object describes, whose keys were checked. */
  static Nexthop nexthop(JsonPlace hop) {
    IpAddress gateway = hop.address("gateway");
    JsonPlace via = hop.at("via");
    if (gateway == null && via != null) {
      gateway = via.address("host");
    }
    boolean dead = false;
    boolean linkdown = false;
    boolean onlink = false;
    for (JsonPlace flag : hop.list("flags")) {
      switch (flag.text()) {
        case "dead" -> dead = true;
        case "linkdown" -> linkdown = true;
        case "onlink" -> onlink = true;
        default -> {}
      }
    }
    return new Nexthop(hop.text("dev"), gateway, weight(hop), dead, linkdown, onlink);
  }

  private static int weight(JsonPlace hop) {
    return (int) hop.integer("weight", 1, MAX_WEIGHT);
  }
}
