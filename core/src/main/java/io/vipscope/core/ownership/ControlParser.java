package io.vipscope.core.ownership;

import io.vipscope.core.frame.FrameHeader;
import io.vipscope.core.net.IpAddress;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/** Reads the messages of control frames. Stateless; never reads past the captured bytes. */
public final class ControlParser {

  private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

  private static final int ARP_REQUEST = 1;
  private static final int ARP_REPLY = 2;
  private static final int NEIGHBOUR_SOLICITATION = 135;
  private static final int NEIGHBOUR_ADVERTISEMENT = 136;
  private static final int OPTION_SOURCE_MAC = 1;
  private static final int OPTION_TARGET_MAC = 2;
  private static final int SOLICITED = 0x40;

  private ControlParser() {}

  /** The events of one control frame: none or one. */
  public static List<ControlEvent> parse(
      FrameHeader h, MemorySegment bytes, long frame, long tsNs) {
    return switch (h.control) {
      case VRRP -> advert(h, bytes, frame, tsNs);
      case ARP -> arp(h, bytes, frame, tsNs);
      case ND -> neighbour(h, bytes, frame, tsNs);
      case NONE, IGMP, MLD -> List.of();
    };
  }

  private static int u8(MemorySegment bytes, long offset) {
    return bytes.get(BYTE, offset) & 0xff;
  }

  private static int u16(MemorySegment bytes, long offset) {
    return u8(bytes, offset) << 8 | u8(bytes, offset + 1);
  }

  private static long big(MemorySegment bytes, long offset, int length) {
    long value = 0;
    for (int i = 0; i < length; i++) {
      value = value << 8 | u8(bytes, offset + i);
    }
    return value;
  }

  private static IpAddress v4(MemorySegment bytes, long offset) {
    return IpAddress.v4((int) big(bytes, offset, 4));
  }

  private static IpAddress v6(MemorySegment bytes, long offset) {
    return IpAddress.v6(big(bytes, offset, 8), big(bytes, offset + 8, 8));
  }

  /** RFC 3768 section 5.1 (version 2), RFC 9568 section 5.1 (version 3). */
  private static List<ControlEvent> advert(
      FrameHeader h, MemorySegment bytes, long frame, long tsNs) {
    long at = h.l4Offset;
    if (at + 8 > bytes.byteSize()) {
      return List.of();
    }
    int version = u8(bytes, at) >>> 4;
    int count = u8(bytes, at + 3);
    long intervalNs =
        version == 2
            ? u8(bytes, at + 5) * 1_000_000_000L
            : (u16(bytes, at + 4) & 0xfff) * 10_000_000L;
    int addressBytes = h.v6 ? 16 : 4;
    List<IpAddress> addresses = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      long offset = at + 8 + (long) i * addressBytes;
      if (offset + addressBytes > bytes.byteSize()) {
        break; // cut by the snap length: the addresses before still count
      }
      addresses.add(h.v6 ? v6(bytes, offset) : v4(bytes, offset));
    }
    return List.of(
        new ControlEvent.Advert(
            frame,
            tsNs,
            h.vlan,
            h.srcMac,
            new IpAddress(h.v6, h.srcHi, h.srcLo),
            version,
            u8(bytes, at + 1),
            u8(bytes, at + 2),
            intervalNs,
            List.copyOf(addresses),
            addresses.size() == count));
  }

  /** RFC 826; gratuitous: sender and target protocol address are the same (RFC 5227 section 3). */
  private static List<ControlEvent> arp(FrameHeader h, MemorySegment bytes, long frame, long tsNs) {
    long at = h.l3Offset;
    if (at + 28 > bytes.byteSize()
        || u16(bytes, at) != 1
        || u16(bytes, at + 2) != 0x0800
        || u8(bytes, at + 4) != 6
        || u8(bytes, at + 5) != 4) {
      return List.of();
    }
    int operation = u16(bytes, at + 6);
    long mac = big(bytes, at + 8, 6);
    IpAddress sender = v4(bytes, at + 14);
    IpAddress target = v4(bytes, at + 24);
    if (sender.isAny() || operation != ARP_REQUEST && operation != ARP_REPLY) {
      return List.of(); // a probe (RFC 5227), RARP, InARP
    }
    if (sender.equals(target)) {
      return List.of(
          new ControlEvent.Claim(
              frame, tsNs, h.vlan, h.srcMac, sender, mac, operation == ARP_REPLY));
    }
    return List.of(
        new ControlEvent.Binding(
            frame, tsNs, h.vlan, h.srcMac, sender, mac, operation == ARP_REPLY));
  }

  /** RFC 4861 sections 4.3 and 4.4. */
  private static List<ControlEvent> neighbour(
      FrameHeader h, MemorySegment bytes, long frame, long tsNs) {
    long at = h.l4Offset;
    if (at + 24 > bytes.byteSize()) {
      return List.of();
    }
    int type = u8(bytes, at);
    if (type == NEIGHBOUR_ADVERTISEMENT) {
      IpAddress target = v6(bytes, at + 8);
      long mac = option(bytes, at + 24, OPTION_TARGET_MAC);
      if (mac < 0) {
        mac = h.srcMac;
      }
      boolean solicited = (u8(bytes, at + 4) & SOLICITED) != 0;
      boolean toAll = h.dstHi == 0xff02L << 48 && h.dstLo == 1;
      return List.of(
          !solicited && toAll
              ? new ControlEvent.Claim(frame, tsNs, h.vlan, h.srcMac, target, mac, true)
              : new ControlEvent.Binding(frame, tsNs, h.vlan, h.srcMac, target, mac, true));
    }
    IpAddress source = new IpAddress(true, h.srcHi, h.srcLo);
    if (type == NEIGHBOUR_SOLICITATION && !source.isAny()) {
      long mac = option(bytes, at + 24, OPTION_SOURCE_MAC);
      if (mac >= 0) {
        return List.of(new ControlEvent.Binding(frame, tsNs, h.vlan, h.srcMac, source, mac, false));
      }
    }
    return List.of();
  }

  /** The link-layer address option of a type, or -1. */
  private static long option(MemorySegment bytes, long start, int wanted) {
    long at = start;
    while (at + 8 <= bytes.byteSize()) {
      int length = u8(bytes, at + 1) * 8;
      if (length == 0) {
        return -1;
      }
      if (u8(bytes, at) == wanted) {
        return big(bytes, at + 2, 6);
      }
      at += length;
    }
    return -1;
  }
}
