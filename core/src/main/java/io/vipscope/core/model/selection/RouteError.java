package io.vipscope.core.model.selection;

/** How a lookup fails: the errno's name. */
public enum RouteError {
  ENETUNREACH,
  EHOSTUNREACH,
  EACCES,
  EINVAL,
  ENODEV
}
