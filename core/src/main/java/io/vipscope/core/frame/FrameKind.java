package io.vipscope.core.frame;

/** The bucket of the accounting line that a frame falls into when it is decoded. */
public enum FrameKind {
  /** Belongs to a flow. */
  FLOW,
  /** VRRP, ARP, ND, IGMP, MLD: read for ownership, never a flow. */
  CONTROL,
  /** No IP layer found: LLDP, STP, PPPoE discovery and the like. */
  NON_IP,
  /** A header needed for the key is not captured completely. */
  TRUNCATED,
  /** A header contradicts itself: wrong version, header length below the minimum. */
  MALFORMED,
  /** More nested headers than the decoder's budget. */
  TOO_MANY_LAYERS,
  /** The link type is not one the decoder reads. */
  UNKNOWN_LINK_TYPE
}
