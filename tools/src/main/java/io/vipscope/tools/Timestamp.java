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

  private static final DateTimeFormatter SECOND =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.", Locale.ROOT).withZone(ZoneOffset.UTC);
  private static final DateTimeFormatter CLOCK =
      DateTimeFormatter.ofPattern("HH:mm:ss.SSS", Locale.ROOT).withZone(ZoneOffset.UTC);

  /** What EVE records hold: any fraction of a second, any offset. */
  private static final DateTimeFormatter EVE =
      new DateTimeFormatterBuilder()
          .append(DateTimeFormatter.ISO_LOCAL_DATE_TIME)
          .appendPattern("[XXX][XX]")
          .toFormatter(Locale.ROOT);

  private static final long NS = 1_000_000_000L;

  /** The text of a second, which most of the records beside each other share. */
  private record Second(long second, String text) {}

  /** Whichever thread wrote it last; a stale one is only made anew. */
  private static volatile Second latest = new Second(0, "1970-01-01T00:00:00.");

  private Timestamp() {}

  private static Instant instant(long ns) {
    return Instant.ofEpochSecond(Math.floorDiv(ns, NS), Math.floorMod(ns, NS));
  }

  /** The form in records. */
  public static String of(long ns) {
    long second = Math.floorDiv(ns, NS);
    Second same = latest;
    if (same.second() != second) {
      same = new Second(second, SECOND.format(instant(ns)));
      latest = same;
    }
    // The first digit, a one, only keeps the zeros that follow.
    String fraction = Long.toString(NS + Math.floorMod(ns, NS));
    return new StringBuilder(34)
        .append(same.text())
        .append(fraction, 1, 10)
        .append("+0000")
        .toString();
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
