package io.vipscope.core.flow;

/**
 * Chooses the connections of audited hosts in which {@link AckWatch} looks for data that the
 * capture lacks: the first few that begin in each second. The reader's thread owns an instance, so
 * that the choice depends on the capture alone and not on who works on it.
 */
public final class AckSample {

  /** Connections a second. */
  private static final int A_SECOND = 64;

  private static final long SECOND_NS = 1_000_000_000L;

  private final LocalAddresses local;
  private long secondNs = Long.MIN_VALUE;
  private int left;

  public AckSample(LocalAddresses local) {
    this.local = local;
  }

  /** Looks at the frame that was added last, and marks it if its connection is chosen. */
  public void look(FrameBatch batch) {
    int i = batch.last();
    if (batch.opensTcp(i) && isLocal(batch, i) && isLeft(batch.timeNs(i))) {
      batch.follow(i);
    }
  }

  private boolean isLocal(FrameBatch b, int i) {
    if (FlowTable.isV6(b.ports(i))) {
      return local.groupOf(true, b.addresses(i), b.v6(i, 0)) >= 0
          || local.groupOf(true, b.v6(i, 1), b.v6(i, 2)) >= 0;
    }
    return local.groupOf(false, 0, b.addresses(i) >>> 32) >= 0
        || local.groupOf(false, 0, b.addresses(i) & FlowSlot.LOW_32) >= 0;
  }

  private boolean isLeft(long timeNs) {
    if (timeNs >= secondNs) {
      secondNs = timeNs - Math.floorMod(timeNs, SECOND_NS) + SECOND_NS;
      left = A_SECOND;
    }
    return left-- > 0;
  }
}
