package io.vipscope.tools.screen;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vipscope.core.frame.Segments;
import io.vipscope.tools.ReplayedView;
import io.vipscope.tools.view.AuditView;
import io.vipscope.tools.web.PageSource;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The screen of the demo's audit, at sizes that terminals have. */
class ScreenLinesTest {

  private static AuditView view = new AuditView(new Segments(), 1);

  @BeforeAll
  static void audit() {
    view = ReplayedView.ofDemo();
  }

  private static ScreenLines.Moment moment(ScreenState state) {
    return new ScreenLines.Moment(
        "Live on eth1",
        view.copy(),
        state.entries(view.copy(), view.flows()),
        630,
        "0",
        view.copy().lastNs(),
        Rates.between(new AuditView(new Segments(), 1).copy(), view.copy(), 10),
        List.of(
            new PageSource.LatencyRow(
                "frame to classified", "", 12_300, 80_000, 450_000, 1_000_000, 2_000_000)));
  }

  private static String text(List<Row> rows) {
    return rows.stream().map(Row::text).collect(Collectors.joining("\n"));
  }

  @ParameterizedTest
  @CsvSource({"80,24", "160,50", "40,10", "20,6"})
  void everyLineFits(int width, int height) {
    ScreenState state = new ScreenState();
    for (String keys : List.of("", "f", "\r")) {
      keys.chars().forEach(state::key);
      List<Row> rows =
          state.explained == null
              ? ScreenLines.overview(moment(state), state, width, height)
              : ScreenLines.explanation(moment(state), state, null, width, height);
      assertEquals(height, rows.size());
      rows.forEach(row -> assertTrue(row.text().length() <= width, row::text));
    }
  }

  @Test
  void overviewAt80By24HasWhatMattersFirst() {
    ScreenState state = new ScreenState();
    String screen = text(ScreenLines.overview(moment(state), state, 80, 24));
    for (String part :
        List.of(
            "630 frames, lost 0",
            "192.168.0.9",
            "VI_4",
            "lb1",
            "vip 1.2",
            "mismatch 0.6",
            "0 open findings, 4 failovers",
            "Flows that differ, and why, by count: 4",
            "192.168.0.9 > 198.51.100.7 123/udp",
            "frame to classified  p50 12.3  p99 80.0  p99.9 450  max 2000 us",
            "was used: a socket bound to it would do that",
            "q quit")) {
      assertTrue(screen.contains(part), () -> part + " is missing in\n" + screen);
    }
  }

  @Test
  void filterSortSelectAndExplain() {
    ScreenState state = new ScreenState();
    "f/8443\r".chars().forEach(state::key);
    assertEquals(3, state.entries(view.copy(), view.flows()).size());
    state.key(ScreenState.DOWN);
    state.entries(view.copy(), view.flows());
    assertEquals(1, state.selected);
    state.key('\r');
    assertNotNull(state.explained);
    String screen = text(ScreenLines.explanation(moment(state), state, null, 80, 24));
    assertTrue(screen.contains("How the expected source comes about"), screen);
    assertTrue(screen.contains("is expected (default)"), screen);
    state.key(ScreenState.ESCAPE);
    assertNull(state.explained);
    state.key('/');
    state.key(ScreenState.ESCAPE);
    assertTrue(state.filter.isEmpty());
    assertFalse(state.paused);
    state.key('p');
    assertTrue(state.paused);
    state.key('q');
    assertTrue(state.quit);
  }

  /** Ten rows are too few for it: the arrows show the rest, and no further. */
  @Test
  void longExplanationIsScrolled() {
    ScreenState state = new ScreenState();
    state.entries(view.copy(), view.flows());
    state.key('\r');
    String all = text(ScreenLines.explanation(moment(state), state, null, 80, 40));
    List<Row> top = ScreenLines.explanation(moment(state), state, null, 80, 8);
    assertFalse(text(top).contains("first address of eth0"), text(top));
    assertTrue(top.getLast().text().contains("line 6 of"), top.getLast().text());
    for (int i = 0; i < 30; i++) {
      state.key(ScreenState.DOWN);
    }
    List<Row> end = ScreenLines.explanation(moment(state), state, null, 80, 8);
    assertTrue(text(end).contains("first address of eth0"), text(end));
    assertTrue(all.contains(end.get(6).text()), all);
    assertTrue(end.getFirst().text().startsWith("vipscope"), "the head stays");
    state.key(ScreenState.ESCAPE);
    assertEquals(0, state.selected, "the table has not moved meanwhile");
  }
}
