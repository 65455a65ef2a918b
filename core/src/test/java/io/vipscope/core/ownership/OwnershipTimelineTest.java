package io.vipscope.core.ownership;

import static io.vipscope.core.FrameBuilder.ip;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vipscope.core.net.IpAddress;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class OwnershipTimelineTest {

  private static final long SECOND = 1_000_000_000L;
  private static final IpAddress VIP = ip("10.0.0.100");
  private static final IpAddress VIP6 = ip("2001:db8::100");
  private static final IpAddress OTHER = ip("10.0.0.200");
  private static final long MAC1 = 1;
  private static final long MAC2 = 2;
  private static final long STRANGE_MAC = 9;
  private static final int VLAN = 30;

  private static final HostDirectory HOSTS = new TwoHosts(Set.of(VIP, VIP6));

  private final OwnershipTimeline timeline = new OwnershipTimeline(HOSTS, true);
  private long frame;

  private List<Ownership> advert(double seconds, int host, int priority, IpAddress... vips) {
    return timeline.apply(
        new ControlEvent.Advert(
            ++frame,
            (long) (seconds * SECOND),
            VLAN,
            host,
            ip("10.0.0.1" + host),
            3,
            51,
            priority,
            SECOND,
            List.of(vips),
            true));
  }

  private List<Ownership> advert(double seconds, int host, int priority) {
    return advert(seconds, host, priority, VIP);
  }

  private List<Ownership> claim(double seconds, IpAddress address, long mac) {
    return timeline.apply(
        new ControlEvent.Claim(++frame, (long) (seconds * SECOND), VLAN, mac, address, mac, true));
  }

  private List<Ownership> advance(double seconds) {
    return timeline.advance((long) (seconds * SECOND));
  }

  private @Nullable Ownership at(double seconds) {
    return timeline.at(VLAN, VIP, (long) (seconds * SECOND));
  }

  private @Nullable String holder(double seconds) {
    Ownership ownership = at(seconds);
    assertNotNull(ownership);
    return ownership.host();
  }

  @Test
  void loserThatGoesOnAdvertisingHoldsItToo() {
    advert(0, 1, 150);
    advert(1, 1, 150);
    assertEquals(List.of(), advert(1.5, 2, 100), "its first one");
    advert(2, 1, 150);
    Ownership both = advert(2.5, 2, 100).getFirst();
    assertEquals(List.of("lb1", "lb2"), both.holders());
    assertEquals("lb1", both.host());
    assertEquals(1, both.epoch());
    assertEquals((long) (2.5 * SECOND), both.atNs());
    advert(3, 1, 150);
    assertEquals(List.of(), advert(3.5, 2, 100), "told once");
    advert(4, 1, 150);
    advert(5, 1, 150);
    advert(6, 1, 150);
    Ownership healed = advance(6.6).getFirst();
    assertEquals(List.of("lb1"), healed.holders());
    assertEquals((long) (3.5 * SECOND) + 3 * SECOND, healed.atNs());
    assertEquals(1, healed.epoch());
  }

  @Test
  void preemptedOnesCrossingAdvertMakesNoSecondHolder() {
    advert(0, 2, 100);
    advert(1, 2, 100);
    advert(1.5, 1, 150);
    assertEquals(List.of(), advert(1.501, 2, 100));
    assertEquals(List.of(), advert(2.5, 1, 150));
    Ownership now = timeline.at(VLAN, VIP, 3 * SECOND);
    assertNotNull(now);
    assertEquals(List.of("lb1"), now.holders());
  }

  @Test
  void nothingIsKnownBeforeTheFirstWord() {
    advert(10, 1, 100);
    assertNull(at(9.9));
    assertEquals("lb1", holder(10));
  }

  @Test
  void firstAdvertEstablishes() {
    List<Ownership> told = advert(10, 1, 100);
    assertEquals(
        List.of(
            new Ownership(
                VLAN,
                VIP,
                "lb1",
                MAC1,
                51,
                100,
                10 * SECOND,
                1,
                Evidence.VRRP,
                1,
                List.of("lb1"),
                10 * SECOND)),
        told);
    assertEquals(
        List.of(new OwnershipTimeline.Change(10 * SECOND, "lb1", VIP, true, true)),
        timeline.changesOf("lb1").after(Long.MIN_VALUE));
  }

  @Test
  void furtherAdvertsChangeNothing() {
    advert(1, 1, 100);
    assertEquals(List.of(), advert(2, 1, 100));
  }

  @Test
  void everyVipOfAnAdvertIsHeld() {
    assertEquals(2, advert(1, 1, 100, VIP, OTHER).size());
  }

  @Test
  void higherPriorityTakesOver() {
    advert(1, 1, 100);
    List<Ownership> told = advert(1.5, 2, 150);
    assertEquals("lb2", told.getFirst().host());
    assertEquals(2, told.getFirst().epoch());
    assertEquals("lb1", holder(1.4));
    assertEquals("lb2", holder(1.5));
    assertEquals(
        List.of(new OwnershipTimeline.Change(SECOND * 3 / 2, "lb1", VIP, false, false)),
        timeline.changesOf("lb1").after(Long.MIN_VALUE).subList(1, 2));
    assertEquals(
        List.of(new OwnershipTimeline.Change(SECOND * 3 / 2, "lb2", VIP, true, false)),
        timeline.changesOf("lb2").after(Long.MIN_VALUE));
  }

  @Test
  void lowerPriorityDoesNotTakeOverFromALiveMaster() {
    advert(1, 1, 150);
    assertEquals(List.of(), advert(1.5, 2, 100));
    assertEquals("lb1", holder(2));
  }

  @Test
  void equalPriorityIsDecidedByTheHigherAddress() {
    advert(1, 1, 100);
    assertEquals(1, advert(1.5, 2, 100).size());
    assertEquals(List.of(), advert(2, 1, 100));
    assertEquals("lb2", holder(3));
  }

  @Test
  void masterThatLoweredItsPriorityLoses() {
    advert(1, 1, 150);
    advert(2, 1, 50);
    assertEquals("lb1", holder(2));
    advert(2.1, 2, 100);
    assertEquals("lb2", holder(2.1));
  }

  @Test
  void backupTakesOverFromADeadMaster() {
    advert(1, 1, 150);
    assertEquals(List.of(), advert(4, 2, 100), "three intervals: it is still alive");
    assertEquals("lb2", advert(4.5, 2, 100).getFirst().host());
  }

  @Test
  void priorityZeroGivesUp() {
    advert(1, 1, 150);
    Ownership gone = advert(1.5, 1, 0).getFirst();
    assertNull(gone.host());
    assertEquals(2, gone.epoch());
    assertFalse(timeline.changesOf("lb1").after(Long.MIN_VALUE).getLast().gained());
    assertEquals("lb2", advert(1.6, 2, 100).getFirst().host());
    assertNull(holder(1.55));
  }

  @Test
  void priorityZeroOfABackupChangesNothing() {
    advert(1, 1, 150);
    assertEquals(List.of(), advert(1.5, 2, 0));
    assertEquals("lb1", holder(2));
  }

  @Test
  void firstWordMayBeThatAHostGivesUp() {
    Ownership gone = advert(1, 1, 0).getFirst();
    assertNull(gone.host());
    assertEquals(
        List.of(new OwnershipTimeline.Change(SECOND, "lb1", VIP, false, true)),
        timeline.changesOf("lb1").after(Long.MIN_VALUE));
  }

  @Test
  void unknownFourIntervalsAfterTheLastAdvert() {
    advert(1, 1, 150);
    advert(2, 1, 150);
    assertEquals(List.of(), advance(6));
    Ownership unknown = advance(6.001).getFirst();
    assertNull(unknown.host());
    assertEquals(6 * SECOND, unknown.sinceNs());
    assertEquals(0, unknown.frame());
    assertEquals("lb1", holder(5.9));
  }

  @Test
  void masterHeardAgainAfterSilenceHoldsAgain() {
    advert(1, 1, 150);
    List<Ownership> told = advert(20, 1, 150);
    assertEquals(2, told.size());
    assertNull(told.get(0).host());
    assertEquals("lb1", told.get(1).host());
    assertEquals(3, told.get(1).epoch());
    assertNull(holder(10));
  }

  @Test
  void gratuitousArpAloneEstablishes() {
    Ownership held = claim(1, VIP, MAC1).getFirst();
    assertEquals("lb1", held.host());
    assertEquals(Evidence.GARP, held.evidence());
    assertEquals(-1, held.vrid());
    assertEquals("lb2", claim(2, VIP, MAC2).getFirst().host());
    assertEquals(List.of(), advance(1000));
  }

  @Test
  void neighbourAdvertisementAloneEstablishes() {
    assertEquals(Evidence.NA, claim(1, VIP6, MAC1).getFirst().evidence());
  }

  @Test
  void claimAgainstALiveMasterChangesNothing() {
    advert(1, 1, 150);
    assertEquals(List.of(), claim(2, VIP, MAC2));
  }

  @Test
  void claimAfterTheMasterGaveUp() {
    advert(1, 1, 150);
    advert(1.5, 1, 0);
    assertEquals("lb2", claim(1.6, VIP, MAC2).getFirst().host());
  }

  @Test
  void newHoldersClaimOutlivesTheOldMastersSilence() {
    advert(1, 1, 150);
    assertEquals("lb2", claim(4.5, VIP, MAC2).getFirst().host());
    assertEquals(List.of(), advance(6));
    assertEquals("lb2", holder(6));
  }

  @Test
  void claimOfAnUnknownMacOrOfNoVipChangesNothing() {
    assertEquals(List.of(), claim(1, VIP, STRANGE_MAC));
    assertEquals(List.of(), claim(1, OTHER, MAC1));
    assertNull(at(2));
  }

  @Test
  void addressThatAnAdvertNamedMayBeClaimed() {
    advert(1, 1, 150, OTHER);
    assertTrue(timeline.isAdvertised(OTHER));
    advert(1.5, 1, 0, OTHER);
    assertEquals(1, claim(2, OTHER, MAC2).size());
  }

  @Test
  void trafficAndAnswersMoveNothing() {
    advert(1, 1, 150);
    assertEquals(
        List.of(),
        timeline.apply(
            new ControlEvent.Binding(++frame, 2 * SECOND, VLAN, MAC2, VIP, MAC2, false)));
    assertEquals("lb1", holder(2));
    advance(100);
    assertEquals(
        List.of(),
        timeline.apply(
            new ControlEvent.Binding(++frame, 101 * SECOND, VLAN, MAC2, VIP, MAC2, false)));
    assertNull(holder(101));
  }

  @Test
  void segmentsAreApart() {
    advert(1, 1, 150);
    assertNull(timeline.at(-1, VIP, 2 * SECOND));
  }

  @Test
  void masterThatIsNoAuditedHostIsNobody() {
    Ownership held =
        timeline
            .apply(
                new ControlEvent.Advert(
                    1,
                    SECOND,
                    VLAN,
                    STRANGE_MAC,
                    ip("10.0.0.99"),
                    2,
                    51,
                    100,
                    SECOND,
                    List.of(VIP),
                    true))
            .getFirst();
    assertNull(held.host());
    assertEquals(STRANGE_MAC, held.mac());
  }

  @Test
  void mastersMacWithoutKnownAddressNamesTheHost() {
    Ownership held =
        timeline
            .apply(
                new ControlEvent.Advert(
                    1, SECOND, VLAN, MAC2, ip("10.0.0.99"), 2, 51, 100, SECOND, List.of(VIP), true))
            .getFirst();
    assertEquals("lb2", held.host());
  }

  // Traffic.

  private List<Ownership> use(double seconds, int host) {
    return timeline.use(VLAN, VIP, "lb" + host, host, (long) (seconds * SECOND), ++frame);
  }

  @Test
  void trafficIsAllThereIsWithoutAnyOtherWord() {
    assertEquals(Evidence.TRAFFIC, use(1, 2).getFirst().evidence());
    assertEquals("lb2", holder(1));
    assertEquals(List.of(), timeline.changesOf("lb2").after(Long.MIN_VALUE));
    assertEquals(List.of("lb2", "lb1"), use(3, 1).getFirst().holders());
    assertEquals("lb2", holder(3));
  }

  @Test
  void firstAdvertCountsMoreThanTraffic() {
    use(1, 2);
    Ownership told = advert(2, 2, 100).getFirst();
    assertEquals(Evidence.VRRP, told.evidence());
    assertEquals(1, told.epoch());
    assertEquals(
        List.of(new OwnershipTimeline.Change(2 * SECOND, "lb2", VIP, true, true)),
        timeline.changesOf("lb2").after(Long.MIN_VALUE));
  }

  @Test
  void trafficNeverMovesAnOwnershipButIsAHolderMore() {
    advert(1, 1, 100);
    assertEquals(List.of(), use(1.5, 2));
    Ownership told = use(2.5, 2).getFirst();
    assertEquals("lb1", told.host());
    assertEquals(List.of("lb1", "lb2"), told.holders());
    assertEquals(1, told.epoch());
    assertEquals((long) (2.5 * SECOND), told.atNs());
    assertEquals(List.of(), use(2.6, 2));
  }

  @Test
  void pairsWithOneVridAndOtherVipsAreRoutersOfTheirOwn() {
    advert(1, 1, 100, VIP);
    advert(1.1, 2, 150, OTHER);
    advert(2, 1, 100, VIP);
    assertEquals("lb1", holder(2));
    assertEquals(1, timeline.history(VLAN, OTHER).size());
  }

  @Test
  void masterThatAnotherPairKeepsSilentStillHolds() {
    advert(1, 1, 100, VIP);
    for (int i = 0; i < 9; i++) {
      advert(1.5 + i, 2, 150, OTHER);
    }
    advance(13.4);
    assertEquals("lb1", holder(13.4));
    advance(13.6);
    assertNull(holder(13.6));
    assertEquals("lb1", holder(13.49));
  }

  @Test
  void anotherPairHeardAfterTheEndDoesNotBringItBack() {
    advert(1, 1, 100, VIP);
    advert(5.1, 2, 150, OTHER);
    advance(5.2);
    assertNull(holder(5.2));
  }
}
