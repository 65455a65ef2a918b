package io.vipscope.capture.live;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * An AF_XDP socket with its own frame memory (UMEM): chunks of one size, which the kernel takes
 * empty from the fill ring and hands back by the receive ring. One thread uses an instance.
 */
final class XdpSocket implements AutoCloseable {

  private static final int AF_XDP = 44;
  private static final int SOCK_RAW = 3;
  private static final int SOCK_CLOEXEC = 0x80000;

  // linux/if_xdp.h
  private static final int SOL_XDP = 283;
  private static final int XDP_MMAP_OFFSETS = 1;
  private static final int XDP_RX_RING = 2;
  private static final int XDP_UMEM_REG = 4;
  private static final int XDP_UMEM_FILL_RING = 5;
  private static final int XDP_UMEM_COMPLETION_RING = 6;
  private static final int XDP_STATISTICS = 7;
  private static final int XDP_USE_NEED_WAKEUP = 8;
  private static final int XDP_USE_SG = 16;
  private static final long XDP_PGOFF_RX_RING = 0;
  private static final long XDP_UMEM_PGOFF_FILL_RING = 0x1_0000_0000L;

  /** {@code struct xdp_mmap_offsets}: four rings; shorter before Linux 5.4. */
  private static final int RING_BYTES = 32;

  private static final int OFFSETS_BYTES = 4 * RING_BYTES;
  private static final int RECEIVE = 0;
  private static final int FILL = 2 * RING_BYTES;

  /** log2 of the bytes of {@code struct xdp_desc} and of an address. */
  private static final int DESCRIPTOR_SHIFT = 4;

  private static final int ADDRESS_SHIFT = 3;

  /** Nothing is sent, but a socket must have a completion ring. */
  private static final int COMPLETIONS = 64;

  private static final int BUSY_MS = 2_000;
  private static final int RETRY_MS = 20;

  private static final int STATISTICS_BYTES = 48;
  private static final int RX_DROPPED = 0;
  private static final int RX_RING_FULL = 24;

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

  private final Posix posix;
  private final int fd;
  private final XdpRing received;
  private final XdpRing fill;
  private final MemorySegment statistics;
  private final MemorySegment length;
  private long drops;

  /**
   * Opens it.
   *
   * @param memory its frames
   * @param chunkBytes 2048 or 4096; as many of them as the memory holds, a power of two
   * @throws XdpFailure if the kernel has no such sockets, or does not allow one
   */
  XdpSocket(Posix posix, MemorySegment memory, int chunkBytes) {
    this.posix = posix;
    int chunks = (int) (memory.byteSize() / chunkBytes);
    statistics = posix.allocate(STATISTICS_BYTES);
    length = posix.allocate(4);
    fd = posix.socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);
    XdpFailure.check(posix, fd, "opening an AF_XDP socket");
    XdpRing first = null;
    try {
      register(memory, chunkBytes);
      option(XDP_UMEM_FILL_RING, fillEntries(chunks), "making the fill ring");
      option(XDP_UMEM_COMPLETION_RING, COMPLETIONS, "making the completion ring");
      option(XDP_RX_RING, chunks, "making the receive ring");
      MemorySegment offsets = offsets();
      first =
          XdpRing.map(
              posix,
              fd,
              offsets.asSlice(RECEIVE, RING_BYTES),
              XDP_PGOFF_RX_RING,
              chunks,
              DESCRIPTOR_SHIFT);
      fill =
          XdpRing.map(
              posix,
              fd,
              offsets.asSlice(FILL, RING_BYTES),
              XDP_UMEM_PGOFF_FILL_RING,
              fillEntries(chunks),
              ADDRESS_SHIFT);
      received = first;
    } catch (XdpFailure e) {
      if (first != null) {
        first.unmap(posix);
      }
      int _ = posix.closeDescriptor(fd);
      throw e;
    }
  }

  /**
   * Twice the chunks: the kernel moves its counter of the fill ring only after it has handed a
   * frame over, and the chunk may be back here before.
   */
  private static int fillEntries(int chunks) {
    return 2 * chunks;
  }

  private void register(MemorySegment memory, int chunkBytes) {
    MemorySegment request = posix.allocate(32); // struct xdp_umem_reg
    request.set(ValueLayout.ADDRESS, 0, memory);
    request.set(LONG, 8, memory.byteSize());
    request.set(INT, 16, chunkBytes);
    XdpFailure.check(
        posix, posix.setsockopt(fd, SOL_XDP, XDP_UMEM_REG, request), "registering its memory");
  }

  private void option(int option, int value, String doing) {
    XdpFailure.check(posix, posix.setsockopt(fd, SOL_XDP, option, value), doing);
  }

  private MemorySegment offsets() {
    MemorySegment offsets = posix.allocate(OFFSETS_BYTES);
    length.set(INT, 0, OFFSETS_BYTES);
    XdpFailure.check(
        posix,
        posix.getsockopt(fd, SOL_XDP, XDP_MMAP_OFFSETS, offsets, length),
        "asking where the rings are");
    if (length.get(INT, 0) != OFFSETS_BYTES) {
      throw new XdpFailure("asking where the rings are", Posix.ENOSYS);
    }
    return offsets;
  }

  /**
   * Binds it to a receive queue; it gets frames when a program gives it some.
   *
   * @param scattered whether frames may lie in several chunks (Linux 6.6)
   * @throws XdpFailure if that is not possible in this mode
   */
  void bind(int interfaceIndex, int queue, XdpMode mode, boolean scattered) {
    MemorySegment address = posix.allocate(16); // struct sockaddr_xdp
    int flags = mode.bindFlags() | XDP_USE_NEED_WAKEUP | (scattered ? XDP_USE_SG : 0);
    address.set(ValueLayout.JAVA_SHORT, 0, (short) AF_XDP);
    address.set(ValueLayout.JAVA_SHORT, 2, (short) flags);
    address.set(INT, 4, interfaceIndex);
    address.set(INT, 8, queue);
    // The place of a socket that was closed just now becomes free later, in a work queue.
    int result = posix.bind(fd, address);
    for (int ms = 0; ms < BUSY_MS && result < 0 && posix.errno() == Posix.EBUSY; ms += RETRY_MS) {
      int _ = posix.poll(MemorySegment.NULL, 0, RETRY_MS);
      result = posix.bind(fd, address);
    }
    XdpFailure.check(posix, result, "binding to queue " + queue);
  }

  int fd() {
    return fd;
  }

  /** Ring of {@code struct xdp_desc}; an entry for each chunk. */
  XdpRing received() {
    return received;
  }

  /** Ring of the addresses of empty chunks. */
  XdpRing fill() {
    return fill;
  }

  /**
   * Frames that found no chunk, no room in the ring, or fit into no chunk. What the fill ring's own
   * counter says is among them where the kernel copies; with zero-copy it counts the hardware's
   * attempts, not frames, and the interface counts the frames.
   */
  long drops() {
    length.set(INT, 0, STATISTICS_BYTES);
    if (posix.getsockopt(fd, SOL_XDP, XDP_STATISTICS, statistics, length) == 0) {
      drops = statistics.get(LONG, RX_DROPPED) + statistics.get(LONG, RX_RING_FULL);
    }
    return drops;
  }

  @Override
  public void close() {
    received.unmap(posix);
    fill.unmap(posix);
    int _ = posix.closeDescriptor(fd);
  }
}
