package io.vipscope.core.frame;

import static io.vipscope.core.frame.BigEndian.i32;
import static io.vipscope.core.frame.BigEndian.i64;
import static io.vipscope.core.frame.BigEndian.u16;
import static io.vipscope.core.frame.BigEndian.u8;

import java.lang.foreign.MemorySegment;

/**
 * Decodes what most frames are: Ethernet with at most one tag, IPv4 without options or IPv6 without
 * extension headers, no fragment, TCP or UDP, captured as far as the key needs. The result is
 * exactly that of {@link FrameDecoder}'s general way.
 */
final class OrdinaryFrame {

  private static final int ETHERNET_HEADER = 14;
  private static final int TAG = 4;
  private static final int V4_HEADER = 20;
  private static final int V6_HEADER = 40;

  /** A TCP header up to its flags. */
  private static final int TCP_BYTES = 14;

  private static final int UDP_BYTES = 8;
  private static final int V4_WITHOUT_OPTIONS = 0x45;
  private static final int FRAGMENT_BITS = 0x3fff;
  private static final long LOW_32 = 0xffff_ffffL;

  private OrdinaryFrame() {}

  /**
   * Sets every field of {@code out} and is true for an ordinary frame; does nothing useful and is
   * false for any other.
   *
   * @param length bytes captured, all of them within {@code data}
   */
  static boolean decode(MemorySegment data, long base, int length, FrameHeader out) {
    if (length < ETHERNET_HEADER + V4_HEADER + UDP_BYTES) {
      return false;
    }
    int at = ETHERNET_HEADER;
    int type = u16(data, base + 12);
    int vlan = FrameHeader.NO_VLAN;
    if (type == EtherType.VLAN) {
      int id = u16(data, base + ETHERNET_HEADER) & 0xfff;
      vlan = id == 0 ? FrameHeader.NO_VLAN : id;
      type = u16(data, base + ETHERNET_HEADER + 2);
      at += TAG;
    }
    boolean decoded =
        type == EtherType.IPV4
            ? v4(data, base, at, length, out)
            : type == EtherType.IPV6 && v6(data, base, at, length, out);
    if (!decoded) {
      return false;
    }
    long macs = i64(data, base);
    out.kind = FrameKind.FLOW;
    out.control = ControlKind.NONE;
    out.dstMac = macs >>> 16;
    out.srcMac = (macs & 0xffff) << 32 | i32(data, base + 8) & LOW_32;
    out.vlan = vlan;
    out.innerVlan = FrameHeader.NO_VLAN;
    out.icmpType = -1;
    out.icmpId = -1;
    out.fragment = false;
    out.fragmentOffset = 0;
    out.l3Offset = at;
    return true;
  }

  private static boolean v4(MemorySegment data, long base, int at, int length, FrameHeader out) {
    long ip = base + at;
    if (length < at + V4_HEADER || u8(data, ip) != V4_WITHOUT_OPTIONS) {
      return false;
    }
    int word = i32(data, ip + 4); // identification, fragment bits and offset
    if ((word & FRAGMENT_BITS) != 0) {
      return false;
    }
    int total = u16(data, ip + 2);
    int protocol = u8(data, ip + 9);
    if (!transport(data, base, at + V4_HEADER, length, at + total, protocol, out)) {
      return false;
    }
    long addresses = i64(data, ip + 12);
    out.v6 = false;
    out.srcHi = 0;
    out.srcLo = addresses >>> 32;
    out.dstHi = 0;
    out.dstLo = addresses & LOW_32;
    out.ttl = u8(data, ip + 8);
    out.tos = u8(data, ip + 1);
    out.ipBytes = total;
    out.fragmentId = word >>> 16;
    return true;
  }

  private static boolean v6(MemorySegment data, long base, int at, int length, FrameHeader out) {
    long ip = base + at;
    if (length < at + V6_HEADER || u8(data, ip) >>> 4 != 6) {
      return false;
    }
    int ipBytes = V6_HEADER + u16(data, ip + 4);
    int protocol = u8(data, ip + 6);
    if (!transport(data, base, at + V6_HEADER, length, at + ipBytes, protocol, out)) {
      return false;
    }
    out.v6 = true;
    out.srcHi = i64(data, ip + 8);
    out.srcLo = i64(data, ip + 16);
    out.dstHi = i64(data, ip + 24);
    out.dstLo = i64(data, ip + 32);
    out.ttl = u8(data, ip + 7);
    out.tos = u16(data, ip) >>> 4 & 0xff;
    out.ipBytes = ipBytes;
    out.fragmentId = 0;
    return true;
  }

  private static boolean transport(
      MemorySegment data, long base, int at, int length, int ipEnd, int protocol, FrameHeader out) {
    int there = Math.min(length, ipEnd) - at;
    long l4 = base + at;
    if (protocol == Ip.TCP && there >= TCP_BYTES) {
      out.tcpSeq = i32(data, l4 + 4);
      int word = u16(data, l4 + 12);
      out.tcpFlags = word & 0xff;
      out.payloadBytes = Math.max(0, ipEnd - at - (word >>> 12 << 2));
    } else if (protocol == Ip.UDP && there >= UDP_BYTES) {
      out.tcpSeq = 0;
      out.tcpFlags = 0;
      out.payloadBytes = ipEnd - at - UDP_BYTES;
    } else {
      return false;
    }
    int ports = i32(data, l4);
    out.srcPort = ports >>> 16;
    out.dstPort = ports & 0xffff;
    out.protocol = protocol;
    out.l4Offset = at;
    return true;
  }
}
