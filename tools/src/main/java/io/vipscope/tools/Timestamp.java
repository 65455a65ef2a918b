package io.vipscope.tools;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Capture times as records show them: UTC, nanoseconds, {@code +0000}. */
public final class Timestamp {

  private static final DateTimeFormatter RECORD =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSSSSS'+0000'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);
  private static final DateTimeFormatter CLOCK =
      DateTimeFormatter.ofPattern("HH:mm:ss.SSS", Locale.ROOT).withZone(ZoneOffset.UTC);

  /** What EVE records hold: any fraction of a second, any offset. */
  private static final DateTimeFormatter EVE =
      new DateTimeFormatterBuilder()
          .append(DateTimeFormatter.ISO_LOCAL_DATE_TIME)
          .appendPattern("[XXX][XX]")
          .toFormatter(Locale.ROOT);

  private Timestamp() {}

  private static Instant instant(long ns) {
    return Instant.ofEpochSecond(
        Math.floorDiv(ns, 1_000_000_000L), Math.floorMod(ns, 1_000_000_000L));
  }

  /** The form in records. */
  public static String of(long ns) {
    return RECORD.format(instant(ns));
  }

  /** The ns since 1970 that a record's time means; null if the text is none. */
  public static @Nullable Long parse(String text) {
    try {
      Instant instant = EVE.parse(text, Instant::from);
      return Math.addExact(
          Math.multiplyExact(instant.getEpochSecond(), 1_000_000_000L), instant.getNano());
    } catch (DateTimeException | ArithmeticException _) {
      return null;
    }
  }

  /** Time of day, for tables that people read. */
  public static String clock(long ns) {
    return CLOCK.format(instant(ns));
  }
}
