package io.vipscope.capture.host;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Values of the type-of-service octet as {@code ip} names them: iproute2's {@code
 * etc/iproute2/rt_dsfield}, unchanged since it prints JSON.
 */
final class DsField {

  private static final Map<String, Integer> NUMBERS =
      Map.ofEntries(
          Map.entry("default", 0),
          Map.entry("AF11", 0x28),
          Map.entry("AF12", 0x30),
          Map.entry("AF13", 0x38),
          Map.entry("AF21", 0x48),
          Map.entry("AF22", 0x50),
          Map.entry("AF23", 0x58),
          Map.entry("AF31", 0x68),
          Map.entry("AF32", 0x70),
          Map.entry("AF33", 0x78),
          Map.entry("AF41", 0x88),
          Map.entry("AF42", 0x90),
          Map.entry("AF43", 0x98),
          Map.entry("CS1", 0x20),
          Map.entry("CS2", 0x40),
          Map.entry("CS3", 0x60),
          Map.entry("CS4", 0x80),
          Map.entry("CS5", 0xa0),
          Map.entry("CS6", 0xc0),
          Map.entry("CS7", 0xe0),
          Map.entry("EF", 0xb8));

  private DsField() {}

  /** The octet; null if the text is neither one of these names nor a number from 0 to 255. */
  static @Nullable Integer number(String text) {
    Integer known = NUMBERS.get(text);
    if (known != null) {
      return known;
    }
    try {
      int number = Integer.decode(text);
      return number >= 0 && number <= 255 ? (Integer) number : null;
    } catch (NumberFormatException _) {
      return null;
    }
  }
}
