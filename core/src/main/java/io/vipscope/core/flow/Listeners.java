package io.vipscope.core.flow;

/**
 * Finds the question that a first frame answers: its receiver asked the sender's port, at another
 * address of that host or pair, within the last minutes.
 */
final class Listeners {

  private final FlowHash hash;
  private final LocalAddresses local;
  private final IdleTimes idle;
  private final FlowSlot flow = new FlowSlot();

  Listeners(FlowHash hash, LocalAddresses local, IdleTimes idle) {
    this.hash = hash;
    this.local = local;
    this.idle = idle;
  }

  /**
   * The number of the address that was asked, or {@link FlowTable#NONE}.
   *
   * @param table the one of the frame's family
   */
  int asked(FlowTable table, FrameBatch b, int i, long clockNs) {
    if (local.isEmpty()) {
      return FlowTable.NONE;
    }
    boolean v6 = FlowTable.isV6(b.ports(i));
    long senderHi = v6 ? b.addresses(i) : 0;
    long senderLo = v6 ? b.v6(i, 0) : b.addresses(i) >>> 32;
    int group = local.groupOf(v6, senderHi, senderLo);
    if (group < 0) {
      return FlowTable.NONE;
    }
    for (int n = 0; n < local.size(group); n++) {
      if (local.isV6(group, n) == v6
          && isAsked(table, b, i, local.hi(group, n), local.lo(group, n), clockNs)) {
        return local.number(group, n);
      }
    }
    return FlowTable.NONE;
  }

  /** Whether the frame's receiver asked this address, at the frame's source port. */
  private boolean isAsked(FlowTable table, FrameBatch b, int i, long hi, long lo, long clockNs) {
    long ports = FlowTable.swapPorts(b.ports(i));
    boolean v6 = FlowTable.isV6(ports);
    long askerHi = v6 ? b.v6(i, 1) : 0;
    long askerLo = v6 ? b.v6(i, 2) : b.addresses(i) & FlowSlot.LOW_32;
    int wanted =
        hash.of(
            askerHi,
            askerLo,
            (int) (ports >>> 48),
            hi,
            lo,
            (int) (ports >>> 32) & 0xffff,
            FlowTable.keyProtocol(ports));
    for (int place = table.start(wanted); ; place = table.after(place)) {
      int entry = table.entry(place);
      if (entry == 0) {
        return false;
      }
      int slot = table.slotOf(entry, wanted);
      if (slot == FlowTable.NONE) {
        continue;
      }
      flow.at(table, slot);
      long line = flow.line();
      boolean same =
          v6
              ? FlowTable.get(line, FlowTable.ADDRESSES) == askerHi
                  && FlowTable.get(line, FlowTable.V6_ADDRESSES) == askerLo
                  && FlowTable.get(line, FlowTable.V6_ADDRESSES + 1) == hi
                  && FlowTable.get(line, FlowTable.V6_ADDRESSES + 2) == lo
              : FlowTable.get(line, FlowTable.ADDRESSES) == (askerLo << 32 | lo);
      if (same
          && flow.ports() == ports
          && flow.opener() == Opener.FIRST_FRAME
          && flow.is(FlowSlot.OPENER_SEEN)
          && IdleTimes.tick(b.timeNs(i)) - flow.below() <= idle.other()
          && !idle.isOverdue(flow, IdleTimes.tick(clockNs))) {
        return true;
      }
    }
  }
}
