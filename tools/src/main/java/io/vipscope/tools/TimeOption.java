package io.vipscope.tools;

import java.time.DateTimeException;
import java.time.LocalTime;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * A moment on the command line: a time of day of the first record's day ({@code 03:20}, {@code
 * 03:20:05.5}), or a time with its date ({@code 2026-11-22T03:20:00Z}). UTC, unless it says
 * otherwise.
 *
 * @param ns since 1970, or since midnight
 * @param timeOfDay which of them
 */
record TimeOption(long ns, boolean timeOfDay) {

  private static final long DAY_NS = 86_400_000_000_000L;

  static TimeOption parse(String text) {
    @Nullable Long moment =
        Timestamp.parse(text.endsWith("Z") || hasOffset(text) ? text : text + "Z");
    if (moment != null) {
      return new TimeOption(moment, false);
    }
    try {
      return new TimeOption(LocalTime.parse(text.toUpperCase(Locale.ROOT)).toNanoOfDay(), true);
    } catch (DateTimeException _) {
      throw new TypeConversionException(
          "'" + text + "' is no time; expected 03:20, 03:20:05 or 2026-11-22T03:20:00Z");
    }
  }

  private static boolean hasOffset(String text) {
    int time = text.indexOf('T');
    return time > 0 && (text.indexOf('+', time) > 0 || text.indexOf('-', time) > 0);
  }

  /**
   * The moment in ns since 1970.
   *
   * @param dayNs any time of the day that a time of day is of
   */
  long at(long dayNs) {
    return timeOfDay ? Math.floorDiv(dayNs, DAY_NS) * DAY_NS + ns : ns;
  }

  /** For picocli. */
  static final class Converter implements ITypeConverter<TimeOption> {
    @Override
    public TimeOption convert(String value) {
      return parse(value);
    }
  }
}
