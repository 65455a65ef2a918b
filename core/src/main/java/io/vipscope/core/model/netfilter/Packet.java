package io.vipscope.core.model.netfilter;

import io.vipscope.core.net.IpAddress;
import org.jspecify.annotations.Nullable;

/**
 * The first packet of a flow at one point of its way through the hooks.
 *
 * @param src null: not known (forwarded traffic)
 * @param sport 0 = none or not known
 * @param dev the device it would leave by
 * @param hookDev the output device that rules of the hook see: that of its beginning, also after a
 *     re-route within it
 * @param gateway null = the destination is on the link
 * @param tos the whole octet
 * @param forwarded from another host: it has no socket, and an input device
 */
public record Packet(
    @Nullable IpAddress src,
    IpAddress dst,
    int protocol,
    int sport,
    int dport,
    @Nullable String dev,
    @Nullable String hookDev,
    @Nullable IpAddress gateway,
    long mark,
    int tos,
    long uid,
    boolean forwarded,
    Conntrack ct) {

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
    Conntrack ct = Conntrack.of(Conntrack.State.NONE, src, dst);
    return new Packet(
        src, dst, protocol, sport, dport, dev, dev, gateway, mark & ALL, tos, uid, false, ct);
  }

  /** Any packet of another host on its way to the destination. */
  public static Packet forwarded(
      IpAddress dst,
      int protocol,
      int sport,
      int dport,
      @Nullable String dev,
      @Nullable IpAddress gateway) {
    return forwarded(null, dst, protocol, sport, dport, dev, gateway);
  }

  /** A packet of another host on its way to the destination. */
  public static Packet forwarded(
      @Nullable IpAddress src,
      IpAddress dst,
      int protocol,
      int sport,
      int dport,
      @Nullable String dev,
      @Nullable IpAddress gateway) {
    Conntrack ct = Conntrack.of(Conntrack.State.TRACKED, src, dst);
    return new Packet(src, dst, protocol, sport, dport, dev, dev, gateway, 0, 0, 0, true, ct);
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
        value, dst, protocol, sport, dport, dev, hookDev, gateway, mark, tos, uid, forwarded, ct);
  }

  Packet withDst(IpAddress value) {
    return new Packet(
        src, value, protocol, sport, dport, dev, hookDev, gateway, mark, tos, uid, forwarded, ct);
  }

  /** DNAT has mapped it. */
  Packet mappedTo(IpAddress address, int port) {
    return new Packet(
        src,
        address,
        protocol,
        sport,
        port,
        dev,
        hookDev,
        gateway,
        mark,
        tos,
        uid,
        forwarded,
        ct.mappedTo(address));
  }

  Packet withWay(@Nullable String device, @Nullable IpAddress nexthop) {
    return new Packet(
        src, dst, protocol, sport, dport, device, hookDev, nexthop, mark, tos, uid, forwarded, ct);
  }

  Packet withMark(long value) {
    return new Packet(
        src,
        dst,
        protocol,
        sport,
        dport,
        dev,
        hookDev,
        gateway,
        value & ALL,
        tos,
        uid,
        forwarded,
        ct);
  }

  Packet withTos(int value) {
    return new Packet(
        src, dst, protocol, sport, dport, dev, hookDev, gateway, mark, value, uid, forwarded, ct);
  }

  /** At the beginning of a hook. */
  Packet atHook() {
    return new Packet(
        src, dst, protocol, sport, dport, dev, dev, gateway, mark, tos, uid, forwarded, ct);
  }

  Packet with(Conntrack value) {
    return new Packet(
        src, dst, protocol, sport, dport, dev, hookDev, gateway, mark, tos, uid, forwarded, value);
  }

  /** As conntrack first sees it: what raw hooks rewrote is the original to it. */
  Packet tracked() {
    return ct.state() == Conntrack.State.NONE
        ? with(Conntrack.of(Conntrack.State.TRACKED, src, dst))
        : this;
  }
}
