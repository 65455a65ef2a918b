package io.vipscope.core.finding;

import static io.vipscope.core.finding.Scene.CLIENT;
import static io.vipscope.core.finding.Scene.STRANGE_MAC;
import static io.vipscope.core.finding.Scene.VIP;
import static io.vipscope.core.finding.Scene.VIRTUAL_MAC;
import static io.vipscope.core.finding.Scene.ns;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class HolderWatchTest {

  /** lb1 holds the VIP until it falls silent at 2 s; lb2 takes over at 6 s. */
  private static Scene crash() {
    Scene scene = new Scene();
    scene.advert(0, 1, 150).advert(1, 1, 150).advert(2, 1, 150).advert(5.6, 2, 100);
    return scene.claim(5.6, 2).advert(6.6, 2, 100);
  }

  @Test
  void hostThatDoesNotHoldTheVipOpensAFlow() {
    Scene scene = new Scene().advert(0, 1, 150).advert(1, 1, 150);
    scene.opened(1.2, 2, VIP, CLIENT, 50).advert(1.24, 1, 150).at(1.9);
    assertEquals(List.of(), scene.told(), "lb2 may have taken over in between");
    scene.advert(2, 1, 150).at(2.01);
    assertEquals(List.of("stale-owner critical open lb2"), scene.found());
    assertEquals(ns(1.2), scene.told().getFirst().startNs());
    scene.at(12);
    assertEquals(ns(1.2), scene.told().getLast().endNs());
    assertEquals(List.of("stale-owner critical resolved lb2"), scene.found());
  }

  @Test
  void holderMayOpenFlows() {
    Scene scene = new Scene().advert(0, 1, 150).advert(1, 1, 150);
    scene.opened(1.2, 1, VIP, CLIENT, 50).advert(2, 1, 150).at(3);
    assertEquals(List.of(), scene.told());
  }

  @Test
  void aVirtualMacNamesNobody() {
    Scene scene = new Scene().advert(0, 1, 150).advert(1, 1, 150);
    scene.opened(1.2, VIRTUAL_MAC, VIP, CLIENT, 50).advert(2, 1, 150).at(3);
    assertEquals(List.of(), scene.told());
  }

  @Test
  void lastFramesOfALoserAreNotStale() {
    Scene scene = crash();
    scene.opened(6.5, 1, VIP, CLIENT, 50).advert(7.6, 2, 100).at(8);
    assertEquals(List.of(), scene.told());
  }

  @Test
  void crashedMasterThatKeepsTheVipIsStale() {
    Scene scene = crash();
    scene.opened(6.7, 1, VIP, CLIENT, 50).advert(7.6, 2, 100).at(8);
    assertEquals(List.of("stale-owner critical open lb1"), scene.found());
  }

  @Test
  void holderAgainIsStaleNoMore() {
    Scene scene = crash();
    scene.opened(6.7, 1, VIP, CLIENT, 50).advert(7.6, 2, 100).at(8).advert(8.3, 1, 150);
    assertEquals(List.of("stale-owner critical resolved lb1"), scene.found());
    assertEquals(ns(8.3), scene.told().getLast().atNs());
  }

  @Test
  void firstAdvertThatTheSensorMissedIsNotStale() {
    Scene scene = new Scene().advert(0, 2, 100).advert(1, 2, 100);
    // lb1 preempts: lb2's advert crosses its own, which is lost; its second one comes
    scene.opened(1.7, 1, VIP, CLIENT, 50).advert(1.701, 2, 100).claim(1.71, 1);
    scene.request(1.8, 1).answer(1.9, 1, 7, 0.5, 0).advert(2.7, 1, 150).at(9);
    assertEquals(List.of(), scene.told());
  }

  @Test
  void answeringForItIsStaleToo() {
    Scene scene = crash();
    scene.answer(7, 1, 8, 6.95, 0).advert(7.6, 2, 100).at(8);
    assertEquals(List.of("stale-owner critical open lb1"), scene.found());
    Scene arp = new Scene().advert(0, 1, 150).advert(1, 1, 150).binding(1.5, 2, true);
    arp.advert(2, 1, 150);
    assertEquals(List.of("stale-owner critical open lb2"), arp.at(2.1).found());
    Scene asking = new Scene().advert(0, 1, 150).advert(1, 1, 150).binding(1.5, 2, false);
    assertEquals(List.of(), asking.advert(2, 1, 150).at(2.1).told());
  }

  @Test
  void loserOfASplitIsNotStale() {
    Scene scene = new Scene();
    scene.advert(0, 1, 150).advert(1, 1, 150).advert(1.6, 2, 100).claim(1.6, 2);
    scene.opened(1.7, 2, VIP, CLIENT, 50).advert(2, 1, 150).at(2.5);
    assertEquals(List.of(), scene.told());
  }

  @Test
  void firstAdvertOfASplitThatTheSensorMissedIsNotStale() {
    Scene scene = new Scene().advert(0, 1, 150).advert(1, 1, 150);
    scene.claim(1.6, 2).opened(1.7, 2, VIP, CLIENT, 50).advert(2, 1, 150).at(2.5);
    scene.advert(2.6, 2, 100).advert(3, 1, 150).advert(3.6, 2, 100);
    assertEquals(List.of(FindingKind.SPLIT_BRAIN), scene.opened());
  }

  @Test
  void hostThatClaimsWithoutAnAdvertIsStale() {
    Scene scene = new Scene().advert(0, 1, 150).advert(1, 1, 150).claim(1.2, 2);
    scene.advert(2, 1, 150).advert(3, 1, 150).at(3.1);
    assertEquals(List.of("stale-owner critical open lb2"), scene.found());
  }

  @Test
  void payloadAfterTheLossOutlivesIt() {
    Scene scene = crash();
    scene.answer(1.5, 1, 7, 1.4, 100).answer(6, 1, 7, 1.4, 200);
    assertEquals(List.of(), scene.told());
    scene.answer(6.7, 1, 7, 1.4, 300).advert(7.6, 2, 100).at(8);
    assertEquals(List.of("vip-flow-outlives-ownership warning open lb1"), scene.found());
  }

  @Test
  void flowThatTheNewHolderContinuesHasMoved() {
    Scene scene = new Scene().advert(0, 1, 150).advert(1, 1, 150).answer(1.5, 1, 7, 1.4, 100);
    scene.advert(1.6, 1, 0).advert(2.2, 2, 100).advert(3.2, 2, 100);
    scene.answer(3.3, 2, 7, 1.4, 200);
    assertEquals(List.of("vip-flow-moved info open lb2"), scene.found());
  }

  @Test
  void anotherConnectionFarAwayHasNotMoved() {
    Scene scene = new Scene().advert(0, 1, 150).advert(1, 1, 150).answer(1.5, 1, 7, 1.4, 0);
    scene.advert(1.6, 1, 0).advert(2.2, 2, 100).advert(3.2, 2, 100);
    assertEquals(List.of(), scene.answer(3.3, 2, 7, 1.4, Integer.MIN_VALUE).told());
  }

  @Test
  void framesForTheVipStillGoToTheFormerHolder() {
    Scene scene = crash();
    scene.request(7.5, 1);
    assertEquals(List.of(), scene.told());
    scene.advert(7.6, 2, 100).request(7.7, 1).advert(8.6, 2, 100).at(8.7);
    assertEquals(List.of("stale-neighbour critical open lb1"), scene.found());
    scene.request(8.8, 2).advert(9.6, 2, 100).at(9.7);
    assertEquals(1, scene.told().size());
  }

  @Test
  void framesToAHostThatNeverHeldItAreNobodysStaleEntry() {
    Scene scene = new Scene().advert(0, 1, 150);
    for (int t = 1; t < 6; t++) {
      scene.advert(t, 1, 150).request(t + 0.5, 2);
    }
    assertEquals(List.of(), scene.told());
  }

  @Test
  void framesToTheLoserOfAHealedSplitAreStale() {
    Scene scene = new Scene().advert(0, 1, 150).advert(1, 1, 150).advert(1.6, 2, 100);
    scene.advert(2, 1, 150).advert(2.6, 2, 100);
    for (int t = 3; t < 8; t++) {
      scene.advert(t, 1, 150).request(t + 0.5, 2);
    }
    assertEquals(
        List.of(
            FindingKind.SPLIT_BRAIN, FindingKind.NO_GARP_AFTER_HEAL, FindingKind.STALE_NEIGHBOUR),
        scene.opened());
  }

  @Test
  void withoutMacsNothingIsSaidOfHolders() {
    Scene scene = new Scene(new Findings.Scope(false, true, true));
    scene.advert(0, 1, 150).advert(1, 1, 150).opened(1.2, 2, VIP, CLIENT, 50);
    scene.advert(2, 1, 150);
    scene.claim(2, STRANGE_MAC).claim(2.1, STRANGE_MAC).at(4);
    assertEquals(List.of(), scene.told());
  }

  @Test
  void holderThatAdvertsDoNotNameNeedsNoAdvert() {
    Scene scene = new Scene().claim(0, 1).opened(1.2, 2, VIP, CLIENT, 50).at(1.6);
    assertEquals(List.of(), scene.told());
    assertEquals(List.of("stale-owner critical open lb2"), scene.at(1.8).found());
    Scene taken = new Scene().claim(0, 1).opened(1.2, 2, VIP, CLIENT, 50).claim(1.3, 2).at(3);
    assertEquals(List.of(), taken.told());
  }

  // Address conflicts.

  @Test
  void strangeMacThatClaimsTwiceIsAConflict() {
    Scene scene = new Scene().advert(0, 1, 150).advert(1, 1, 150);
    scene.claim(1.1, STRANGE_MAC).claim(1.100005, STRANGE_MAC).advert(2, 1, 150).at(2.5);
    assertEquals(List.of(), scene.told());
    scene.binding(2.6, STRANGE_MAC, true).advert(3, 1, 150).at(3.6);
    assertEquals(List.of("address-conflict critical open lb1"), scene.found());
    assertEquals(ns(1.1), scene.told().getFirst().startNs());
  }

  @Test
  void conflictIsSeenThoughOnlyOneDirectionIsTagged() {
    // What goes to lb1 is tagged, what it sends is not.
    Scene scene = new Scene().advert(0, 1, 150).openedIn(100, 0.5, 50, 1).advert(1, 1, 150);
    scene.claim(1.5, STRANGE_MAC, 100).claim(1.7, STRANGE_MAC, 100).advert(2, 1, 150);
    assertEquals(List.of("address-conflict critical open lb1"), scene.advert(3, 1, 150).found());
  }

  @Test
  void neighbourThatAnswersUnderATagShowsThatToo() {
    // lb1 opens a flow to a neighbour, which is heard under the tag alone.
    Scene scene = new Scene().advert(0, 1, 150).opened(0.5, 1, VIP, CLIENT, 50);
    scene.claim(0.6, 50, 100).advert(1, 1, 150);
    scene.claim(1.5, STRANGE_MAC, 100).claim(1.7, STRANGE_MAC, 100).advert(2, 1, 150);
    scene.advert(3, 1, 150);
    assertEquals(List.of("address-conflict critical open lb1"), scene.found());
    Scene both = new Scene().advert(0, 1, 150).opened(0.5, 1, VIP, CLIENT, 50);
    both.claim(0.55, 50, -1).claim(0.6, 50, 100).advert(1, 1, 150);
    both.claim(1.5, STRANGE_MAC, 100).claim(1.7, STRANGE_MAC, 100).advert(2, 1, 150);
    assertEquals(List.of(), both.advert(3, 1, 150).told(), "the neighbour is in both");
  }

  @Test
  void sameAddressInAnotherVlanIsNoConflict() {
    Scene scene = new Scene().advert(0, 1, 150).openedIn(-1, 0.5, 50, 1).advert(1, 1, 150);
    scene.claim(1.5, STRANGE_MAC, 100).claim(1.7, STRANGE_MAC, 100).advert(2, 1, 150);
    assertEquals(List.of(), scene.advert(3, 1, 150).told());
  }

  @Test
  void partnerThatIsNotAuditedIsNoConflict() {
    Scene scene = new Scene().advert(0, 1, 150).advert(1, 1, 0);
    scene.claim(1.5, STRANGE_MAC).claim(1.6, STRANGE_MAC);
    scene.advert(1.7, STRANGE_MAC, io.vipscope.core.FrameBuilder.ip("10.0.0.13"), 0, 100);
    assertEquals(List.of(), scene.at(3).told());
  }

  @Test
  void hostsAndVirtualMacsAreNoConflict() {
    Scene scene = new Scene().advert(0, 1, 150).advert(1, 1, 150);
    scene.binding(1.1, VIRTUAL_MAC, true).binding(1.3, VIRTUAL_MAC, true);
    scene.binding(1.4, 1, true).binding(1.5, 1, true);
    assertEquals(List.of(), scene.at(3).told());
  }
}
