package io.vipscope.core.frame;

import static io.vipscope.core.frame.BigEndian.i32;
import static io.vipscope.core.frame.BigEndian.u16;
import static io.vipscope.core.frame.BigEndian.u8;

import java.lang.foreign.MemorySegment;

/**
 * What stands between an IP header and a frame that it carries: a view that is filled again for
 * every frame. Reads captured bytes only, never throws, allocates nothing. One thread owns an
 * instance.
 */
public final class TunnelHeader {

  /** Of {@link #id}: the encapsulation carries none. */
  public static final int NO_ID = -1;

  /** Of {@link #type}: an Ethernet frame. */
  public static final int ETHERNET = 0;

  static final int VXLAN_PORT = 4789;

  /** VXLAN with a protocol number (draft-ietf-nvo3-vxlan-gpe). */
  static final int VXLAN_GPE_PORT = 4790;

  /** Linux's default before IANA assigned one. */
  static final int OLD_VXLAN_PORT = 8472;

  static final int GENEVE_PORT = 6081;

  private static final int VXLAN_HEADER = 8;
  private static final int GENEVE_HEADER = 8;
  private static final int UDP_HEADER = 8;

  // GRE flags.
  private static final int CHECKSUM = 0x8000;
  private static final int ROUTING = 0x4000;
  private static final int KEY = 0x2000;
  private static final int SEQUENCE = 0x1000;
  private static final int ACKNOWLEDGEMENT = 0x0080;
  private static final int VERSION = 7;

  // GRE protocols.
  private static final int ERSPAN_1_2 = 0x88be;
  private static final int ERSPAN_3 = 0x22eb;

  private static final int ERSPAN_2_HEADER = 8;
  private static final int ERSPAN_3_HEADER = 12;
  private static final int PLATFORM_HEADER = 8;

  /** ERSPAN's encapsulation bits: the tag was taken off and its VLAN stands in the header. */
  private static final int TAG_TAKEN = 2;

  /** Which encapsulation. */
  public Tunnel tunnel = Tunnel.GRE;

  /** Session id, VNI or key; {@link #NO_ID} without one. */
  public int id;

  /** Offset of what is carried, in bytes from the frame's first. */
  public int at;

  /** EtherType of what is carried; {@link #ETHERNET} for an Ethernet frame. */
  public int type;

  /** VLAN of the carried frame, if the encapsulation took its tag off; else no VLAN. */
  public int vlan;

  /**
   * Reads what follows the IP header, or the UDP header, of a decoded frame.
   *
   * @param h a frame of kind FLOW, decoded from the same bytes
   * @param vxlanPort a further UDP port that carries VXLAN; 0 = none
   * @return false if it carries no frame, or one that is not captured
   */
  public boolean decode(MemorySegment data, long base, int length, FrameHeader h, int vxlanPort) {
    if (h.fragment) {
      return false; // the rest of what it carries is elsewhere
    }
    id = NO_ID;
    vlan = FrameHeader.NO_VLAN;
    return switch (h.protocol) {
      case Ip.GRE -> gre(data, base, length, h.l4Offset);
      case Ip.IPV4 -> found(Tunnel.IPIP, h.l4Offset, EtherType.IPV4, length);
      case Ip.IPV6 -> found(Tunnel.IPIP, h.l4Offset, EtherType.IPV6, length);
      case Ip.UDP -> udp(data, base, length, h, vxlanPort);
      default -> false;
    };
  }

  private boolean found(Tunnel which, int offset, int etherType, int length) {
    tunnel = which;
    at = offset;
    type = etherType;
    return offset < length;
  }

  private boolean udp(MemorySegment data, long base, int length, FrameHeader h, int vxlanPort) {
    int start = h.l4Offset + UDP_HEADER;
    int port = h.dstPort;
    if (port == VXLAN_PORT || port == OLD_VXLAN_PORT || port == vxlanPort && port != 0) {
      return vxlan(data, base, length, start);
    }
    if (port == VXLAN_GPE_PORT) {
      return vxlanGpe(data, base, length, start);
    }
    return port == GENEVE_PORT && geneve(data, base, length, start);
  }

  private boolean vxlan(MemorySegment data, long base, int length, int start) {
    if (length - start < VXLAN_HEADER || (u8(data, base + start) & 0x08) == 0) {
      return false;
    }
    id = i32(data, base + start + 4) >>> 8;
    return found(Tunnel.VXLAN, start + VXLAN_HEADER, ETHERNET, length);
  }

  private boolean vxlanGpe(MemorySegment data, long base, int length, int start) {
    if (length - start < VXLAN_HEADER || (u8(data, base + start) & 0x0c) != 0x0c) {
      return false; // without a VNI or a protocol
    }
    id = i32(data, base + start + 4) >>> 8;
    int next = start + VXLAN_HEADER;
    return switch (u8(data, base + start + 3)) {
      case 1 -> found(Tunnel.VXLAN, next, EtherType.IPV4, length);
      case 2 -> found(Tunnel.VXLAN, next, EtherType.IPV6, length);
      case 3 -> found(Tunnel.VXLAN, next, ETHERNET, length);
      case 5 -> found(Tunnel.VXLAN, next, EtherType.MPLS, length);
      default -> false;
    };
  }

  private boolean geneve(MemorySegment data, long base, int length, int start) {
    if (length - start < GENEVE_HEADER || u8(data, base + start) >>> 6 != 0) {
      return false;
    }
    int options = (u8(data, base + start) & 0x3f) << 2;
    id = i32(data, base + start + 4) >>> 8;
    return carried(
        Tunnel.GENEVE, u16(data, base + start + 2), start + GENEVE_HEADER + options, length);
  }

  private boolean carried(Tunnel which, int etherType, int offset, int length) {
    return switch (etherType) {
      case EtherType.TRANSPARENT_BRIDGING -> found(which, offset, ETHERNET, length);
      case EtherType.IPV4,
          EtherType.IPV6,
          EtherType.MPLS,
          EtherType.MPLS_MULTICAST,
          EtherType.PPP ->
          found(which, offset, etherType, length);
      default -> false;
    };
  }

  private boolean gre(MemorySegment data, long base, int length, int start) {
    if (length - start < 4) {
      return false;
    }
    int flags = u16(data, base + start);
    int protocol = u16(data, base + start + 2);
    if ((flags & VERSION) == 1 && protocol == EtherType.PPP) {
      return pptp(data, base, length, start, flags);
    }
    if ((flags & (ROUTING | VERSION)) != 0) {
      return false; // with source routes (RFC 1701)
    }
    int next = start + 4 + ((flags & CHECKSUM) == 0 ? 0 : 4);
    if ((flags & KEY) != 0) {
      if (length - next < 4) {
        return false;
      }
      id = i32(data, base + next);
      next += 4;
    }
    if ((flags & SEQUENCE) != 0) {
      next += 4;
    }
    return switch (protocol) {
      case ERSPAN_1_2 ->
          (flags & SEQUENCE) == 0
              ? found(Tunnel.ERSPAN, next, ETHERNET, length) // type I has no header
              : erspan2(data, base, length, next);
      case ERSPAN_3 -> erspan3(data, base, length, next);
      default -> carried(Tunnel.GRE, protocol, next, length);
    };
  }

  /** RFC 2637: the key is the length of what is carried and the call's id. */
  private boolean pptp(MemorySegment data, long base, int length, int start, int flags) {
    if (length - start < 8 || u16(data, base + start + 4) == 0) {
      return false; // a mere acknowledgement
    }
    id = u16(data, base + start + 6);
    int next =
        start + 8 + ((flags & SEQUENCE) == 0 ? 0 : 4) + ((flags & ACKNOWLEDGEMENT) == 0 ? 0 : 4);
    return found(Tunnel.GRE, next, EtherType.PPP, length);
  }

  private boolean erspan2(MemorySegment data, long base, int length, int start) {
    if (length - start < ERSPAN_2_HEADER || u8(data, base + start) >>> 4 != 1) {
      return false;
    }
    session(data, base + start);
    if ((u8(data, base + start + 2) >>> 3 & 3) == TAG_TAKEN) {
      vlan = vlanOf(data, base + start);
    }
    return found(Tunnel.ERSPAN, start + ERSPAN_2_HEADER, ETHERNET, length);
  }

  private boolean erspan3(MemorySegment data, long base, int length, int start) {
    if (length - start < ERSPAN_3_HEADER || u8(data, base + start) >>> 4 != 2) {
      return false;
    }
    session(data, base + start);
    vlan = vlanOf(data, base + start);
    int last = u16(data, base + start + 10);
    int next = start + ERSPAN_3_HEADER + ((last & 1) == 0 ? 0 : PLATFORM_HEADER);
    boolean packet = (last >>> 10 & 0x1f) == 2;
    if (!packet || next >= length) {
      return found(Tunnel.ERSPAN, next, ETHERNET, length);
    }
    boolean v6 = u8(data, base + next) >>> 4 == 6;
    return found(Tunnel.ERSPAN, next, v6 ? EtherType.IPV6 : EtherType.IPV4, length);
  }

  private void session(MemorySegment data, long header) {
    id = u16(data, header + 2) & 0x3ff;
  }

  private static int vlanOf(MemorySegment data, long header) {
    int vlan = u16(data, header) & 0xfff;
    return vlan == 0 ? FrameHeader.NO_VLAN : vlan;
  }
}
