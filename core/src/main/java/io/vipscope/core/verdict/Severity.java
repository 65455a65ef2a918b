package io.vipscope.core.verdict;

import java.util.Locale;

/** How much attention a verdict wants. */
public enum Severity {
  INFO,
  NOTICE,
  WARNING,
  CRITICAL;

  private final String text = name().toLowerCase(Locale.ROOT).replace('_', '-');

  /** The word used in records. */
  @Override
  public String toString() {
    return text;
  }
}
