package io.vipscope.core.frame;

import static io.vipscope.core.frame.FrameHeader.NO_MAC;
import static io.vipscope.core.frame.FrameHeader.NO_VLAN;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Decodes one frame up to its transport ports. Stateless: the same bytes always give the same
 * header. Reads only captured bytes, allocates nothing, throws nothing.
 *
 * <p>A flow is made of the outermost IP layer: tunnels are not followed.
 */
public final class FrameDecoder {

  /** Link-layer headers (tags, labels, PPP) before the IP header at most. */
  private static final int MAX_LAYERS = 16;

  private static final ValueLayout.OfByte U8 = ValueLayout.JAVA_BYTE;
  private static final ValueLayout.OfShort U16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfInt U32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfLong U64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private MemorySegment data = MemorySegment.NULL;
  private long start;
  private long end;
  private int wireLength;

  /**
   * Decodes a frame; every field of {@code out} is set.
   *
   * @param offset of the frame's first byte in {@code data}
   * @param capturedLength bytes that may be read
   * @param wire length on the wire in bytes
   */
  public void decode(
      MemorySegment data,
      long offset,
      int capturedLength,
      int wire,
      int linkType,
      FrameHeader out) {
    this.data = data;
    start = offset;
    end = offset + capturedLength;
    wireLength = wire;
    reset(out);
    switch (linkType) {
      case LinkType.ETHERNET -> ethernet(out, start);
      case LinkType.RAW, LinkType.RAW_BSD, LinkType.RAW_OPENBSD -> ip(out, start);
      case LinkType.IPV4, LinkType.IPV6 -> ip(out, start);
      case LinkType.NULL, LinkType.LOOP -> loopback(out);
      case LinkType.LINUX_SLL -> cooked(out, 14, 16, start + 6, start + 4);
      case LinkType.LINUX_SLL2 -> cooked(out, 0, 20, start + 12, start + 11);
      case LinkType.PPP -> ppp(out, start, MAX_LAYERS);
      default -> out.kind = FrameKind.UNKNOWN_LINK_TYPE;
    }
  }

  private static void reset(FrameHeader h) {
    h.kind = FrameKind.NON_IP;
    h.control = ControlKind.NONE;
    h.srcMac = NO_MAC;
    h.dstMac = NO_MAC;
    h.vlan = NO_VLAN;
    h.innerVlan = NO_VLAN;
    h.v6 = false;
    h.srcHi = 0;
    h.srcLo = 0;
    h.dstHi = 0;
    h.dstLo = 0;
    h.protocol = 0;
    h.srcPort = 0;
    h.dstPort = 0;
    h.icmpType = -1;
    h.icmpId = -1;
    h.tcpFlags = 0;
    h.tcpSeq = 0;
    h.ttl = 0;
    h.tos = 0;
    h.ipBytes = 0;
    h.payloadBytes = 0;
    h.fragment = false;
    h.fragmentOffset = 0;
    h.fragmentId = 0;
    h.l3Offset = 0;
    h.l4Offset = 0;
  }

  private int u8(long at) {
    return data.get(U8, at) & 0xff;
  }

  private int u16(long at) {
    return data.get(U16, at) & 0xffff;
  }

  private long mac(long at) {
    return (long) u16(at) << 32 | data.get(U32, at + 2) & 0xffffffffL;
  }

  private void ethernet(FrameHeader h, long at) {
    if (at + 14 > end) {
      h.kind = FrameKind.TRUNCATED;
      return;
    }
    h.dstMac = mac(at);
    h.srcMac = mac(at + 6);
    etherType(h, u16(at + 12), at + 14);
  }

  /** Follows tags, labels and LLC from an EtherType on; {@code at} is what comes after it. */
  private void etherType(FrameHeader h, int firstType, long first) {
    int type = firstType;
    long at = first;
    for (int layer = 0; layer < MAX_LAYERS; layer++) {
      switch (type) {
        case EtherType.IPV4, EtherType.IPV6 -> {
          ip(h, at);
          return;
        }
        case EtherType.ARP -> {
          h.kind = FrameKind.CONTROL;
          h.control = ControlKind.ARP;
          h.l3Offset = (int) (at - start);
          return;
        }
        case EtherType.VLAN, EtherType.QINQ, EtherType.QINQ_OLD -> {
          if (at + 4 > end) {
            h.kind = FrameKind.TRUNCATED;
            return;
          }
          tag(h, u16(at) & 0xfff);
          type = u16(at + 2);
          at += 4;
        }
        case EtherType.MPLS, EtherType.MPLS_MULTICAST -> {
          mpls(h, at);
          return;
        }
        case EtherType.PPPOE_SESSION -> {
          ppp(h, at + 6, MAX_LAYERS - layer);
          return;
        }
        default -> {
          if (type <= EtherType.MAX_LENGTH) {
            llc(h, at);
          }
          return;
        }
      }
    }
    h.kind = FrameKind.TOO_MANY_LAYERS;
  }

  private static void tag(FrameHeader h, int id) {
    if (id == 0) {
      return; // a priority tag names no VLAN
    }
    if (h.vlan == NO_VLAN) {
      h.vlan = id;
    } else if (h.innerVlan == NO_VLAN) {
      h.innerVlan = id;
    }
  }

  /** IEEE 802.2 with SNAP (RFC 1042) carries EtherTypes; anything else is no IP. */
  private void llc(FrameHeader h, long at) {
    if (at + 8 <= end && data.get(U32, at) == 0xaaaa0300 && u8(at + 4) == 0) {
      int type = u16(at + 6);
      if (type == EtherType.IPV4 || type == EtherType.IPV6) {
        ip(h, at + 8);
      }
    }
  }

  /** RFC 3032; what is inside shows only by its first nibble. */
  private void mpls(FrameHeader h, long first) {
    long at = first;
    for (int layer = 0; layer < MAX_LAYERS; layer++) {
      if (at + 5 > end) {
        h.kind = FrameKind.TRUNCATED;
        return;
      }
      boolean bottom = (u8(at + 2) & 1) != 0;
      at += 4;
      if (bottom) {
        int version = u8(at) >>> 4;
        if (version == 4 || version == 6) {
          ip(h, at);
        }
        return;
      }
    }
    h.kind = FrameKind.TOO_MANY_LAYERS;
  }

  /** RFC 1661, with or without address and control (RFC 1662), protocol possibly compressed. */
  private void ppp(FrameHeader h, long first, int budget) {
    long at = first;
    if (at + 2 > end || budget <= 0) {
      h.kind = FrameKind.TRUNCATED;
      return;
    }
    if (u16(at) == 0xff03) {
      at += 2;
    }
    if (at + 2 > end) {
      h.kind = FrameKind.TRUNCATED;
      return;
    }
    int protocol = u8(at);
    if ((protocol & 1) == 0) {
      protocol = u16(at);
      at++;
    }
    at++;
    if (protocol == 0x21 || protocol == 0x57) {
      ip(h, at);
    }
  }

  /** A 4-byte address family in the byte order of the capturing host (or network order). */
  private void loopback(FrameHeader h) {
    if (start + 4 > end) {
      h.kind = FrameKind.TRUNCATED;
      return;
    }
    int family = data.get(U32, start);
    if ((family & 0xffff) == 0) {
      family = Integer.reverseBytes(family);
    }
    if (family == 2 || family == 10 || family == 24 || family == 28 || family == 30) {
      ip(h, start + 4);
    }
  }

  /** Linux cooked capture: where the EtherType is, how long the header is, where the MAC is. */
  private void cooked(FrameHeader h, int typeAt, int headerLength, long macAt, long macLengthAt) {
    if (start + headerLength > end) {
      h.kind = FrameKind.TRUNCATED;
      return;
    }
    int macLength = headerLength == 16 ? u16(macLengthAt) : u8(macLengthAt);
    if (macLength == 6) {
      h.srcMac = mac(macAt);
    }
    etherType(h, u16(start + typeAt), start + headerLength);
  }

  private void ip(FrameHeader h, long at) {
    h.l3Offset = (int) (at - start);
    if (at + 1 > end) {
      h.kind = FrameKind.TRUNCATED;
      return;
    }
    switch (u8(at) >>> 4) {
      case 4 -> ipv4(h, at);
      case 6 -> ipv6(h, at);
      default -> h.kind = FrameKind.MALFORMED;
    }
  }

  /** RFC 791 section 3.1. */
  private void ipv4(FrameHeader h, long at) {
    int headerLength = (u8(at) & 15) * 4;
    if (headerLength < 20) {
      h.kind = FrameKind.MALFORMED;
      return;
    }
    if (at + 20 > end) {
      h.kind = FrameKind.TRUNCATED;
      return;
    }
    h.tos = u8(at + 1);
    int totalLength = u16(at + 2);
    h.ipBytes = totalLength == 0 ? wireLength - h.l3Offset : totalLength;
    h.fragmentId = u16(at + 4);
    int fragment = u16(at + 6);
    h.fragmentOffset = (fragment & 0x1fff) * 8;
    h.fragment = (fragment & 0x3fff) != 0;
    h.ttl = u8(at + 8);
    h.protocol = u8(at + 9);
    h.srcLo = data.get(U32, at + 12) & 0xffffffffL;
    h.dstLo = data.get(U32, at + 16) & 0xffffffffL;
    transport(h, at + headerLength, h.ipBytes - headerLength);
  }

  /** RFC 8200 section 3, then its extension headers. */
  private void ipv6(FrameHeader h, long at) {
    if (at + 40 > end) {
      h.kind = FrameKind.TRUNCATED;
      return;
    }
    h.v6 = true;
    h.tos = u16(at) >>> 4 & 0xff;
    int payloadLength = u16(at + 4);
    h.ipBytes = payloadLength == 0 ? wireLength - h.l3Offset : 40 + payloadLength;
    h.ttl = u8(at + 7);
    h.srcHi = data.get(U64, at + 8);
    h.srcLo = data.get(U64, at + 16);
    h.dstHi = data.get(U64, at + 24);
    h.dstLo = data.get(U64, at + 32);
    int next = u8(at + 6);
    long p = at + 40;
    for (int layer = 0; layer < MAX_LAYERS; layer++) {
      long length;
      switch (next) {
        case Ip.HOP_BY_HOP, Ip.ROUTING, Ip.DESTINATION, Ip.MOBILITY, Ip.HIP, Ip.SHIM6 -> {
          if (p + 2 > end) {
            h.kind = FrameKind.TRUNCATED;
            return;
          }
          length = (u8(p + 1) + 1) * 8L;
        }
        case Ip.AUTHENTICATION -> {
          if (p + 2 > end) {
            h.kind = FrameKind.TRUNCATED;
            return;
          }
          length = (u8(p + 1) + 2) * 4L;
        }
        case Ip.FRAGMENT -> {
          if (p + 8 > end) {
            h.kind = FrameKind.TRUNCATED;
            return;
          }
          length = 8;
          int fragment = u16(p + 2);
          h.fragmentOffset = fragment & 0xfff8;
          h.fragment = (fragment & 0xfff9) != 0;
          h.fragmentId = data.get(U32, p + 4);
        }
        default -> {
          h.protocol = next;
          transport(h, p, (int) (at + h.ipBytes - p));
          return;
        }
      }
      next = u8(p);
      p += length;
      if (h.fragmentOffset > 0) {
        h.protocol = next;
        transport(h, p, 0); // what follows is the middle of something
        return;
      }
    }
    h.kind = FrameKind.TOO_MANY_LAYERS;
  }

  /**
   * The transport header.
   *
   * @param length bytes from there to the end of the datagram, by the IP header
   */
  private void transport(FrameHeader h, long at, int length) {
    h.l4Offset = (int) (at - start);
    h.kind = FrameKind.FLOW;
    if (h.fragmentOffset > 0) {
      return;
    }
    switch (h.protocol) {
      case Ip.TCP -> {
        if (ports(h, at)) {
          tcp(h, at, length);
        }
      }
      case Ip.UDP, Ip.UDP_LITE -> {
        if (ports(h, at)) {
          h.payloadBytes = Math.max(0, length - 8);
        }
      }
      case Ip.SCTP, Ip.DCCP -> ports(h, at);
      case Ip.ICMP -> icmp(h, at);
      case Ip.ICMPV6 -> icmpv6(h, at);
      case Ip.IGMP -> control(h, ControlKind.IGMP);
      case Ip.VRRP -> {
        if (isVrrp(h, at, length)) {
          control(h, ControlKind.VRRP);
        }
      }
      default -> {}
    }
  }

  private boolean ports(FrameHeader h, long at) {
    if (at + 4 > end) {
      h.kind = FrameKind.TRUNCATED;
      return false;
    }
    h.srcPort = u16(at);
    h.dstPort = u16(at + 2);
    return true;
  }

  private void tcp(FrameHeader h, long at, int length) {
    if (at + 14 > end) {
      return; // the key is there, the flags are not
    }
    h.tcpSeq = data.get(U32, at + 4);
    h.tcpFlags = u8(at + 13);
    h.payloadBytes = Math.max(0, length - (u8(at + 12) >>> 4) * 4);
  }

  private void icmp(FrameHeader h, long at) {
    if (at + 1 > end) {
      h.kind = FrameKind.TRUNCATED;
      return;
    }
    h.icmpType = u8(at);
    if (h.icmpType == 0 || h.icmpType == 8) {
      echo(h, at);
    }
  }

  private void icmpv6(FrameHeader h, long at) {
    if (at + 1 > end) {
      h.kind = FrameKind.TRUNCATED;
      return;
    }
    h.icmpType = u8(at);
    switch (h.icmpType) {
      case 128, 129 -> echo(h, at);
      case 130, 131, 132, 143 -> control(h, ControlKind.MLD);
      case 133, 134, 135, 136, 137 -> control(h, ControlKind.ND);
      default -> {}
    }
  }

  private void echo(FrameHeader h, long at) {
    if (at + 6 > end) {
      h.kind = FrameKind.TRUNCATED;
      return;
    }
    h.icmpId = u16(at + 4);
  }

  private static void control(FrameHeader h, ControlKind kind) {
    h.kind = FrameKind.CONTROL;
    h.control = kind;
  }

  /**
   * VRRP against CARP, which has the same protocol number and the same first byte: the length of a
   * VRRP advert follows from its address count. Version 2 has 8 bytes of authentication data after
   * the addresses (RFC 3768 section 5.3), version 3 has not (RFC 9568 section 5.2). A CARP advert
   * is always 36 bytes and would have 7 "addresses" (its authentication length).
   */
  private boolean isVrrp(FrameHeader h, long at, int length) {
    if (at + 8 > end) {
      h.kind = FrameKind.TRUNCATED;
      return false;
    }
    int count = u8(at + 3);
    int addresses = count * (h.v6 ? 16 : 4);
    return switch (u8(at)) {
      case 0x21 -> !h.v6 && length == 8 + addresses + 8;
      case 0x31 -> length == 8 + addresses;
      default -> false;
    };
  }
}
