package io.vipscope.core.ownership;

import java.util.Locale;

/** What an ownership rests on. */
public enum Evidence {
  VRRP,
  GARP,
  NA,
  /** Nothing else was heard of it: a host uses it. */
  TRAFFIC;

  private final String text = name().toLowerCase(Locale.ROOT);

  @Override
  public String toString() {
    return text;
  }
}
