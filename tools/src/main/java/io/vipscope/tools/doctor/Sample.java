package io.vipscope.tools.doctor;

import io.vipscope.capture.FrameSource;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.HashSet;
import java.util.Set;

/** Counts of the frames that an interface gives within some seconds. One thread. */
final class Sample {

  private static final int ETHERNET = 1;
  private static final int HEADER = 14;
  private static final int ARP = 0x0806;
  private static final int IPV4 = 0x0800;
  private static final int IPV6 = 0x86dd;
  private static final int VLAN = 0x8100;
  private static final int QINQ = 0x88a8;
  private static final int VRRP = 112;
  private static final long GROUP_BIT = 0x0100_0000_0000L;
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  long frames;
  long otherLinkTypes;

  /** Addressed to another single station. */
  long toOthers;

  /** Sent by this machine itself. */
  long own;

  long vrrp;
  long arp;
  long tagged;
  final Set<Long> sources = new HashSet<>();
  final Set<Long> destinations = new HashSet<>();
  final Set<Long> vrrpSources = new HashSet<>();

  /**
   * Takes the frame that a source stands at.
   *
   * @param ownMac this interface's
   */
  void add(FrameSource source, long ownMac) {
    frames++;
    if (source.linkType() != ETHERNET || source.capturedLength() < HEADER) {
      otherLinkTypes++;
      return;
    }
    MemorySegment data = source.data();
    long at = source.dataOffset();
    long to = mac(data, at);
    long from = mac(data, at + 6);
    sources.add(from);
    destinations.add(to);
    if (from == ownMac) {
      own++;
    } else if ((to & GROUP_BIT) == 0 && to != ownMac) {
      toOthers++;
    }
    long end = at + source.capturedLength();
    long place = at + 12;
    int type = type(data, place, end);
    if (type == VLAN || type == QINQ) {
      tagged++;
    }
    while (type == VLAN || type == QINQ) {
      place += 4;
      type = type(data, place, end);
    }
    int protocol = -1;
    if (type == ARP) {
      arp++;
    } else if (type == IPV4 && place + 12 <= end) {
      protocol = data.get(ValueLayout.JAVA_BYTE, place + 2 + 9) & 0xff;
    } else if (type == IPV6 && place + 9 <= end) {
      protocol = data.get(ValueLayout.JAVA_BYTE, place + 2 + 6) & 0xff;
    }
    if (protocol == VRRP) {
      vrrp++;
      vrrpSources.add(from);
    }
  }

  private static int type(MemorySegment data, long place, long end) {
    return place + 2 > end ? -1 : data.get(SHORT, place) & 0xffff;
  }

  private static long mac(MemorySegment data, long at) {
    return (data.get(SHORT, at) & 0xffffL) << 32
        | (data.get(SHORT, at + 2) & 0xffffL) << 16
        | data.get(SHORT, at + 4) & 0xffffL;
  }
}
