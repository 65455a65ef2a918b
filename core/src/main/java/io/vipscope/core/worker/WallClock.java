package io.vipscope.core.worker;

import java.time.Instant;

/** The system's clock (CLOCK_REALTIME), as the kernel stamps frames with it. */
final class WallClock {

  private static final long SECOND_NS = 1_000_000_000L;

  private WallClock() {}

  /** Nanoseconds since 1970. */
  static long nowNs() {
    Instant now = Instant.now();
    return now.getEpochSecond() * SECOND_NS + now.getNano();
  }
}
