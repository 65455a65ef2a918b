package io.vipscope.core.frame;

import static io.vipscope.core.frame.BigEndian.i32;
import static io.vipscope.core.frame.BigEndian.u16;
import static io.vipscope.core.frame.BigEndian.u48;
import static io.vipscope.core.frame.BigEndian.u8;

import java.lang.foreign.MemorySegment;

/**
 * Decodes a frame from its link layer up to ports. Stateless; never reads outside the captured
 * bytes, never throws, allocates nothing.
 *
 * <p>For kinds other than FLOW and CONTROL the header is filled as far as the frame could be read:
 * a truncated frame whose IP header is complete has addresses and protocol, else the protocol is
 * -1.
 */
public final class FrameDecoder {

  /** VLAN tags, MPLS labels and nested Ethernet headers that a frame may have, all together. */
  public static final int MAX_LAYERS = 16;

  private static final int MAX_LENGTH = 1 << 30;
  private static final int ETHERNET_HEADER = 14;

  /** Decodes the frame at {@code offset} of {@code data} and sets every field of {@code out}. */
  public void decode(
      MemorySegment data,
      long offset,
      int capturedLength,
      int wireLength,
      int linkType,
      FrameHeader out) {
    long room = data.byteSize() - offset;
    int length =
        offset < 0 || room < 0
            ? 0
            : (int) Math.clamp(capturedLength, 0, Math.min(room, MAX_LENGTH));
    reset(out);
    switch (linkType) {
      case LinkType.ETHERNET -> ethernet(data, offset, length, wireLength, out);
      case LinkType.NULL, LinkType.LOOP -> loopback(data, offset, length, wireLength, out);
      case LinkType.LINUX_SLL -> sll(data, offset, length, wireLength, out);
      case LinkType.LINUX_SLL2 -> sll2(data, offset, length, wireLength, out);
      case LinkType.PPP, LinkType.PPP_HDLC ->
          ppp(data, offset, length, wireLength, 0, MAX_LAYERS, out);
      case LinkType.CHDLC -> chdlc(data, offset, length, wireLength, out);
      case LinkType.RAW, LinkType.RAW_BSD, LinkType.RAW_OPENBSD, LinkType.IPV4, LinkType.IPV6 ->
          IpDecoder.ip(data, offset, length, wireLength, 0, out);
      default -> out.kind = FrameKind.UNKNOWN_LINK_TYPE;
    }
  }

  /**
   * Decodes what a tunnel carries without a link layer of its own. MACs and VLANs are not set.
   *
   * @param type its EtherType
   */
  static void carried(
      MemorySegment data, long offset, int length, int wireLength, int type, FrameHeader out) {
    reset(out);
    etherType(data, offset, length, wireLength, 0, type, MAX_LAYERS, out);
  }

  private static void reset(FrameHeader out) {
    out.kind = FrameKind.NON_IP;
    out.control = ControlKind.NONE;
    out.srcMac = FrameHeader.NO_MAC;
    out.dstMac = FrameHeader.NO_MAC;
    out.vlan = FrameHeader.NO_VLAN;
    out.innerVlan = FrameHeader.NO_VLAN;
    out.v6 = false;
    out.srcHi = 0;
    out.srcLo = 0;
    out.dstHi = 0;
    out.dstLo = 0;
    out.protocol = -1;
    out.srcPort = 0;
    out.dstPort = 0;
    out.icmpType = -1;
    out.icmpId = -1;
    out.tcpFlags = 0;
    out.tcpSeq = 0;
    out.tcpAck = 0;
    out.ttl = 0;
    out.tos = 0;
    out.ipBytes = 0;
    out.payloadBytes = 0;
    out.fragment = false;
    out.fragmentOffset = 0;
    out.fragmentId = 0;
    out.l3Offset = 0;
    out.l4Offset = 0;
  }

  /** True, and the kind says so, if fewer than {@code bytes} are captured from {@code at} on. */
  private static boolean isCut(int length, int at, int bytes, FrameHeader out) {
    if (length - at >= bytes) {
      return false;
    }
    out.kind = FrameKind.TRUNCATED;
    return true;
  }

  private static void ethernet(
      MemorySegment data, long base, int length, int wireLength, FrameHeader out) {
    if (length >= 12) {
      out.dstMac = u48(data, base);
      out.srcMac = u48(data, base + 6);
    }
    if (!isCut(length, 0, ETHERNET_HEADER, out)) {
      int type = u16(data, base + 12);
      typeOrLength(data, base, length, wireLength, ETHERNET_HEADER, type, MAX_LAYERS, out);
    }
  }

  private static void typeOrLength(
      MemorySegment data,
      long base,
      int length,
      int wireLength,
      int at,
      int type,
      int layers,
      FrameHeader out) {
    if (type <= EtherType.MAX_LENGTH) {
      llc(data, base, length, wireLength, at, layers, out);
    } else {
      etherType(data, base, length, wireLength, at, type, layers, out);
    }
  }

  /** What follows an EtherType; tags are taken off one by one. */
  private static void etherType(
      MemorySegment data,
      long base,
      int length,
      int wireLength,
      int start,
      int first,
      int budget,
      FrameHeader out) {
    int at = start;
    int type = first;
    int layers = budget;
    while (EtherType.isTag(type)) {
      if (layers-- == 0) {
        out.kind = FrameKind.TOO_MANY_LAYERS;
        return;
      }
      int bytes = type == EtherType.VNTAG ? 6 : 4;
      if (isCut(length, at, bytes, out)) {
        return;
      }
      if (type != EtherType.VNTAG) {
        tag(u16(data, base + at) & 0xfff, out);
      }
      type = u16(data, base + at + bytes - 2);
      at += bytes;
    }
    switch (type) {
      case EtherType.IPV4, EtherType.IPV6 -> IpDecoder.ip(data, base, length, wireLength, at, out);
      case EtherType.ARP -> {
        out.kind = FrameKind.CONTROL;
        out.control = ControlKind.ARP;
        out.l3Offset = at;
        out.l4Offset = at;
      }
      case EtherType.MPLS, EtherType.MPLS_MULTICAST ->
          mpls(data, base, length, wireLength, at, layers, out);
      case EtherType.PPPOE_SESSION -> {
        if (!isCut(length, at, 6, out)) {
          ppp(data, base, length, wireLength, at + 6, layers, out);
        }
      }
      case EtherType.BACKBONE -> nestedEthernet(data, base, length, wireLength, at, layers, out);
      case EtherType.PPP -> ppp(data, base, length, wireLength, at, layers, out);
      default -> {
        if (type <= EtherType.MAX_LENGTH) {
          llc(data, base, length, wireLength, at, layers, out);
        }
      }
    }
  }

  /** Notes a VLAN id; a priority tag (id 0) names no VLAN. */
  private static void tag(int id, FrameHeader out) {
    if (id == 0) {
      return;
    }
    if (out.vlan == FrameHeader.NO_VLAN) {
      out.vlan = id;
    } else if (out.innerVlan == FrameHeader.NO_VLAN) {
      out.innerVlan = id;
    }
  }

  /** IEEE 802.2 LLC: SNAP with an EtherType (RFC 1042), or the SAP of IP. */
  private static void llc(
      MemorySegment data,
      long base,
      int length,
      int wireLength,
      int at,
      int layers,
      FrameHeader out) {
    if (isCut(length, at, 3, out)) {
      return;
    }
    int saps = u16(data, base + at);
    if (saps == 0x0606 && u8(data, base + at + 2) == 3) {
      IpDecoder.ip(data, base, length, wireLength, at + 3, out);
    } else if (saps == 0xaaaa && u8(data, base + at + 2) == 3) {
      snap(data, base, length, wireLength, at + 3, layers, out);
    }
  }

  private static void snap(
      MemorySegment data,
      long base,
      int length,
      int wireLength,
      int at,
      int budget,
      FrameHeader out) {
    if (isCut(length, at, 5, out)) {
      return;
    }
    int organization = u8(data, base + at) << 16 | u16(data, base + at + 1);
    int type = u16(data, base + at + 3);
    if ((organization == 0 || organization == 0x0000f8) && type > EtherType.MAX_LENGTH) {
      if (budget == 0) {
        out.kind = FrameKind.TOO_MANY_LAYERS;
        return;
      }
      etherType(data, base, length, wireLength, at + 5, type, budget - 1, out);
    }
  }

  /** MPLS labels (RFC 3032), then IP by its version nibble. */
  private static void mpls(
      MemorySegment data,
      long base,
      int length,
      int wireLength,
      int start,
      int budget,
      FrameHeader out) {
    int at = start;
    int layers = budget;
    boolean bottom = false;
    while (!bottom) {
      if (layers-- == 0) {
        out.kind = FrameKind.TOO_MANY_LAYERS;
        return;
      }
      if (isCut(length, at, 4, out)) {
        return;
      }
      bottom = (i32(data, base + at) & 0x100) != 0;
      at += 4;
    }
    if (isCut(length, at, 1, out)) {
      return;
    }
    switch (u8(data, base + at) >>> 4) {
      case 4, 6 -> IpDecoder.ip(data, base, length, wireLength, at, out);
      case 0 -> nestedEthernet(data, base, length, wireLength, at, layers, out);
      default -> {}
    }
  }

  /**
   * An Ethernet frame behind 4 bytes: a control word (RFC 4448) or the tag of a provider backbone
   * (IEEE 802.1ah). Its MACs and tags are not of this segment.
   */
  private static void nestedEthernet(
      MemorySegment data,
      long base,
      int length,
      int wireLength,
      int at,
      int layers,
      FrameHeader out) {
    if (isCut(length, at, 4 + ETHERNET_HEADER, out)) {
      return;
    }
    if (layers == 0) {
      out.kind = FrameKind.TOO_MANY_LAYERS;
      return;
    }
    int next = at + 4 + ETHERNET_HEADER;
    int type = u16(data, base + next - 2);
    int vlan = out.vlan;
    int innerVlan = out.innerVlan;
    typeOrLength(data, base, length, wireLength, next, type, layers - 1, out);
    out.vlan = vlan;
    out.innerVlan = innerVlan;
  }

  /** PPP (RFC 1661), with or without address and control bytes (RFC 1662). */
  private static void ppp(
      MemorySegment data,
      long base,
      int length,
      int wireLength,
      int start,
      int layers,
      FrameHeader out) {
    int at = start;
    if (isCut(length, at, 2, out)) {
      return;
    }
    if (u16(data, base + at) == 0xff03) {
      at += 2;
      if (isCut(length, at, 2, out)) {
        return;
      }
    }
    int protocol = u8(data, base + at);
    at++;
    if ((protocol & 1) == 0) { // else compressed to one byte
      protocol = protocol << 8 | u8(data, base + at);
      at++;
    }
    switch (protocol) {
      case 0x21, 0x57 -> IpDecoder.ip(data, base, length, wireLength, at, out);
      case 0x281, 0x283 -> mpls(data, base, length, wireLength, at, layers, out);
      default -> {}
    }
  }

  /** Cisco HDLC: address, control, EtherType. */
  private static void chdlc(
      MemorySegment data, long base, int length, int wireLength, FrameHeader out) {
    if (!isCut(length, 0, 4, out)) {
      int type = u16(data, base + 2);
      etherType(data, base, length, wireLength, 4, type, MAX_LAYERS, out);
    }
  }

  /** BSD loopback: an address family in the byte order of the capturing host, or big endian. */
  private static void loopback(
      MemorySegment data, long base, int length, int wireLength, FrameHeader out) {
    if (isCut(length, 0, 4, out)) {
      return;
    }
    int family = i32(data, base);
    if ((family & 0xffff) == 0) {
      family = Integer.reverseBytes(family);
    }
    switch (family) {
      case 2, 10, 24, 28, 30 -> IpDecoder.ip(data, base, length, wireLength, 4, out);
      default -> {}
    }
  }

  /** Linux cooked capture. */
  private static void sll(
      MemorySegment data, long base, int length, int wireLength, FrameHeader out) {
    if (isCut(length, 0, 16, out)) {
      return;
    }
    if (u16(data, base + 4) == 6) {
      out.srcMac = u48(data, base + 6);
    }
    cooked(data, base, length, wireLength, 16, u16(data, base + 14), u16(data, base + 2), out);
  }

  private static void sll2(
      MemorySegment data, long base, int length, int wireLength, FrameHeader out) {
    if (isCut(length, 0, 20, out)) {
      return;
    }
    if (u8(data, base + 11) == 6) {
      out.srcMac = u48(data, base + 12);
    }
    cooked(data, base, length, wireLength, 20, u16(data, base), u16(data, base + 8), out);
  }

  private static void cooked(
      MemorySegment data,
      long base,
      int length,
      int wireLength,
      int at,
      int protocol,
      int hardware,
      FrameHeader out) {
    switch (hardware) {
      case 778, 801, 802, 803, 824 -> {
        return; // GRE, 802.11 in three forms, netlink: the protocol is no EtherType
      }
      default -> {}
    }
    if (protocol == 4) {
      llc(data, base, length, wireLength, at, MAX_LAYERS, out);
    } else if (protocol > EtherType.MAX_LENGTH && protocol != EtherType.TRANSPARENT_BRIDGING) {
      etherType(data, base, length, wireLength, at, protocol, MAX_LAYERS, out);
    }
  }
}
