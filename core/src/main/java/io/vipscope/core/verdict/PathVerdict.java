package io.vipscope.core.verdict;

import java.util.Locale;

/** Whether a frame went to the next hop that was predicted. */
public enum PathVerdict {
  MATCH,
  MISMATCH,
  /** No evidence of the next hop's MAC. */
  UNKNOWN;

  private final String text = name().toLowerCase(Locale.ROOT).replace('_', '-');

  /** The word used in records. */
  @Override
  public String toString() {
    return text;
  }
}
