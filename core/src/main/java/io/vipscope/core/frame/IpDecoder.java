package io.vipscope.core.frame;

import static io.vipscope.core.frame.BigEndian.i32;
import static io.vipscope.core.frame.BigEndian.i64;
import static io.vipscope.core.frame.BigEndian.u16;
import static io.vipscope.core.frame.BigEndian.u8;

import java.lang.foreign.MemorySegment;

/**
 * Reads the outermost IP header and what the flow key needs above it. Tunnels are not followed.
 *
 * <p>Offsets named {@code at} count from the frame's first byte, which is at {@code base} of the
 * segment; {@code length} bytes are captured. The IP length field is a second limit: bytes behind
 * it are padding of the link.
 */
final class IpDecoder {

  /** Extension headers that a packet may have. */
  private static final int MAX_EXTENSIONS = 128;

  private static final int V4_HEADER = 20;
  private static final int V6_HEADER = 40;
  private static final int MORE_FRAGMENTS = 0x2000;
  private static final int V4_OFFSET = 0x1fff;

  private IpDecoder() {}

  /** Decodes by the version nibble, whatever the layer below called it. */
  static void ip(
      MemorySegment data, long base, int length, int wireLength, int at, FrameHeader out) {
    out.l3Offset = at;
    out.l4Offset = at;
    if (at >= length) {
      out.kind = FrameKind.TRUNCATED;
      return;
    }
    int onWire = Math.max(wireLength, length) - at;
    switch (u8(data, base + at) >>> 4) {
      case 4 -> v4(data, base, length, onWire, at, out);
      case 6 -> v6(data, base, length, onWire, at, out);
      default -> out.kind = FrameKind.MALFORMED;
    }
  }

  private static void v4(
      MemorySegment data, long base, int length, int onWire, int at, FrameHeader out) {
    int headerBytes = (u8(data, base + at) & 0xf) << 2;
    if (headerBytes < V4_HEADER) {
      out.kind = FrameKind.MALFORMED;
      return;
    }
    if (length - at < V4_HEADER) {
      out.kind = FrameKind.TRUNCATED;
      return;
    }
    long ip = base + at;
    int total = u16(data, ip + 2);
    int ipBytes = total == 0 ? onWire : total; // 0: segmentation offload
    if (ipBytes < headerBytes) {
      out.kind = FrameKind.MALFORMED;
      return;
    }
    int fragmentWord = u16(data, ip + 6);
    out.tos = u8(data, ip + 1);
    out.ipBytes = ipBytes;
    out.fragmentId = u16(data, ip + 4);
    out.fragmentOffset = (fragmentWord & V4_OFFSET) << 3;
    out.fragment = (fragmentWord & (MORE_FRAGMENTS | V4_OFFSET)) != 0;
    out.ttl = u8(data, ip + 8);
    out.protocol = u8(data, ip + 9);
    out.srcLo = i32(data, ip + 12) & 0xffffffffL;
    out.dstLo = i32(data, ip + 16) & 0xffffffffL;
    out.l4Offset = at + headerBytes;
    if (out.protocol == Ip.AUTHENTICATION && out.fragmentOffset == 0) {
      extensions(data, base, length, at + ipBytes, out);
    } else {
      TransportDecoder.transport(data, base, length, at + ipBytes, out);
    }
  }

  private static void v6(
      MemorySegment data, long base, int length, int onWire, int at, FrameHeader out) {
    if (length - at < V6_HEADER) {
      out.kind = FrameKind.TRUNCATED;
      return;
    }
    long ip = base + at;
    int payload = u16(data, ip + 4);
    int next = u8(data, ip + 6);
    // 0: a jumbogram (RFC 2675) or segmentation offload, unless nothing follows.
    int ipBytes = payload == 0 && next != Ip.NO_NEXT_HEADER ? onWire : V6_HEADER + payload;
    out.v6 = true;
    out.tos = u16(data, ip) >>> 4 & 0xff;
    out.ipBytes = ipBytes;
    out.ttl = u8(data, ip + 7);
    out.protocol = next;
    out.srcHi = i64(data, ip + 8);
    out.srcLo = i64(data, ip + 16);
    out.dstHi = i64(data, ip + 24);
    out.dstLo = i64(data, ip + 32);
    out.l4Offset = at + V6_HEADER;
    extensions(data, base, length, at + ipBytes, out);
  }

  /** Walks extension headers from {@link FrameHeader#l4Offset} on (RFC 8200 section 4). */
  private static void extensions(
      MemorySegment data, long base, int length, int ipEnd, FrameHeader out) {
    int extensions = 0;
    while (isExtension(out.protocol) && out.fragmentOffset == 0) {
      int at = out.l4Offset;
      if (extensions++ == MAX_EXTENSIONS) {
        out.kind = FrameKind.TOO_MANY_LAYERS;
        return;
      }
      if (ipEnd - at < 8) {
        out.kind = FrameKind.MALFORMED;
        return;
      }
      if (length - at < 8) {
        out.kind = FrameKind.TRUNCATED;
        return;
      }
      int next = u8(data, base + at);
      if (next == Ip.NO_NEXT_HEADER && isMessage(out.protocol)) {
        break; // the header is itself what the packet carries
      }
      out.l4Offset = at + extensionBytes(data, base + at, out.protocol);
      if (out.protocol == Ip.FRAGMENT) {
        int word = u16(data, base + at + 2);
        out.fragmentOffset = word & 0xfff8;
        out.fragment = (word & 0xfff9) != 0; // else an atomic fragment (RFC 6946)
        out.fragmentId = i32(data, base + at + 4);
      }
      out.protocol = next;
    }
    TransportDecoder.transport(data, base, length, ipEnd, out);
  }

  private static int extensionBytes(MemorySegment data, long header, int type) {
    return switch (type) {
      case Ip.FRAGMENT -> 8;
      case Ip.AUTHENTICATION -> u8(data, header + 1) + 2 << 2; // RFC 4302: words of 4 bytes less 2
      default -> u8(data, header + 1) + 1 << 3;
    };
  }

  private static boolean isExtension(int protocol) {
    return switch (protocol) {
      case Ip.HOP_BY_HOP,
          Ip.ROUTING,
          Ip.FRAGMENT,
          Ip.AUTHENTICATION,
          Ip.DESTINATION,
          Ip.MOBILITY,
          Ip.HIP,
          Ip.SHIM6 ->
          true;
      default -> false;
    };
  }

  /** Extension headers that are messages of their own when nothing follows them. */
  private static boolean isMessage(int protocol) {
    return protocol == Ip.MOBILITY || protocol == Ip.HIP || protocol == Ip.SHIM6;
  }
}
