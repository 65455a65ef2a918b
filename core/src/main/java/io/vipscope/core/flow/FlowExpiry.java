package io.vipscope.core.flow;

import static io.vipscope.core.flow.FlowTable.NONE;

/** Ends flows: those idle too long, those that make room for others, and all at the end. */
final class FlowExpiry {

  /** Slots among which the one idle longest makes room when the table is full. */
  private static final int EVICTION_SAMPLE = 16;

  private final FlowTable v4;
  private final FlowTable v6;
  private final IdleTimes idle;
  private final MacPairs macs;
  private final LocalAddresses local;
  private final AckWatch acks;
  private final FlowSink sink;
  private final FlowSlot flow = new FlowSlot();

  private long evicted;
  private int evictAt;
  private int sweepAt;
  private long sweptNs = Long.MIN_VALUE;

  /** Capture clock when the current round of the sweep began. */
  private long roundNs = Long.MIN_VALUE;

  FlowExpiry(
      FlowTable v4,
      FlowTable v6,
      IdleTimes idle,
      MacPairs macs,
      LocalAddresses local,
      AckWatch acks,
      FlowSink sink) {
    this.v4 = v4;
    this.v6 = v6;
    this.idle = idle;
    this.macs = macs;
    this.local = local;
    this.acks = acks;
    this.sink = sink;
  }

  /** Flows that ended early, to make room. */
  long evicted() {
    return evicted;
  }

  /** Reports the flow in a slot and gives the slot back. */
  void end(FlowTable table, int slot, EndReason reason, long dueNs) {
    flow.at(table, slot);
    EndReason told = reason;
    if (flow.isClosed()) {
      told = flow.is(FlowSlot.RESET) ? EndReason.RST : EndReason.FIN;
    }
    acks.ended(flow.flowId(), dueNs);
    sink.ended(flow.record(told, macs, local), dueNs);
    table.remove(slot);
  }

  /** Ends a flow whose idle time is over. */
  void endOverdue(FlowTable table, int slot, long clockNs) {
    flow.at(table, slot);
    end(table, slot, EndReason.TIMEOUT, idle.dueNs(flow, clockNs));
  }

  /** Ends the flow that has been idle longest among the next few of a table, which has some. */
  void evict(FlowTable table, long clockNs) {
    int oldest = NONE;
    int oldestTick = 0;
    for (int n = 0; n < EVICTION_SAMPLE && n < table.size(); n++) {
      do {
        evictAt = evictAt + 1 < table.highWater() ? evictAt + 1 : 0;
      } while (!table.isUsed(evictAt));
      flow.at(table, evictAt);
      if (oldest == NONE || flow.lastTick() - oldestTick < 0) {
        oldest = evictAt;
        oldestTick = flow.lastTick();
      }
    }
    evicted++;
    end(table, oldest, EndReason.EVICTED, clockNs);
  }

  /**
   * Ends flows whose idle time is over.
   *
   * @param budget slots to look at; the sweep goes on from there next time
   * @return the capture time up to which every due flow has been reported
   */
  long sweep(long clockNs, int budget) {
    int end = range();
    if (budget >= end) {
      for (int slot = 0; slot < end; slot++) {
        expire(slot, clockNs);
      }
      sweepAt = 0;
      roundNs = clockNs;
      sweptNs = clockNs;
      return sweptNs;
    }
    for (int n = 0; n < budget; n++) {
      if (sweepAt >= end) {
        // The round is done: what was due when it began has been found.
        sweepAt = 0;
        sweptNs = Math.max(sweptNs, roundNs);
        roundNs = clockNs;
      }
      expire(sweepAt++, clockNs);
    }
    return sweptNs;
  }

  /** Slots that a whole round of the sweep looks at. */
  int range() {
    return v4.highWater() + v6.highWater();
  }

  /** The table of a slot's number: IPv4 first. */
  private FlowTable table(int number) {
    return number < v4.highWater() ? v4 : v6;
  }

  private int slot(int number) {
    return number < v4.highWater() ? number : number - v4.highWater();
  }

  private void expire(int number, long clockNs) {
    FlowTable table = table(number);
    int slot = slot(number);
    if (!table.isUsed(slot)) {
      return;
    }
    flow.at(table, slot);
    if (idle.isOverdue(flow, IdleTimes.tick(clockNs))) {
      end(table, slot, EndReason.TIMEOUT, idle.dueNs(flow, clockNs));
    }
  }

  /** Ends everything: the capture is over. */
  void flush(long clockNs) {
    for (int number = 0; number < range(); number++) {
      FlowTable table = table(number);
      int slot = slot(number);
      if (table.isUsed(slot)) {
        flow.at(table, slot);
        if (idle.isOverdue(flow, IdleTimes.tick(clockNs))) {
          end(table, slot, EndReason.TIMEOUT, idle.dueNs(flow, clockNs));
        } else {
          end(table, slot, EndReason.SHUTDOWN, clockNs);
        }
      }
    }
  }
}
