package io.vipscope.core.verdict;

import java.util.Locale;

/**
 * How the observed source of an outbound flow compares with the prediction. Tested in this order:
 *
 * <table>
 *   <caption>conditions</caption>
 *   <tr><td>MATCH</td><td>the source is one that the state gives without any condition</td></tr>
 *   <tr><td>CONDITIONAL</td><td>the state gives it for a mark, uid or tos that one of its selectors
 *       tests, for a NAT branch that the packet does not decide, for a socket bound to a device, for
 *       forwarded traffic, or the neighbouring snapshot gives it</td></tr>
 *   <tr><td>MISMATCH</td><td>all else, with the causes that would explain it</td></tr>
 *   <tr><td>UNDECIDED</td><td>the capture or the state does not determine it; a code says why</td></tr>
 * </table>
 */
public enum Verdict {
  MATCH,
  CONDITIONAL,
  MISMATCH,
  UNDECIDED;

  private final String text = name().toLowerCase(Locale.ROOT);

  /** The word used in records. */
  @Override
  public String toString() {
    return text;
  }
}
