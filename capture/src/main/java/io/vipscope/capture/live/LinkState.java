package io.vipscope.capture.live;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vipscope.core.net.IpAddress;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An interface of this network namespace as rtnetlink(7) describes it.
 *
 * @param hardware ARPHRD_ number
 * @param mtuBytes largest packet, without link header
 * @param master the bridge, bond or other device it is a port of; null if of none
 * @param above devices that stand on it: VLANs, MACVLANs, ...
 * @param addresses with prefix length, IPv4 and IPv6, link-local ones too
 * @param xdp whether an XDP program is attached
 */
record LinkState(
    int index,
    int hardware,
    boolean up,
    int mtuBytes,
    @Nullable String master,
    List<String> above,
    List<String> addresses,
    boolean xdp) {

  private static final int NETLINK_ROUTE = 0;
  private static final int HEADER = 16;
  private static final int ANSWER_MS = 2_000;

  // linux/netlink.h, linux/rtnetlink.h
  private static final short NLMSG_ERROR = 2;
  private static final short NLMSG_DONE = 3;
  private static final short RTM_GETLINK = 18;
  private static final short RTM_GETADDR = 22;
  private static final short NLM_F_REQUEST_DUMP = 0x301;
  private static final int ATTRIBUTE_TYPE = 0x3fff;
  private static final int IFINFOMSG = 16;
  private static final int IFADDRMSG = 8;
  private static final int IFF_UP = 1;

  // linux/if_link.h, linux/if_addr.h
  private static final int IFLA_IFNAME = 3;
  private static final int IFLA_MTU = 4;
  private static final int IFLA_LINK = 5;
  private static final int IFLA_MASTER = 10;
  private static final int IFLA_LINKINFO = 18;
  private static final int IFLA_INFO_KIND = 1;
  private static final int IFLA_LINK_NETNSID = 37;
  private static final int IFLA_XDP = 43;
  private static final int IFLA_XDP_ATTACHED = 2;
  private static final int IFA_ADDRESS = 1;
  private static final int IFA_LOCAL = 2;
  private static final int AF_INET = 2;

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
  private static final ValueLayout.OfInt BE32 = INT.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfLong BE64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  LinkState {
    above = List.copyOf(above);
    addresses = List.copyOf(addresses);
  }

  /**
   * The interface of this name; null if there is none.
   *
   * @throws LinkageError if there is no rtnetlink here, or it does not answer
   */
  static @Nullable LinkState of(String name) {
    List<MemorySegment> links = new ArrayList<>();
    List<String> addresses = new ArrayList<>();
    try (Netlink netlink = new Netlink(NETLINK_ROUTE, 0, 0)) {
      dump(netlink, RTM_GETLINK, IFINFOMSG, links::add);
      MemorySegment own = links.stream().filter(l -> name.equals(name(l))).findFirst().orElse(null);
      if (own == null) {
        return null;
      }
      int index = own.get(INT, 4);
      dump(
          netlink,
          RTM_GETADDR,
          IFADDRMSG,
          message -> {
            if (message.get(INT, 4) == index) {
              addresses.add(address(message));
            }
          });
      return of(own, links, addresses);
    }
  }

  private static LinkState of(
      MemorySegment own, List<MemorySegment> links, List<String> addresses) {
    int index = own.get(INT, 4);
    Map<Integer, MemorySegment> attributes = attributes(own, IFINFOMSG);
    MemorySegment master = attributes.get(IFLA_MASTER);
    MemorySegment mtu = attributes.get(IFLA_MTU);
    MemorySegment xdp = attributes.get(IFLA_XDP);
    MemorySegment attached = xdp == null ? null : attributes(xdp, 0).get(IFLA_XDP_ATTACHED);
    List<String> above = new ArrayList<>();
    String masterName = null;
    for (MemorySegment link : links) {
      if (master != null && link.get(INT, 4) == master.get(INT, 0)) {
        masterName = name(link);
      }
      if (standsOn(link, index)) {
        above.add(name(link));
      }
    }
    return new LinkState(
        index,
        Short.toUnsignedInt(own.get(SHORT, 2)),
        (own.get(INT, 8) & IFF_UP) != 0,
        mtu == null ? 0 : mtu.get(INT, 0),
        master == null || masterName != null ? masterName : "another interface",
        above,
        addresses,
        attached != null && attached.get(ValueLayout.JAVA_BYTE, 0) != 0);
  }

  /** A pair's other end (veth, netkit) is named in the same way as the device below. */
  private static boolean standsOn(MemorySegment link, int index) {
    Map<Integer, MemorySegment> attributes = attributes(link, IFINFOMSG);
    MemorySegment below = attributes.get(IFLA_LINK);
    MemorySegment info = attributes.get(IFLA_LINKINFO);
    MemorySegment kind = info == null ? null : attributes(info, 0).get(IFLA_INFO_KIND);
    String word = kind == null ? "" : kind.getString(0, UTF_8);
    return below != null
        && below.get(INT, 0) == index
        && link.get(INT, 4) != index
        && !attributes.containsKey(IFLA_LINK_NETNSID)
        && !word.equals("veth")
        && !word.equals("netkit");
  }

  private static String name(MemorySegment link) {
    MemorySegment name = attributes(link, IFINFOMSG).get(IFLA_IFNAME);
    return name == null ? "" : name.getString(0, UTF_8);
  }

  private static String address(MemorySegment message) {
    Map<Integer, MemorySegment> attributes = attributes(message, IFADDRMSG);
    // IFA_ADDRESS of a point-to-point link is the peer's.
    MemorySegment bytes = attributes.getOrDefault(IFA_LOCAL, attributes.get(IFA_ADDRESS));
    if (bytes == null) {
      return "an address";
    }
    IpAddress address =
        message.get(ValueLayout.JAVA_BYTE, 0) == AF_INET
            ? IpAddress.v4(bytes.get(BE32, 0))
            : IpAddress.v6(bytes.get(BE64, 0), bytes.get(BE64, 8));
    return address + "/" + Byte.toUnsignedInt(message.get(ValueLayout.JAVA_BYTE, 1));
  }

  /** Attributes ({@code struct rtattr}) by type. */
  private static Map<Integer, MemorySegment> attributes(MemorySegment in, int from) {
    Map<Integer, MemorySegment> all = new HashMap<>();
    for (long at = from; at + 4 <= in.byteSize(); ) {
      int length = Short.toUnsignedInt(in.get(SHORT, at));
      if (length < 4 || at + length > in.byteSize()) {
        break;
      }
      all.put(in.get(SHORT, at + 2) & ATTRIBUTE_TYPE, in.asSlice(at + 4, length - 4L));
      at += length + 3 & ~3;
    }
    return all;
  }

  /** Shows each message of a dump without its netlink header. */
  private static void dump(Netlink netlink, short type, int bytes, Consumer<MemorySegment> each) {
    MemorySegment request = netlink.allocate(HEADER + bytes);
    request.set(INT, 0, HEADER + bytes);
    request.set(SHORT, 4, type);
    request.set(SHORT, 6, NLM_F_REQUEST_DUMP);
    request.set(INT, 8, type);
    if (!netlink.send(request, request.byteSize())) {
      throw new LinkageError("rtnetlink takes no questions");
    }
    while (netlink.await(ANSWER_MS) && netlink.read() == Netlink.Read.DATA) {
      MemorySegment answer =
          MemorySegment.ofArray(
              netlink.buffer().asSlice(0, netlink.length()).toArray(ValueLayout.JAVA_BYTE));
      for (long at = 0; at + HEADER <= answer.byteSize(); ) {
        int length = answer.get(INT, at);
        short kind = answer.get(SHORT, at + 4);
        if (kind == NLMSG_DONE) {
          return;
        }
        if (kind == NLMSG_ERROR || length < HEADER + bytes || at + length > answer.byteSize()) {
          throw new LinkageError("rtnetlink's answer cannot be read");
        }
        each.accept(answer.asSlice(at + HEADER, length - HEADER));
        at += length + 3 & ~3;
      }
    }
    throw new LinkageError("rtnetlink does not answer");
  }
}
