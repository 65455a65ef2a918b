package io.vipscope.capture.live;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Frames that an interface itself dropped: {@code rx_dropped} and {@code rx_missed_errors} of
 * sysfs, as a difference. The counter of a capture socket does not contain them.
 */
public final class InterfaceStatistics {

  private static final long UNKNOWN = -1;

  private final Path folder;
  private final long before;

  /** Begins to count now. */
  public InterfaceStatistics(String interfaceName) {
    this(Path.of("/sys/class/net", interfaceName, "statistics"));
  }

  InterfaceStatistics(Path folder) {
    this.folder = folder;
    before = total();
  }

  /** Frames dropped since the beginning; -1 if the kernel does not say (the device "any"). */
  public long drops() {
    long now = total();
    return now == UNKNOWN || before == UNKNOWN ? UNKNOWN : now - before;
  }

  private long total() {
    try {
      return value("rx_dropped") + value("rx_missed_errors");
    } catch (IOException | NumberFormatException _) {
      return UNKNOWN;
    }
  }

  private long value(String counter) throws IOException {
    return Long.parseLong(Files.readString(folder.resolve(counter)).strip());
  }
}
