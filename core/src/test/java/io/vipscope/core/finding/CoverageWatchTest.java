package io.vipscope.core.finding;

import static io.vipscope.core.finding.Scene.CLIENT;
import static io.vipscope.core.finding.Scene.SECOND;
import static io.vipscope.core.finding.Scene.VIP;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vipscope.core.finding.CoverageWatch.Item;
import io.vipscope.core.flow.FlowRecord;
import io.vipscope.core.flow.Opener;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CoverageWatchTest {

  private static final long HOUR = 3_600 * SECOND;
  private static final Item USED = new Item("lb1", "route", "default src VIP", true, true);
  private static final Item UNUSED = new Item("lb1", "rule", "rule4 100: to 10/8", true, true);
  private static final Item HIDDEN = new Item("lb1", "rule", "rule4 200: fwmark", false, true);
  private static final Item KERNELS = new Item("lb1", "rule", "rule4 32767: default", true, false);

  private final List<Finding> told = new ArrayList<>();
  private final CoverageWatch watch = new CoverageWatch(new FindingLog(told::add, _ -> ""));

  private static FlowRecord flow() {
    return new Scene().record(1, 1, VIP, CLIENT, 50, 6, Opener.SYN, null);
  }

  private List<String> findings() {
    return told.stream().map(f -> f.status() + " " + f.text()).toList();
  }

  @Test
  void ruleThatNoFlowWentByIsDeadAfterADay() {
    watch.has("lb1", List.of(USED, UNUSED, HIDDEN, KERNELS));
    watch.advance(0);
    watch.used(flow(), "lb1", List.of(USED));
    watch.advance(24 * HOUR - SECOND);
    assertEquals(List.of(), told);
    watch.advance(24 * HOUR + 61 * SECOND);
    assertEquals(
        List.of("open no flow of lb1 went by this rule in 24 h: rule4 100: to 10/8"), findings());
    watch.used(flow(), "lb1", List.of(UNUSED));
    assertEquals(Finding.Status.RESOLVED, told.getLast().status());
  }

  @Test
  void hostThatSentNothingShowsNothing() {
    watch.has("lb1", List.of(UNUSED));
    watch.advance(0);
    watch.advance(30 * HOUR);
    assertEquals(List.of(), told);
  }

  @Test
  void whatCameLaterIsObservedFromThen() {
    watch.advance(0);
    watch.used(flow(), "lb1", List.of(USED));
    watch.advance(20 * HOUR);
    watch.has("lb1", List.of(USED, UNUSED));
    watch.advance(40 * HOUR);
    assertEquals(List.of(), told);
    watch.advance(45 * HOUR);
    assertEquals(1, told.size());
  }

  @Test
  void whatTheHostHasNoMoreIsNoFinding() {
    watch.has("lb1", List.of(USED, UNUSED));
    watch.advance(0);
    watch.used(flow(), "lb1", List.of(USED));
    watch.has("lb1", List.of(USED));
    watch.advance(30 * HOUR);
    assertEquals(List.of(), told);
  }

  @Test
  void flowsAndBytesAreCounted() {
    watch.has("lb1", List.of(USED, UNUSED));
    watch.advance(5);
    FlowRecord flow = flow();
    watch.used(flow, "lb1", List.of(USED));
    watch.used(flow, "lb1", List.of(USED));
    RuleCoverage use = watch.all().getFirst();
    assertEquals(2, use.flows());
    assertEquals(2 * (flow.bytesToServer() + flow.bytesToClient()), use.bytes());
    assertEquals(flow.startNs(), use.lastNs());
    assertEquals(5, use.sinceNs());
    assertEquals(RuleCoverage.NEVER, watch.all().getLast().lastNs());
  }
}
