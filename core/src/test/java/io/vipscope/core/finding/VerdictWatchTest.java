package io.vipscope.core.finding;

import static io.vipscope.core.FrameBuilder.ip;
import static io.vipscope.core.finding.Scene.CLIENT;
import static io.vipscope.core.finding.Scene.VIP;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vipscope.core.flow.FlowRecord;
import io.vipscope.core.flow.Opener;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.verdict.Direction;
import io.vipscope.core.verdict.FlowVerdict;
import io.vipscope.core.verdict.Origin;
import io.vipscope.core.verdict.PathVerdict;
import io.vipscope.core.verdict.Severity;
import io.vipscope.core.verdict.SourceClass;
import io.vipscope.core.verdict.Verdict;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class VerdictWatchTest {

  private static final IpAddress OTHER = ip("10.0.0.11");

  private final List<Finding> told = new ArrayList<>();
  private final VerdictWatch watch = new VerdictWatch(new FindingLog(told::add, _ -> ""));

  private static FlowVerdict verdict(
      Verdict verdict, SourceClass sourceClass, PathVerdict path, IpAddress... predicted) {
    return new FlowVerdict(
        "lb1",
        null,
        Direction.OUTBOUND,
        Origin.LOCAL,
        sourceClass,
        List.of(),
        "eth0",
        List.of(predicted),
        sourceClass,
        verdict,
        Severity.INFO,
        "default",
        List.of(),
        List.of(),
        null,
        null,
        List.of(),
        VIP,
        "lb1",
        1,
        FlowVerdict.NO_TIME,
        "",
        "eth0",
        ip("10.0.0.1"),
        path);
  }

  /** A verdict of lb1. */
  static FlowVerdict of(Verdict verdict, SourceClass sourceClass) {
    return verdict(verdict, sourceClass, PathVerdict.UNKNOWN, VIP);
  }

  private List<FindingKind> found(FlowVerdict verdict, @Nullable String why) {
    FlowRecord flow = new Scene().record(1, 1, VIP, CLIENT, 50, 6, Opener.SYN, null);
    watch.judged(flow, verdict, () -> why, 2);
    return told.stream().map(Finding::kind).toList();
  }

  @Test
  void vipThatTheKernelChoseItself() {
    assertEquals(
        List.of(FindingKind.UNEXPECTED_VIP_SOURCE),
        found(verdict(Verdict.MATCH, SourceClass.VIP, PathVerdict.MATCH, VIP), "mask"));
    assertEquals(Severity.NOTICE, told.getFirst().severity());
  }

  @Test
  void vipThatSomebodyNamedIsNone() {
    assertEquals(
        List.of(), found(verdict(Verdict.MATCH, SourceClass.VIP, PathVerdict.MATCH, VIP), null));
    assertEquals(
        List.of(),
        found(verdict(Verdict.MISMATCH, SourceClass.VIP, PathVerdict.MATCH, OTHER), "mask"));
    assertEquals(
        List.of(),
        found(verdict(Verdict.MATCH, SourceClass.PRIMARY, PathVerdict.MATCH, OTHER), "mask"));
  }

  @Test
  void anotherNextHopThanTheOnlyOnePredicted() {
    assertEquals(
        List.of(FindingKind.WRONG_EGRESS),
        found(verdict(Verdict.MATCH, SourceClass.PRIMARY, PathVerdict.MISMATCH, OTHER), null));
  }

  @Test
  void multipathAndOtherVerdictsShowNoWrongEgress() {
    assertEquals(
        List.of(),
        found(verdict(Verdict.MATCH, SourceClass.PRIMARY, PathVerdict.MISMATCH, OTHER, VIP), null));
    assertEquals(
        List.of(),
        found(
            verdict(Verdict.CONDITIONAL, SourceClass.PRIMARY, PathVerdict.MISMATCH, OTHER), null));
    assertEquals(
        List.of(),
        found(verdict(Verdict.MATCH, SourceClass.PRIMARY, PathVerdict.UNKNOWN, OTHER), null));
  }
}
