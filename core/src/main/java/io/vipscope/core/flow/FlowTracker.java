package io.vipscope.core.flow;

import static io.vipscope.core.flow.FlowTable.ADDRESSES;
import static io.vipscope.core.flow.FlowTable.CLOCK;
import static io.vipscope.core.flow.FlowTable.FRAME;
import static io.vipscope.core.flow.FlowTable.FROM;
import static io.vipscope.core.flow.FlowTable.FROM_BYTES;
import static io.vipscope.core.flow.FlowTable.LAST_NS;
import static io.vipscope.core.flow.FlowTable.LINK;
import static io.vipscope.core.flow.FlowTable.NONE;
import static io.vipscope.core.flow.FlowTable.PORTS;
import static io.vipscope.core.flow.FlowTable.START_NS;
import static io.vipscope.core.flow.FlowTable.TO;
import static io.vipscope.core.flow.FlowTable.TO_BYTES;
import static io.vipscope.core.flow.FlowTable.V6_ADDRESSES;

import io.vipscope.core.net.IpAddress;
import java.util.BitSet;

/**
 * Follows flows: finds the flow of each frame, decides when a new one begins and which end opened
 * it, and reports flows that end. One worker thread owns an instance.
 *
 * <p>Everything here depends on frames and capture time alone: a flow that was idle too long ends
 * when its next frame comes or when the sweep passes, whichever is first, with the same record.
 * Idle times are those of the capture clock, which never goes back, so this also holds for frames
 * out of order. They are counted in ticks of 2^20 ns, about a millisecond.
 *
 * <p>Flows from or to a VIP are told of once a second and direction ({@link FlowSink#used}): the
 * MACs of their present frames show who uses the VIP. That costs such a flow up to four short-lived
 * records a second, whatever its rate, and every ordinary frame two comparisons of words that are
 * already at hand.
 */
public final class FlowTracker {

  // Flags of a slot.
  private static final int ISN_KNOWN = 1;
  private static final int HANDSHAKE_SEEN = 1 << 1;
  private static final int ESTABLISHED = 1 << 2;
  private static final int FIN_OPENER = 1 << 3;
  private static final int FIN_PEER = 1 << 4;
  private static final int RST = 1 << 5;
  private static final int FIRST_RST = 1 << 6;
  private static final int ORPHAN = 1 << 7;
  private static final int OPENER_SEEN = 1 << 8;
  private static final int PEER_SEEN = 1 << 9;

  /** One end is a VIP: {@link FlowSink#used}. */
  private static final int VIP = 1 << 10;

  /** Frames of the present second were told, of the opener's direction and of the other. */
  private static final int TOLD_TO = 1 << 11;

  private static final int TOLD_FROM = 1 << 12;
  private static final int TOLD_PAYLOAD_TO = 1 << 13;
  private static final int TOLD_PAYLOAD_FROM = 1 << 14;
  private static final int TOLD = TOLD_TO | TOLD_FROM | TOLD_PAYLOAD_TO | TOLD_PAYLOAD_FROM;

  private static final int ENDING = FIN_OPENER | FIN_PEER | RST;

  private static final int FLAGS_SHIFT = 48;
  private static final long LOW_24 = 0xff_ffffL;
  private static final long LOW_32 = 0xffff_ffffL;
  private static final long LOW_40 = 0xff_ffff_ffffL;
  private static final long LOW_48 = 0xffff_ffff_ffffL;
  private static final int SOURCE_SHIFT = 48;
  private static final int SOURCE_MASK = 0xfff;
  private static final int OPENER_SHIFT = 60;

  /** The numbers of asked addresses have 16 bits; of later ones a record does not tell. */
  private static final int MAX_ASKED = 0xffff;

  private static final int TICK_SHIFT = 20;

  /** A week: far less than half of what 32 bits hold. */
  private static final long MAX_TICKS = 7L * 86_400_000;

  /** Ticks of the "second" in which a VIP's flow is told of once: 2^10, 1.07 s. */
  private static final int TOLD_SHIFT = 10;

  /** Unit of the time of the last interim record: 2^27 ns, about 0.13 s. */
  private static final int REPORT_SHIFT = 27;

  private static final Opener[] OPENERS = Opener.values();

  /** Frames whose slots are loaded together: they must stay in the first cache until used. */
  private static final int GROUP = 32;

  private static final int MAC_PAIRS = 1 << 20;

  /** Slots among which the one idle longest makes room when the table is full. */
  private static final int EVICTION_SAMPLE = 16;

  private final FlowTable v4;
  private final FlowTable v6;

  /** The table of the slot at hand. */
  private FlowTable table;

  private final FlowHash hash;
  private final LocalAddresses local;
  private final boolean vlanKey;
  private final FlowSink sink;
  private final int maxFlows;
  private final MacPairs macs;

  private final int tcpNewTicks;
  private final int tcpEstablishedTicks;
  private final int icmpTicks;
  private final int otherTicks;
  private final int shortestTicks;
  private final long activeReports;

  /** Where the flows of a group probably are: {@link #touch}. */
  private final int[] slots = new int[GROUP];

  /** Sum of the words that {@link #touch} has loaded. */
  @SuppressWarnings("UnusedVariable") // written so that the loads are made
  private long touched;

  private long trackedFrames;
  private long untrackedFrames;
  private long flows;
  private long evicted;
  private int evictAt;
  private int sweepAt;
  private long sweptNs = Long.MIN_VALUE;

  /** Capture clock when the current round of the sweep began. */
  private long roundNs = Long.MIN_VALUE;

  /**
   * @param maxFlows limit of live flows of this worker: a further one takes the place of one that
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
    macs = new MacPairs(macPairs);
    this.hash = hash;
    this.local = local;
    this.vlanKey = vlanKey;
    this.sink = sink;
    v4 = new FlowTable(hash, false, maxFlows);
    v6 = new FlowTable(hash, true, maxFlows);
    table = v4;
    tcpNewTicks = ticks(timeouts.tcpNew());
    tcpEstablishedTicks = ticks(timeouts.tcpEstablished());
    icmpTicks = ticks(timeouts.icmp());
    otherTicks = ticks(timeouts.other());
    shortestTicks =
        Math.min(Math.min(tcpNewTicks, tcpEstablishedTicks), Math.min(icmpTicks, otherTicks));
    activeReports = timeouts.active() == 0 ? 0 : Math.max(1, timeouts.active() >> REPORT_SHIFT);
  }

  /** A duration in ticks, rounded up: nothing ends early. */
  private static int ticks(long ns) {
    return (int) Math.min((ns >> TICK_SHIFT) + 1, MAX_TICKS);
  }

  private static int tick(long clockNs) {
    return (int) (clockNs >> TICK_SHIFT);
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

  /** Flows that ended early, to make room. */
  public long evicted() {
    return evicted;
  }

  /**
   * Takes the frames of one worker from a batch. Before a group of them is worked on, the index
   * places and then the slots of all are loaded: these loads do not wait for each other, and
   * waiting for memory is most of the cost with many flows.
   */
  public void batch(FrameBatch b, int worker) {
    int count = b.count();
    for (int from = 0; from < count; from += GROUP) {
      int to = Math.min(from + GROUP, count);
      touch(b, from, to);
      for (int i = from; i < to; i++) {
        if (b.worker(i) == worker && !isOrdinary(b, i, slots[i - from])) {
          frame(b, i);
        }
      }
    }
  }

  /** Finds the slots at which the group's flows probably are, and loads them. */
  private void touch(FrameBatch b, int from, int to) {
    for (int i = from; i < to; i++) {
      FlowTable t = FlowTable.isV6(b.ports(i)) ? v6 : v4;
      slots[i - from] = t.entry(t.start(b.hash(i)));
    }
    long sum = 0;
    for (int i = from; i < to; i++) {
      FlowTable t = FlowTable.isV6(b.ports(i)) ? v6 : v4;
      int slot = t.slotOf(slots[i - from], b.hash(i));
      slots[i - from] = slot;
      if (slot != NONE) {
        sum += t.touch(slot);
      }
    }
    touched = sum;
  }

  /**
   * Counts an ordinary frame, which most are: one more of the flow in this slot, that is not the
   * first of its direction and neither begins nor ends anything. Does nothing and is false for any
   * other.
   */
  private boolean isOrdinary(FrameBatch b, int i, int slot) {
    if (slot == NONE || b.isSpecial(i)) {
      return false;
    }
    long ports = b.ports(i);
    FlowTable t = FlowTable.isV6(ports) ? v6 : v4;
    long[] w = t.chunk(slot);
    int o = t.offset(slot);
    long link = w[o + LINK];
    int vlan = vlanCode(b, i);
    boolean forward = w[o + PORTS] == ports && isSource(w, o, b, i);
    boolean payload = b.hasPayload(i);
    int needed = OPENER_SEEN | (payload ? TOLD_TO | TOLD_PAYLOAD_TO : TOLD_TO);
    if (!forward) {
      boolean reply =
          w[o + PORTS] == FlowTable.swapPorts(ports)
              && isDestination(w, o, b, i)
              && replyVlan(link) == vlan;
      if (!reply) {
        return false;
      }
      needed = PEER_SEEN | (payload ? TOLD_FROM | TOLD_PAYLOAD_FROM : TOLD_FROM);
    }
    boolean tcp = (ports & LOW_24) == Protocols.TCP;
    if (tcp) {
      needed |= ESTABLISHED;
    }
    long timeNs = b.timeNs(i);
    int tick = tick(timeNs);
    long clock = w[o + CLOCK];
    int flags = (int) (w[o + FRAME] >>> FLAGS_SHIFT);
    if ((flags & needed) != needed
        || (flags & VIP) != 0 && isNewSecond(tick, clock)
        || forwardVlan(link) != vlan
        || tick - (int) (clock >>> 32) > shortestTicks
        || activeReports != 0 && isReportDue(w[o + FROM], timeNs)) {
      return false;
    }
    w[o + LAST_NS] = timeNs;
    if (forward) {
      w[o + TO]++;
      w[o + TO_BYTES] += b.ipBytes(i);
      w[o + CLOCK] = (long) tick << 32 | (tcp ? clock : tick) & LOW_32;
    } else {
      w[o + FROM]++;
      w[o + FROM_BYTES] += b.ipBytes(i);
      w[o + CLOCK] = (long) tick << 32 | clock & LOW_32;
    }
    trackedFrames++;
    return true;
  }

  /**
   * Whether a flow of a VIP, whose last frame's time stands in {@code clock}, is due to be told.
   */
  private static boolean isNewSecond(int tick, long clock) {
    return (tick ^ (int) (clock >>> 32)) >>> TOLD_SHIFT != 0;
  }

  private void frame(FrameBatch b, int i) {
    long clockNs = b.clockNs(i);
    table = FlowTable.isV6(b.ports(i)) ? v6 : v4;
    int slot = find(b, i, clockNs);
    if (slot != NONE) {
      table.at(slot);
      boolean forward = isForward(b, i);
      if (begins(b, i, forward)) {
        end(slot, EndReason.TIMEOUT, clockNs);
      } else {
        tellIfDue(b, i, clockNs, forward);
        count(b, i, clockNs, forward);
        reportIfDue(clockNs);
        return;
      }
    }
    open(b, i, clockNs);
  }

  /** The slot of the frame's flow in either direction, or NONE; overdue flows on the way end. */
  private int find(FrameBatch b, int i, long clockNs) {
    FlowTable t = table;
    int flowHash = b.hash(i);
    int candidate = NONE;
    int candidateRank = 0;
    for (int place = t.start(flowHash); ; place = t.after(place)) {
      int entry = t.entry(place);
      if (entry == 0) {
        return candidate;
      }
      int slot = t.slotOf(entry, flowHash);
      if (slot == NONE) {
        continue;
      }
      t.at(slot);
      int rank = rank(b, i);
      if (rank > 0 && isOverdue(tick(clockNs))) {
        end(slot, EndReason.TIMEOUT, dueNs(clockNs));
        return find(b, i, clockNs); // the chain has moved
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

  /**
   * How well the flow at hand fits the frame: 3 the same direction and tag, or a reply under the
   * flow's own tag; 2 a reply under the tag that its replies have; 1 a reply under another tag,
   * while none has come yet; 0 not at all.
   */
  private int rank(FrameBatch b, int i) {
    long[] w = table.words;
    int o = table.base;
    long ports = b.ports(i);
    long link = w[o + LINK];
    int vlan = vlanCode(b, i);
    if (w[o + PORTS] == ports && isSource(w, o, b, i)) {
      return forwardVlan(link) == vlan || forwardVlan(link) == 0 ? 3 : 0;
    }
    if (w[o + PORTS] != FlowTable.swapPorts(ports)
        || !isDestination(w, o, b, i)
        || FlowKeys.isIcmpMessage(FlowTable.keyProtocol(ports))) {
      return 0;
    }
    int reply = replyVlan(link);
    if (forwardVlan(link) == vlan && (reply == 0 || reply == vlan)) {
      return 3;
    }
    return reply == vlan ? 2 : reply == 0 ? 1 : 0;
  }

  /** Whether the frame's addresses are the flow's, in the same order. */
  private static boolean isSource(long[] w, int o, FrameBatch b, int i) {
    return w[o + ADDRESSES] == b.addresses(i)
        && (!FlowTable.isV6(w[o + PORTS])
            || w[o + V6_ADDRESSES] == b.v6(i, 0)
                && w[o + V6_ADDRESSES + 1] == b.v6(i, 1)
                && w[o + V6_ADDRESSES + 2] == b.v6(i, 2));
  }

  /** Whether the frame's addresses are the flow's, the other way round. */
  private static boolean isDestination(long[] w, int o, FrameBatch b, int i) {
    if (!FlowTable.isV6(w[o + PORTS])) {
      return w[o + ADDRESSES] == Long.rotateLeft(b.addresses(i), 32);
    }
    return w[o + ADDRESSES] == b.v6(i, 1)
        && w[o + V6_ADDRESSES] == b.v6(i, 2)
        && w[o + V6_ADDRESSES + 1] == b.addresses(i)
        && w[o + V6_ADDRESSES + 2] == b.v6(i, 0);
  }

  private int vlanCode(FrameBatch b, int i) {
    return vlanKey ? b.vlan(i) : 1;
  }

  private static int forwardVlan(long link) {
    return (int) (link & 0xffff);
  }

  private static int replyVlan(long link) {
    return (int) (link >>> 16 & 0xffff);
  }

  /** Whether the frame goes the way of the flow's opener (equal ends count as the opener's). */
  private boolean isForward(FrameBatch b, int i) {
    long[] w = table.words;
    int o = table.base;
    return w[o + PORTS] == b.ports(i) && isSource(w, o, b, i);
  }

  private static int protocol(FrameBatch b, int i) {
    return FlowKeys.ipProtocol(FlowTable.keyProtocol(b.ports(i)));
  }

  /** Whether this frame begins a new flow although one with its key is in the table. */
  private boolean begins(FrameBatch b, int i, boolean forward) {
    int tcpFlags = b.tcpFlags(i);
    if ((tcpFlags & Protocols.SYN) == 0) {
      // An echo request of the other side under the same identifier is a ping of its own.
      return b.isEchoRequest(i) && !forward;
    }
    int flags = flags();
    boolean synAck = (tcpFlags & Protocols.ACK) != 0;
    if ((flags & ENDING) != 0 || opener() == Opener.UNKNOWN) {
      return true;
    }
    if (synAck) {
      // Its sender cannot have opened an established connection: the peer has opened a new one.
      return forward && (flags & ESTABLISHED) != 0;
    }
    if (!forward) {
      return (flags & ESTABLISHED) != 0; // else both ends opened at the same time
    }
    if ((flags & ISN_KNOWN) == 0) {
      return (flags & ESTABLISHED) != 0; // else the frames came out of order
    }
    return (int) table.words[table.base + CLOCK] != b.tcpSeq(i);
  }

  private void open(FrameBatch b, int i, long clockNs) {
    long ports = b.ports(i);
    Opener opener = openerOf(b, i);
    boolean swap = opener == Opener.SYNACK || isEchoReply(b, i);
    int asked = NONE;
    if (opener == Opener.FIRST_FRAME && isPortProtocol(b, i)) {
      asked = asked(b, i, clockNs);
      if (asked != NONE) {
        opener = Opener.LISTENER;
        swap = true;
      }
    }
    int pair = swap ? macs(b.dstMac(i), b.srcMac(i)) : macs(b.srcMac(i), b.dstMac(i));
    int slot = pair == MacPairs.NONE ? NONE : insert(b.hash(i), clockNs);
    if (slot == NONE) {
      untrackedFrames++;
      return;
    }
    flows++;
    long[] w = table.words;
    int o = table.base;
    if (FlowTable.isV6(ports)) {
      w[o + ADDRESSES] = swap ? b.v6(i, 1) : b.addresses(i);
      w[o + V6_ADDRESSES] = swap ? b.v6(i, 2) : b.v6(i, 0);
      w[o + V6_ADDRESSES + 1] = swap ? b.addresses(i) : b.v6(i, 1);
      w[o + V6_ADDRESSES + 2] = swap ? b.v6(i, 0) : b.v6(i, 2);
    } else {
      w[o + ADDRESSES] = swap ? Long.rotateLeft(b.addresses(i), 32) : b.addresses(i);
    }
    w[o + PORTS] = swap ? FlowTable.swapPorts(ports) : ports;
    w[o + LINK] =
        (long) b.innerVlan(i) << 32
            | (long) (b.source(i) & SOURCE_MASK) << SOURCE_SHIFT
            | (long) opener.ordinal() << OPENER_SHIFT;
    w[o + LAST_NS] = b.timeNs(i);
    w[o + START_NS] = b.timeNs(i);
    w[o + FRAME] = b.frame(i) & LOW_48;
    w[o + TO] = (long) pair << 40;
    w[o + FROM] = (clockNs >> REPORT_SHIFT & LOW_24) << 40;
    w[o + FROM_BYTES] = asked < MAX_ASKED ? (long) (asked + 1) << 48 : 0;
    if ((b.tcpFlags(i) & Protocols.RST) != 0) {
      setFlags(FIRST_RST);
    }
    if (b.isOrphan(i)) {
      setFlags(ORPHAN);
    }
    if (touchesVip()) {
      setFlags(VIP | toldBits(b.hasPayload(i), !swap));
    } else {
      setFlags(TOLD);
    }
    count(b, i, clockNs, !swap);
    if (touchesLocal()) {
      sink.opened(record(EndReason.ACTIVE), clockNs);
    }
  }

  /** The number of a pair of MACs. When there are too many, those of ended flows are forgotten. */
  private int macs(long src, long dst) {
    int id = macs.id(src, dst);
    if (id != MacPairs.NONE) {
      return id;
    }
    BitSet used = new BitSet();
    for (FlowTable t : new FlowTable[] {v4, v6}) {
      for (int slot = 0; slot < t.highWater(); slot++) {
        if (t.isUsed(slot)) {
          used.set((int) (t.word(slot, TO) >>> 40));
        }
      }
    }
    macs.keep(used);
    return macs.id(src, dst);
  }

  /** A slot of the table at hand; if there are too many flows, one ends for it. */
  private int insert(int flowHash, long clockNs) {
    FlowTable t = table;
    if (v4.size() + v6.size() >= maxFlows) {
      evict(t.size() > 0 ? t : t == v4 ? v6 : v4, clockNs);
      table = t;
    }
    return t.insert(flowHash);
  }

  /** Ends the flow that has been idle longest among the next few of a table. */
  private void evict(FlowTable t, long clockNs) {
    int oldest = NONE;
    int oldestTick = 0;
    for (int n = 0; n < EVICTION_SAMPLE && n < t.size(); n++) {
      do {
        evictAt = evictAt + 1 < t.highWater() ? evictAt + 1 : 0;
      } while (!t.isUsed(evictAt));
      int last = (int) (t.word(evictAt, CLOCK) >>> 32);
      if (oldest == NONE || last - oldestTick < 0) {
        oldest = evictAt;
        oldestTick = last;
      }
    }
    evicted++;
    table = t;
    end(oldest, EndReason.EVICTED, clockNs);
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

  private static boolean isPortProtocol(FrameBatch b, int i) {
    int protocol = protocol(b, i);
    return protocol != Protocols.TCP && !Protocols.isIcmp(protocol);
  }

  /** Whether an end of the flow at hand is an address of an audited host. */
  private boolean touchesLocal() {
    return !local.isEmpty() && (groupOf(true) >= 0 || groupOf(false) >= 0);
  }

  private boolean touchesVip() {
    return !local.isEmpty() && (isVip(source()) || isVip(destination()));
  }

  private boolean isVip(IpAddress address) {
    return local.isVip(address.v6(), address.hi(), address.lo());
  }

  private static int toldBits(boolean payload, boolean forward) {
    if (forward) {
      return payload ? TOLD_TO | TOLD_PAYLOAD_TO : TOLD_TO;
    }
    return payload ? TOLD_FROM | TOLD_PAYLOAD_FROM : TOLD_FROM;
  }

  /** Tells of a frame of a VIP's flow if none of its kind was told in this second. */
  private void tellIfDue(FrameBatch b, int i, long clockNs, boolean forward) {
    if ((flags() & VIP) == 0) {
      return;
    }
    long[] w = table.words;
    int o = table.base;
    if (isNewSecond(tick(clockNs), w[o + CLOCK])) {
      w[o + FRAME] &= ~((long) TOLD << FLAGS_SHIFT);
    }
    int bits = toldBits(b.hasPayload(i), forward);
    if ((flags() & bits) == bits) {
      return;
    }
    setFlags(bits);
    IpAddress source = source();
    IpAddress destination = destination();
    int sourcePort = (int) (w[o + PORTS] >>> 48);
    int destinationPort = (int) (w[o + PORTS] >>> 32 & 0xffff);
    sink.used(
        new VipFrame(
            b.frame(i),
            b.timeNs(i),
            b.vlan(i) - 2,
            forward ? source : destination,
            forward ? sourcePort : destinationPort,
            forward ? destination : source,
            forward ? destinationPort : sourcePort,
            protocol(b, i),
            forward,
            b.srcMac(i),
            b.dstMac(i),
            b.hasPayload(i),
            (b.tcpFlags(i) & Protocols.RST) != 0,
            b.tcpSeq(i),
            w[o + FRAME] & LOW_48,
            w[o + START_NS]),
        clockNs);
  }

  private int groupOf(boolean source) {
    IpAddress address = source ? source() : destination();
    return local.groupOf(address.v6(), address.hi(), address.lo());
  }

  private IpAddress source() {
    return address(/* v4Shift= */ 32, ADDRESSES, V6_ADDRESSES);
  }

  private IpAddress destination() {
    return address(/* v4Shift= */ 0, V6_ADDRESSES + 1, V6_ADDRESSES + 2);
  }

  private IpAddress address(int v4Shift, int hi, int lo) {
    long[] w = table.words;
    int o = table.base;
    return FlowTable.isV6(w[o + PORTS])
        ? new IpAddress(true, w[o + hi], w[o + lo])
        : new IpAddress(false, 0, w[o + ADDRESSES] >>> v4Shift & LOW_32);
  }

  /**
   * Whether the peer of this first frame asked the sender's port at another of its addresses within
   * the last minutes; then the number of that address, else NONE.
   */
  private int asked(FrameBatch b, int i, long clockNs) {
    if (local.isEmpty()) {
      return NONE;
    }
    boolean family = FlowTable.isV6(b.ports(i));
    long senderHi = family ? b.addresses(i) : 0;
    long senderLo = family ? b.v6(i, 0) : b.addresses(i) >>> 32;
    int group = local.groupOf(family, senderHi, senderLo);
    if (group < 0) {
      return NONE;
    }
    for (int n = 0; n < local.size(group); n++) {
      if (local.isV6(group, n) == family
          && isAsked(b, i, local.hi(group, n), local.lo(group, n), clockNs)) {
        return local.number(group, n);
      }
    }
    return NONE;
  }

  /** Whether the frame's receiver asked this address, at the frame's source port. */
  private boolean isAsked(FrameBatch b, int i, long hi, long lo, long clockNs) {
    long ports = FlowTable.swapPorts(b.ports(i));
    boolean family = FlowTable.isV6(ports);
    long askerHi = family ? b.v6(i, 1) : 0;
    long askerLo = family ? b.v6(i, 2) : b.addresses(i) & LOW_32;
    int wanted =
        hash.of(
            askerHi,
            askerLo,
            (int) (ports >>> 48),
            hi,
            lo,
            (int) (ports >>> 32) & 0xffff,
            FlowTable.keyProtocol(ports));
    FlowTable t = table;
    for (int place = t.start(wanted); ; place = t.after(place)) {
      int entry = t.entry(place);
      if (entry == 0) {
        return false;
      }
      int slot = t.slotOf(entry, wanted);
      if (slot == NONE) {
        continue;
      }
      t.at(slot);
      long[] w = t.words;
      int o = t.base;
      boolean same =
          family
              ? w[o + ADDRESSES] == askerHi
                  && w[o + V6_ADDRESSES] == askerLo
                  && w[o + V6_ADDRESSES + 1] == hi
                  && w[o + V6_ADDRESSES + 2] == lo
              : w[o + ADDRESSES] == (askerLo << 32 | lo);
      if (same
          && w[o + PORTS] == ports
          && opener() == Opener.FIRST_FRAME
          && (flags() & OPENER_SEEN) != 0
          && tick(b.timeNs(i)) - (int) w[o + CLOCK] <= otherTicks
          && !isOverdue(tick(clockNs))) {
        return true;
      }
    }
  }

  /** Adds a frame to the flow at hand. */
  private void count(FrameBatch b, int i, long clockNs, boolean forward) {
    trackedFrames++;
    long[] w = table.words;
    int o = table.base;
    long timeNs = b.timeNs(i);
    w[o + LAST_NS] = Math.max(w[o + LAST_NS], timeNs);
    boolean tcp = protocol(b, i) == Protocols.TCP;
    long below = w[o + CLOCK] & LOW_32;
    if (forward) {
      w[o + TO]++;
      w[o + TO_BYTES] += b.ipBytes(i);
      boolean first = (flags() & OPENER_SEEN) == 0;
      if (!tcp && (first || tick(timeNs) - (int) below > 0)) {
        below = tick(timeNs) & LOW_32;
      }
      if (first) {
        firstOfOpener(b, i);
      }
    } else {
      w[o + FROM]++;
      w[o + FROM_BYTES] += b.ipBytes(i);
      if (replyVlan(w[o + LINK]) == 0) {
        w[o + LINK] |= (long) vlanCode(b, i) << 16;
      }
      setFlags(PEER_SEEN);
    }
    w[o + CLOCK] = (long) tick(clockNs) << 32 | below;
    if (tcp) {
      tcp(b, i, forward);
    } else if ((flags() & (OPENER_SEEN | PEER_SEEN)) == (OPENER_SEEN | PEER_SEEN)) {
      setFlags(ESTABLISHED);
    }
  }

  /** What only the opener's own frames tell: tag, MACs, TTL, TOS. */
  private void firstOfOpener(FrameBatch b, int i) {
    long[] w = table.words;
    int o = table.base;
    setFlags(OPENER_SEEN);
    w[o + LINK] |= vlanCode(b, i);
    w[o + TO_BYTES] |= (long) b.ttl(i) << 48 | (long) b.tos(i) << 56;
    int pair = macs(b.srcMac(i), b.dstMac(i));
    if (pair != MacPairs.NONE) {
      w[o + TO] = w[o + TO] & LOW_40 | (long) pair << 40;
    }
  }

  private void tcp(FrameBatch b, int i, boolean forward) {
    int tcpFlags = b.tcpFlags(i);
    if ((tcpFlags & Protocols.RST) != 0) {
      setFlags(RST);
      return;
    }
    if ((tcpFlags & Protocols.FIN) != 0) {
      setFlags(forward ? FIN_OPENER : FIN_PEER);
    }
    if ((tcpFlags & Protocols.SYN) != 0) {
      setFlags(HANDSHAKE_SEEN);
      if (forward && (flags() & ISN_KNOWN) == 0) {
        table.words[table.base + CLOCK] |= b.tcpSeq(i) & LOW_32;
        setFlags(ISN_KNOWN);
      }
    } else if ((tcpFlags & Protocols.ACK) != 0) {
      // Nobody acknowledges without SYN before the handshake is complete.
      setFlags(ESTABLISHED);
    }
  }

  private int flags() {
    return (int) (table.words[table.base + FRAME] >>> FLAGS_SHIFT);
  }

  private void setFlags(int flags) {
    table.words[table.base + FRAME] |= (long) flags << FLAGS_SHIFT;
  }

  private Opener opener() {
    return OPENERS[(int) (table.words[table.base + LINK] >>> OPENER_SHIFT)];
  }

  /** Idle timeout of the flow at hand. */
  private int idleTicks() {
    int protocol = FlowKeys.ipProtocol(FlowTable.keyProtocol(table.words[table.base + PORTS]));
    if (protocol == Protocols.TCP) {
      boolean open = (flags() & ESTABLISHED) != 0 && !isClosed();
      return open ? tcpEstablishedTicks : tcpNewTicks;
    }
    return Protocols.isIcmp(protocol) ? icmpTicks : otherTicks;
  }

  /**
   * When the flow at hand ends if no further frame comes.
   *
   * @param clockNs the capture clock, less than 2^31 ticks after the flow's last frame
   */
  private long dueNs(long clockNs) {
    long now = clockNs >> TICK_SHIFT;
    long last = now - ((int) now - (int) (table.words[table.base + CLOCK] >>> 32));
    return last + idleTicks() + 1 << TICK_SHIFT;
  }

  private boolean isOverdue(int nowTick) {
    return nowTick - (int) (table.words[table.base + CLOCK] >>> 32) > idleTicks();
  }

  private boolean isClosed() {
    int flags = flags();
    return (flags & RST) != 0 || (flags & (FIN_OPENER | FIN_PEER)) == (FIN_OPENER | FIN_PEER);
  }

  private void reportIfDue(long clockNs) {
    if (activeReports == 0) {
      return;
    }
    long[] w = table.words;
    int o = table.base;
    if (isReportDue(w[o + FROM], clockNs)) {
      w[o + FROM] = w[o + FROM] & LOW_40 | (clockNs >> REPORT_SHIFT & LOW_24) << 40;
      sink.ended(record(EndReason.ACTIVE), clockNs);
    }
  }

  private boolean isReportDue(long from, long clockNs) {
    return ((clockNs >> REPORT_SHIFT) - (from >>> 40) & LOW_24) >= activeReports;
  }

  /** Reports the flow in a slot of the table at hand and gives the slot back. */
  private void end(int slot, EndReason reason, long dueNs) {
    table.at(slot);
    EndReason told = reason;
    if (isClosed()) {
      told = (flags() & RST) != 0 ? EndReason.RST : EndReason.FIN;
    }
    sink.ended(record(told), dueNs);
    table.remove(slot);
  }

  /**
   * Ends flows whose idle time is over.
   *
   * @param budget slots to look at; the sweep goes on from there next time
   * @return the capture time up to which every due flow has been reported
   */
  public long sweep(long clockNs, int budget) {
    int end = sweepRange();
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
  public int sweepRange() {
    return v4.highWater() + v6.highWater();
  }

  /** The slot of that number, IPv4 first, is looked at. */
  private void expire(int number, long clockNs) {
    int slot = choose(number);
    if (slot == NONE) {
      return;
    }
    table.at(slot);
    if (isOverdue(tick(clockNs))) {
      end(slot, EndReason.TIMEOUT, dueNs(clockNs));
    }
  }

  /** Makes the table of a number the one at hand; the slot there, or NONE if it is free. */
  private int choose(int number) {
    boolean first = number < v4.highWater();
    table = first ? v4 : v6;
    int slot = first ? number : number - v4.highWater();
    return table.isUsed(slot) ? slot : NONE;
  }

  /** Ends everything: the capture is over. */
  public void flush(long clockNs) {
    for (int number = 0; number < sweepRange(); number++) {
      int slot = choose(number);
      if (slot != NONE) {
        table.at(slot);
        boolean idle = isOverdue(tick(clockNs));
        end(slot, idle ? EndReason.TIMEOUT : EndReason.SHUTDOWN, idle ? dueNs(clockNs) : clockNs);
      }
    }
  }

  /** The flow at hand as a record. */
  private FlowRecord record(EndReason reason) {
    long[] w = table.words;
    int o = table.base;
    long ports = w[o + PORTS];
    int keyProtocol = FlowTable.keyProtocol(ports);
    int protocol = FlowKeys.ipProtocol(keyProtocol);
    boolean icmp = Protocols.isIcmp(protocol);
    int flags = flags();
    Opener opener = opener();
    int srcPort = (int) (ports >>> 48);
    boolean openerSeen = (flags & OPENER_SEEN) != 0;
    FlowState state =
        protocol == Protocols.TCP && isClosed()
            ? FlowState.CLOSED
            : (flags & ESTABLISHED) != 0 ? FlowState.ESTABLISHED : FlowState.NEW;
    long link = w[o + LINK];
    int forward = forwardVlan(link) != 0 ? forwardVlan(link) : replyVlan(link);
    int pair = (int) (w[o + TO] >>> 40);
    int asked = (int) (w[o + FROM_BYTES] >>> 48) - 1;
    return new FlowRecord(
        w[o + FRAME] & LOW_48,
        (int) (link >>> SOURCE_SHIFT) & SOURCE_MASK,
        forward - 2,
        (int) (link >>> 32 & 0xffff) - 2,
        source(),
        icmp ? 0 : srcPort,
        destination(),
        icmp ? 0 : (int) (ports >>> 32 & 0xffff),
        keyProtocol,
        FlowKeys.isEcho(keyProtocol) ? srcPort : -1,
        w[o + START_NS],
        w[o + LAST_NS],
        w[o + TO] & LOW_40,
        w[o + FROM] & LOW_40,
        w[o + TO_BYTES] & LOW_48,
        w[o + FROM_BYTES] & LOW_48,
        macs.src(pair),
        macs.dst(pair),
        openerSeen,
        openerSeen ? (int) (w[o + TO_BYTES] >>> 48) & 0xff : -1,
        (int) (w[o + TO_BYTES] >>> 56),
        state,
        reason,
        opener,
        (flags & FIRST_RST) != 0,
        (flags & ORPHAN) != 0,
        asked == NONE ? null : local.address(asked));
  }
}
