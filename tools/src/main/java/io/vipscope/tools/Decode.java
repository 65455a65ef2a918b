package io.vipscope.tools;

import java.util.Locale;

/** Which thread decodes frames. */
enum Decode {
  /** The one that reads or receives them. */
  READER,
  /** Another one, to which they are handed in blocks. */
  WORKER;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
