package io.vipscope.core.flow;

import static io.vipscope.core.flow.FlowTable.CLOCK;
import static io.vipscope.core.flow.FlowTable.FRAMES;
import static io.vipscope.core.flow.FlowTable.FROM_BYTES;
import static io.vipscope.core.flow.FlowTable.LAST_NS;
import static io.vipscope.core.flow.FlowTable.LINK;
import static io.vipscope.core.flow.FlowTable.NONE;
import static io.vipscope.core.flow.FlowTable.TO_BYTES;

/**
 * Counts ordinary frames, which most are: one more of a known flow, that is not the first of its
 * direction and neither begins nor ends anything.
 *
 * <p>Before a group of frames is counted, the index places and then the lines of all are loaded:
 * these loads do not wait for each other, and waiting for memory is most of the cost with many
 * flows.
 */
final class OrdinaryFrames {

  /** Frames whose lines are loaded together: they must stay in the first cache until used. */
  static final int GROUP = 32;

  /** Ticks of the "second" in which a VIP's flow is told of once: 2^10, 1.07 s. */
  private static final int TOLD_SHIFT = 10;

  private final FlowTable v4;
  private final FlowTable v6;
  private final FrameMatch match;
  private final IdleTimes idle;

  /** Where the flows of a group probably are. */
  private final int[] slots = new int[GROUP];

  private final long[] lines = new long[GROUP];
  private final int[] hashes = new int[GROUP];
  private final FlowTable[] tables = new FlowTable[GROUP];

  /** Sum of the words that {@link #touch} has loaded. */
  @SuppressWarnings("UnusedVariable") // written so that the loads are made
  private long touched;

  OrdinaryFrames(FlowTable v4, FlowTable v6, FrameMatch match, IdleTimes idle) {
    this.v4 = v4;
    this.v6 = v6;
    this.match = match;
    this.idle = idle;
  }

  /**
   * Finds the lines at which a group's flows probably are, and loads them.
   *
   * <p>A core goes on while it waits for memory, but only as many instructions as it can keep in
   * mind. So the loops that load do nothing else.
   */
  void touch(FrameBatch b, int first, int size) {
    for (int n = 0; n < size; n++) {
      int i = first + n;
      tables[n] = FlowTable.isV6(b.ports(i)) ? v6 : v4;
      hashes[n] = b.hash(i);
    }
    long sum = 0;
    for (int n = 0; n < size; n++) {
      FlowTable t = tables[n];
      sum += t.entry(t.start(hashes[n]));
    }
    for (int n = 0; n < size; n++) {
      FlowTable t = tables[n];
      int slot = t.probable(hashes[n]);
      slots[n] = slot;
      lines[n] = slot == NONE ? b.row(first) : t.line(slot); // any memory will do in its place
    }
    for (int n = 0; n < size; n++) {
      sum += FlowTable.get(lines[n], FlowTable.ADDRESSES);
    }
    touched = sum;
  }

  /**
   * The slot at which the n-th frame's flow probably is, of the group that was touched last; or
   * {@link FlowTable#NONE}.
   */
  int slot(int n) {
    return slots[n];
  }

  /**
   * Counts a frame if it is ordinary; else does nothing and is false.
   *
   * <p>Almost every call must get to its end: while a capture begins, most frames begin flows, and
   * what the compiler then sees done seldom it leaves slow for good. So what can be told before is
   * asked before.
   *
   * @param b a batch whose i-th frame {@linkplain FrameBatch#isSpecial is not special}
   * @param slot at which the frame's flow probably is
   */
  boolean count(FrameBatch b, int i, int slot) {
    long ports = b.ports(i);
    FlowTable t = FlowTable.isV6(ports) ? v6 : v4;
    long line = t.line(slot);
    long fromBytes = FlowTable.get(line, FROM_BYTES);
    long link = FlowTable.get(line, LINK);
    int vlan = match.vlanCode(b, i);
    boolean forward = FrameMatch.isForward(line, b, i);
    if (!forward && !(FlowSlot.replyVlan(link) == vlan && FrameMatch.isReply(line, b, i))) {
      return false;
    }
    int flags = FlowSlot.flags(fromBytes);
    long timeNs = b.timeNs(i);
    int tick = IdleTimes.tick(timeNs);
    long clock = FlowTable.get(line, CLOCK);
    int lastTick = (int) (clock >>> 32);
    long frames = FlowTable.get(line, FRAMES) + (forward ? 1L << 32 : 1);
    if ((flags & (forward ? FlowSlot.STEADY_TO : FlowSlot.STEADY_FROM)) == 0
        || FlowSlot.forwardVlan(link) != vlan
        || tick - lastTick > idle.shortest()
        || (frames & FlowSlot.FULL) != 0
        || (flags & FlowSlot.VIP) != 0 && mustBeTold(b, i, flags, tick, lastTick, forward)
        || idle.reports() && idle.isReportDue(FlowSlot.reported(t.rest(slot)), timeNs)) {
      return false;
    }
    FlowTable.set(line, LAST_NS, timeNs);
    FlowTable.set(line, FRAMES, frames);
    int below = (int) clock;
    if (forward) {
      FlowTable.set(line, TO_BYTES, FlowTable.get(line, TO_BYTES) + b.ipBytes(i));
      below = FlowKeys.ipProtocol((int) ports) == Protocols.TCP ? below : tick;
    } else {
      FlowTable.set(line, FROM_BYTES, fromBytes + b.ipBytes(i));
    }
    FlowTable.set(line, CLOCK, (long) tick << 32 | below & FlowSlot.LOW_32);
    return true;
  }

  /** Whether a frame of a VIP's flow is one of those that are told of. */
  private static boolean mustBeTold(
      FrameBatch b, int i, int flags, int tick, int lastTick, boolean forward) {
    int told = toldBits(b.hasPayload(i), forward);
    return (flags & told) != told || isNewSecond(tick, lastTick);
  }

  /** Flags that say that such a frame was told of in this second. */
  static int toldBits(boolean payload, boolean forward) {
    if (forward) {
      return payload ? FlowSlot.TOLD_TO | FlowSlot.TOLD_PAYLOAD_TO : FlowSlot.TOLD_TO;
    }
    return payload ? FlowSlot.TOLD_FROM | FlowSlot.TOLD_PAYLOAD_FROM : FlowSlot.TOLD_FROM;
  }

  /** Whether a flow of a VIP, whose last frame came at {@code lastTick}, is due to be told. */
  static boolean isNewSecond(int tick, int lastTick) {
    return (tick ^ lastTick) >>> TOLD_SHIFT != 0;
  }
}
