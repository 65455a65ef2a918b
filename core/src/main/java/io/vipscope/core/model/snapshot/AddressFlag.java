package io.vipscope.core.model.snapshot;

/** Flags of an interface address that source selection or keepalived's VIPs know (IFA_F_*). */
public enum AddressFlag {
  SECONDARY,
  TEMPORARY,
  DEPRECATED,
  TENTATIVE,
  OPTIMISTIC,
  DADFAILED,
  NODAD,
  HOME,
  MNGTMPADDR,
  NOPREFIXROUTE,
  AUTOJOIN,
  DYNAMIC
}
