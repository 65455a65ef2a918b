package io.vipscope.tools;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A length of time on the command line: {@code 500ms}, {@code 10s}, {@code -2h}, {@code 1d}. */
record DurationOption(long ns) {

  private static final Map<String, Long> UNITS =
      Map.of(
          "ns", 1L,
          "us", 1_000L,
          "ms", 1_000_000L,
          "s", 1_000_000_000L,
          "m", 60_000_000_000L,
          "h", 3_600_000_000_000L,
          "d", 86_400_000_000_000L);
  private static final Pattern FORM = Pattern.compile("([+-]?\\d+(?:\\.\\d+)?)(ns|us|ms|s|m|h|d)?");

  static DurationOption parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw new TypeConversionException(
          "'" + text + "' is not a length of time; expected a number with ms, s, m, h or d");
    }
    String unit = matcher.group(2) == null ? "s" : matcher.group(2);
    return new DurationOption(
        Math.round(Double.parseDouble(matcher.group(1)) * UNITS.getOrDefault(unit, 1L)));
  }

  /** For picocli. */
  static final class Converter implements ITypeConverter<DurationOption> {
    @Override
    public DurationOption convert(String value) {
      return parse(value);
    }
  }
}
