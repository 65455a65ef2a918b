package io.vipscope.core.ownership;

import io.vipscope.core.net.IpAddress;
import java.util.List;

/** What one control frame says about who holds or uses an address. */
public sealed interface ControlEvent {

  /** Number of the frame in the capture, from 1. */
  long frame();

  /** Capture time in ns. */
  long tsNs();

  /** Outermost VLAN id of the frame, or -1: the segment. */
  int segment();

  /** Source MAC of the Ethernet frame, or -1 where the link type has none. */
  long frameMac();

  /**
   * A VRRP advertisement (RFC 3768, RFC 9568).
   *
   * @param source IP source: who really sent it, also through a router
   * @param version 2 or 3
   * @param priority 0 = the sender gives up; 255 = it owns the addresses
   * @param intervalNs advertised interval
   * @param addresses the virtual addresses, in the advert's order
   * @param complete the capture has all of them
   */
  record Advert(
      long frame,
      long tsNs,
      int segment,
      long frameMac,
      IpAddress source,
      int version,
      int vrid,
      int priority,
      long intervalNs,
      List<IpAddress> addresses,
      boolean complete)
      implements ControlEvent {}

  /**
   * A gratuitous ARP or an unsolicited neighbour advertisement: "this address is at that MAC".
   *
   * @param mac the MAC that is claimed, from within the message
   * @param reply ARP reply form rather than request form; true for neighbour advertisements
   */
  record Claim(
      long frame, long tsNs, int segment, long frameMac, IpAddress address, long mac, boolean reply)
      implements ControlEvent {}

  /**
   * Any other ARP or ND message: its sender uses the address with that MAC. It moves nobody's
   * ownership, but it says where a next hop is.
   *
   * @param reply the sender answers for the address, rather than asking from it
   */
  record Binding(
      long frame, long tsNs, int segment, long frameMac, IpAddress address, long mac, boolean reply)
      implements ControlEvent {}
}
