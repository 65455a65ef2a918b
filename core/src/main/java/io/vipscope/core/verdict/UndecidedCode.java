package io.vipscope.core.verdict;

import java.util.Locale;

/** Why no verdict can be given. */
public enum UndecidedCode {
  /** The capture does not show who opened the flow. */
  MID_STREAM,
  /** Two states give different sources and the wire does not order them. */
  FAILOVER,
  /** No snapshot says how this host routes this family, or who holds the address. */
  NO_STATE,
  /** The snapshot is further away in time than --max-state-age. */
  STATE_STALE,
  /** An address with a limited lifetime ran out between snapshot and flow. */
  LIFETIME,
  /** Something outside the model rewrites packets. */
  REWRITER,
  /** Later fragments without their first. */
  FRAGMENT,
  /** The state uses something that is not modelled. */
  UNMODELLED;

  private final String text = name().toLowerCase(Locale.ROOT).replace('_', '-');

  /** The word used in records. */
  @Override
  public String toString() {
    return text;
  }
}
