package io.vipscope.core.flow;

import static io.vipscope.core.flow.FlowTable.NONE;

import io.vipscope.core.net.IpAddress;
import java.util.BitSet;

/**
 * Follows flows: finds the flow of each frame, decides when a new one begins and which end opened
 * it, and reports flows that end. One thread at a time uses an instance.
 *
 * <p>Everything here depends on frames and capture time alone: a flow that was idle too long ends
 * when its next frame comes or when the sweep passes, whichever is first, with the same record.
 * Idle times are those of the capture clock, which never goes back, so this also holds for frames
 * out of order.
 *
 * <p>Flows from or to a VIP are told of once a second and direction ({@link FlowSink#used}): the
 * MACs of their present frames show who uses the VIP. That costs such a flow up to four short-lived
 * records a second, whatever its rate, and every ordinary frame two comparisons of words that are
 * already at hand.
 */
public final class FlowTracker {

  private static final int MAC_PAIRS = 1 << 20;

  private final FlowTable v4;
  private final FlowTable v6;
  private final LocalAddresses local;
  private final FlowSink sink;
  private final int maxFlows;
  private final MacPairs macs;
  private final IdleTimes idle;
  private final FrameMatch match;
  private final OrdinaryFrames ordinary;
  private final FlowExpiry expiry;
  private final Listeners listeners;
  private final AckWatch acks;

  /** The flow at hand. */
  private final FlowSlot flow = new FlowSlot();

  private long trackedFrames;
  private long untrackedFrames;
  private long flows;

  /**
   * @param maxFlows limit of live flows of this tracker: a further one takes the place of one that
   *     was idle for long
   * @param vlanKey whether the outermost VLAN id is part of the key
   */
  public FlowTracker(
      int maxFlows,
      FlowHash hash,
      LocalAddresses local,
      FlowTimeouts timeouts,
      boolean vlanKey,
      FlowSink sink) {
    this(maxFlows, hash, local, timeouts, vlanKey, sink, MAC_PAIRS);
  }

  FlowTracker(
      int maxFlows,
      FlowHash hash,
      LocalAddresses local,
      FlowTimeouts timeouts,
      boolean vlanKey,
      FlowSink sink,
      int macPairs) {
    this.maxFlows = maxFlows;
    this.local = local;
    this.sink = sink;
    macs = new MacPairs(macPairs);
    v4 = new FlowTable(hash, false, maxFlows);
    v6 = new FlowTable(hash, true, maxFlows);
    idle = new IdleTimes(timeouts);
    match = new FrameMatch(vlanKey);
    ordinary = new OrdinaryFrames(v4, v6, match, idle);
    acks = new AckWatch(sink);
    expiry = new FlowExpiry(v4, v6, idle, macs, local, acks, sink);
    listeners = new Listeners(hash, local, idle);
  }

  /** Frames counted to a flow. */
  public long trackedFrames() {
    return trackedFrames;
  }

  /** Frames of flows for which there was no room. */
  public long untrackedFrames() {
    return untrackedFrames;
  }

  /** Flows begun. */
  public long flows() {
    return flows;
  }

  /** Flows that have not ended. */
  public int live() {
    return v4.size() + v6.size();
  }

  /** Flows that ended early, to make room. */
  public long evicted() {
    return expiry.evicted();
  }

  /** Takes the frames of one shard from a batch. */
  public void batch(FrameBatch b, int shard) {
    int size = b.size(shard);
    int first = b.first(shard);
    for (int from = 0; from < size; from += OrdinaryFrames.GROUP) {
      int to = Math.min(from + OrdinaryFrames.GROUP, size);
      ordinary.touch(b, first + from, to - from);
      int others = 0;
      for (int n = from; n < to; n++) {
        int i = first + n;
        int slot = ordinary.slot(n - from);
        if (slot == NONE || b.isSpecial(i) || !ordinary.count(b, i, slot)) {
          others++;
          frame(b, i);
        }
      }
      trackedFrames += to - from - others;
    }
  }

  private FlowTable table(FrameBatch b, int i) {
    return FlowTable.isV6(b.ports(i)) ? v6 : v4;
  }

  private void frame(FrameBatch b, int i) {
    long clockNs = b.clockNs(i);
    FlowTable table = table(b, i);
    int slot = find(table, b, i, clockNs);
    if (slot != NONE) {
      flow.at(table, slot);
      boolean forward = FrameMatch.isForward(flow.line(), b, i);
      if (begins(b, i, forward)) {
        expiry.end(table, slot, EndReason.TIMEOUT, clockNs);
      } else {
        tellIfDue(b, i, clockNs, forward);
        count(b, i, clockNs, forward);
        reportIfDue(clockNs);
        return;
      }
    }
    open(table, b, i, clockNs);
  }

  /** The slot of the frame's flow in either direction, or NONE; overdue flows on the way end. */
  private int find(FlowTable table, FrameBatch b, int i, long clockNs) {
    int flowHash = b.hash(i);
    int candidate = NONE;
    int candidateRank = 0;
    for (int place = table.start(flowHash); ; place = table.after(place)) {
      int entry = table.entry(place);
      if (entry == 0) {
        return candidate;
      }
      int slot = table.slotOf(entry, flowHash);
      if (slot == NONE) {
        continue;
      }
      flow.at(table, slot);
      int rank = match.rank(flow.line(), b, i);
      if (rank > 0 && idle.isOverdue(flow, IdleTimes.tick(clockNs))) {
        expiry.endOverdue(table, slot, clockNs);
        return find(table, b, i, clockNs); // the chain has moved
      }
      if (rank == 3) {
        return slot;
      }
      if (rank > candidateRank) {
        candidate = slot;
        candidateRank = rank;
      }
    }
  }

  /** Whether this frame begins a new flow although one with its key is in the table. */
  private boolean begins(FrameBatch b, int i, boolean forward) {
    int tcpFlags = b.tcpFlags(i);
    if ((tcpFlags & Protocols.SYN) == 0) {
      // An echo request of the other side under the same identifier is a ping of its own.
      return b.isEchoRequest(i) && !forward;
    }
    boolean synAck = (tcpFlags & Protocols.ACK) != 0;
    boolean established = flow.is(FlowSlot.ESTABLISHED);
    if (flow.is(FlowSlot.ENDING) || flow.opener() == Opener.UNKNOWN) {
      return true;
    }
    if (synAck) {
      // Its sender cannot have opened an established connection: the peer has opened a new one.
      return forward && established;
    }
    if (!forward) {
      return established; // else both ends opened at the same time
    }
    if (!flow.is(FlowSlot.ISN_KNOWN)) {
      return established; // else the frames came out of order
    }
    return flow.below() != b.tcpSeq(i);
  }

  private void open(FlowTable table, FrameBatch b, int i, long clockNs) {
    long ports = b.ports(i);
    Opener opener = openerOf(b, i);
    boolean swap = opener == Opener.SYNACK || isEchoReply(b, i);
    int asked = NONE;
    if (opener == Opener.FIRST_FRAME && isPortProtocol(b, i)) {
      asked = listeners.asked(table, b, i, clockNs);
      if (asked != NONE) {
        opener = Opener.LISTENER;
        swap = true;
      }
    }
    int pair = swap ? macs(b.dstMac(i), b.srcMac(i)) : macs(b.srcMac(i), b.dstMac(i));
    int slot = pair == MacPairs.NONE ? NONE : insert(table, b.hash(i), clockNs);
    if (slot == NONE) {
      untrackedFrames++;
      return;
    }
    flows++;
    flow.at(table, slot);
    setKey(b, i, ports, swap);
    flow.begin(b.frame(i), b.timeNs(i), b.innerVlan(i), b.source(i), opener);
    flow.setPair(pair);
    flow.setReported(IdleTimes.report(clockNs));
    if (asked != NONE) {
      flow.setAsked(asked);
    }
    if ((b.tcpFlags(i) & Protocols.RST) != 0) {
      flow.setFlags(FlowSlot.FIRST_RESET);
    }
    if (b.isOrphan(i)) {
      flow.setFlags(FlowSlot.ORPHAN);
    }
    flow.setFlags(
        touchesVip()
            ? FlowSlot.VIP | OrdinaryFrames.toldBits(b.hasPayload(i), !swap)
            : FlowSlot.TOLD);
    if (b.isFollowed(i)) {
      follow(b, i);
    }
    count(b, i, clockNs, !swap);
    if (touchesLocal()) {
      sink.opened(flow.record(EndReason.ACTIVE, macs, local), clockNs);
    }
  }

  private void setKey(FrameBatch b, int i, long ports, boolean swap) {
    long key = swap ? FlowTable.swapPorts(ports) : ports;
    if (!FlowTable.isV6(ports)) {
      flow.setKey(swap ? Long.rotateLeft(b.addresses(i), 32) : b.addresses(i), key);
    } else if (swap) {
      flow.setKey(b.v6(i, 1), key);
      flow.setV6(b.v6(i, 2), b.addresses(i), b.v6(i, 0));
    } else {
      flow.setKey(b.addresses(i), key);
      flow.setV6(b.v6(i, 0), b.v6(i, 1), b.v6(i, 2));
    }
  }

  /** The number of a pair of MACs. When there are too many, those of ended flows are forgotten. */
  private int macs(long src, long dst) {
    int id = macs.id(src, dst);
    if (id != MacPairs.NONE) {
      return id;
    }
    BitSet used = new BitSet();
    FlowSlot any = new FlowSlot();
    for (FlowTable t : new FlowTable[] {v4, v6}) {
      for (int slot = 0; slot < t.highWater(); slot++) {
        if (t.isUsed(slot)) {
          any.at(t, slot);
          used.set(any.pair());
        }
      }
    }
    macs.keep(used);
    return macs.id(src, dst);
  }

  /** A slot of the table; if there are too many flows, one ends for it. */
  private int insert(FlowTable table, int flowHash, long clockNs) {
    if (v4.size() + v6.size() >= maxFlows) {
      expiry.evict(table.size() > 0 ? table : table == v4 ? v6 : v4, clockNs);
    }
    return table.insert(flowHash);
  }

  private static Opener openerOf(FrameBatch b, int i) {
    int keyProtocol = FlowTable.keyProtocol(b.ports(i));
    if (FlowKeys.ipProtocol(keyProtocol) == Protocols.TCP) {
      int tcpFlags = b.tcpFlags(i);
      if ((tcpFlags & Protocols.SYN) == 0 || (tcpFlags & Protocols.RST) != 0) {
        return Opener.UNKNOWN;
      }
      return (tcpFlags & Protocols.ACK) == 0 ? Opener.SYN : Opener.SYNACK;
    }
    return Protocols.isIcmp(FlowKeys.ipProtocol(keyProtocol)) && !FlowKeys.isEcho(keyProtocol)
        ? Opener.UNKNOWN
        : Opener.FIRST_FRAME;
  }

  private static boolean isEchoReply(FrameBatch b, int i) {
    return FlowKeys.isEcho(FlowTable.keyProtocol(b.ports(i))) && !b.isEchoRequest(i);
  }

  private static int protocol(FrameBatch b, int i) {
    return FlowKeys.ipProtocol(FlowTable.keyProtocol(b.ports(i)));
  }

  private static boolean isPortProtocol(FrameBatch b, int i) {
    int protocol = protocol(b, i);
    return protocol != Protocols.TCP && !Protocols.isIcmp(protocol);
  }

  /** Whether an end of the flow at hand is an address of an audited host. */
  private boolean touchesLocal() {
    return !local.isEmpty() && (isLocal(flow.source()) || isLocal(flow.destination()));
  }

  /** Looks for data of the flow at hand that is acknowledged and was never seen. */
  private void follow(FrameBatch b, int i) {
    IpAddress source = flow.source();
    acks.follow(flow.flowId(), b.vlan(i) - 2, isLocal(source) ? source : flow.destination());
  }

  private boolean isLocal(IpAddress address) {
    return local.groupOf(address.v6(), address.hi(), address.lo()) >= 0;
  }

  private boolean touchesVip() {
    return !local.isEmpty() && (isVip(flow.source()) || isVip(flow.destination()));
  }

  private boolean isVip(IpAddress address) {
    return local.isVip(address.v6(), address.hi(), address.lo());
  }

  /** Tells of a frame of a VIP's flow if none of its kind was told in this second. */
  private void tellIfDue(FrameBatch b, int i, long clockNs, boolean forward) {
    if (!flow.is(FlowSlot.VIP)) {
      return;
    }
    if (OrdinaryFrames.isNewSecond(IdleTimes.tick(clockNs), flow.lastTick())) {
      flow.clearFlags(FlowSlot.TOLD);
    }
    int bits = OrdinaryFrames.toldBits(b.hasPayload(i), forward);
    if (flow.isAll(bits)) {
      return;
    }
    flow.setFlags(bits);
    IpAddress source = flow.source();
    IpAddress destination = flow.destination();
    sink.used(
        new VipFrame(
            b.frame(i),
            b.timeNs(i),
            b.vlan(i) - 2,
            forward ? source : destination,
            forward ? flow.srcPort() : flow.dstPort(),
            forward ? destination : source,
            forward ? flow.dstPort() : flow.srcPort(),
            protocol(b, i),
            forward,
            b.srcMac(i),
            b.dstMac(i),
            b.hasPayload(i),
            (b.tcpFlags(i) & Protocols.RST) != 0,
            b.tcpSeq(i),
            flow.flowId(),
            flow.startNs()),
        clockNs);
  }

  /** Adds a frame to the flow at hand. */
  private void count(FrameBatch b, int i, long clockNs, boolean forward) {
    trackedFrames++;
    long timeNs = b.timeNs(i);
    boolean tcp = protocol(b, i) == Protocols.TCP;
    int below = flow.below();
    flow.count(forward, timeNs, b.ipBytes(i));
    if (forward) {
      boolean first = !flow.is(FlowSlot.OPENER_SEEN);
      if (!tcp && (first || IdleTimes.tick(timeNs) - below > 0)) {
        below = IdleTimes.tick(timeNs);
      }
      if (first) {
        firstOfOpener(b, i);
      }
    } else {
      flow.setReplyVlan(match.vlanCode(b, i));
      flow.setFlags(FlowSlot.PEER_SEEN);
    }
    flow.setClock(IdleTimes.tick(clockNs), below);
    if (tcp) {
      tcp(b, i, forward);
      acks.frame(flow.flowId(), b, i, forward, clockNs);
    } else if (flow.isAll(FlowSlot.OPENER_SEEN | FlowSlot.PEER_SEEN)) {
      flow.setFlags(FlowSlot.ESTABLISHED);
    }
    if (!tcp || flow.is(FlowSlot.ESTABLISHED) && !acks.isFollowed(flow.flowId())) {
      flow.setFlags(
          (flow.is(FlowSlot.OPENER_SEEN) ? FlowSlot.STEADY_TO : 0)
              | (flow.is(FlowSlot.PEER_SEEN) ? FlowSlot.STEADY_FROM : 0));
    }
  }

  /** What only the opener's own frames tell: tag, MACs, TTL, TOS. */
  private void firstOfOpener(FrameBatch b, int i) {
    flow.setFlags(FlowSlot.OPENER_SEEN);
    flow.setFirstOfOpener(match.vlanCode(b, i), b.ttl(i), b.tos(i));
    int pair = macs(b.srcMac(i), b.dstMac(i));
    if (pair != MacPairs.NONE) {
      flow.setPair(pair);
    }
  }

  private void tcp(FrameBatch b, int i, boolean forward) {
    int tcpFlags = b.tcpFlags(i);
    if ((tcpFlags & Protocols.RST) != 0) {
      flow.setFlags(FlowSlot.RESET);
      return;
    }
    if ((tcpFlags & Protocols.FIN) != 0) {
      flow.setFlags(forward ? FlowSlot.FIN_OPENER : FlowSlot.FIN_PEER);
    }
    if ((tcpFlags & Protocols.SYN) != 0) {
      if (forward && !flow.is(FlowSlot.ISN_KNOWN)) {
        flow.setClock(flow.lastTick(), b.tcpSeq(i));
        flow.setFlags(FlowSlot.ISN_KNOWN);
      }
    } else if ((tcpFlags & Protocols.ACK) != 0) {
      // Nobody acknowledges without SYN before the handshake is complete.
      flow.setFlags(FlowSlot.ESTABLISHED);
    }
  }

  /** Writes an interim record of the flow at hand if the last one is long ago. */
  private void reportIfDue(long clockNs) {
    if (idle.isReportDue(flow.reported(), clockNs)) {
      flow.setReported(IdleTimes.report(clockNs));
      sink.ended(flow.record(EndReason.ACTIVE, macs, local), clockNs);
    }
  }

  /**
   * Ends flows whose idle time is over.
   *
   * @param budget slots to look at; the sweep goes on from there next time
   * @return the capture time up to which every due flow has been reported
   */
  public long sweep(long clockNs, int budget) {
    return expiry.sweep(clockNs, budget);
  }

  /** Slots that a whole round of the sweep looks at. */
  public int sweepRange() {
    return expiry.range();
  }

  /** Ends everything: the capture is over. */
  public void flush(long clockNs) {
    expiry.flush(clockNs);
  }
}
