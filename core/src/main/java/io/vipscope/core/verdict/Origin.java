package io.vipscope.core.verdict;

import java.util.Locale;

/** Where an outbound flow's packets were made. */
public enum Origin {
  /** By the host itself. */
  LOCAL,
  /** By somebody behind it: the host forwards, and the TTL was counted down. */
  FORWARDED,
  UNKNOWN;

  private final String text = name().toLowerCase(Locale.ROOT).replace('_', '-');

  /** The word used in records. */
  @Override
  public String toString() {
    return text;
  }
}
