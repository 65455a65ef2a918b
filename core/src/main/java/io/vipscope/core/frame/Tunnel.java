package io.vipscope.core.frame;

import java.util.Locale;

/** An encapsulation that carries whole frames or packets above IP. */
public enum Tunnel {
  /** ERSPAN types I, II and III, within GRE (draft-foschiano-erspan). */
  ERSPAN,
  /** RFC 7348, also on the port that Linux used before it was assigned. */
  VXLAN,
  /** RFC 8926. */
  GENEVE,
  /** RFC 2784, RFC 2890, with Ethernet (NVGRE, RFC 7637) or IP in it. */
  GRE,
  /** IPv4 or IPv6 in IPv4 or IPv6, without a header between (RFC 2003, RFC 4213, RFC 2473). */
  IPIP;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
