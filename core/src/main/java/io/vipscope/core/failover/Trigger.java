package io.vipscope.core.failover;

import java.util.Locale;

/** What made a VRRP instance change hands, as the adverts show it. */
public enum Trigger {
  /** The holder resigned with an advert of priority 0 (RFC 9568 section 6.4.3). */
  PRIO0,
  /** The holder's priority fell below the other's, as a failing track_script makes it. */
  PRIORITY_DROP,
  /** The holder was silent for three of its intervals or more. */
  MASTER_DOWN,
  /** A better one took over from a holder that went on advertising. */
  PREEMPT,
  /** Adverts do not show it. */
  UNKNOWN;

  private final String text = name().toLowerCase(Locale.ROOT).replace('_', '-');

  /** The word used in records. */
  @Override
  public String toString() {
    return text;
  }
}
