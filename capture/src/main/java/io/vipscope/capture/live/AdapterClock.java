package io.vipscope.capture.live;

import io.vipscope.capture.CaptureException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Locale;

/**
 * Time stamps that the network adapter makes (Documentation/networking/timestamping.rst): asks for
 * them, and minds that its clock goes by the system's.
 */
@SuppressWarnings("restricted") // native access is granted on the command line
final class AdapterClock {

  /** SOF_TIMESTAMPING_RAW_HARDWARE, linux/net_tstamp.h. */
  static final int RAW_HARDWARE = 1 << 6;

  /**
   * How far the adapter's time may seem to be from the system's when the first frames come: they
   * may have waited in the ring. A clock that nobody sets, or that has TAI, is further off.
   */
  private static final long MAX_OFFSET_NS = 2_000_000_000L;

  private static final long SIOCSHWTSTAMP = 0x89b0;
  private static final int IFNAMSIZ = 16;

  // struct hwtstamp_config: flags, tx_type, rx_filter.
  private static final int CONFIG_BYTES = 12;
  private static final int RX_FILTER = 8;
  private static final int HWTSTAMP_FILTER_ALL = 1;

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;

  private AdapterClock() {}

  /**
   * Lets the adapter stamp every frame that it receives, from now on and for everybody.
   *
   * @param fd any socket
   * @throws CaptureException if it cannot, or the permission is missing
   */
  static void start(Posix posix, int fd, String name) {
    MemorySegment config = posix.allocate(CONFIG_BYTES);
    config.set(INT, RX_FILTER, HWTSTAMP_FILTER_ALL);
    MemorySegment request = PacketSocket.request(posix, name);
    request.set(ValueLayout.ADDRESS, IFNAMSIZ, config);
    if (posix.ioctl(fd, SIOCSHWTSTAMP, request) < 0) {
      int errno = posix.errno();
      throw new CaptureException(
          name
              + switch (errno) {
                case Posix.EPERM ->
                    ": no permission to switch its time stamps on, run as root or with"
                        + " CAP_NET_ADMIN";
                case Posix.EOPNOTSUPP, Posix.ERANGE, Posix.ENOTTY ->
                    ": cannot stamp all frames itself (ethtool -T shows what it can); use -j host";
                default -> ": cannot switch its time stamps on: errno " + errno;
              });
    }
    if (config.get(INT, RX_FILTER) != HWTSTAMP_FILTER_ALL) {
      throw new CaptureException(
          name + ": stamps only some frames itself (ethtool -T shows which); use -j host");
    }
  }

  /**
   * Minds that the adapter's clock is kept at the system's time: what else is known of the time of
   * failovers and snapshots goes by that.
   *
   * @param stampNs of one of the first frames
   * @throws CaptureException if it is not
   */
  static void check(String name, long stampNs, long nowNs) {
    long offsetNs = stampNs - nowNs;
    if (Math.abs(offsetNs) <= MAX_OFFSET_NS) {
      return;
    }
    throw new CaptureException(
        String.format(
            Locale.ROOT,
            "%s: the clock of the adapter is %.1f s %s the system's; keep them together (phc2sys),"
                + " or use -j host",
            name,
            Math.abs(offsetNs) / 1e9,
            offsetNs > 0 ? "ahead of" : "behind"));
  }
}
