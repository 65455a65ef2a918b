package io.vipscope.core.flow;

import java.util.Locale;

/** Why a flow's record was written. */
public enum EndReason {
  TIMEOUT,
  FIN,
  RST,
  /** The capture ended. */
  SHUTDOWN,
  /** Another flow needed the place. */
  EVICTED,
  /** The flow goes on; an interim record. */
  ACTIVE;

  private final String text = name().toLowerCase(Locale.ROOT);

  @Override
  public String toString() {
    return text;
  }
}
