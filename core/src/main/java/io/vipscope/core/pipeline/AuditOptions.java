package io.vipscope.core.pipeline;

/**
 * What the user decides about the audit.
 *
 * @param useMacs false: the mirror comes from behind a router, MACs do not name hosts
 * @param maxStateAgeNs older or newer state gives no verdict; {@link Long#MAX_VALUE} = no limit
 */
public record AuditOptions(boolean useMacs, long maxStateAgeNs) {

  public static final AuditOptions DEFAULT = new AuditOptions(true, Long.MAX_VALUE);
}
