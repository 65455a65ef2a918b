package io.vipscope.tools;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Capture times as records show them: UTC, nanoseconds, {@code +0000}. */
final class Timestamp {

  private static final DateTimeFormatter RECORD =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSSSSS'+0000'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);
  private static final DateTimeFormatter CLOCK =
      DateTimeFormatter.ofPattern("HH:mm:ss.SSS", Locale.ROOT).withZone(ZoneOffset.UTC);

  private Timestamp() {}

  private static Instant instant(long ns) {
    return Instant.ofEpochSecond(
        Math.floorDiv(ns, 1_000_000_000L), Math.floorMod(ns, 1_000_000_000L));
  }

  /** The form in records. */
  static String of(long ns) {
    return RECORD.format(instant(ns));
  }

  /** Time of day, for tables that people read. */
  static String clock(long ns) {
    return CLOCK.format(instant(ns));
  }
}
