package io.vipscope.core.finding;

import static io.vipscope.core.FrameBuilder.ip;
import static io.vipscope.core.finding.Scene.VIP;
import static io.vipscope.core.finding.Scene.VIP2;
import static io.vipscope.core.finding.Scene.ns;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class AdvertWatchTest {

  /** lb2 no longer hears lb1 from the time on: after 3.6 s it advertises beside it. */
  private static Scene split(double untilSeconds) {
    Scene scene = new Scene();
    for (double t = 0; t < untilSeconds; t += 1) {
      scene.advert(t, 1, 150);
      if (t >= 4) {
        scene.advert(t + 0.6, 2, 100);
      }
    }
    return scene;
  }

  @Test
  void losersSecondAdvertInTheWinnersTimeIsASplit() {
    assertEquals(List.of(), split(5).told());
    Scene scene = split(6);
    assertEquals(List.of("split-brain warning open lb2"), scene.found());
    assertEquals(ns(4.6), scene.told().getFirst().startNs());
    assertEquals(ns(5.6), scene.told().getFirst().atNs());
  }

  @Test
  void splitIsCriticalAfterThreeIntervals() {
    assertEquals(List.of("split-brain critical update lb2"), split(9).found());
  }

  @Test
  void splitIsOverWhenTheLoserFallsSilent() {
    Scene scene = split(7);
    scene.claim(6.7, 1).advert(7, 1, 150).advert(8, 1, 150).advert(9, 1, 150).advert(10, 1, 150);
    assertEquals(List.of("split-brain warning resolved lb2"), scene.found());
    assertEquals(ns(6.6), scene.told().getLast().endNs());
  }

  @Test
  void winnerThatTellsNobodyIsFound() {
    Scene scene = split(7);
    scene.claim(6.5, 1); // before the loser's last advert
    for (int t = 7; t < 11; t++) {
      scene.advert(t, 1, 150);
    }
    assertEquals(
        List.of("split-brain warning resolved lb2", "no-garp-after-heal warning open lb1"),
        scene.found());
  }

  @Test
  void aSplitThatEndsWithTheWinnersDeathNeedsNoClaim() {
    Scene scene = split(7);
    for (int t = 7; t < 12; t++) {
      scene.advert(t + 0.6, 2, 100);
    }
    assertEquals(List.of("split-brain warning resolved lb2"), scene.found().subList(0, 1));
    assertEquals(1, scene.found().size(), scene.found()::toString);
  }

  @Test
  void preemptedOnesOverlappingAdvertIsNoSplit() {
    Scene scene = new Scene();
    scene.advert(0, 2, 100).advert(1, 2, 100).advert(1.5, 1, 150).advert(1.501, 2, 100);
    for (int t = 3; t < 9; t++) {
      scene.advert(t - 0.5, 1, 150);
    }
    assertEquals(List.of(), scene.told());
  }

  @Test
  void resignationThatTheSensorMissedIsNoSplit() {
    Scene scene = new Scene();
    scene.advert(0, 1, 150).advert(1, 1, 150);
    for (int t = 2; t < 9; t++) {
      scene.advert(t, 2, 100);
    }
    assertEquals(List.of(), scene.told());
  }

  @Test
  void splitBeginsWhenABetterOneDoesNotHearTheOther() {
    Scene scene = new Scene();
    scene.advert(0, 2, 100).advert(1, 2, 100).advert(1.3, 1, 150).advert(2, 2, 100);
    scene.advert(2.3, 1, 150);
    assertEquals(List.of(), scene.told());
    scene.advert(3, 2, 100);
    assertEquals(List.of("split-brain warning open lb2"), scene.found());
    assertEquals(ns(1.3), scene.told().getFirst().startNs());
  }

  @Test
  void twoPairsWithOneVridCollide() {
    Scene scene = new Scene();
    scene.advert(0, 1, 150, VIP).advert(0.5, 2, 100, VIP2).advert(1, 1, 150, VIP);
    assertEquals(List.of("vrid-collision warning open lb1"), scene.found());
    assertEquals(List.of(FindingKind.VRID_COLLISION), scene.opened());
    scene.at(30);
    assertEquals(List.of("vrid-collision warning resolved lb1"), scene.found());
  }

  @Test
  void listsThatShareAVipDoNotCollide() {
    Scene scene = new Scene();
    scene.advert(0, 1, 150, VIP, VIP2).advert(0.5, 2, 0, VIP2);
    assertEquals(List.of(), scene.told());
  }

  @Test
  void advertMustNotComeFromItsVip() {
    assertEquals(
        List.of("advert-from-vip warning open lb1"), new Scene().advert(0, 1, VIP, 0, 100).found());
    assertEquals(List.of(), new Scene().advert(0, 1, VIP, 0, 255).told());
    assertEquals(List.of(), new Scene().advert(0, 1, ip("10.0.0.11"), 0, 100).told());
  }
}
