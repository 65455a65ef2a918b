package io.vipscope.core.frame;

/** Protocols that say who holds an address or manage the segment; they are not flows. */
public enum ControlKind {
  NONE,
  VRRP,
  ARP,
  ND,
  IGMP,
  MLD
}
