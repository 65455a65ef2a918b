package io.vipscope.capture.live;

import com.sun.management.OperatingSystemMXBean;
import io.vipscope.capture.CaptureException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What receives an interface's frames by AF_XDP: a socket on each of its receive queues, their
 * memory, and the program that feeds them, in the best mode that the interface has. One thread uses
 * an instance.
 */
@SuppressWarnings("restricted") // native access is granted on the command line
final class XdpPort implements AutoCloseable {

  /** Chunks of all queues at most, and of each at least: a quarter of a second of 1 Mpps. */
  private static final int CHUNKS = 1 << 18;

  private static final int LEAST_CHUNKS = 1 << 12;

  /** Part of the machine's memory that they may take. */
  private static final int MEMORY_PART = 16;

  /** What the kernel keeps free in front of a frame (XDP_PACKET_HEADROOM). */
  private static final int HEADROOM = 256;

  /** Ethernet header with two tags. */
  private static final int HEADER_BYTES = 22;

  /** Room to put together a frame that lies in several chunks; a super-frame has 64 KiB. */
  private static final int SCRATCH_BYTES = 1 << 17;

  private static final int AF_PACKET = 17;
  private static final int SOCK_RAW = 3;
  private static final int SOCK_CLOEXEC = 0x80000;
  private static final int SOL_PACKET = 263;
  private static final int PACKET_ADD_MEMBERSHIP = 1;
  private static final short PACKET_MR_PROMISC = 1;
  private static final long SIOCGIFINDEX = 0x8933;
  private static final int IFNAMSIZ = 16;
  private static final int PROT_READ_WRITE = 3;

  private static final int MAP_PRIVATE_ANONYMOUS = 0x22;
  private static final int MADV_DONTFORK = 10;
  private static final int MADV_HUGEPAGE = 14;

  private static final short POLLIN = 1;
  private static final int POLLFD_BYTES = 8;

  /**
   * Drivers whose rx_dropped counts frames that a socket did not take, too: veth_xdp_rcv_one(),
   * virtnet_xdp_handler(), tun_xdp_act().
   */
  private static final Set<String> COUNT_REFUSED = Set.of("veth", "virtio_net", "tun");

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;

  private final String name;
  private final Posix posix = new Posix();
  private final LinkState link;
  private final Ethtool ethtool;
  private final int chunkBytes;
  private final int chunks;
  private final MemorySegment memory;
  private final List<XdpSocket> sockets = new ArrayList<>();
  private final List<XdpQueue> queues = new ArrayList<>();
  private final MemorySegment pollfds;
  private final boolean countsRefused;
  private @Nullable XdpProgram program;
  private XdpMode mode = XdpMode.GENERIC;

  /** A packet socket that gets no frames, to ask about the interface and to set its mode. */
  private int control = -1;

  private final MemorySegment request;

  /**
   * Opens it; frames arrive from then on.
   *
   * @throws CaptureException if that is not possible in any mode
   */
  XdpPort(String name, LinkState link, boolean promiscuous) {
    this.name = name;
    this.link = link;
    ethtool = new Ethtool(posix, name);
    int count = ethtool.receiveQueues();
    chunkBytes = fits(2048) ? 2048 : 4096;
    chunks = chunks(machineBytes(), count, chunkBytes);
    request = PacketSocket.request(posix, name);
    pollfds = posix.allocate((long) count * POLLFD_BYTES);
    memory = map((long) count * chunks * chunkBytes + SCRATCH_BYTES);
    try {
      control =
          XdpFailure.check(
              posix,
              posix.socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0),
              "opening a packet socket");
      open(count);
      if (promiscuous) {
        promiscuous();
      }
    } catch (XdpFailure e) {
      close();
      throw e.of(name);
    }
    countsRefused = mode != XdpMode.GENERIC && COUNT_REFUSED.contains(ethtool.driver());
  }

  /** Chunks of each queue, a power of two. */
  static int chunks(long machineBytes, int queues, int chunkBytes) {
    long all = Math.min(CHUNKS, machineBytes / MEMORY_PART / chunkBytes);
    return Math.max(LEAST_CHUNKS, Integer.highestOneBit((int) (all / queues)));
  }

  /** Memory of this machine, or of the container. */
  private static long machineBytes() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
        ? system.getTotalMemorySize()
        : 0;
  }

  /** Memory for frames, in large pages where there are some. */
  private MemorySegment map(long bytes) {
    MemorySegment mapped = posix.mmap(-1, bytes, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS);
    if (mapped.address() == -1) {
      posix.close();
      throw new CaptureException(
          name + ": no " + (bytes >> 20) + " MiB of memory for its frames, use --source afpacket");
    }
    MemorySegment all = mapped.reinterpret(bytes);
    int _ = posix.madvise(all, MADV_HUGEPAGE);
    // A child's copy on write would leave the kernel's pages to the child.
    int _ = posix.madvise(all, MADV_DONTFORK);
    return all;
  }

  private boolean fits(int chunk) {
    return link.mtuBytes() + HEADER_BYTES <= chunk - HEADROOM;
  }

  /** In the best mode, and better with frames in several chunks than without. */
  private void open(int count) {
    XdpFailure failure = null;
    for (XdpMode tried : XdpMode.values()) {
      for (boolean scattered : new boolean[] {true, false}) {
        if (!scattered && !fits(chunkBytes)) {
          continue; // larger ones would be dropped
        }
        try {
          open(count, tried, scattered);
          mode = tried;
          return;
        } catch (XdpFailure e) {
          release();
          if (e.isFinal()) {
            throw e;
          }
          failure = e;
        }
      }
    }
    throw failure == null ? new XdpFailure("finding a mode", Posix.EINVAL) : failure;
  }

  private void open(int count, XdpMode tried, boolean scattered) {
    long part = (long) chunks * chunkBytes;
    for (int queue = 0; queue < count; queue++) {
      XdpSocket socket = new XdpSocket(posix, memory.asSlice(queue * part, part), chunkBytes);
      sockets.add(socket);
      queues.add(
          new XdpQueue(
              socket.received(),
              socket.fill(),
              memory,
              queue * part,
              chunks,
              chunkBytes,
              count * part));
      socket.bind(link.index(), queue, tried, scattered);
      pollfds.set(INT, (long) queue * POLLFD_BYTES, socket.fd());
      pollfds.set(ValueLayout.JAVA_SHORT, (long) queue * POLLFD_BYTES + 4, POLLIN);
    }
    XdpProgram loaded = new XdpProgram(posix, count, scattered);
    program = loaded;
    for (int queue = 0; queue < count; queue++) {
      loaded.put(queue, sockets.get(queue).fd());
    }
    loaded.attach(link.index(), tried);
  }

  /** As long as the control socket is open. */
  private void promiscuous() {
    MemorySegment membership = posix.allocate(16);
    membership.set(INT, 0, link.index());
    membership.set(ValueLayout.JAVA_SHORT, 4, PACKET_MR_PROMISC);
    XdpFailure.check(
        posix,
        posix.setsockopt(control, SOL_PACKET, PACKET_ADD_MEMBERSHIP, membership),
        "setting promiscuous mode");
  }

  XdpQueue[] queues() {
    return queues.toArray(XdpQueue[]::new);
  }

  /** Frames of all queues, and one put together. */
  MemorySegment memory() {
    return memory;
  }

  XdpMode mode() {
    return mode;
  }

  /**
   * AF_XDP does not see a VLAN tag that is kept beside its frame: the command that leaves it
   * inside; null if tags are left there already.
   */
  @Nullable String tagAdvice() {
    if (!ethtool.takesTagsOut()) {
      return null;
    }
    return ethtool.driver().equals("veth")
        ? "ethtool -K PEER txvlan off, at the pair's other end"
        : "ethtool -K " + name + " rxvlan off";
  }

  /** CLOCK_REALTIME. */
  long nowNs() {
    return posix.nowNs();
  }

  /**
   * Waits until a frame is there or the time is over.
   *
   * @throws CaptureException if the interface is gone; one that is merely down may come back
   */
  void await(int timeoutMs) {
    int ready = posix.poll(pollfds, sockets.size(), timeoutMs);
    if (ready < 0 && posix.errno() != Posix.EINTR) {
      throw new CaptureException(name + ": capture broke off: errno " + posix.errno());
    }
    // These sockets do not tell by poll.
    if (ready == 0 && !exists()) {
      throw new CaptureException(name + ": capture broke off: the interface is gone");
    }
  }

  private boolean exists() {
    return posix.ioctl(control, SIOCGIFINDEX, request) == 0
        && request.get(INT, IFNAMSIZ) == link.index();
  }

  /** Calls a driver that sleeps until it gets chunks. */
  void wake() {
    int _ = posix.poll(pollfds, sockets.size(), 0);
  }

  /** Frames that the sockets did not take. */
  long drops() {
    long drops = 0;
    for (XdpSocket socket : sockets) {
      drops += socket.drops();
    }
    return drops;
  }

  /** Whether {@link #drops()} are also in the interface's rx_dropped. */
  boolean countsRefused() {
    return countsRefused;
  }

  /** Frames go to the stack again; those that came before are still there. */
  void detach() {
    if (program != null) {
      program.detach();
    }
  }

  private void release() {
    if (program != null) {
      program.close();
      program = null;
    }
    sockets.forEach(XdpSocket::close);
    sockets.clear();
    queues.clear();
  }

  @Override
  public void close() {
    release();
    if (control >= 0) {
      int _ = posix.closeDescriptor(control);
    }
    int _ = posix.munmap(memory, memory.byteSize());
    posix.close();
  }
}
