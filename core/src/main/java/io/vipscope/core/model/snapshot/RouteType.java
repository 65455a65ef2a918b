package io.vipscope.core.model.snapshot;

import java.util.Locale;

/** Route types (RTN_*) as {@code ip route} names them. */
public enum RouteType {
  UNICAST,
  LOCAL,
  BROADCAST,
  ANYCAST,
  MULTICAST,
  BLACKHOLE,
  UNREACHABLE,
  PROHIBIT,
  THROW,
  NAT,
  XRESOLVE;

  /** The name {@code ip} prints. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether the type is an answer of its own, with no next hop. */
  public boolean isReject() {
    return this == BLACKHOLE || this == UNREACHABLE || this == PROHIBIT || this == THROW;
  }
}
