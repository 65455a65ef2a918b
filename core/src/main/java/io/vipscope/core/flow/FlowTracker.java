package io.vipscope.core.flow;

import static io.vipscope.core.flow.FlowTable.ASKED_HI;
import static io.vipscope.core.flow.FlowTable.ASKED_LO;
import static io.vipscope.core.flow.FlowTable.BYTES_FROM;
import static io.vipscope.core.flow.FlowTable.BYTES_TO;
import static io.vipscope.core.flow.FlowTable.DST_HI;
import static io.vipscope.core.flow.FlowTable.DST_LO;
import static io.vipscope.core.flow.FlowTable.DST_MAC;
import static io.vipscope.core.flow.FlowTable.FRAME;
import static io.vipscope.core.flow.FlowTable.LAST_CLOCK_NS;
import static io.vipscope.core.flow.FlowTable.LAST_NS;
import static io.vipscope.core.flow.FlowTable.LAST_OPENER_NS;
import static io.vipscope.core.flow.FlowTable.META;
import static io.vipscope.core.flow.FlowTable.NONE;
import static io.vipscope.core.flow.FlowTable.PKTS_FROM;
import static io.vipscope.core.flow.FlowTable.PKTS_TO;
import static io.vipscope.core.flow.FlowTable.PORTS;
import static io.vipscope.core.flow.FlowTable.REPORTED_NS;
import static io.vipscope.core.flow.FlowTable.SRC_HI;
import static io.vipscope.core.flow.FlowTable.SRC_LO;
import static io.vipscope.core.flow.FlowTable.SRC_MAC;
import static io.vipscope.core.flow.FlowTable.START_NS;
import static io.vipscope.core.flow.FlowTable.TCP;
import static io.vipscope.core.flow.FlowTable.VLANS;

import io.vipscope.core.frame.FrameHeader;
import io.vipscope.core.net.IpAddress;

/**
 * Follows flows: finds the flow of each frame, decides when a new one begins and which end opened
 * it, and reports flows that end. One worker thread owns an instance.
 *
 * <p>Everything here depends on frames and capture time alone: a flow that was idle too long ends
 * when its next frame comes or when the sweep passes, whichever is first, with the same record.
 * Idle times are those of the capture clock, which never goes back, so this also holds for frames
 * out of order.
 */
public final class FlowTracker {

  // Flags in the upper half of the TCP word.
  private static final int ISN_KNOWN = 1;
  private static final int HANDSHAKE_SEEN = 1 << 1;
  private static final int ESTABLISHED = 1 << 2;
  private static final int FIN_OPENER = 1 << 3;
  private static final int FIN_PEER = 1 << 4;
  private static final int RST = 1 << 5;
  private static final int FIRST_RST = 1 << 6;
  private static final int ORPHAN = 1 << 7;
  private static final int OPENER_SEEN = 1 << 8;
  private static final int ENDING = FIN_OPENER | FIN_PEER | RST;

  private static final Opener[] OPENERS = Opener.values();

  private final FlowTable table;
  private final FlowHash hash;
  private final LocalAddresses local;
  private final FlowTimeouts timeouts;
  private final boolean vlanKey;
  private final FlowSink sink;

  private long trackedFrames;
  private long untrackedFrames;
  private long flows;
  private int sweepAt;
  private long sweptNs = Long.MIN_VALUE;

  /** Capture clock when the current round of the sweep began. */
  private long roundNs = Long.MIN_VALUE;

  /**
   * @param maxFlows limit of live flows of this worker; frames of further ones are untracked
   * @param vlanKey whether the outermost VLAN id is part of the key
   */
  public FlowTracker(
      int maxFlows,
      FlowHash hash,
      LocalAddresses local,
      FlowTimeouts timeouts,
      boolean vlanKey,
      FlowSink sink) {
    this.table = new FlowTable(maxFlows);
    this.hash = hash;
    this.local = local;
    this.timeouts = timeouts;
    this.vlanKey = vlanKey;
    this.sink = sink;
  }

  /** Frames counted to a flow. */
  public long trackedFrames() {
    return trackedFrames;
  }

  /** Frames of flows for which the table had no room. */
  public long untrackedFrames() {
    return untrackedFrames;
  }

  /** Flows begun. */
  public long flows() {
    return flows;
  }

  /**
   * Takes one frame.
   *
   * @param tsNs its capture time
   * @param clockNs the capture clock: the highest time seen so far
   * @param frame its number, from 1
   * @param flowHash {@link FlowHash#of(FrameHeader)}
   * @param source index of the source it came from
   */
  public void frame(FrameHeader h, long tsNs, long clockNs, long frame, int flowHash, int source) {
    long ports =
        FlowTable.ports(h.v6, FlowKeys.srcPort(h), FlowKeys.dstPort(h), FlowKeys.protocol(h));
    int slot = find(h, ports, flowHash, clockNs);
    if (slot != NONE) {
      table.at(slot);
      boolean forward = isForward(h, ports);
      if (begins(h, forward)) {
        end(slot, EndReason.TIMEOUT, clockNs);
      } else {
        count(h, tsNs, clockNs, forward);
        reportIfDue(clockNs);
        return;
      }
    }
    open(h, ports, tsNs, clockNs, frame, flowHash, source);
  }

  /** The slot of the frame's flow in either direction, or NONE; overdue flows on the way end. */
  private int find(FrameHeader h, long ports, int flowHash, long clockNs) {
    long swapped = FlowTable.swapPorts(ports);
    int vlan = vlanCode(h);
    int candidate = NONE;
    int candidateRank = 0;
    for (int place = table.start(flowHash); ; place = table.after(place)) {
      int slot = table.slotAt(place, flowHash);
      if (slot == NONE) {
        return candidate;
      }
      if (slot < 0) {
        continue;
      }
      table.at(slot);
      int rank = rank(h, ports, swapped, vlan);
      if (rank > 0 && isOverdue(clockNs)) {
        end(slot, EndReason.TIMEOUT, dueNs());
        return find(h, ports, flowHash, clockNs); // the chain has moved
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
  private int rank(FrameHeader h, long ports, long swapped, int vlan) {
    long[] w = table.words;
    int o = table.base;
    if (w[o + PORTS] == ports
        && w[o + SRC_HI] == h.srcHi
        && w[o + SRC_LO] == h.srcLo
        && w[o + DST_HI] == h.dstHi
        && w[o + DST_LO] == h.dstLo) {
      return forwardVlan(w[o + VLANS]) == vlan || forwardVlan(w[o + VLANS]) == 0 ? 3 : 0;
    }
    if (FlowKeys.isIcmpMessage(FlowKeys.protocol(h))
        || w[o + PORTS] != swapped
        || w[o + SRC_HI] != h.dstHi
        || w[o + SRC_LO] != h.dstLo
        || w[o + DST_HI] != h.srcHi
        || w[o + DST_LO] != h.srcLo) {
      return 0;
    }
    int reply = replyVlan(w[o + VLANS]);
    if (forwardVlan(w[o + VLANS]) == vlan && (reply == 0 || reply == vlan)) {
      return 3;
    }
    return reply == vlan ? 2 : reply == 0 ? 1 : 0;
  }

  private int vlanCode(FrameHeader h) {
    return vlanKey ? h.vlan + 2 : 1;
  }

  private static int forwardVlan(long vlans) {
    return (int) (vlans & 0xffff);
  }

  private static int replyVlan(long vlans) {
    return (int) (vlans >>> 16 & 0xffff);
  }

  /** Whether the frame goes the way of the flow's opener (equal ends count as the opener's). */
  private boolean isForward(FrameHeader h, long ports) {
    long[] w = table.words;
    int o = table.base;
    return w[o + PORTS] == ports && w[o + SRC_HI] == h.srcHi && w[o + SRC_LO] == h.srcLo;
  }

  /** Whether this frame begins a new flow although one with its key is in the table. */
  private boolean begins(FrameHeader h, boolean forward) {
    long[] w = table.words;
    int o = table.base;
    if (h.protocol != Protocols.TCP || (h.tcpFlags & Protocols.SYN) == 0) {
      return h.protocol != Protocols.TCP && isLateRequest(h, forward);
    }
    int flags = flags();
    boolean synAck = (h.tcpFlags & Protocols.ACK) != 0;
    if ((flags & ENDING) != 0 || openerOf(w[o + META]) == Opener.UNKNOWN) {
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
    return (int) w[o + TCP] != h.tcpSeq;
  }

  /** An echo request of the other side under the same identifier is a ping of its own. */
  private boolean isLateRequest(FrameHeader h, boolean forward) {
    return FlowKeys.isEcho(h) && FlowKeys.isEchoRequest(h) && !forward;
  }

  private void open(
      FrameHeader h, long ports, long tsNs, long clockNs, long frame, int flowHash, int source) {
    Opener opener = openerOf(h);
    boolean swap = opener == Opener.SYNACK || isEchoReply(h);
    long askedHi = 0;
    long askedLo = 0;
    if (opener == Opener.FIRST_FRAME && isPortProtocol(h) && ask(h, tsNs, clockNs)) {
      opener = Opener.LISTENER;
      askedHi = foundHi;
      askedLo = foundLo;
      swap = true;
    }
    int slot = table.insert(flowHash);
    if (slot == NONE) {
      untrackedFrames++;
      return;
    }
    flows++;
    long[] w = table.words;
    int o = table.base;
    w[o + SRC_HI] = swap ? h.dstHi : h.srcHi;
    w[o + SRC_LO] = swap ? h.dstLo : h.srcLo;
    w[o + DST_HI] = swap ? h.srcHi : h.dstHi;
    w[o + DST_LO] = swap ? h.srcLo : h.dstLo;
    w[o + PORTS] = swap ? FlowTable.swapPorts(ports) : ports;
    w[o + START_NS] = tsNs;
    w[o + LAST_NS] = tsNs;
    w[o + LAST_OPENER_NS] = Long.MIN_VALUE;
    w[o + FRAME] = frame;
    w[o + REPORTED_NS] = clockNs;
    w[o + ASKED_HI] = askedHi;
    w[o + ASKED_LO] = askedLo;
    w[o + SRC_MAC] = swap ? h.dstMac : h.srcMac;
    w[o + DST_MAC] = swap ? h.srcMac : h.dstMac;
    w[o + VLANS] = (long) (h.innerVlan + 2) << 32;
    w[o + META] = (long) source << 32 | (long) opener.ordinal() << 16;
    if (h.protocol == Protocols.TCP && (h.tcpFlags & Protocols.RST) != 0) {
      setFlags(FIRST_RST);
    }
    if (h.fragment && h.fragmentOffset > 0 && h.srcPort == 0 && h.dstPort == 0) {
      setFlags(ORPHAN);
    }
    count(h, tsNs, clockNs, !swap);
    if (touchesLocal(h)) {
      sink.opened(record(EndReason.ACTIVE), clockNs);
    }
  }

  private static Opener openerOf(FrameHeader h) {
    if (h.protocol == Protocols.TCP) {
      if ((h.tcpFlags & Protocols.SYN) == 0 || (h.tcpFlags & Protocols.RST) != 0) {
        return Opener.UNKNOWN;
      }
      return (h.tcpFlags & Protocols.ACK) == 0 ? Opener.SYN : Opener.SYNACK;
    }
    if (Protocols.isIcmp(h.protocol) && !FlowKeys.isEcho(h)) {
      return Opener.UNKNOWN;
    }
    return Opener.FIRST_FRAME;
  }

  private static boolean isEchoReply(FrameHeader h) {
    return FlowKeys.isEcho(h) && !FlowKeys.isEchoRequest(h);
  }

  private static boolean isPortProtocol(FrameHeader h) {
    return h.protocol != Protocols.TCP && !Protocols.isIcmp(h.protocol);
  }

  private boolean touchesLocal(FrameHeader h) {
    return local.groupOf(h.v6, h.srcHi, h.srcLo) >= 0 || local.groupOf(h.v6, h.dstHi, h.dstLo) >= 0;
  }

  private long foundHi;
  private long foundLo;

  /**
   * Whether the peer of this first frame asked the sender's port at another of its addresses within
   * the last minutes; then that address is in {@link #foundHi}, {@link #foundLo}.
   */
  private boolean ask(FrameHeader h, long tsNs, long clockNs) {
    int group = local.groupOf(h.v6, h.srcHi, h.srcLo);
    if (group < 0) {
      return false;
    }
    long ports =
        FlowTable.ports(h.v6, /* srcPort= */ h.dstPort, /* dstPort= */ h.srcPort, h.protocol);
    for (int i = 0; i < local.size(group); i++) {
      if (local.isV6(group, i) != h.v6) {
        continue;
      }
      long hi = local.hi(group, i);
      long lo = local.lo(group, i);
      if (askedAt(h, hi, lo, ports, tsNs, clockNs)) {
        foundHi = hi;
        foundLo = lo;
        return true;
      }
    }
    return false;
  }

  private boolean askedAt(FrameHeader h, long hi, long lo, long ports, long tsNs, long clockNs) {
    int wanted = hash.of(h.dstHi, h.dstLo, h.dstPort, hi, lo, h.srcPort, h.protocol);
    for (int place = table.start(wanted); ; place = table.after(place)) {
      int slot = table.slotAt(place, wanted);
      if (slot == NONE) {
        return false;
      }
      if (slot < 0) {
        continue;
      }
      table.at(slot);
      long[] w = table.words;
      int o = table.base;
      if (w[o + PORTS] == ports
          && w[o + SRC_HI] == h.dstHi
          && w[o + SRC_LO] == h.dstLo
          && w[o + DST_HI] == hi
          && w[o + DST_LO] == lo
          && openerOf(w[o + META]) == Opener.FIRST_FRAME
          && w[o + LAST_OPENER_NS] != Long.MIN_VALUE
          && tsNs - w[o + LAST_OPENER_NS] <= timeouts.other()
          && !isOverdue(clockNs)) {
        return true;
      }
    }
  }

  /** Adds a frame to the flow at hand. */
  private void count(FrameHeader h, long tsNs, long clockNs, boolean forward) {
    trackedFrames++;
    long[] w = table.words;
    int o = table.base;
    w[o + LAST_NS] = Math.max(w[o + LAST_NS], tsNs);
    w[o + LAST_CLOCK_NS] = clockNs;
    int vlan = vlanCode(h);
    if (forward) {
      w[o + PKTS_TO]++;
      w[o + BYTES_TO] += h.ipBytes;
      w[o + LAST_OPENER_NS] = Math.max(w[o + LAST_OPENER_NS], tsNs);
      if (forwardVlan(w[o + VLANS]) == 0) {
        w[o + VLANS] |= vlan;
      }
      if ((flags() & OPENER_SEEN) == 0) {
        setFlags(OPENER_SEEN);
        w[o + SRC_MAC] = h.srcMac;
        w[o + DST_MAC] = h.dstMac;
        w[o + META] |= (h.ttl & 0xff) | (h.tos & 0xff) << 8;
      }
    } else {
      w[o + PKTS_FROM]++;
      w[o + BYTES_FROM] += h.ipBytes;
      if (replyVlan(w[o + VLANS]) == 0) {
        w[o + VLANS] |= (long) vlan << 16;
      }
    }
    if (h.protocol == Protocols.TCP) {
      tcp(h, forward);
    } else if (w[o + PKTS_TO] > 0 && w[o + PKTS_FROM] > 0) {
      setFlags(ESTABLISHED);
    }
  }

  private void tcp(FrameHeader h, boolean forward) {
    int tcpFlags = h.tcpFlags;
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
        table.words[table.base + TCP] |= h.tcpSeq & 0xffffffffL;
        setFlags(ISN_KNOWN);
      }
    } else if ((tcpFlags & Protocols.ACK) != 0) {
      // Nobody acknowledges without SYN before the handshake is complete.
      setFlags(ESTABLISHED);
    }
  }

  private int flags() {
    return (int) (table.words[table.base + TCP] >>> 32);
  }

  private void setFlags(int flags) {
    table.words[table.base + TCP] |= (long) flags << 32;
  }

  private static Opener openerOf(long meta) {
    return OPENERS[(int) (meta >>> 16) & 0xff];
  }

  /** Idle timeout of the flow at hand. */
  private long idleNs() {
    int protocol = FlowKeys.ipProtocol((int) table.words[table.base + PORTS] & 0x7fffffff);
    if (protocol == Protocols.TCP) {
      boolean open = (flags() & ESTABLISHED) != 0 && !closed();
      return open ? timeouts.tcpEstablished() : timeouts.tcpNew();
    }
    return Protocols.isIcmp(protocol) ? timeouts.icmp() : timeouts.other();
  }

  /** When the flow at hand ends if no further frame comes. */
  private long dueNs() {
    return table.words[table.base + LAST_CLOCK_NS] + idleNs();
  }

  private boolean isOverdue(long clockNs) {
    return clockNs - table.words[table.base + LAST_CLOCK_NS] > idleNs();
  }

  private boolean closed() {
    int flags = flags();
    return (flags & RST) != 0 || (flags & (FIN_OPENER | FIN_PEER)) == (FIN_OPENER | FIN_PEER);
  }

  private void reportIfDue(long clockNs) {
    if (timeouts.active() > 0
        && clockNs - table.words[table.base + REPORTED_NS] >= timeouts.active()) {
      table.words[table.base + REPORTED_NS] = clockNs;
      sink.ended(record(EndReason.ACTIVE), clockNs);
    }
  }

  /** Reports the flow in a slot and gives the slot back. */
  private void end(int slot, EndReason reason, long dueNs) {
    table.at(slot);
    EndReason told = reason;
    if (closed()) {
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
    int end = table.highWater();
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
    return table.highWater();
  }

  private void expire(int slot, long clockNs) {
    if (!table.used(slot)) {
      return;
    }
    if (isOverdue(clockNs)) {
      end(slot, EndReason.TIMEOUT, dueNs());
    }
  }

  /** Ends everything: the capture is over. */
  public void flush(long clockNs) {
    for (int slot = 0; slot < table.highWater(); slot++) {
      if (table.used(slot)) {
        boolean idle = isOverdue(clockNs);
        end(slot, idle ? EndReason.TIMEOUT : EndReason.SHUTDOWN, idle ? dueNs() : clockNs);
      }
    }
  }

  private FlowRecord record(EndReason reason) {
    long[] w = table.words;
    int o = table.base;
    long ports = w[o + PORTS];
    boolean v6 = (ports >>> 31 & 1) != 0;
    int keyProtocol = (int) ports & 0x7fffffff;
    int protocol = FlowKeys.ipProtocol(keyProtocol);
    boolean icmp = Protocols.isIcmp(protocol);
    int flags = flags();
    Opener opener = openerOf(w[o + META]);
    int srcPort = (int) (ports >>> 48);
    boolean openerSeen = (flags & OPENER_SEEN) != 0;
    FlowState state =
        protocol == Protocols.TCP && closed()
            ? FlowState.CLOSED
            : (flags & ESTABLISHED) != 0 ? FlowState.ESTABLISHED : FlowState.NEW;
    long vlans = w[o + VLANS];
    int forward = forwardVlan(vlans) != 0 ? forwardVlan(vlans) : replyVlan(vlans);
    return new FlowRecord(
        w[o + FRAME],
        (int) (w[o + META] >>> 32),
        forward - 2,
        (int) (vlans >>> 32 & 0xffff) - 2,
        new IpAddress(v6, w[o + SRC_HI], w[o + SRC_LO]),
        icmp ? 0 : srcPort,
        new IpAddress(v6, w[o + DST_HI], w[o + DST_LO]),
        icmp ? 0 : (int) (ports >>> 32 & 0xffff),
        keyProtocol,
        FlowKeys.isEcho(keyProtocol) ? srcPort : -1,
        w[o + START_NS],
        w[o + LAST_NS],
        w[o + PKTS_TO],
        w[o + PKTS_FROM],
        w[o + BYTES_TO],
        w[o + BYTES_FROM],
        w[o + SRC_MAC],
        w[o + DST_MAC],
        openerSeen,
        openerSeen ? (int) w[o + META] & 0xff : -1,
        (int) (w[o + META] >>> 8) & 0xff,
        state,
        reason,
        opener,
        (flags & FIRST_RST) != 0,
        (flags & ORPHAN) != 0,
        opener == Opener.LISTENER ? new IpAddress(v6, w[o + ASKED_HI], w[o + ASKED_LO]) : null);
  }
}
