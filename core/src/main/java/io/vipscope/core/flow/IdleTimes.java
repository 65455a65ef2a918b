package io.vipscope.core.flow;

/**
 * How long a flow may be idle, and when its interim records are due. Times are counted in ticks of
 * 2^20 ns, about a millisecond, modulo 2^32: no idle time is longer than a week.
 */
final class IdleTimes {

  private static final int TICK_SHIFT = 20;

  /** A week: far less than half of what 32 bits hold. */
  private static final long MAX_TICKS = 7L * 86_400_000;

  /** Unit of the time of the last interim record: 2^27 ns, about 0.13 s. */
  private static final int REPORT_SHIFT = 27;

  private static final int REPORT_MASK = 0xff_ffff;

  /** Bits of an int that it does not have. */
  private static final int REPORT_UNUSED = 8;

  private final int tcpNew;
  private final int tcpEstablished;
  private final int icmp;
  private final int other;
  private final int shortest;
  private final long active;

  IdleTimes(FlowTimeouts timeouts) {
    tcpNew = ticks(timeouts.tcpNew());
    tcpEstablished = ticks(timeouts.tcpEstablished());
    icmp = ticks(timeouts.icmp());
    other = ticks(timeouts.other());
    shortest = Math.min(Math.min(tcpNew, tcpEstablished), Math.min(icmp, other));
    active =
        timeouts.active() == 0
            ? 0
            : Math.clamp(timeouts.active() >> REPORT_SHIFT, 1, REPORT_MASK >> 1);
  }

  /** A duration in ticks, rounded up: nothing ends early. */
  private static int ticks(long ns) {
    return (int) Math.min((ns >> TICK_SHIFT) + 1, MAX_TICKS);
  }

  static int tick(long clockNs) {
    return (int) (clockNs >> TICK_SHIFT);
  }

  /** No flow is overdue that was idle no longer than this. */
  int shortest() {
    return shortest;
  }

  /** Of protocols that are neither TCP nor ICMP. */
  int other() {
    return other;
  }

  private int of(FlowSlot flow) {
    int protocol = flow.protocol();
    if (protocol == Protocols.TCP) {
      return flow.is(FlowSlot.ESTABLISHED) && !flow.isClosed() ? tcpEstablished : tcpNew;
    }
    return Protocols.isIcmp(protocol) ? icmp : other;
  }

  boolean isOverdue(FlowSlot flow, int nowTick) {
    return nowTick - flow.lastTick() > of(flow);
  }

  /**
   * When a flow ends if no further frame comes.
   *
   * @param clockNs the capture clock, less than 2^31 ticks after the flow's last frame
   */
  long dueNs(FlowSlot flow, long clockNs) {
    long now = clockNs >> TICK_SHIFT;
    long last = now - ((int) now - flow.lastTick());
    return last + of(flow) + 1 << TICK_SHIFT;
  }

  /** Whether interim records are written at all. */
  boolean reports() {
    return active != 0;
  }

  /** A time in the unit in which the last interim record's is kept. */
  static int report(long clockNs) {
    return (int) (clockNs >> REPORT_SHIFT) & REPORT_MASK;
  }

  /** Whether an interim record is due, the last one having been written then. */
  boolean isReportDue(int reported, long clockNs) {
    // Signed: where several readers take the frames, their clocks differ a little.
    int since = report(clockNs) - reported << REPORT_UNUSED >> REPORT_UNUSED;
    return active != 0 && since >= active;
  }
}
