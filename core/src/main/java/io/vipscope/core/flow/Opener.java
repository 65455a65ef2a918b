package io.vipscope.core.flow;

import java.util.Locale;

/** How it is known which end opened a flow. */
public enum Opener {
  /** A TCP SYN was seen: its sender. */
  SYN,
  /** The first frame was a SYN-ACK: its receiver. */
  SYNACK,
  /** The sender of the first frame (or of the ICMP echo request). */
  FIRST_FRAME,
  /** The first frame answers a question to another address of that host: the asker. */
  LISTENER,
  /** Cannot be told: the capture starts in the middle of the connection. */
  UNKNOWN;

  private final String text = name().toLowerCase(Locale.ROOT).replace('_', '-');

  /** The word used in records. */
  @Override
  public String toString() {
    return text;
  }
}
