package io.vipscope.capture.live;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the driver of an interface says (ethtool(8), by ioctl). */
final class Ethtool {

  private static final int AF_INET = 2;
  private static final int SOCK_DGRAM = 2;
  private static final int SOCK_CLOEXEC = 0x80000;
  private static final long SIOCETHTOOL = 0x8946;
  private static final int IFNAMSIZ = 16;

  // linux/ethtool.h
  private static final int ETHTOOL_GDRVINFO = 0x3;
  private static final int ETHTOOL_GFLAGS = 0x25;
  private static final int ETHTOOL_GCHANNELS = 0x3c;
  private static final int ETH_FLAG_RXVLAN = 1 << 8;
  private static final int DRVINFO_BYTES = 196;
  private static final int DRIVER = 4;
  private static final int CHANNELS_BYTES = 36;
  private static final int RX_COUNT = 20;
  private static final int COMBINED_COUNT = 32;

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;

  private final Posix posix;
  private final String name;

  Ethtool(Posix posix, String name) {
    this.posix = posix;
    this.name = name;
  }

  /** Name of the driver; empty if it does not say. */
  String driver() {
    MemorySegment answer = posix.allocate(DRVINFO_BYTES);
    return ask(ETHTOOL_GDRVINFO, answer) ? answer.getString(DRIVER, ISO_8859_1) : "";
  }

  /** Whether it takes VLAN tags out of received frames and keeps them beside. */
  boolean takesTagsOut() {
    MemorySegment answer = posix.allocate(8);
    return ask(ETHTOOL_GFLAGS, answer) && (answer.get(INT, 4) & ETH_FLAG_RXVLAN) != 0;
  }

  /** Receive queues in use, at least 1. */
  int receiveQueues() {
    MemorySegment answer = posix.allocate(CHANNELS_BYTES);
    int channels =
        ask(ETHTOOL_GCHANNELS, answer)
            ? answer.get(INT, RX_COUNT) + answer.get(INT, COMBINED_COUNT)
            : 0;
    return channels > 0 ? channels : Math.max(1, listed());
  }

  /** Drivers that know no channels: the queues that sysfs shows. */
  private int listed() {
    int queues = 0;
    try (DirectoryStream<Path> folders =
        Files.newDirectoryStream(Path.of("/sys/class/net", name, "queues"), "rx-*")) {
      for (Path _ : folders) {
        queues++;
      }
    } catch (IOException _) {
      return 0;
    }
    return queues;
  }

  private boolean ask(int command, MemorySegment answer) {
    answer.set(INT, 0, command);
    MemorySegment request = PacketSocket.request(posix, name);
    request.set(ValueLayout.ADDRESS, IFNAMSIZ, answer);
    int fd = posix.socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
      return false;
    }
    int result = posix.ioctl(fd, SIOCETHTOOL, request);
    int _ = posix.closeDescriptor(fd);
    return result >= 0;
  }
}
