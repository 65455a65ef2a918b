package io.vipscope.tools.picture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vipscope.tools.ReplayedView;
import io.vipscope.tools.view.Lane;
import io.vipscope.tools.view.ViewCopy;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Lanes with two hosts at a time, and names that nothing crosses. */
class LanesPictureTest {

  private static final ViewCopy VIEW = ReplayedView.ofDemo().copy();

  private static ViewCopy with(List<Lane> lanes) {
    return new ViewCopy(
        VIEW.version(),
        VIEW.firstNs(),
        VIEW.lastNs(),
        lanes,
        VIEW.failovers(),
        VIEW.findings(),
        VIEW.differences(),
        VIEW.series(),
        VIEW.hosts(),
        VIEW.flowsSeen(),
        VIEW.left());
  }

  @Test
  void furtherHostIsAStripOfItsOwnColour() {
    Lane lane = VIEW.lanes().getFirst();
    long middle = (VIEW.firstNs() + VIEW.lastNs()) / 2;
    Lane shared =
        new Lane(
            lane.vip(),
            lane.segment(),
            lane.instance(),
            lane.changes(),
            List.of(new Lane.Shared("lb2", middle, Lane.Shared.GOES_ON)));
    assertTrue(!LanesPicture.svg(with(List.of(lane))).contains("uses it too"));
    String svg = LanesPicture.svg(with(List.of(shared)));
    assertTrue(svg.contains("lb2 uses it too"), svg);
    assertTrue(svg.contains("shared host1"), svg);
  }

  @Test
  void failoversCrossNoName() {
    // 140 s more at the end: the demo's failovers are then early in the range.
    ViewCopy late =
        new ViewCopy(
            VIEW.version(),
            VIEW.firstNs(),
            VIEW.lastNs() + 140_000_000_000L,
            VIEW.lanes(),
            VIEW.failovers(),
            VIEW.findings(),
            VIEW.differences(),
            VIEW.series(),
            VIEW.hosts(),
            VIEW.flowsSeen(),
            VIEW.left());
    String svg = LanesPicture.svg(late);
    List<double[]> names = new ArrayList<>();
    Matcher name =
        Pattern.compile("<text x=\"([\\d.]+)\" y=\"([\\d.]+)\" class=\"lane-name\"[^>]*>([^<]+)<")
            .matcher(svg);
    while (name.find()) {
      double x = Double.parseDouble(name.group(1));
      double y = Double.parseDouble(name.group(2));
      names.add(new double[] {x, x + name.group(3).length() * 7.5, y - 10, y + 3});
    }
    assertEquals(VIEW.lanes().size(), names.size(), svg);
    Matcher line =
        Pattern.compile(
                "<line x1=\"([\\d.]+)\" y1=\"([\\d.]+)\" x2=\"[\\d.]+\" y2=\"([\\d.]+)\""
                    + " class=\"failover\"")
            .matcher(svg);
    int early = 0;
    while (line.find()) {
      double x = Double.parseDouble(line.group(1));
      double top = Double.parseDouble(line.group(2));
      double bottom = Double.parseDouble(line.group(3));
      for (double[] n : names) {
        early += x < n[1] ? 1 : 0;
        assertTrue(x > n[1] || bottom < n[2] || top > n[3], line.group());
      }
    }
    assertTrue(early > 0, "no failover is early: " + svg);
  }
}
