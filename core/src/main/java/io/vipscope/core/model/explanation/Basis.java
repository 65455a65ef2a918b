package io.vipscope.core.model.explanation;

/** What fixed the source address. */
public enum Basis {
  /** The caller: a bound socket. */
  GIVEN,
  /** The route's {@code src}. */
  ROUTE_SRC,
  /** The destination is this host: it is its own source. */
  DESTINATION,
  /** The address list of a device, {@code inet_select_addr} or {@code ipv6_dev_get_saddr}. */
  ADDRESS_LIST,
  /** Nothing did. */
  NONE
}
