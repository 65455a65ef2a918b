package io.vipscope.core.pipeline;

import io.vipscope.core.finding.Expectation;
import java.util.List;

/**
 * What the user decides about the audit.
 *
 * @param useMacs false: the mirror comes from behind a router, MACs do not name hosts
 * @param segments whether the outermost VLAN id is a segment of its own; else all are one
 * @param everything whether no expression leaves frames out: else silence shows nothing
 * @param maxStateAgeNs older or newer state gives no verdict; {@link Long#MAX_VALUE} = no limit
 * @param expectations what sources must be
 */
public record AuditOptions(
    boolean useMacs,
    boolean segments,
    boolean everything,
    long maxStateAgeNs,
    List<Expectation> expectations) {

  public AuditOptions {
    expectations = List.copyOf(expectations);
  }

  /** The same without expectations. */
  public AuditOptions(boolean useMacs, boolean segments, boolean everything, long maxStateAgeNs) {
    this(useMacs, segments, everything, maxStateAgeNs, List.of());
  }

  public static final AuditOptions DEFAULT = new AuditOptions(true, true, true, Long.MAX_VALUE);
}
