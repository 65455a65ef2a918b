package io.vipscope.core.finding;

/**
 * How much a rule, a route with {@code src} or a source NAT rule of an audited host was used.
 *
 * @param kind rule, route or snat
 * @param text what it says
 * @param id short, and the same as long as it says the same
 * @param flows outbound flows that went by it, ended ones
 * @param bytes of these, both directions
 * @param lastNs start of the last of them, ns; {@link #NEVER}
 * @param sinceNs since when it is observed
 * @param observable false: a mirror cannot see what it tests, so that no use means nothing
 * @param own false: the kernel has made it by itself
 * @param current the host's newest state has it
 * @param atNs capture time of this count
 */
public record RuleCoverage(
    String host,
    String kind,
    String text,
    String id,
    long flows,
    long bytes,
    long lastNs,
    long sinceNs,
    boolean observable,
    boolean own,
    boolean current,
    long atNs) {

  public static final long NEVER = Long.MIN_VALUE;
}
