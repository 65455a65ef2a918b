package io.vipscope.tools;

import io.vipscope.core.flow.FlowTimeouts;
import io.vipscope.core.frame.MirrorOptions;
import io.vipscope.core.frame.Segments;
import io.vipscope.core.pipeline.AuditConfig;
import io.vipscope.core.pipeline.AuditOptions;
import java.security.SecureRandom;
import java.util.List;

/**
 * The audit that other commands run to learn what a capture shows: of every flow, with defaults.
 */
final class PlainAudit {

  private static final int MAX_FLOWS = 1_000_000;

  private PlainAudit() {}

  static AuditConfig config(AuditOptions options, MirrorOptions mirror, Segments segments) {
    return new AuditConfig(
        Math.max(1, Runtime.getRuntime().availableProcessors() / 2),
        MAX_FLOWS,
        FlowTimeouts.DEFAULT,
        new SecureRandom().nextLong(),
        ExpressionSelection.of(List.of()),
        options,
        mirror,
        0,
        segments);
  }
}
