package io.vipscope.core.pipeline;

import static io.vipscope.core.FrameBuilder.ip;
import static io.vipscope.core.pipeline.Lab.BEHIND_VIP;
import static io.vipscope.core.pipeline.Lab.FAR;
import static io.vipscope.core.pipeline.Lab.SECOND;
import static io.vipscope.core.pipeline.Lab.VIP;
import static io.vipscope.core.pipeline.Lab.VIP0;
import static io.vipscope.core.pipeline.Lab.own;
import static io.vipscope.core.pipeline.Lab.snapshot;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vipscope.core.model.flow.FlowPrediction;
import io.vipscope.core.model.flow.FlowPredictor;
import io.vipscope.core.model.flow.FlowQuery;
import io.vipscope.core.model.inverse.Evidence;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.pipeline.SnapshotEvidence.Recorded;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SnapshotEvidenceTest {

  private static final HostSnapshot MASTER = snapshot(1, true, 99, 100);
  private static final HostSnapshot BACKUP = snapshot(1, false, 199, 200);
  private static final HostSnapshot OTHER = snapshot(2, false, 99, 100);
  private static final HostSnapshot OTHER_MASTER = snapshot(2, true, 199, 200);
  private static final AuditedHost LB1 = Lab.host(1, MASTER, BACKUP);
  private static final AuditedHost LB2 = Lab.host(2, OTHER, OTHER_MASTER);
  private static final FlowQuery QUERY = new FlowQuery(BEHIND_VIP, 6, 40000, 443);

  private final SnapshotEvidence evidence =
      new SnapshotEvidence(new HostIndex(List.of(LB1, LB2), List.of()));

  @Test
  void anOwnAddressNamesItsHost() {
    assertEquals(List.of(LB2), evidence.senders(own(2), FAR, 150 * SECOND));
  }

  @Test
  void aVipNamesItsHolderAtThatTime() {
    assertEquals(List.of(LB1), evidence.senders(VIP, FAR, 150 * SECOND));
    assertEquals(List.of(LB2), evidence.senders(VIP, FAR, 250 * SECOND));
    assertEquals(List.of(LB2), evidence.senders(VIP, FAR, Long.MAX_VALUE));
  }

  @Test
  void aVipThatNobodyHoldsMayBeEithers() {
    SnapshotEvidence backups =
        new SnapshotEvidence(
            new HostIndex(List.of(Lab.host(1, BACKUP), Lab.host(2, OTHER)), List.of()));
    assertEquals(2, backups.senders(VIP, FAR, 150 * SECOND).size());
  }

  @Test
  void anUnknownSourceMayBeAnybodysButNotTowardsTheHosts() {
    IpAddress unknown = ip("192.0.2.9");
    assertEquals(2, evidence.senders(unknown, FAR, 150 * SECOND).size());
    assertEquals(List.of(), evidence.senders(unknown, own(1), 150 * SECOND));
    assertEquals(List.of(), evidence.senders(unknown, VIP, 150 * SECOND));
  }

  @Test
  void theNewestStateBeforeAFlowIsInForceAndTheNextItsNeighbour() {
    Evidence early = evidence.at(LB1, QUERY, VIP, 150 * SECOND);
    assertSame(MASTER, early.observation().state());
    assertEquals(List.of(BACKUP), early.observation().neighbours());
    assertEquals(List.of(MASTER, BACKUP), early.ofHost());
    assertEquals(List.of(OTHER), early.ofOthers());
    Evidence late = evidence.at(LB1, QUERY, VIP, Long.MAX_VALUE);
    assertSame(BACKUP, late.observation().state());
    assertEquals(List.of(OTHER_MASTER), late.ofOthers());
    assertTrue(late.observation().known(), "a VIP is known, whoever holds it");
    assertFalse(evidence.at(LB1, QUERY, own(2), 0).observation().known());
    assertTrue(evidence.at(LB1, QUERY, own(1), 0).observation().known());
  }

  private static Recorded recorded(HostSnapshot state, IpAddress source, long endS) {
    FlowPredictor predictor = new FlowPredictor(state);
    FlowPrediction p = predictor.predict(QUERY);
    return new Recorded(endS * SECOND, state.holds(source), p.sources(), predictor.trace(QUERY));
  }

  private @Nullable Evidence found(Recorded recorded, IpAddress source) {
    return evidence.recorded(LB1, QUERY, source, 150 * SECOND, recorded);
  }

  @Test
  void aRecordedStateIsFoundAgain() {
    Evidence e = found(recorded(MASTER, VIP0, 100), VIP0);
    assertNotNull(e);
    assertSame(MASTER, e.observation().state());
    assertEquals(List.of(BACKUP), e.observation().neighbours());
  }

  @Test
  void aRecordedStateThatWasAssumedIsMadeAgain() {
    Evidence e = found(recorded(MASTER, VIP0, 200), VIP0);
    assertNotNull(e);
    assertTrue(e.observation().state().assumed());
    assertTrue(e.observation().state().holds(VIP));
    assertEquals(List.of(MASTER, BACKUP), e.observation().neighbours());
  }

  @Test
  void aRecordThatNoSnapshotAgreesWithHasNoEvidence() {
    Recorded r = recorded(MASTER, VIP0, 100);
    assertNull(found(new Recorded(101 * SECOND, r.held(), r.predicted(), r.trace()), VIP0));
    assertNull(found(new Recorded(r.timeNs(), false, r.predicted(), r.trace()), VIP0));
    assertNull(found(new Recorded(r.timeNs(), r.held(), Set.of(own(9)), r.trace()), VIP0));
  }

  @Test
  void otherWordsForTheSameStepsDoNotMatter() {
    Recorded r = recorded(MASTER, VIP0, 100);
    Evidence e = found(new Recorded(r.timeNs(), r.held(), r.predicted(), List.of("x")), VIP0);
    assertNotNull(e);
    assertSame(MASTER, e.observation().state());
  }
}
