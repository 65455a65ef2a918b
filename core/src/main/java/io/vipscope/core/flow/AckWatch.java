package io.vipscope.core.flow;

import io.vipscope.core.net.IpAddress;
import org.jspecify.annotations.Nullable;

/**
 * Does the capture have the TCP data that its receivers acknowledge? Looked at is a sample: {@link
 * AckSample}, of each connection the first frames, so that all others need no more than counting.
 *
 * <p>Data counts as unseen when it was acknowledged and is not there {@link #GRACE_NS} later, for
 * two directions may come from two taps. One byte is not data: a FIN or a keep-alive has it. Only
 * the connection's own frames decide what is told, and when.
 */
final class AckWatch {

  /** Frames of a connection that are looked at. */
  private static final int FRAMES = 4_096;

  /** Holes of a direction that are remembered; the oldest makes room. */
  private static final int HOLES = 4;

  /** A further jump of sequence numbers than any window is no loss of a few frames. */
  private static final int WINDOW = 1 << 28;

  private static final long GRACE_NS = 1_000_000_000L;
  private static final long TELL_NS = 1_000_000_000L;
  private static final int CHAINS = 1 << 8;

  /** What is known of the data that one end sends. Sequence numbers are compared modulo 2^32. */
  private static final class Direction {
    boolean seen;

    /** The sequence number after the last that was seen or acknowledged. */
    int next;

    /** The highest acknowledged one. */
    int acked;

    boolean ackSeen;
    int holes;
    final int[] from = new int[HOLES];
    final int[] to = new int[HOLES];

    /** Capture clock at the acknowledgement; none yet: the highest value. */
    final long[] ackedNs = new long[HOLES];

    final long[] frame = new long[HOLES];

    void clear() {
      seen = false;
      ackSeen = false;
      holes = 0;
    }
  }

  private static final class Followed {
    final long flowId;
    final int vlan;
    final IpAddress address;
    final Direction opener = new Direction();
    final Direction peer = new Direction();
    int frames;

    // Since it was last told.
    long ackedBytes;
    long unseenBytes;
    long fromNs;
    long toldNs;
    long frame;
    @Nullable Followed next;

    Followed(long flowId, int vlan, IpAddress address) {
      this.flowId = flowId;
      this.vlan = vlan;
      this.address = address;
    }
  }

  private final FlowSink sink;

  /** By flow; connections of one place are linked. */
  private final @Nullable Followed[] chains = new Followed[CHAINS];

  AckWatch(FlowSink sink) {
    this.sink = sink;
  }

  private static int chain(long flowId) {
    return (int) flowId & CHAINS - 1;
  }

  private @Nullable Followed find(long flowId) {
    Followed followed = chains[chain(flowId)];
    while (followed != null && followed.flowId != flowId) {
      followed = followed.next;
    }
    return followed;
  }

  boolean isFollowed(long flowId) {
    return find(flowId) != null;
  }

  /**
   * Follows a TCP connection from its first frame on.
   *
   * @param address the audited host's, or a VIP
   */
  void follow(long flowId, int vlan, IpAddress address) {
    Followed followed = new Followed(flowId, vlan, address);
    followed.next = chains[chain(flowId)];
    chains[chain(flowId)] = followed;
  }

  /** Takes a frame of a connection; does nothing if it is not followed. */
  void frame(long flowId, FrameBatch b, int i, boolean forward, long clockNs) {
    Followed f = find(flowId);
    if (f == null) {
      return;
    }
    int flags = b.tcpFlags(i);
    if ((flags & Protocols.RST) != 0) {
      return; // its numbers need not be those of the connection
    }
    int bytes = b.tcpBytes(i);
    if (bytes < 0 || ++f.frames > FRAMES) {
      end(f, clockNs);
      return;
    }
    if (f.frames == 1) {
      f.toldNs = clockNs;
    }
    Direction own = forward ? f.opener : f.peer;
    Direction other = forward ? f.peer : f.opener;
    int syn = flags & Protocols.SYN;
    int length = bytes + (syn != 0 ? 1 : 0) + (flags & Protocols.FIN);
    sent(f, own, b.tcpSeq(i), length, clockNs);
    if ((flags & Protocols.ACK) != 0 && syn == 0) {
      acknowledged(f, other, b.tcpAck(i), b.frame(i), clockNs);
    } else if ((flags & Protocols.ACK) != 0 && other.seen) {
      other.acked = b.tcpAck(i);
      other.ackSeen = true;
    }
    settle(f, own, clockNs - GRACE_NS);
    settle(f, other, clockNs - GRACE_NS);
    if (clockNs - f.toldNs >= TELL_NS) {
      tell(f, clockNs);
    }
  }

  private void sent(Followed f, Direction d, int from, int length, long clockNs) {
    int to = from + length;
    if (!d.seen || Math.abs(from - d.next) > WINDOW) {
      d.clear();
      d.seen = true;
      d.next = to;
      return;
    }
    if (from - d.next > 0) {
      hole(f, d, from, clockNs);
    } else {
      fill(d, from, to);
    }
    d.next = to - d.next > 0 ? to : d.next;
  }

  /** What lies between the next number and this one is not there. */
  private void hole(Followed f, Direction d, int to, long clockNs) {
    if (d.holes == HOLES) {
      settle(f, d, clockNs);
      if (d.holes == HOLES) {
        remove(d, 0); // not acknowledged: nothing can be said of it
      }
    }
    int n = d.holes++;
    d.from[n] = d.next;
    d.to[n] = to;
    d.ackedNs[n] = Long.MAX_VALUE;
    d.frame[n] = 0;
    d.next = to;
  }

  private static void fill(Direction d, int from, int to) {
    for (int n = d.holes - 1; n >= 0; n--) {
      int start = Math.max(from - d.from[n], 0);
      int end = Math.min(to - d.from[n], d.to[n] - d.from[n]);
      if (end <= start) {
        continue;
      }
      // Of a hole that is filled in its middle the part above counts as filled, too.
      if (start == 0) {
        d.from[n] += end;
      } else {
        d.to[n] = d.from[n] + start;
      }
      if (d.from[n] == d.to[n]) {
        remove(d, n);
      }
    }
  }

  private void acknowledged(Followed f, Direction d, int ack, long frame, long clockNs) {
    if (!d.seen || Math.abs(ack - d.next) > WINDOW) {
      return;
    }
    if (ack - d.next > 0) {
      hole(f, d, ack, clockNs);
    }
    for (int n = 0; n < d.holes; n++) {
      if (ack - d.to[n] >= 0 && d.ackedNs[n] == Long.MAX_VALUE) {
        d.ackedNs[n] = clockNs;
        d.frame[n] = frame;
      }
    }
    if (d.ackSeen && ack - d.acked > 0) {
      news(f, clockNs);
      f.ackedBytes += ack - d.acked;
    }
    if (!d.ackSeen || ack - d.acked > 0) {
      d.acked = ack;
      d.ackSeen = true;
    }
  }

  private static void news(Followed f, long atNs) {
    if (f.ackedBytes == 0 && f.unseenBytes == 0) {
      f.fromNs = atNs;
    }
  }

  /** Counts holes that were acknowledged by then. */
  private void settle(Followed f, Direction d, long untilNs) {
    for (int n = d.holes - 1; n >= 0; n--) {
      if (d.ackedNs[n] <= untilNs) {
        int bytes = d.to[n] - d.from[n];
        if (bytes > 1) {
          news(f, d.ackedNs[n]);
          f.unseenBytes += bytes;
          f.frame = d.frame[n];
        }
        remove(d, n);
      }
    }
  }

  private static void remove(Direction d, int n) {
    int after = --d.holes - n;
    System.arraycopy(d.from, n + 1, d.from, n, after);
    System.arraycopy(d.to, n + 1, d.to, n, after);
    System.arraycopy(d.ackedNs, n + 1, d.ackedNs, n, after);
    System.arraycopy(d.frame, n + 1, d.frame, n, after);
  }

  /** A flow is over, followed or not. */
  void ended(long flowId, long clockNs) {
    Followed f = find(flowId);
    if (f != null) {
      end(f, clockNs);
    }
  }

  private void end(Followed f, long clockNs) {
    settle(f, f.opener, clockNs);
    settle(f, f.peer, clockNs);
    tell(f, clockNs);
    Followed before = chains[chain(f.flowId)];
    if (before == f) {
      chains[chain(f.flowId)] = f.next;
      return;
    }
    while (before != null && before.next != f) {
      before = before.next;
    }
    if (before != null) {
      before.next = f.next;
    }
  }

  private void tell(Followed f, long clockNs) {
    f.toldNs = clockNs;
    if (f.ackedBytes > 0 || f.unseenBytes > 0) {
      sink.acknowledged(
          new AckSight(f.vlan, f.address, f.ackedBytes, f.unseenBytes, f.fromNs, f.frame, f.flowId),
          clockNs);
      f.ackedBytes = 0;
      f.unseenBytes = 0;
      f.frame = 0;
    }
  }
}
