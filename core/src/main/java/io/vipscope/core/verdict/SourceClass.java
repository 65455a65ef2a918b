package io.vipscope.core.verdict;

import java.util.Locale;

/** What the source address of an outbound flow is. */
public enum SourceClass {
  /** An address of the host that is no VIP. */
  PRIMARY,
  /** One of the VIPs, whoever holds it. */
  VIP,
  /** Neither. */
  FOREIGN;

  private final String text = name().toLowerCase(Locale.ROOT).replace('_', '-');

  /** The word used in records. */
  @Override
  public String toString() {
    return text;
  }
}
