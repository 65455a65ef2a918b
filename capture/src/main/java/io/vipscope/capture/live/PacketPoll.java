package io.vipscope.capture.live;

import io.vipscope.capture.CaptureException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Waits for the frames of a packet socket, which another thread may use meanwhile. One thread uses
 * an instance; the socket must outlive it.
 */
final class PacketPoll implements AutoCloseable {

  private static final long SIOCGIFINDEX = 0x8933;
  private static final int IFNAMSIZ = 16;

  private static final int SOL_SOCKET = 1;
  private static final int SO_ERROR = 4;

  private static final short POLLIN = 1;
  private static final short POLLERR = 8;
  private static final int POLLFD_EVENTS = 4;
  private static final int POLLFD_REVENTS = 6;

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT;

  private final Posix posix = new Posix();
  private final int fd;
  private final int index;
  private final String name;
  private final MemorySegment pollfd = posix.allocate(8);
  private final MemorySegment error = posix.allocate(4);
  private final MemorySegment length = posix.allocate(4);

  /**
   * @param index of the interface
   */
  PacketPoll(int fd, int index, String name) {
    this.fd = fd;
    this.index = index;
    this.name = name;
    pollfd.set(INT, 0, fd);
    pollfd.set(SHORT, POLLFD_EVENTS, POLLIN);
  }

  /**
   * Waits until a block is there or the time is over.
   *
   * @throws CaptureException if the interface is gone; one that is merely down may come back
   */
  void await(int timeoutMs) {
    pollfd.set(SHORT, POLLFD_REVENTS, (short) 0);
    int ready = posix.poll(pollfd, 1, timeoutMs);
    if (ready < 0 && posix.errno() != Posix.EINTR) {
      throw new CaptureException(name + ": capture broke off: errno " + posix.errno());
    }
    if (ready <= 0 || (pollfd.get(SHORT, POLLFD_REVENTS) & POLLERR) == 0) {
      return;
    }
    int error = error();
    if (error == Posix.ENETDOWN && exists() || error == 0) {
      return;
    }
    throw new CaptureException(
        name
            + ": capture broke off: "
            + (error == Posix.ENETDOWN ? "the interface is gone" : "errno " + error));
  }

  private int error() {
    length.set(INT, 0, 4);
    return posix.getsockopt(fd, SOL_SOCKET, SO_ERROR, error, length) < 0
        ? posix.errno()
        : error.get(INT, 0);
  }

  private boolean exists() {
    MemorySegment request = PacketSocket.request(posix, name);
    return posix.ioctl(fd, SIOCGIFINDEX, request) == 0 && request.get(INT, IFNAMSIZ) == index;
  }

  @Override
  public void close() {
    posix.close();
  }
}
