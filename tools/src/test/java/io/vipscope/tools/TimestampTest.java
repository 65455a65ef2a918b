package io.vipscope.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Times of records, against the formatter of the JDK. */
class TimestampTest {

  private static final DateTimeFormatter WHOLE =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSSSSS'+0000'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private static String expected(long ns) {
    return WHOLE.format(
        Instant.ofEpochSecond(
            Math.floorDiv(ns, 1_000_000_000L), Math.floorMod(ns, 1_000_000_000L)));
  }

  @ParameterizedTest
  @ValueSource(
      longs = {
        0,
        1,
        999_999_999,
        1_000_000_000,
        -1,
        -1_000_000_000,
        1_795_650_727_123_456_789L,
        Long.MAX_VALUE,
        -9_000_000_000_123_456_789L
      })
  void everyDigitIsThere(long ns) {
    assertEquals(expected(ns), Timestamp.of(ns));
    assertEquals(ns, Timestamp.parse(Timestamp.of(ns)));
  }

  /** Within a second and from one to the next, there and back. */
  @Test
  void whatIsKeptOfASecondIsOfThatSecond() {
    Random random = new Random(5);
    long ns = 1_795_650_727_000_000_000L;
    for (int i = 0; i < 10_000; i++) {
      ns += random.nextLong(-1_500_000_000L, 1_500_000_000L) >> random.nextInt(20);
      assertEquals(expected(ns), Timestamp.of(ns));
    }
  }

  @Test
  void textsOfRecordsAreEscaped() {
    assertEquals(
        "{\"a\":\"x\\\"y\\\\z\\n\\u0001é\",\"b\":\"\",\"c\":\"\\\"\"}",
        new JsonText()
            .open()
            .put("a", "x\"y\\z\n\u0001é")
            .put("b", "")
            .put("c", "\"")
            .close()
            .take());
  }
}
