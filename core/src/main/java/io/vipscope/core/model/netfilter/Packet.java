package io.vipscope.core.model.netfilter;

import io.vipscope.core.net.IpAddress;
import org.jspecify.annotations.Nullable;

/**
 * The first packet of a flow at one point of its way through the hooks.
 *
 * @param src null: not known (forwarded traffic)
 * @param ctSrc the source as conntrack saw it; null: not known
 * @param ctDst the destination as conntrack saw it
 * @param sport 0 = none or not known
 * @param dev the device it would leave by
 * @param hookDev the output device that rules of the hook see: that of its beginning, also after a
 *     re-route within it
 * @param gateway null = the destination is on the link
 * @param tos the whole octet
 * @param forwarded from another host: it has no socket, and an input device
 * @param dnat an OUTPUT hook mapped the destination
 */
public record Packet(
    @Nullable IpAddress src,
    IpAddress dst,
    @Nullable IpAddress ctSrc,
    IpAddress ctDst,
    int protocol,
    int sport,
    int dport,
    @Nullable String dev,
    @Nullable String hookDev,
    @Nullable IpAddress gateway,
    long mark,
    long ctMark,
    int tos,
    long uid,
    boolean forwarded,
    boolean untracked,
    boolean dnat) {

  private static final long ALL = 0xffffffffL;

  /** A packet of this host as routing made it. */
  public static Packet own(
      @Nullable IpAddress src,
      IpAddress dst,
      int protocol,
      int sport,
      int dport,
      @Nullable String dev,
      @Nullable IpAddress gateway,
      int mark,
      int tos,
      long uid) {
    return new Packet(
        src,
        dst,
        src,
        dst,
        protocol,
        sport,
        dport,
        dev,
        dev,
        gateway,
        mark & ALL,
        0,
        tos,
        uid,
        false,
        false,
        false);
  }

  /** Any packet of another host on its way to the destination. */
  public static Packet forwarded(
      IpAddress dst,
      int protocol,
      int sport,
      int dport,
      @Nullable String dev,
      @Nullable IpAddress gateway) {
    return new Packet(
        null, dst, null, dst, protocol, sport, dport, dev, dev, gateway, 0, 0, 0, 0, true, false,
        false);
  }

  public boolean v6() {
    return dst.v6();
  }

  /** TCP, UDP, DCCP, SCTP, UDP-Lite. */
  public boolean hasPorts() {
    return switch (protocol) {
      case 6, 17, 33, 132, 136 -> true;
      default -> false;
    };
  }

  Packet withSrc(@Nullable IpAddress value) {
    return new Packet(
        value, dst, ctSrc, ctDst, protocol, sport, dport, dev, hookDev, gateway, mark, ctMark, tos,
        uid, forwarded, untracked, dnat);
  }

  Packet withDst(IpAddress value, boolean byNat) {
    return new Packet(
        src,
        value,
        ctSrc,
        ctDst,
        protocol,
        sport,
        dport,
        dev,
        hookDev,
        gateway,
        mark,
        ctMark,
        tos,
        uid,
        forwarded,
        untracked,
        dnat || byNat);
  }

  Packet withDport(int value) {
    return new Packet(
        src, dst, ctSrc, ctDst, protocol, sport, value, dev, hookDev, gateway, mark, ctMark, tos,
        uid, forwarded, untracked, dnat);
  }

  Packet withWay(@Nullable String device, @Nullable IpAddress nexthop) {
    return new Packet(
        src, dst, ctSrc, ctDst, protocol, sport, dport, device, hookDev, nexthop, mark, ctMark, tos,
        uid, forwarded, untracked, dnat);
  }

  Packet withMarks(long packet, long conntrack) {
    return new Packet(
        src,
        dst,
        ctSrc,
        ctDst,
        protocol,
        sport,
        dport,
        dev,
        hookDev,
        gateway,
        packet & ALL,
        conntrack & ALL,
        tos,
        uid,
        forwarded,
        untracked,
        dnat);
  }

  Packet withTos(int value) {
    return new Packet(
        src, dst, ctSrc, ctDst, protocol, sport, dport, dev, hookDev, gateway, mark, ctMark, value,
        uid, forwarded, untracked, dnat);
  }

  /** At the beginning of a hook. */
  Packet atHook() {
    return new Packet(
        src, dst, ctSrc, ctDst, protocol, sport, dport, dev, dev, gateway, mark, ctMark, tos, uid,
        forwarded, untracked, dnat);
  }

  Packet asUntracked() {
    return new Packet(
        src, dst, ctSrc, ctDst, protocol, sport, dport, dev, hookDev, gateway, mark, ctMark, tos,
        uid, forwarded, true, dnat);
  }

  /** As conntrack first sees it: what raw hooks rewrote is the original to it. */
  Packet tracked() {
    return new Packet(
        src, dst, src, dst, protocol, sport, dport, dev, hookDev, gateway, mark, ctMark, tos, uid,
        forwarded, untracked, dnat);
  }
}
