package io.vipscope.core.model.selection;

/** How a lookup or a socket call fails: the errno's name. */
public enum RouteError {
  ENETUNREACH,
  EHOSTUNREACH,
  EACCES,
  EINVAL,
  ENODEV,
  /** Only sockets: no usable source address, or one that is not this host's. */
  EADDRNOTAVAIL
}
