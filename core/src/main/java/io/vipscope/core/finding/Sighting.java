package io.vipscope.core.finding;

import io.vipscope.core.net.IpAddress;
import io.vipscope.core.verdict.Severity;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One piece of evidence for a finding.
 *
 * @param subject what it is about: sightings of one kind and subject are one finding
 * @param startNs since when, if this is the first sighting
 * @param tsNs capture time of the evidence
 * @param frame its place in the capture; 0 where the absence of frames is the evidence
 * @param flowId the flow concerned, or {@link #NO_FLOW}
 * @param segment the one concerned, or -1
 */
record Sighting(
    FindingKind kind,
    String subject,
    Severity severity,
    @Nullable String host,
    @Nullable IpAddress vip,
    long startNs,
    long tsNs,
    long frame,
    long flowId,
    String text,
    List<String> next,
    int segment) {

  static final long NO_FLOW = -1;

  /** The same, of no segment. */
  Sighting(
      FindingKind kind,
      String subject,
      Severity severity,
      @Nullable String host,
      @Nullable IpAddress vip,
      long startNs,
      long tsNs,
      long frame,
      long flowId,
      String text,
      List<String> next) {
    this(kind, subject, severity, host, vip, startNs, tsNs, frame, flowId, text, next, -1);
  }

  /** The same, of a segment. */
  Sighting in(int where) {
    return new Sighting(
        kind, subject, severity, host, vip, startNs, tsNs, frame, flowId, text, next, where);
  }
}
