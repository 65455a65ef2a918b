package io.vipscope.core.frame;

import static io.vipscope.core.frame.BigEndian.i32;
import static io.vipscope.core.frame.BigEndian.u16;
import static io.vipscope.core.frame.BigEndian.u8;

import java.lang.foreign.MemorySegment;

/** Reads ports and types above IP, and tells control frames from frames of flows. */
final class TransportDecoder {

  private static final int ECHO_REPLY = 0;
  private static final int ECHO_REQUEST = 8;
  private static final int ECHO_REQUEST6 = 128;
  private static final int ECHO_REPLY6 = 129;

  private TransportDecoder() {}

  /** Reads what is at {@link FrameHeader#l4Offset}; the datagram ends at {@code ipEnd}. */
  static void transport(MemorySegment data, long base, int length, int ipEnd, FrameHeader out) {
    if (out.protocol == Ip.IGMP && !out.v6) {
      control(ControlKind.IGMP, out);
      return;
    }
    out.kind = FrameKind.FLOW;
    if (out.fragmentOffset > 0) {
      return;
    }
    switch (out.protocol) {
      case Ip.TCP -> tcp(data, base, length, ipEnd, out);
      case Ip.UDP, Ip.UDP_LITE -> udp(data, base, length, ipEnd, out);
      case Ip.SCTP, Ip.DCCP -> ports(data, base, length, ipEnd, out);
      case Ip.ICMP -> icmp(data, base, length, ipEnd, out);
      case Ip.ICMPV6 -> icmpV6(data, base, length, ipEnd, out);
      case Ip.VRRP -> vrrp(data, base, length, ipEnd, out);
      default -> {}
    }
  }

  private static void control(ControlKind control, FrameHeader out) {
    out.kind = FrameKind.CONTROL;
    out.control = control;
  }

  /** Whether {@code bytes} of the transport header are there; if not, says why in the kind. */
  private static boolean has(int bytes, int length, int ipEnd, FrameHeader out) {
    if (ipEnd - out.l4Offset < bytes) {
      out.kind = FrameKind.MALFORMED;
      return false;
    }
    if (length - out.l4Offset < bytes) {
      out.kind = FrameKind.TRUNCATED;
      return false;
    }
    return true;
  }

  private static boolean ports(
      MemorySegment data, long base, int length, int ipEnd, FrameHeader out) {
    if (!has(4, length, ipEnd, out)) {
      return false;
    }
    out.srcPort = u16(data, base + out.l4Offset);
    out.dstPort = u16(data, base + out.l4Offset + 2);
    return true;
  }

  private static void udp(MemorySegment data, long base, int length, int ipEnd, FrameHeader out) {
    if (ports(data, base, length, ipEnd, out)) {
      out.payloadBytes = Math.max(0, ipEnd - out.l4Offset - 8);
    }
  }

  /** Flags and sequence number stay 0 where the capture ends before them. */
  private static void tcp(MemorySegment data, long base, int length, int ipEnd, FrameHeader out) {
    if (!ports(data, base, length, ipEnd, out)) {
      return;
    }
    long tcp = base + out.l4Offset;
    int there = Math.min(length, ipEnd) - out.l4Offset;
    if (there >= 14) {
      out.tcpSeq = i32(data, tcp + 4);
      out.tcpAck = i32(data, tcp + 8);
      out.tcpFlags = u8(data, tcp + 13);
      int headerBytes = u8(data, tcp + 12) >>> 4 << 2;
      out.payloadBytes = Math.max(0, ipEnd - out.l4Offset - headerBytes);
    }
  }

  private static void icmp(MemorySegment data, long base, int length, int ipEnd, FrameHeader out) {
    if (!has(1, length, ipEnd, out)) {
      return;
    }
    int type = u8(data, base + out.l4Offset);
    out.icmpType = type;
    if (type == ECHO_REQUEST || type == ECHO_REPLY) {
      echo(data, base, length, ipEnd, out);
    }
  }

  private static void icmpV6(
      MemorySegment data, long base, int length, int ipEnd, FrameHeader out) {
    if (!has(1, length, ipEnd, out)) {
      return;
    }
    int type = u8(data, base + out.l4Offset);
    out.icmpType = type;
    switch (type) {
      case 130, 131, 132, 143 -> control(ControlKind.MLD, out);
      case 133, 134, 135, 136, 137 -> control(ControlKind.ND, out);
      case ECHO_REQUEST6, ECHO_REPLY6 -> echo(data, base, length, ipEnd, out);
      default -> {}
    }
  }

  private static void echo(MemorySegment data, long base, int length, int ipEnd, FrameHeader out) {
    if (has(6, length, ipEnd, out)) {
      out.icmpId = u16(data, base + out.l4Offset + 4);
    }
  }

  /**
   * VRRP advertisement or not. CARP shares the protocol number and its first byte, 0x21; only the
   * length tells: a VRRP message is exactly as long as its address count says (RFC 3768 section 5.1
   * with 8 bytes of authentication data, RFC 9568 section 5.1), CARP has always 36 bytes with 7 in
   * place of the count.
   */
  private static void vrrp(MemorySegment data, long base, int length, int ipEnd, FrameHeader out) {
    int bytes = ipEnd - out.l4Offset;
    if (bytes < 8) {
      return;
    }
    if (!has(4, length, ipEnd, out)) {
      return;
    }
    long header = base + out.l4Offset;
    int count = u8(data, header + 3);
    int expected =
        switch (u8(data, header)) {
          case 0x21 -> out.v6 ? -1 : 16 + 4 * count;
          case 0x31 -> 8 + (out.v6 ? 16 : 4) * count;
          default -> -1;
        };
    if (bytes == expected) {
      control(ControlKind.VRRP, out);
    }
  }
}
