package io.vipscope.core.flow;

import java.util.Locale;

/** Life of a flow, as in records. */
public enum FlowState {
  /** One side only, or a TCP handshake that is not complete. */
  NEW,
  /** Both sides were heard, or TCP data is acknowledged. */
  ESTABLISHED,
  /** TCP: reset, or finished by both sides. */
  CLOSED;

  private final String text = name().toLowerCase(Locale.ROOT);

  @Override
  public String toString() {
    return text;
  }
}
