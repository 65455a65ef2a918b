package io.vipscope.core;

import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.MacAddress;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/**
 * Builds frames from the IP layer outwards. Immutable; checksums stay 0, since nobody checks them.
 */
public final class FrameBuilder {

  public static final int FIN = 1;
  public static final int SYN = 2;
  public static final int RST = 4;
  public static final int ACK = 16;
  public static final int SYN_ACK = SYN | ACK;

  private static final int IPV4 = 0x0800;
  private static final int IPV6 = 0x86dd;
  private static final long DEFAULT_MAC = 0x02_00_00_00_00_01L;

  private final long srcMac;
  private final long dstMac;
  private final int ttl;
  private final byte[] tags;
  private final int etherType;

  /** The IP packet, or what follows the EtherType. */
  private final byte[] packet;

  private FrameBuilder(
      long srcMac, long dstMac, int ttl, byte[] tags, int etherType, byte[] packet) {
    this.srcMac = srcMac;
    this.dstMac = dstMac;
    this.ttl = ttl;
    this.tags = tags;
    this.etherType = etherType;
    this.packet = packet;
  }

  /** Bytes in network order, each number {@code width} wide. */
  public static byte[] bytes(int width, long... values) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (long value : values) {
      for (int i = width - 1; i >= 0; i--) {
        out.write((int) (value >>> 8 * i));
      }
    }
    return out.toByteArray();
  }

  public static byte[] join(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  public static IpAddress ip(String text) {
    return IpAddress.parse(text);
  }

  public static long mac(String text) {
    return MacAddress.parse(text).bits();
  }

  public static FrameBuilder tcp(
      String src, int sport, String dst, int dport, int flags, long seq) {
    return tcp(src, sport, dst, dport, flags, seq, 0, 0);
  }

  /** With an acknowledgement number and so many bytes of data. */
  public static FrameBuilder tcp(
      String src, int sport, String dst, int dport, int flags, long seq, long ack, int data) {
    byte[] header =
        join(bytes(2, sport, dport), bytes(4, seq, ack), bytes(2, 5 << 12 | flags, 0xffff, 0, 0));
    return ip(src, dst, 6, join(header, new byte[data]));
  }

  public static FrameBuilder tcp(String src, int sport, String dst, int dport, int flags) {
    return tcp(src, sport, dst, dport, flags, 1000);
  }

  public static FrameBuilder udp(String src, int sport, String dst, int dport) {
    return ip(src, dst, 17, join(bytes(2, sport, dport, 12, 0), bytes(4, 0)));
  }

  /** ICMP or ICMPv6, by the addresses' family. */
  public static FrameBuilder icmp(String src, String dst, int type, int id) {
    byte[] message = join(bytes(1, type, 0), bytes(2, 0, id, 1));
    return ip(src, dst, ip(src).v6() ? 58 : 1, message);
  }

  /** An IP packet with this payload. */
  public static FrameBuilder ip(String src, String dst, int protocol, byte[] payload) {
    return ip(src, dst, protocol, payload, 64, 0, 0);
  }

  /**
   * A fragment.
   *
   * @param offset in bytes, a multiple of 8
   */
  public static FrameBuilder fragment(
      String src, String dst, int protocol, int id, int offset, boolean more, byte[] payload) {
    if (ip(src).v6()) {
      byte[] header = join(bytes(1, protocol, 0), bytes(2, offset | (more ? 1 : 0)), bytes(4, id));
      return ip(src, dst, 44, join(header, payload));
    }
    return ip(src, dst, protocol, payload, 64, id, offset >>> 3 | (more ? 0x2000 : 0));
  }

  private static FrameBuilder ip(
      String src, String dst, int protocol, byte[] payload, int ttl, int id, int fragment) {
    IpAddress from = ip(src);
    byte[] header =
        from.v6()
            ? join(bytes(4, 6L << 28), bytes(2, payload.length), bytes(1, protocol, ttl))
            : join(
                bytes(1, 0x45, 0),
                bytes(2, 20 + payload.length, id, fragment),
                bytes(1, ttl, protocol),
                bytes(2, 0));
    byte[] packet = join(header, from.toBytes(), ip(dst).toBytes(), payload);
    return new FrameBuilder(
        DEFAULT_MAC, DEFAULT_MAC + 1, ttl, new byte[0], from.v6() ? IPV6 : IPV4, packet);
  }

  /** An ARP message; operation 1 = request, 2 = reply. */
  public static FrameBuilder arp(int operation, long senderMac, String sender, String target) {
    byte[] message =
        join(
            bytes(2, 1, IPV4),
            bytes(1, 6, 4),
            bytes(2, operation),
            bytes(6, senderMac),
            ip(sender).toBytes(),
            bytes(6, 0),
            ip(target).toBytes());
    return other(0x0806, message).macs(senderMac, 0xffffffffffffL);
  }

  /** A VRRP version 2 advert; IPv4. */
  public static FrameBuilder vrrp2(
      String src, int vrid, int priority, int seconds, String... addresses) {
    byte[] message =
        join(
            bytes(1, 0x21, vrid, priority, addresses.length, 0, seconds),
            bytes(2, 0),
            list(addresses),
            new byte[8]);
    return ip(src, "224.0.0.18", 112, message).ttl(255);
  }

  /** A VRRP version 3 advert; the family is that of the source. */
  public static FrameBuilder vrrp3(
      String src, int vrid, int priority, int centiseconds, String... addresses) {
    byte[] message =
        join(
            bytes(1, 0x31, vrid, priority, addresses.length),
            bytes(2, centiseconds, 0),
            list(addresses));
    return ip(src, ip(src).v6() ? "ff02::12" : "224.0.0.18", 112, message).ttl(255);
  }

  private static byte[] list(String... addresses) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (String address : addresses) {
      out.writeBytes(ip(address).toBytes());
    }
    return out.toByteArray();
  }

  /**
   * A neighbour advertisement.
   *
   * @param flags 0x80 router, 0x40 solicited, 0x20 override
   * @param targetMac link-layer address option; -1 = none
   */
  public static FrameBuilder advertisement(
      String src, String dst, String target, int flags, long targetMac) {
    return neighbour(src, dst, 136, (long) flags << 24, target, 2, targetMac);
  }

  /** A neighbour solicitation, with the sender's MAC as option. */
  public static FrameBuilder solicitation(String src, String dst, String target, long mac) {
    return neighbour(src, dst, 135, 0, target, 1, mac);
  }

  private static FrameBuilder neighbour(
      String src, String dst, int type, long flags, String target, int option, long mac) {
    byte[] options = mac < 0 ? new byte[0] : join(bytes(1, option, 1), bytes(6, mac));
    byte[] message =
        join(bytes(1, type, 0), bytes(2, 0), bytes(4, flags), ip(target).toBytes(), options);
    return ip(src, dst, 58, message).ttl(255);
  }

  /** A frame that carries no IP. */
  public static FrameBuilder other(int etherType, byte[] payload) {
    return new FrameBuilder(DEFAULT_MAC, DEFAULT_MAC + 1, 0, new byte[0], etherType, payload);
  }

  public FrameBuilder macs(long src, long dst) {
    return new FrameBuilder(src, dst, ttl, tags, etherType, packet);
  }

  public FrameBuilder ttl(int value) {
    byte[] changed = packet.clone();
    changed[etherType == IPV6 ? 7 : 8] = (byte) value;
    return new FrameBuilder(srcMac, dstMac, value, tags, etherType, changed);
  }

  /** Adds a tag outside of those that are there. */
  public FrameBuilder tag(int tpid, int vlan) {
    return new FrameBuilder(
        srcMac, dstMac, ttl, join(bytes(2, tpid, vlan), tags), etherType, packet);
  }

  public FrameBuilder vlan(int vlan) {
    return tag(0x8100, vlan);
  }

  /** As an Ethernet frame. */
  public byte[] ethernet() {
    return join(bytes(6, dstMac, srcMac), tags, bytes(2, etherType), packet);
  }

  /** The packet alone. */
  public byte[] raw() {
    return packet.clone();
  }

  /** As Linux cooked capture. */
  public byte[] sll() {
    return join(bytes(2, 0, 1, 6), bytes(6, srcMac), bytes(2, 0, protocolField()), tail(), packet);
  }

  /** As Linux cooked capture, version 2. */
  public byte[] sll2() {
    return join(
        bytes(2, protocolField(), 0),
        bytes(4, 2),
        bytes(2, 1),
        bytes(1, 0, 6),
        bytes(6, srcMac),
        bytes(2, 0),
        tail(),
        packet);
  }

  private int protocolField() {
    return tags.length == 0 ? etherType : (tags[0] & 0xff) << 8 | tags[1] & 0xff;
  }

  /** What follows the protocol field: tags without the first TPID, then the EtherType. */
  private byte[] tail() {
    return tags.length == 0
        ? new byte[0]
        : join(Arrays.copyOfRange(tags, 2, tags.length), bytes(2, etherType));
  }

  /** As BSD loopback; the family field in little endian. */
  public byte[] loopback() {
    return join(bytes(1, etherType == IPV6 ? 30 : 2, 0, 0, 0), packet);
  }
}
