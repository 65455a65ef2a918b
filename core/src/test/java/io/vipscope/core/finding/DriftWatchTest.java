package io.vipscope.core.finding;

import static io.vipscope.core.FrameBuilder.ip;
import static io.vipscope.core.finding.Scene.CLIENT;
import static io.vipscope.core.finding.Scene.VIP;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vipscope.core.flow.FlowRecord;
import io.vipscope.core.flow.Opener;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.verdict.SourceClass;
import io.vipscope.core.verdict.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DriftWatchTest {

  private static final IpAddress FAR = ip("198.51.100.7");
  private static final String ROUTE = "route default src 10.0.0.100";
  private static final String RULE = "rule rule4 100";

  private record Reasons(Set<String> uses, List<String> absences) implements VerdictReasons {
    @Override
    public @Nullable String chosen() {
      return null;
    }
  }

  private final List<Finding> told = new ArrayList<>();
  private final DriftWatch watch = new DriftWatch(new FindingLog(told::add, _ -> ""));
  private int flows;

  private void differs(IpAddress dst, String... facts) {
    FlowRecord flow = new Scene().record(5.0 * ++flows, 1, VIP, dst, 50, 6, Opener.SYN, null);
    watch.judged(
        flow,
        VerdictWatchTest.of(Verdict.MISMATCH, SourceClass.PRIMARY),
        new Reasons(Set.of(), List.of(facts)),
        flows);
  }

  private void matches(String fact) {
    FlowRecord flow = new Scene().record(5.0 * ++flows, 1, VIP, CLIENT, 50, 6, Opener.SYN, null);
    watch.judged(
        flow,
        VerdictWatchTest.of(Verdict.MATCH, SourceClass.VIP),
        new Reasons(Set.of(fact), List.of()),
        flows);
  }

  @Test
  void manyMismatchesWithOneExplanationAreOneFinding() {
    differs(CLIENT, ROUTE);
    differs(FAR, ROUTE);
    assertEquals(List.of(), told);
    differs(FAR, ROUTE);
    differs(FAR, ROUTE);
    assertEquals(1, told.size());
    assertEquals(FindingKind.MODEL_DRIFT, told.getFirst().kind());
    assertEquals(Scene.ns(5), told.getFirst().startNs(), "as the first of them");
  }

  @Test
  void oneServiceMayBeDeliberate() {
    for (int i = 0; i < 10; i++) {
      differs(FAR, ROUTE);
    }
    assertEquals(List.of(), told);
  }

  @Test
  void aFactThatFlowsStillGoByIsThere() {
    differs(CLIENT, ROUTE);
    differs(FAR, ROUTE);
    matches(ROUTE);
    differs(CLIENT, ROUTE);
    differs(FAR, ROUTE);
    matches(RULE);
    assertEquals(List.of(), told);
    differs(FAR, ROUTE);
    assertEquals(1, told.size());
    matches(ROUTE);
    assertEquals(Finding.Status.RESOLVED, told.getLast().status());
  }

  @Test
  void burstsOfBoundSocketsAreNone() {
    for (int i = 0; i < 20; i++) {
      differs(CLIENT, ROUTE);
      differs(FAR, ROUTE);
      matches(ROUTE);
    }
    assertEquals(List.of(), told);
  }

  @Test
  void differentFactsAreNotAddedUp() {
    differs(CLIENT, ROUTE);
    differs(FAR, RULE);
    differs(CLIENT, ROUTE);
    differs(FAR, RULE);
    assertEquals(List.of(), told);
  }
}
