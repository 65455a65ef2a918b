package io.vipscope.core.flow;

/**
 * Idle timeouts in ns of capture time.
 *
 * @param tcpNew TCP before established, and after it was closed
 * @param tcpEstablished TCP
 * @param icmp ICMP and ICMPv6
 * @param other UDP and everything else; also how long a question to a port is remembered
 * @param active interval of interim records of long flows; 0 = none
 */
public record FlowTimeouts(long tcpNew, long tcpEstablished, long icmp, long other, long active) {

  private static final long SECOND = 1_000_000_000L;

  public static final FlowTimeouts DEFAULT =
      new FlowTimeouts(60 * SECOND, 600 * SECOND, 30 * SECOND, 300 * SECOND, 0);

  /** How long any flow may be idle at most. */
  public long longest() {
    return Math.max(Math.max(tcpNew, tcpEstablished), Math.max(icmp, other));
  }

  /** The same with interim records every {@code activeNs}. */
  public FlowTimeouts withActive(long activeNs) {
    return new FlowTimeouts(tcpNew, tcpEstablished, icmp, other, activeNs);
  }
}
