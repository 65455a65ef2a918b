package io.vipscope.tools.picture;

import io.vipscope.core.failover.Failover;
import io.vipscope.core.net.MacAddress;
import io.vipscope.core.ownership.Ownership;
import io.vipscope.tools.Timestamp;
import io.vipscope.tools.view.Lane;
import io.vipscope.tools.view.ViewCopy;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * Who held which VIP, one lane each, with a number wherever an instance changed hands.
 *
 * <p>A host has the same colour in all lanes; where nobody known holds a VIP the lane is hatched.
 */
public final class LanesPicture {

  private static final double WIDTH = 960;
  private static final double LEFT = 4;
  private static final double RIGHT = 956;
  private static final double TOP = 20;
  private static final double LANE = 46;
  private static final double BAR = 22;

  /** Height of what stands for a further host, over its holder's bar. */
  private static final double SHARED = 9;

  private static final int COLOURS = 6;
  private static final int MAX_LANES = 24;
  private static final double CHARACTER = 7.2;
  private static final double NAME_CHARACTER = 7.7;

  private LanesPicture() {}

  /** The lanes that are drawn; {@link #hidden} tells of others. */
  private static List<Lane> shown(ViewCopy view) {
    return view.lanes().size() <= MAX_LANES ? view.lanes() : view.lanes().subList(0, MAX_LANES);
  }

  /** How many lanes are not drawn. */
  public static int hidden(ViewCopy view) {
    return Math.max(0, view.lanes().size() - MAX_LANES);
  }

  /** Hosts by colour, as the legend lists them. */
  static List<String> hosts(ViewCopy view) {
    TreeSet<String> names = new TreeSet<>(view.hosts().keySet());
    view.lanes()
        .forEach(l ->
            l.changes()
                .forEach(o -> {
                  if (o.host() != null) {
                    names.add(o.host());
                  }
                }));
    view.lanes().forEach(l -> l.shared().forEach(s -> names.add(s.host())));
    return new ArrayList<>(names);
  }

  /** The picture; empty if no VIP was seen. */
  public static String svg(ViewCopy view) {
    List<Lane> lanes = shown(view);
    if (lanes.isEmpty()) {
      return "";
    }
    List<String> hosts = hosts(view);
    double bottom = TOP + lanes.size() * LANE;
    TimeAxis axis = TimeAxis.of(view.firstNs(), view.lastNs(), LEFT, RIGHT);
    Svg svg = new Svg(WIDTH, bottom + 24, title(view));
    svg.raw(
        "<defs><pattern id=\"nobody\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\""
            + " patternTransform=\"rotate(45)\"><line x1=\"0\" y1=\"0\" x2=\"0\" y2=\"6\""
            + " class=\"hatch\"/></pattern></defs>");
    axis.draw(svg, TOP, bottom);
    double y = TOP;
    for (Lane lane : lanes) {
      lane(svg, axis, lane, y, hosts, view.lastNs());
      y += LANE;
    }
    failovers(svg, axis, view.failovers(), lanes, bottom);
    return svg.close();
  }

  private static String title(ViewCopy view) {
    return "Who held which VIP over time: "
        + view.lanes().size()
        + " VIPs, "
        + view.failovers().size()
        + " failovers. The table below has the same in text.";
  }

  private static void lane(
      Svg svg, TimeAxis axis, Lane lane, double y, List<String> hosts, long endNs) {
    svg.text(LEFT, y + 14, "lane-name", "start", name(lane));
    double top = y + 19;
    svg.rect(LEFT, top, RIGHT - LEFT, BAR, "lane", "");
    List<Ownership> changes = lane.changes();
    for (int i = 0; i < changes.size(); i++) {
      Ownership o = changes.get(i);
      long until = i + 1 < changes.size() ? changes.get(i + 1).sinceNs() : endNs;
      double from = axis.x(o.sinceNs());
      double width = axis.x(until) - from;
      svg.rect(from, top, width, BAR, colour(o, hosts), tip(o, until));
      String label = holder(o);
      if (label.length() * CHARACTER + 10 < width) {
        svg.text(from + 6, top + 15, o.host() == null ? "on-hatch" : "on-bar", "start", label);
      }
    }
    for (Lane.Shared s : lane.shared()) {
      long until = Math.min(endNs, s.untilNs());
      double from = axis.x(s.fromNs());
      double width = Math.max(2, axis.x(until) - from);
      String what =
          s.host()
              + " uses it too, "
              + Timestamp.clock(s.fromNs())
              + " to "
              + Timestamp.clock(until)
              + " UTC";
      svg.rect(from, top + BAR - SHARED, width, SHARED, "shared " + colour(s.host(), hosts), what);
    }
  }

  /** A lane's name: VIP, instance and segment as far as there are any. */
  static String name(Lane lane) {
    return lane.vip()
        + (lane.instance() == null ? "" : "  " + lane.instance())
        + (lane.segment().isEmpty() ? "" : "  " + lane.segment());
  }

  private static String colour(Ownership o, List<String> hosts) {
    if (o.host() == null) {
      return o.mac() < 0 ? "nobody" : "stranger";
    }
    return colour(o.host(), hosts);
  }

  private static String colour(String host, List<String> hosts) {
    return "host" + hosts.indexOf(host) % COLOURS;
  }

  /** Who holds it, in words. */
  public static String holder(Ownership o) {
    if (o.host() != null) {
      return o.host();
    }
    return o.mac() < 0 ? "nobody known" : "unknown " + new MacAddress(o.mac());
  }

  private static String tip(Ownership o, long untilNs) {
    return holder(o)
        + ", "
        + Timestamp.clock(o.sinceNs())
        + " to "
        + Timestamp.clock(untilNs)
        + " UTC ("
        + o.evidence()
        + (o.priority() < 0 ? "" : o.priority() == 0 ? ", given up" : ", priority " + o.priority())
        + ")";
  }

  /** Numbers of the table's rows; those that would cover each other share a place: {@code 2–4}. */
  private static void failovers(
      Svg svg, TimeAxis axis, List<Failover> all, List<Lane> lanes, double bottom) {
    int i = 0;
    while (i < all.size()) {
      double x = axis.x(all.get(i).atNs());
      int last = i;
      while (last + 1 < all.size() && axis.x(all.get(last + 1).atNs()) - x < 34) {
        last++;
      }
      for (int k = i; k <= last; k++) {
        double at = axis.x(all.get(k).atNs());
        beside(svg, at, lanes, bottom);
      }
      String label = last == i ? Integer.toString(i + 1) : i + 1 + "–" + (last + 1);
      double half = label.length() * 3.6 + 5;
      double middle = Math.clamp(x, LEFT + half, RIGHT - half);
      svg.raw("<g class=\"mark\">")
          .rect(middle - half, 1, 2 * half, 16, "badge", "failover " + label)
          .text(middle, 13, "badge-text", "middle", label)
          .raw("</g>");
      i = last + 1;
    }
  }

  /** A line from top to bottom that leaves out the lanes' names. */
  private static void beside(Svg svg, double at, List<Lane> lanes, double bottom) {
    double from = TOP - 4;
    for (int i = 0; i < lanes.size(); i++) {
      if (at < LEFT + name(lanes.get(i)).length() * NAME_CHARACTER + 4) {
        double top = TOP + i * LANE;
        if (top > from) {
          svg.line(at, from, at, top + 2, "failover");
        }
        from = top + 18;
      }
    }
    svg.line(at, from, at, bottom, "failover");
  }

  /** The colours in words, as HTML. */
  public static String legend(ViewCopy view) {
    StringBuilder out = new StringBuilder("<p class=\"legend\">");
    List<String> hosts = hosts(view);
    for (int i = 0; i < hosts.size(); i++) {
      out.append("<span><i class=\"host")
          .append(i % COLOURS)
          .append("\"></i>")
          .append(Markup.escape(hosts.get(i)))
          .append("</span>");
    }
    out.append("<span><i class=\"none\"></i>nobody known</span>");
    if (view.lanes().stream().anyMatch(l -> !l.shared().isEmpty())) {
      out.append("<span>a strip within a bar: another host uses the VIP too</span>");
    }
    if (!view.failovers().isEmpty()) {
      out.append("<span><i class=\"cut\"></i>failover</span>");
    }
    return out.append("</p>").toString();
  }
}
