package io.vipscope.tools;

import io.vipscope.capture.CaptureException;
import io.vipscope.capture.FrameSource;
import io.vipscope.capture.file.Captures;
import io.vipscope.core.flow.EndReason;
import io.vipscope.core.flow.FlowRecord;
import io.vipscope.core.frame.Segments;
import io.vipscope.core.model.inverse.Evidence;
import io.vipscope.core.pipeline.AuditConfig;
import io.vipscope.core.pipeline.AuditPipeline;
import io.vipscope.core.pipeline.EvidenceSink;
import io.vipscope.core.pipeline.HostIndex;
import io.vipscope.core.sink.AuditSink;
import io.vipscope.core.verdict.FlowVerdict;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Finds flows in captures, by an audit that keeps nothing else. */
final class FlowLookup {

  /** A flow, what the audit said of it, and with what to explain it. */
  record Found(ExplainedFlow flow, FlowVerdict verdict, @Nullable Evidence evidence) {}

  /**
   * What came of it.
   *
   * @param broken a capture could not be read to its end; null if all could
   */
  record Result(List<Found> found, @Nullable CaptureException broken) {}

  private final List<String> captures;
  private final Predicate<ExplainedFlow> wanted;
  private final List<Found> found = new ArrayList<>();

  private FlowLookup(List<String> captures, Predicate<ExplainedFlow> wanted) {
    this.captures = captures;
    this.wanted = wanted;
  }

  /**
   * Audits captures as one.
   *
   * @throws CaptureException if one of them cannot be opened
   */
  static Result in(
      List<String> captures, HostIndex index, MirrorMixin mirror, Predicate<ExplainedFlow> wanted)
      throws InterruptedException {
    FlowLookup lookup = new FlowLookup(captures, wanted);
    CaptureException broken = audit(captures, index, mirror, lookup::flow);
    return new Result(List.copyOf(lookup.found), broken);
  }

  /**
   * Audits captures as one, and gives each flow with what is known of its source.
   *
   * @return what stopped a capture before its end; null if nothing did
   * @throws CaptureException if one of them cannot be opened
   */
  static @Nullable CaptureException audit(
      List<String> captures, HostIndex index, MirrorMixin mirror, EvidenceSink sink)
      throws InterruptedException {
    AuditConfig config =
        PlainAudit.config(mirror.auditOptions(), mirror.options(List.of()), new Segments());
    try (FrameSource source = Captures.openAll(captures)) {
      AuditPipeline pipeline = new AuditPipeline(config, index, AuditSink.none(), sink);
      return new AuditRun(List.of(source), pipeline, null, 0, () -> false).run().broken();
    }
  }

  /** On the cold thread; the pipeline's end makes it visible to the reader. */
  private void flow(FlowRecord f, FlowVerdict verdict, Supplier<@Nullable Evidence> evidence) {
    String capture = f.source() < captures.size() ? captures.get(f.source()) : "";
    ExplainedFlow flow = ExplainedFlow.of(f, capture);
    if (f.reason() != EndReason.ACTIVE && wanted.test(flow)) {
      found.add(new Found(flow, verdict, evidence.get()));
    }
  }
}
