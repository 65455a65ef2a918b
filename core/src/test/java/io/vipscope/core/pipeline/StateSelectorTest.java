package io.vipscope.core.pipeline;

import static io.vipscope.core.pipeline.Lab.VIP;
import static io.vipscope.core.pipeline.Lab.advert;
import static io.vipscope.core.pipeline.Lab.snapshot;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.ownership.OwnershipTimeline;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The state in force of lb1. */
class StateSelectorTest {

  private static final HostSnapshot BACKUP_100 = snapshot(1, false, 99, 100);
  private static final HostSnapshot BACKUP_200 = snapshot(1, false, 199, 200);
  private static final HostSnapshot MASTER_200 = snapshot(1, true, 199, 200);
  private static final HostSnapshot MASTER_300 = snapshot(1, true, 299, 300);
  private static final HostSnapshot MASTER_50 = snapshot(1, true, 49, 50);

  private final AuditedHost lb2 = Lab.host(2, snapshot(2, false, 99, 100));

  private OwnershipTimeline timeline(AuditedHost lb1) {
    HostIndex index = new HostIndex(List.of(lb1, lb2), List.of());
    return new OwnershipTimeline(index, true);
  }

  private StateInForce quiet(double seconds, HostSnapshot... snapshots) {
    AuditedHost lb1 = Lab.host(1, snapshots);
    return new StateSelector(timeline(lb1)).at(lb1, (long) (seconds * Lab.SECOND));
  }

  /** lb2 is master until lb1 takes over at 150. */
  private StateInForce gained(double seconds, HostSnapshot... snapshots) {
    AuditedHost lb1 = Lab.host(1, snapshots);
    OwnershipTimeline timeline = timeline(lb1);
    for (int t = 90; t < 150; t++) {
      timeline.apply(advert(t, 2, 100));
    }
    timeline.apply(advert(150, 1, 150));
    return new StateSelector(timeline).at(lb1, (long) (seconds * Lab.SECOND));
  }

  @Test
  void newestSnapshotThatEndedBeforeHolds() {
    assertEquals(BACKUP_100, quiet(150, BACKUP_100, MASTER_200, MASTER_300).state());
    assertEquals(MASTER_200, quiet(200, BACKUP_100, MASTER_200, MASTER_300).state());
    assertEquals(MASTER_300, quiet(999, BACKUP_100, MASTER_200, MASTER_300).state());
  }

  @Test
  void orderOfTheSnapshotsDoesNotMatter() {
    assertEquals(BACKUP_100, quiet(150, MASTER_200, BACKUP_100).state());
  }

  @Test
  void firstSnapshotHoldsBefore() {
    assertEquals(BACKUP_100, quiet(10, BACKUP_100, MASTER_200).state());
  }

  @Test
  void nextSnapshotIsTheNeighbour() {
    assertEquals(List.of(MASTER_200), quiet(150, BACKUP_100, MASTER_200, MASTER_300).neighbours());
    assertEquals(List.of(), quiet(999, BACKUP_100, MASTER_200).neighbours());
  }

  @Test
  void changeOnTheWirePutsTheNextSnapshotInForce() {
    StateInForce before = gained(149.9, BACKUP_100, MASTER_200);
    assertEquals(BACKUP_100, before.state());
    assertEquals(List.of(MASTER_200), before.neighbours());
    StateInForce after = gained(150, BACKUP_100, MASTER_200);
    assertEquals(MASTER_200, after.state());
    assertEquals(List.of(BACKUP_100), after.neighbours());
  }

  @Test
  void changeWithoutALaterSnapshotTakesTheLatestInTheSameState() {
    StateInForce after = gained(160, MASTER_50, BACKUP_100);
    assertEquals(MASTER_50, after.state());
    assertEquals(List.of(BACKUP_100), after.neighbours());
  }

  @Test
  void changeWithoutASnapshotOfThatStateIsApplied() {
    HostSnapshot after = gained(160, BACKUP_100).state();
    assertTrue(after.assumed());
    assertTrue(after.holds(VIP));
    assertFalse(BACKUP_100.holds(VIP));
    assertEquals(BACKUP_100.tEndNs(), after.tEndNs());
  }

  @Test
  void lossIsAppliedToo() {
    AuditedHost lb1 = Lab.host(1, snapshot(1, true, 99, 100));
    OwnershipTimeline timeline = timeline(lb1);
    for (int t = 90; t < 150; t++) {
      timeline.apply(advert(t, 1, 100));
    }
    timeline.apply(advert(150, 1, 0));
    StateSelector states = new StateSelector(timeline);
    assertTrue(states.at(lb1, 149 * Lab.SECOND).state().holds(VIP));
    assertFalse(states.at(lb1, 151 * Lab.SECOND).state().holds(VIP));
  }

  @Test
  void changeBeforeTheSnapshotBeganIsInIt() {
    assertEquals(MASTER_200, gained(250, MASTER_200, MASTER_300).state());
    assertEquals(BACKUP_200, gained(250, BACKUP_200).state());
  }

  @Test
  void changeWhileTheSnapshotWasTakenCounts() {
    HostSnapshot slow = snapshot(1, false, 140, 160);
    assertTrue(gained(170, slow).state().holds(VIP));
  }

  @Test
  void nextSnapshotThatTheWireContradictsIsNotInForce() {
    // Gained and lost again before the next one was taken.
    HostSnapshot state = gained(160, BACKUP_100, BACKUP_200).state();
    assertTrue(state.holds(VIP));
  }

  @Test
  void firstWordThatTheSnapshotKnowsIsNoChange() {
    AuditedHost lb1 = Lab.host(1, snapshot(1, true, 99, 100));
    OwnershipTimeline timeline = timeline(lb1);
    timeline.apply(advert(120, 1, 100));
    assertFalse(new StateSelector(timeline).at(lb1, 130 * Lab.SECOND).state().assumed());
  }

  @Test
  void firstWordAgainstTheSnapshotIsAChange() {
    AuditedHost lb1 = Lab.host(1, BACKUP_100);
    OwnershipTimeline timeline = timeline(lb1);
    timeline.apply(advert(120, 1, 100));
    assertTrue(new StateSelector(timeline).at(lb1, 130 * Lab.SECOND).state().holds(VIP));
  }
}
