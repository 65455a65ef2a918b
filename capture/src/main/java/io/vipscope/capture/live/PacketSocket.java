package io.vipscope.capture.live;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vipscope.capture.CaptureException;
import io.vipscope.capture.filter.FrameFilter;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * A packet socket (packet(7)) on one interface, with a ring of blocks shared with the kernel
 * (TPACKET_V3). One thread uses an instance.
 */
@SuppressWarnings("restricted") // native access is granted on the command line
final class PacketSocket implements AutoCloseable {

  /**
   * Ring: 128 blocks of 512 KiB. A block holds any frame, super-frames of GRO too; the smaller it
   * is, the less time its first frame waits for the last.
   */
  static final int BLOCK_BYTES = 1 << 19;

  static final int BLOCKS = 128;

  private static final int FRAME_BYTES = 2048;

  /** How long the kernel may keep a block of frames that is not full. */
  private static final int RETIRE_MS = 10;

  /** Room in front of each frame for a VLAN tag that the kernel has taken out. */
  private static final int RESERVED_BYTES = 4;

  // linux/if_arp.h
  private static final int ARPHRD_ETHER = 1;
  private static final int ARPHRD_LOOPBACK = 772;
  private static final int ARPHRD_NONE = 0xfffe;

  // The LINKTYPE registry of libpcap.
  private static final int LINKTYPE_ETHERNET = 1;
  private static final int LINKTYPE_RAW = 101;

  private static final int AF_INET = 2;
  private static final int AF_PACKET = 17;
  private static final int SOCK_DGRAM = 2;
  private static final int SOCK_RAW = 3;
  private static final int SOCK_CLOEXEC = 0x80000;
  private static final short ETH_P_ALL = 3;

  private static final long SIOCGIFFLAGS = 0x8913;
  private static final long SIOCGIFHWADDR = 0x8927;
  private static final long SIOCGIFINDEX = 0x8933;
  private static final int IFNAMSIZ = 16;
  private static final int IFREQ_BYTES = 40;
  private static final int IFF_UP = 1;

  private static final int SOL_SOCKET = 1;
  private static final int SO_ATTACH_FILTER = 26;
  private static final int SOL_PACKET = 263;
  private static final int PACKET_ADD_MEMBERSHIP = 1;
  private static final int PACKET_RX_RING = 5;
  private static final int PACKET_STATISTICS = 6;
  private static final int PACKET_VERSION = 10;
  private static final int PACKET_RESERVE = 12;
  private static final int PACKET_TIMESTAMP = 17;
  private static final int PACKET_FANOUT = 18;
  private static final int PACKET_IGNORE_OUTGOING = 23;

  // linux/if_packet.h
  private static final int PACKET_FANOUT_DATA = 22;
  private static final int FANOUT_CBPF = 6;
  private static final int FANOUT_IGNORE_OUTGOING = 0x4000;
  private static final int FANOUT_UNIQUE_ID = 0x2000;
  private static final int FANOUT_FLAGS_SHIFT = 16;
  private static final int FANOUT_ID_MASK = 0xffff;

  private static final int TPACKET_V3 = 2;
  private static final short PACKET_MR_PROMISC = 1;

  private static final int PROT_READ_WRITE = 3;
  private static final int MAP_SHARED = 1;

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT;

  private final String name;
  private final Posix posix = new Posix();
  private final int index;
  private final int linkType;
  private final boolean loopback;
  private final int fd;
  private final MemorySegment ring;
  private final MemorySegment statistics = posix.allocate(12);
  private final MemorySegment length = posix.allocate(4);

  private long received;
  private long drops;

  /**
   * Whether this way of capturing is there for an interface: on Linux, where its frames begin with
   * an Ethernet or an IP header. An interface that does not exist counts as usable: opening it says
   * what is wrong.
   */
  static boolean usable(String name) {
    if (!System.getProperty("os.name", "").equals("Linux") || name.equals("any")) {
      return false;
    }
    try (Posix posix = new Posix()) {
      int fd = posix.socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
      MemorySegment request = request(posix, name);
      int result = posix.ioctl(fd, SIOCGIFHWADDR, request);
      int _ = posix.closeDescriptor(fd);
      return result < 0 || linkType(request.get(SHORT, IFNAMSIZ)) >= 0;
    }
  }

  /** Opens it; frames arrive once it is told to {@link #take} them. */
  PacketSocket(String name, boolean promiscuous) {
    this.name = name;
    fd = posix.socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    try {
      check(fd, "opening a packet socket");
      MemorySegment request = request(posix, name);
      check(posix.ioctl(fd, SIOCGIFINDEX, request), "finding it");
      index = request.get(INT, IFNAMSIZ);
      check(posix.ioctl(fd, SIOCGIFFLAGS, request), "asking for its flags");
      if ((request.get(SHORT, IFNAMSIZ) & IFF_UP) == 0) {
        throw new CaptureException(name + ": the interface is not up");
      }
      check(posix.ioctl(fd, SIOCGIFHWADDR, request), "asking for its link type");
      int hardware = Short.toUnsignedInt(request.get(SHORT, IFNAMSIZ));
      linkType = linkType((short) hardware);
      if (linkType < 0) {
        throw new CaptureException(
            name + ": has link type " + hardware + ", which needs --source pcap");
      }
      check(posix.setsockopt(fd, SOL_PACKET, PACKET_VERSION, TPACKET_V3), "asking for TPACKET_V3");
      check(posix.setsockopt(fd, SOL_PACKET, PACKET_RESERVE, RESERVED_BYTES), "reserving room");
      loopback = hardware == ARPHRD_LOOPBACK;
      if (loopback) {
        // Every packet of lo passes twice, out and in.
        check(posix.setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, 1), "ignoring doubles");
      }
      limit(0);
      ring = map();
      bind();
      if (promiscuous) {
        promiscuous();
      }
    } catch (RuntimeException | Error e) {
      if (fd >= 0) {
        int _ = posix.closeDescriptor(fd);
      }
      posix.close();
      throw e;
    }
  }

  private static int linkType(short hardware) {
    return switch (Short.toUnsignedInt(hardware)) {
      case ARPHRD_ETHER, ARPHRD_LOOPBACK -> LINKTYPE_ETHERNET;
      case ARPHRD_NONE -> LINKTYPE_RAW;
      default -> -1;
    };
  }

  /** A {@code struct ifreq} with this name. */
  static MemorySegment request(Posix posix, String name) {
    MemorySegment request = posix.allocate(IFREQ_BYTES);
    byte[] bytes = name.getBytes(UTF_8);
    if (bytes.length == 0 || bytes.length >= IFNAMSIZ) {
      throw new CaptureException(name + ": no such interface");
    }
    MemorySegment.copy(bytes, 0, request, ValueLayout.JAVA_BYTE, 0, bytes.length);
    return request;
  }

  private void check(int result, String doing) {
    if (result >= 0) {
      return;
    }
    int errno = posix.errno();
    throw new CaptureException(
        name
            + ": "
            + switch (errno) {
              case Posix.EPERM, Posix.EACCES ->
                  "no permission to capture, run as root or with CAP_NET_RAW";
              case Posix.ENODEV, Posix.ENXIO -> "no such interface";
              default -> "cannot be opened for capture: " + doing + " failed, errno " + errno;
            });
  }

  /**
   * Begins a group of sockets among which the kernel shares out the frames ({@link
   * KernelBpf#sharing}, fanout_demux_bpf).
   *
   * @return the group
   */
  int beginGroup() {
    fanOut(FANOUT_UNIQUE_ID, 0);
    MemorySegment group = statistics.asSlice(0, 4);
    length.set(INT, 0, 4);
    check(posix.getsockopt(fd, SOL_PACKET, PACKET_FANOUT, group, length), "asking for its group");
    check(
        posix.setsockopt(fd, SOL_PACKET, PACKET_FANOUT_DATA, KernelBpf.sharing().program(posix)),
        "telling how its frames are shared");
    return group.get(INT, 0) & FANOUT_ID_MASK;
  }

  /** Becomes the next member of a group. */
  void joinGroup(int group) {
    fanOut(0, group);
  }

  private void fanOut(int flags, int group) {
    // The group has a hook of its own, which does not know the sockets' PACKET_IGNORE_OUTGOING.
    int all = FANOUT_CBPF | flags | (loopback ? FANOUT_IGNORE_OUTGOING : 0);
    check(
        posix.setsockopt(fd, SOL_PACKET, PACKET_FANOUT, all << FANOUT_FLAGS_SHIFT | group),
        "sharing its frames among threads");
  }

  /** Has the adapter's time in its frames from now on, where it has stamped them. */
  void stampByAdapter() {
    AdapterClock.start(posix, fd, name);
    check(
        posix.setsockopt(fd, SOL_PACKET, PACKET_TIMESTAMP, AdapterClock.RAW_HARDWARE),
        "asking for the adapter's time stamps");
  }

  /** The system's time in ns. */
  long nowNs() {
    return posix.nowNs();
  }

  /**
   * Takes frames from now on.
   *
   * @param expression which ones user space wants; more may come
   */
  void take(@Nullable String expression, int snapLength, int vxlanPort) {
    if (expression != null) {
      long[] filter = FrameFilter.compile(expression, linkType).instructions();
      // One that the kernel does not take (a loop, too long) is left to user space alone.
      if (attach(KernelBpf.matching(filter, snapLength, vxlanPort)) >= 0) {
        return;
      }
    }
    limit(snapLength);
  }

  private void limit(int snapLength) {
    check(attach(KernelBpf.first(snapLength)), "limiting the snap length");
  }

  private int attach(KernelBpf filter) {
    return posix.setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, filter.program(posix));
  }

  private MemorySegment map() {
    int[] fields = {
      BLOCK_BYTES, BLOCKS, FRAME_BYTES, BLOCK_BYTES / FRAME_BYTES * BLOCKS, RETIRE_MS, 0, 0
    };
    MemorySegment request = posix.allocate(4L * fields.length);
    for (int i = 0; i < fields.length; i++) {
      request.setAtIndex(INT, i, fields[i]);
    }
    check(posix.setsockopt(fd, SOL_PACKET, PACKET_RX_RING, request), "making the ring");
    long bytes = (long) BLOCK_BYTES * BLOCKS;
    MemorySegment mapped = posix.mmap(fd, bytes, PROT_READ_WRITE, MAP_SHARED);
    check(mapped.address() == -1 ? -1 : 0, "mapping the ring");
    return mapped.reinterpret(bytes);
  }

  private void bind() {
    MemorySegment address = posix.allocate(20);
    address.set(SHORT, 0, (short) AF_PACKET);
    address.set(SHORT.withOrder(ByteOrder.BIG_ENDIAN), 2, ETH_P_ALL);
    address.set(INT, 4, index);
    check(posix.bind(fd, address), "binding to it");
  }

  private void promiscuous() {
    MemorySegment membership = posix.allocate(16);
    membership.set(INT, 0, index);
    membership.set(SHORT, 4, PACKET_MR_PROMISC);
    check(
        posix.setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, membership),
        "setting promiscuous mode");
  }

  /** Link type of its frames (the LINKTYPE registry of libpcap). */
  int linkType() {
    return linkType;
  }

  /** The ring's blocks, one after the other. */
  MemorySegment ring() {
    return ring;
  }

  /** To wait for its frames, on whatever thread. */
  PacketPoll poll() {
    return new PacketPoll(fd, index, name);
  }

  /** Frames that passed to this socket, dropped ones included; as of the last {@link #count()}. */
  long received() {
    return received;
  }

  /** Frames for which the ring had no room; as of the last {@link #count()}. */
  long drops() {
    return drops;
  }

  /** Adds up the kernel's counters, which reading resets. */
  void count() {
    length.set(INT, 0, (int) statistics.byteSize());
    if (posix.getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, statistics, length) == 0) {
      received += Integer.toUnsignedLong(statistics.get(INT, 0));
      drops += Integer.toUnsignedLong(statistics.get(INT, 4));
    }
  }

  @Override
  public void close() {
    int _ = posix.munmap(ring, ring.byteSize());
    int _ = posix.closeDescriptor(fd);
    posix.close();
  }
}
