package io.vipscope.tools.doctor;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What one check found.
 *
 * @param name what was looked at
 * @param found what there is
 * @param why why that matters, one line
 * @param fix the command that mends it; null if nothing is to be mended, or no command does
 */
public record Check(Status status, String name, String found, String why, @Nullable String fix) {

  /** How good it is. */
  public enum Status {
    OK,
    /** It works, with less than could be. */
    WARN,
    /** The audit does not work so. */
    FAIL,
    /** Cannot be told here. */
    UNKNOWN;

    private final String text = name().toLowerCase(Locale.ROOT);

    @Override
    public String toString() {
      return text;
    }
  }

  static Check ok(String name, String found, String why) {
    return new Check(Status.OK, name, found, why, null);
  }

  static Check unknown(String name, String found, String why) {
    return new Check(Status.UNKNOWN, name, found, why, null);
  }
}
