package io.vipscope.capture.live;

import java.util.Locale;

/** Whose time captured frames have, in the words of tcpdump's {@code -j}. */
public enum TimeStamps {
  /** The kernel's, when it takes the frame from the driver. */
  HOST,
  /** The network adapter's, whose clock is kept at the system's time. */
  ADAPTER;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
