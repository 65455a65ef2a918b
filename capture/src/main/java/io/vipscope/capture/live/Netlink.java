package io.vipscope.capture.live;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/** One netlink socket (netlink(7)). One thread uses an instance. */
@SuppressWarnings("restricted") // native access is granted on the command line
final class Netlink implements AutoCloseable {

  private static final int AF_NETLINK = 16;
  private static final int SOCK_RAW = 3;
  private static final int SOCK_CLOEXEC = 0x80000;
  private static final int SOL_SOCKET = 1;
  private static final int SO_RCVBUF = 8;
  private static final int MSG_DONTWAIT = 0x40;
  private static final int ENOBUFS = 105;
  private static final short POLLIN = 1;
  private static final int BUFFER = 1 << 16;

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT;

  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
  private static final Linker LINKER = Linker.nativeLinker();
  private static final MethodHandle RECV = of("recv");
  private static final MethodHandle SEND = of("send");

  /** What a read gave. */
  enum Read {
    /** Nothing is there. */
    NONE,
    /** {@link #buffer} holds {@link #length} bytes. */
    DATA,
    /** The kernel had more than the socket could hold: messages are lost. */
    OVERRUN
  }

  private final Posix posix = new Posix();
  private final MemorySegment state = posix.allocate(STATE.byteSize());
  private final MemorySegment pollfd = posix.allocate(8);
  private final MemorySegment buffer = posix.allocate(BUFFER);
  private final int fd;
  private int length;

  private static MethodHandle of(String function) {
    return LINKER.downcallHandle(
        LINKER.defaultLookup().findOrThrow(function),
        FunctionDescriptor.of(LONG, INT, ValueLayout.ADDRESS, LONG, INT),
        Linker.Option.captureCallState("errno"));
  }

  /**
   * Opens a socket.
   *
   * @param protocol NETLINK_ROUTE, ...
   * @param groups a bit for each multicast group, from bit 0 for group 1
   * @param receiveBytes size of the receive buffer; 0 = the system's default
   * @throws LinkageError if there is no netlink here, or it is not allowed
   */
  Netlink(int protocol, int groups, int receiveBytes) {
    fd = posix.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
    if (fd < 0) {
      int errno = posix.errno();
      posix.close();
      throw new LinkageError(
          "no netlink socket of protocol " + protocol + " (errno " + errno + ")");
    }
    if (receiveBytes > 0) {
      int _ = posix.setsockopt(fd, SOL_SOCKET, SO_RCVBUF, receiveBytes);
    }
    MemorySegment address = posix.allocate(12); // struct sockaddr_nl
    address.set(SHORT, 0, (short) AF_NETLINK);
    address.set(INT, 8, groups);
    if (posix.bind(fd, address) < 0) {
      int errno = posix.errno();
      close();
      throw new LinkageError(
          "the groups of netlink protocol " + protocol + " cannot be heard (errno " + errno + ")");
    }
  }

  int fd() {
    return fd;
  }

  MemorySegment buffer() {
    return buffer;
  }

  int length() {
    return length;
  }

  /** Whether something comes within this time. */
  boolean await(int timeoutMs) {
    pollfd.set(INT, 0, fd);
    pollfd.set(SHORT, 4, POLLIN);
    pollfd.set(SHORT, 6, (short) 0);
    return posix.poll(pollfd, 1, timeoutMs) > 0;
  }

  /** Takes one datagram, without waiting. */
  Read read() {
    long got;
    try {
      got = (long) RECV.invokeExact(state, fd, buffer, (long) BUFFER, MSG_DONTWAIT);
    } catch (Throwable e) {
      throw new LinkageError("recv", e);
    }
    if (got < 0) {
      return (int) ERRNO.get(state, 0L) == ENOBUFS ? Read.OVERRUN : Read.NONE;
    }
    length = (int) got;
    return Read.DATA;
  }

  /** Sends the first bytes of a message to the kernel. */
  boolean send(MemorySegment message, long bytes) {
    try {
      return (long) SEND.invokeExact(state, fd, message, bytes, 0) == bytes;
    } catch (Throwable e) {
      throw new LinkageError("send", e);
    }
  }

  MemorySegment allocate(long bytes) {
    return posix.allocate(bytes);
  }

  @Override
  public void close() {
    int _ = posix.closeDescriptor(fd);
    posix.close();
  }
}
