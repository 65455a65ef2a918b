package io.vipscope.capture.live;

import io.vipscope.capture.CaptureException;
import io.vipscope.capture.InterfaceSource;
import io.vipscope.capture.SourceCounters;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Frames of a mirror port by AF_XDP: they are read where the driver or the kernel put them, and
 * their memory goes back when the batch has been read. The host's own stack does not get them.
 *
 * <p>Timestamps are CLOCK_REALTIME when a batch of at most 256 frames was found, the same for all
 * of it; they are later than the frame by the time it waited. Several receive queues are read in
 * turn: of frames of different queues, that came while they waited, the order is not known.
 *
 * <p>One thread uses an instance, except {@link #stop()}.
 */
public final class XdpInterface implements InterfaceSource {

  private static final int POLL_MS = 50;

  /** How long a frame that was on its way may take after the program has been detached. */
  private static final int DETACHED_MS = 5;

  private static final int BATCH = 256;
  private static final int ARPHRD_ETHER = 1;
  private static final int LINKTYPE_ETHERNET = 1;

  private final String name;
  private final XdpPort port;
  private final XdpQueue[] queues;
  private final MemorySegment memory;
  private final int snapLength;
  private final InterfaceStatistics statistics;
  private volatile boolean stopped;
  private boolean detached;
  private boolean closed;

  private XdpQueue queue;
  private int turn;
  private long timestampNs;
  private long frames;
  private long drops;
  private long interfaceDrops;

  /**
   * Why this interface's frames must not be taken away from the host's stack, in one sentence; null
   * if they may be, or there is no such interface.
   */
  public static @Nullable String refusal(String name) {
    LinkState link;
    try {
      link = LinkState.of(name);
    } catch (LinkageError _) {
      return null; // no Linux: opening says so
    }
    return link == null ? null : refusal(name, link);
  }

  static @Nullable String refusal(String name, LinkState link) {
    String reason = null;
    if (!link.addresses().isEmpty()) {
      reason = "it has the address " + link.addresses().getFirst();
    } else if (link.master() != null) {
      reason = "it is a port of " + link.master();
    } else if (!link.above().isEmpty()) {
      reason = link.above().getFirst() + " stands on it";
    } else if (link.xdp()) {
      reason = "it has an XDP program already";
    }
    return reason == null
        ? null
        : name
            + ": --source afxdp takes all frames away from the host itself and is for mirror ports"
            + " alone, but "
            + reason;
  }

  /**
   * Opens an interface.
   *
   * @param snapLength bytes given of each frame at most
   * @throws CaptureException if there is no such interface, it is not up, it is used by this host
   *     ({@link #refusal}), its frames are of another kind, permission is missing, or the kernel
   *     has no AF_XDP
   */
  public static XdpInterface open(String name, boolean promiscuous, int snapLength) {
    LinkState link;
    try {
      link = LinkState.of(name);
    } catch (LinkageError e) {
      throw new CaptureException(name + ": AF_XDP needs Linux, use --source pcap", e);
    }
    if (link == null) {
      throw new CaptureException(name + ": no such interface");
    }
    if (!link.up()) {
      throw new CaptureException(name + ": the interface is not up");
    }
    String refusal = refusal(name, link);
    if (refusal != null) {
      throw new CaptureException(refusal);
    }
    if (link.hardware() != ARPHRD_ETHER) {
      throw new CaptureException(
          name + ": has link type " + link.hardware() + ", which needs --source afpacket or pcap");
    }
    InterfaceStatistics statistics = new InterfaceStatistics(name);
    return new XdpInterface(name, new XdpPort(name, link, promiscuous), snapLength, statistics);
  }

  private XdpInterface(String name, XdpPort port, int snapLength, InterfaceStatistics statistics) {
    this.name = name;
    this.port = port;
    this.snapLength = snapLength;
    this.statistics = statistics;
    queues = port.queues();
    queue = queues[0];
    memory = port.memory();
  }

  /** How frames are received, for people: "native copy, 2 queues". */
  public String mode() {
    return port.mode() + ", " + queues.length + (queues.length == 1 ? " queue" : " queues");
  }

  /** What to do so that VLAN tags are seen; null if nothing is to be done. */
  public @Nullable String tagAdvice() {
    return port.tagAdvice();
  }

  /** After {@link #stop()} what has arrived by then is still given. */
  @Override
  public Next next() {
    while (!queue.next()) {
      giveBack();
      if (stopped && !detached) {
        detached = true;
        port.detach();
        port.await(DETACHED_MS);
      }
      if (!take()) {
        if (detached) {
          return Next.END;
        }
        port.await(POLL_MS);
        if (!take() && !stopped) {
          return Next.IDLE;
        }
      }
    }
    frames++;
    return Next.FRAME;
  }

  private void giveBack() {
    queue.giveBack();
    if (queue.needsWakeup()) {
      port.wake();
    }
  }

  /** Turns to the next queue that has frames. */
  private boolean take() {
    for (int i = 0; i < queues.length; i++) {
      turn = turn + 1 == queues.length ? 0 : turn + 1;
      if (queues[turn].take(BATCH)) {
        queue = queues[turn];
        timestampNs = port.nowNs();
        return true;
      }
    }
    return false;
  }

  @Override
  public long timestampNs() {
    return timestampNs;
  }

  @Override
  public int wireLength() {
    return queue.frameLength();
  }

  @Override
  public int capturedLength() {
    return Math.min(queue.capturedLength(), snapLength);
  }

  @Override
  public int linkType() {
    return LINKTYPE_ETHERNET;
  }

  @Override
  public MemorySegment data() {
    return memory;
  }

  @Override
  public long dataOffset() {
    return queue.frameOffset();
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void stop() {
    stopped = true;
  }

  /**
   * As of now, or of the end once it is closed: received are the frames given here and the drops,
   * to the frame.
   */
  @Override
  public SourceCounters counters() {
    if (!closed) {
      drops = port.drops();
      long all = statistics.drops();
      interfaceDrops = all > 0 && port.countsRefused() ? Math.max(0, all - drops) : all;
    }
    return new SourceCounters(frames + drops, drops, interfaceDrops);
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    SourceCounters _ = counters();
    closed = true;
    port.close();
  }
}
