package io.vipscope.core.failover;

import static io.vipscope.core.FrameBuilder.ip;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vipscope.core.flow.VipFrame;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.ownership.ControlEvent;
import io.vipscope.core.ownership.HostDirectory;
import io.vipscope.core.ownership.OwnershipTimeline;
import io.vipscope.core.ownership.TwoHosts;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FailoverLogTest {

  private static final long SECOND = 1_000_000_000L;
  private static final IpAddress VIP = ip("10.0.0.100");
  private static final IpAddress VIP2 = ip("10.0.0.101");
  private static final IpAddress CLIENT = ip("10.0.0.50");
  private static final HostDirectory HOSTS = new TwoHosts(Set.of(VIP, VIP2));

  private final List<Failover> told = new ArrayList<>();
  private final OwnershipTimeline timeline = new OwnershipTimeline(HOSTS, true);
  private FailoverLog log =
      new FailoverLog(HOSTS, (vip, _) -> vip.equals(VIP) ? "VI_4" : null, true, told::add);
  private long frame;

  private static long ns(double seconds) {
    return Math.round(seconds * SECOND);
  }

  private void advert(double seconds, int host, int priority, IpAddress... vips) {
    take(
        new ControlEvent.Advert(
            ++frame,
            ns(seconds),
            -1,
            host,
            ip("10.0.0.1" + host),
            2,
            51,
            priority,
            SECOND,
            vips.length == 0 ? List.of(VIP) : List.of(vips),
            true));
  }

  private void garp(double seconds, long mac) {
    take(new ControlEvent.Claim(++frame, ns(seconds), -1, mac, VIP, mac, false));
  }

  private void take(ControlEvent event) {
    log.advance(event.tsNs());
    log.changed(timeline.apply(event));
    log.heard(event);
  }

  private void answer(double seconds, long mac, long flow) {
    log.used(
        new VipFrame(
            ++frame,
            ns(seconds),
            -1,
            VIP,
            80,
            CLIENT,
            4000,
            6,
            false,
            mac,
            50,
            true,
            false,
            0,
            flow,
            ns(seconds)));
  }

  private Failover only() {
    log.close();
    assertEquals(1, told.size(), told::toString);
    return told.getFirst();
  }

  @Test
  void resignationIsDarkUntilTheNewOnesClaim() {
    advert(1, 1, 150);
    answer(1.4, 1, 7);
    answer(1.5, 1, 8);
    advert(1.6, 1, 0);
    advert(2.209, 2, 100);
    garp(2.21, 2);
    answer(2.3, 2, 9);
    Failover f = only();
    assertEquals(
        new Failover(
            "VI_4",
            -1,
            51,
            List.of(VIP),
            "lb1",
            "lb2",
            -1,
            -1,
            Trigger.PRIO0,
            ns(2.209),
            ns(1.6),
            ns(2.209),
            ns(2.21),
            ns(2.3),
            ns(0.61),
            false,
            0,
            2,
            0,
            null,
            List.of()),
        f);
  }

  private void group(@Nullable String name) {
    InstanceNames names =
        new InstanceNames() {
          @Override
          public String instanceOf(IpAddress vip, @Nullable String host) {
            return vip.equals(VIP) ? "VI_4" : "VI_5";
          }

          @Override
          public @Nullable String groupOf(IpAddress vip, @Nullable String host) {
            return name;
          }
        };
    log = new FailoverLog(HOSTS, names, true, told::add);
    advert(1, 1, 150);
    advert(1.01, 1, 150, VIP2);
    advert(1.6, 1, 0);
    advert(1.61, 1, 0, VIP2);
    advert(2.2, 2, 100);
    advert(2.25, 2, 100, VIP2);
    log.close();
    assertEquals(2, told.size(), told::toString);
  }

  @Test
  void membersOfASyncGroupNameEachOther() {
    group("G");
    assertEquals(List.of("G", "G"), told.stream().map(Failover::group).toList());
    assertEquals(
        List.of(List.of("VI_5"), List.of("VI_4")), told.stream().map(Failover::together).toList());
  }

  @Test
  void instancesWithoutAGroupHaveNothingInCommon() {
    group(null);
    assertNull(told.getFirst().group());
    assertEquals(List.of(), told.getFirst().together());
  }

  @Test
  void darkTimeOfASilentHolderIsAnUpperBound() {
    advert(1, 1, 150);
    advert(4.6, 2, 100);
    garp(4.6, 2);
    Failover f = only();
    assertEquals(Trigger.MASTER_DOWN, f.trigger());
    assertEquals(ns(3.6), f.darkNs());
    assertTrue(f.darkAtMost());
  }

  @Test
  void whatIsAnsweredAfterTheResignationIsNotDark() {
    advert(1, 1, 150);
    advert(1.6, 1, 0);
    answer(1.63, 1, 7);
    advert(2.209, 2, 100);
    garp(2.21, 2);
    assertEquals(ns(0.58), only().darkNs());
  }

  @Test
  void nothingIsToldBeforeItHasSettled() {
    advert(1, 1, 150);
    advert(1.6, 1, 0);
    advert(2.2, 2, 100);
    for (int second = 3; second < 9; second++) {
      advert(second - 0.8, 2, 100);
      assertEquals(List.of(), told);
    }
    advert(8.3, 2, 100);
    assertEquals(1, told.size());
    log.close();
    assertEquals(1, told.size());
  }

  @Test
  void silentMasterIsDown() {
    advert(1, 1, 150);
    answer(1.5, 1, 7);
    advert(4.61, 2, 100);
    garp(4.611, 2);
    Failover f = only();
    assertEquals(Trigger.MASTER_DOWN, f.trigger());
    assertEquals(ns(1), f.lastAdvertOldNs());
    assertEquals(ns(4.611) - ns(1.5), f.darkNs());
  }

  @Test
  void whatACrashedMasterStillAnswersIsNotDark() {
    advert(1, 1, 150);
    answer(4.6, 1, 7);
    advert(4.61, 2, 100);
    garp(4.611, 2);
    answer(4.8, 1, 8);
    Failover f = only();
    assertEquals(ns(4.611) - ns(4.6), f.darkNs());
    assertEquals(ns(4.8) - ns(4.61), f.overlapNs());
  }

  @Test
  void betterOnePreemptsWithoutADarkTime() {
    advert(1, 2, 100);
    advert(1.5, 1, 150);
    garp(1.5001, 1);
    Failover f = only();
    assertEquals(Trigger.PREEMPT, f.trigger());
    assertEquals("lb2", f.from());
    assertEquals("lb1", f.to());
    assertEquals(ns(0.0001), f.darkNs());
    assertEquals(0, f.overlapNs());
    assertEquals(Failover.NO_TIME, f.firstTrafficNewNs());
  }

  @Test
  void advertAfterPreemptionIsOverlap() {
    advert(1, 2, 100);
    advert(1.5, 1, 150);
    advert(1.501, 2, 100);
    assertEquals(ns(0.001), only().overlapNs());
  }

  @Test
  void fallenPriorityLosesToTheOther() {
    advert(1, 1, 150);
    advert(2, 1, 90);
    advert(2.6, 2, 100);
    assertEquals(Trigger.PRIORITY_DROP, only().trigger());
  }

  @Test
  void oneNameAndVridWithoutACommonVipAreTwoInstances() {
    InstanceNames both =
        new InstanceNames() {
          @Override
          public String instanceOf(IpAddress vip, @Nullable String host) {
            return "VI_4";
          }

          @Override
          public boolean areApart(IpAddress a, IpAddress b) {
            return !a.equals(b);
          }
        };
    log = new FailoverLog(HOSTS, both, true, told::add);
    advert(1, 1, 150, VIP);
    advert(1.5, 2, 100, VIP2);
    advert(2, 1, 150, VIP);
    log.close();
    assertEquals(List.of(), told, "neither has changed hands");
  }

  @Test
  void oneRecordForAllVipsOfAnAdvert() {
    advert(1, 1, 150, VIP, VIP2);
    advert(2, 1, 0, VIP, VIP2);
    advert(2.6, 2, 100, VIP, VIP2);
    // keepalived.conf names one of them only: they are two instances
    log.close();
    assertEquals(2, told.size(), told::toString);
    assertEquals(List.of(VIP), told.get(0).vips());
    assertEquals(List.of(VIP2), told.get(1).vips());
    assertNull(told.get(1).instance());
    assertEquals(51, told.get(1).vrid());
  }

  @Test
  void nobodyTakesOver() {
    advert(1, 1, 150);
    advert(2, 1, 0);
    Failover f = only();
    assertEquals("lb1", f.from());
    assertNull(f.to());
    assertEquals(-1, f.darkNs());
    assertEquals(ns(2), f.atNs());
  }

  @Test
  void restartedMasterIsDarkInBetween() {
    advert(1, 1, 150);
    advert(2, 1, 0);
    advert(5.5, 1, 150);
    Failover f = only();
    assertEquals("lb1", f.from());
    assertEquals("lb1", f.to());
    assertEquals(ns(3.5), f.darkNs());
  }

  @Test
  void missedAdvertsAreNoFailover() {
    advert(1, 1, 150);
    log.changed(timeline.advance(ns(9)));
    advert(9, 1, 150);
    log.close();
    assertEquals(List.of(), told);
  }

  @Test
  void firstHolderIsNoFailover() {
    advert(1, 1, 150);
    log.close();
    assertEquals(List.of(), told);
  }

  @Test
  void pairsThatNobodyAuditsAreLeftOut() {
    advert(1, 3, 150);
    advert(2, 3, 0);
    advert(2.6, 4, 100);
    log.close();
    assertEquals(List.of(), told);
  }

  @Test
  void backAndForthAreTwo() {
    advert(1, 1, 150);
    advert(2, 1, 0);
    advert(2.6, 2, 100);
    advert(4, 1, 150);
    log.close();
    assertEquals(
        List.of(Trigger.PRIO0, Trigger.PREEMPT), told.stream().map(Failover::trigger).toList());
    assertTrue(told.get(0).atNs() < told.get(1).atNs());
  }
}
