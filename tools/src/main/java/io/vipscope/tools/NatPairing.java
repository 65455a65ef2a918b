package io.vipscope.tools;

import io.vipscope.core.flow.Protocols;
import io.vipscope.core.frame.FrameDecoder;
import io.vipscope.core.frame.FrameHeader;
import io.vipscope.core.frame.FrameKind;
import io.vipscope.core.net.IpAddress;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Pairs what a flow is before and behind NAT, by its first frame: destination and protocol, and
 * what NAT leaves as it is, the TCP sequence number or the IP id; without either, the source port
 * and the length. The reader's thread shows frames; any thread takes what was found.
 */
final class NatPairing {

  private static final long PATIENCE_NS = 2_000_000_000L;

  /** The same at the end of the capture. */
  private static final long LAST_PATIENCE_NS = 100_000_000L;

  private static final int REMEMBERED = 1 << 17;
  private static final int MAX_FOUND = 100_000;
  private static final String PORTS = "ports";
  private static final int SYN = 2;
  private static final int SYN_ACK = 0x12;
  private static final int ECHO_REQUEST = 8;
  private static final int ECHO_REQUEST6 = 128;
  private static final int UDP = 17;
  private static final ValueLayout.OfShort BE16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private record Tuple(int protocol, IpAddress src, int srcPort, IpAddress dst, int dstPort) {}

  private record Key(int protocol, IpAddress dst, int dstPort, String evidence, long mark) {}

  /**
   * A flow that was seen on one side.
   *
   * @param beyond behind a further router, if it came by an audited host at all
   */
  private record Waiting(Key key, NatFlow.Side side, boolean inside, boolean beyond) {}

  private static final class Seen extends LinkedHashMap<Tuple, Long> {
    private static final long serialVersionUID = 1L;

    @Override
    protected boolean removeEldestEntry(Map.Entry<Tuple, Long> eldest) {
      return size() > REMEMBERED;
    }
  }

  private final NatJudge judge;
  private final FrameDecoder decoder = new FrameDecoder();
  private final FrameHeader header = new FrameHeader();
  private final List<Seen> seen = List.of(new Seen(), new Seen());
  private final List<Map<Key, Waiting>> waiting = List.of(new HashMap<>(), new HashMap<>());
  private final Deque<Waiting> order = new ArrayDeque<>();
  private final Queue<NatFlow> found = new ConcurrentLinkedQueue<>();
  private long lastNs = Long.MIN_VALUE;
  private final AtomicInteger count = new AtomicInteger();

  NatPairing(NatJudge judge) {
    this.judge = judge;
  }

  NatJudge judge() {
    return judge;
  }

  /** A frame of one side, in the order of time over both. */
  void frame(
      boolean inside,
      MemorySegment data,
      long offset,
      int captured,
      int wire,
      int linkType,
      long tsNs) {
    expire(tsNs, PATIENCE_NS);
    lastNs = tsNs;
    FrameHeader h = header;
    decoder.decode(data, offset, captured, wire, linkType, h);
    if (h.kind != FrameKind.FLOW || h.fragmentOffset != 0 || !opens(h)) {
      return;
    }
    IpAddress src = new IpAddress(h.v6, h.srcHi, h.srcLo);
    IpAddress dst = new IpAddress(h.v6, h.dstHi, h.dstLo);
    int sport = h.icmpId >= 0 ? h.icmpId : h.srcPort;
    int dport = h.icmpId >= 0 ? 0 : h.dstPort;
    NatFlow.Side side =
        new NatFlow.Side(h.protocol, src, sport, dst, dport, tsNs, h.ttl, h.srcMac, h.dstMac);
    if (!judge.mayPass(side, inside) || !isFirst(side, inside, h)) {
      return;
    }
    Key key = key(h, dst, dport, sport, data, offset);
    boolean beyond = !inside && !judge.isSender(side);
    if (beyond && key.evidence().equals(PORTS)) {
      return; // too little for a flow that need not be the hosts'
    }
    Waiting other = waiting.get(inside ? 1 : 0).remove(key);
    if (other == null) {
      Waiting self = new Waiting(key, side, inside, beyond);
      waiting.get(inside ? 0 : 1).put(key, self);
      order.addLast(self);
    } else {
      tell(
          inside
              ? judge.paired(side, other.side(), key.evidence())
              : judge.paired(other.side(), side, key.evidence()));
    }
  }

  private static boolean opens(FrameHeader h) {
    return switch (h.protocol) {
      case Protocols.TCP -> (h.tcpFlags & SYN_ACK) == SYN;
      case UDP -> true;
      default -> h.icmpType == ECHO_REQUEST || h.icmpType == ECHO_REQUEST6 && h.v6;
    };
  }

  /** Neither a later frame of a flow nor an answer; a TCP SYN with another number is a new one. */
  private boolean isFirst(NatFlow.Side s, boolean inside, FrameHeader h) {
    Seen of = seen.get(inside ? 0 : 1);
    Tuple tuple = new Tuple(s.protocol(), s.src(), s.srcPort(), s.dst(), s.dstPort());
    Tuple reverse = new Tuple(s.protocol(), s.dst(), s.dstPort(), s.src(), s.srcPort());
    long mark = s.protocol() == Protocols.TCP ? h.tcpSeq : 0;
    if (s.protocol() == UDP && of.containsKey(reverse)) {
      return false;
    }
    Long before = of.put(tuple, mark);
    return before == null || before != mark;
  }

  private static Key key(
      FrameHeader h, IpAddress dst, int dport, int sport, MemorySegment data, long offset) {
    int id = h.v6 ? 0 : data.get(BE16, offset + h.l3Offset + 4) & 0xffff;
    if (h.protocol == Protocols.TCP) {
      return new Key(h.protocol, dst, dport, "seq", h.tcpSeq);
    }
    return id != 0
        ? new Key(h.protocol, dst, dport, "ip-id", (long) id << 32 | h.ipBytes)
        : new Key(h.protocol, dst, dport, PORTS, (long) sport << 32 | h.ipBytes);
  }

  /** No more frames come: whoever has waited for a while waits in vain. */
  void finish() {
    expire(lastNs, LAST_PATIENCE_NS);
  }

  private void expire(long nowNs, long patienceNs) {
    for (Iterator<Waiting> i = order.iterator(); i.hasNext(); ) {
      Waiting w = i.next();
      if (nowNs - w.side().tsNs() <= patienceNs) {
        return;
      }
      i.remove();
      if (waiting.get(w.inside() ? 0 : 1).remove(w.key(), w)) {
        NatFlow alone = w.beyond() ? null : judge.alone(w.side(), w.inside());
        if (alone != null) {
          tell(alone);
        }
      }
    }
  }

  private void tell(NatFlow flow) {
    if (count.get() < MAX_FOUND) { // nobody takes them fast enough: the rest is left out
      count.incrementAndGet();
      found.add(flow);
    }
  }

  /** What was found since this was last asked. */
  List<NatFlow> take() {
    List<NatFlow> taken = new ArrayList<>();
    @Nullable NatFlow next = found.poll();
    while (next != null) {
      count.decrementAndGet();
      taken.add(next);
      next = found.poll();
    }
    return taken;
  }
}
