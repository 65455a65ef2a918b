package io.vipscope.core.verdict;

import java.util.Locale;

/** Which way a flow goes, seen from the audited host. */
public enum Direction {
  /** Opened by the host. */
  OUTBOUND,
  /** Opened by somebody else, towards the host. */
  INBOUND,
  /** Passes through the host. */
  TRANSIT,
  /** Not known who opened it. */
  UNKNOWN;

  private final String text = name().toLowerCase(Locale.ROOT).replace('_', '-');

  /** The word used in records. */
  @Override
  public String toString() {
    return text;
  }
}
