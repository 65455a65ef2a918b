package io.vipscope.core.model.selection;

import io.vipscope.core.net.IpAddress;
import org.jspecify.annotations.Nullable;

/**
 * What a locally originated lookup knows ({@code struct flowi}).
 *
 * @param from source; null = not chosen yet
 * @param tos the whole former TOS octet
 * @param oif device the socket is bound to; null = none
 * @param ipproto IP protocol number; 0 = not known
 * @param sport 0 = not known; matches no port range
 * @param dport 0 = not known
 * @param uid owner of the socket, as an unsigned number
 */
public record RouteQuery(
    IpAddress dst,
    @Nullable IpAddress from,
    int mark,
    int tos,
    @Nullable String oif,
    int ipproto,
    int sport,
    int dport,
    int uid) {

  public RouteQuery {
    if (from != null && from.v6() != dst.v6()) {
      throw new IllegalArgumentException("source " + from + " and destination " + dst);
    }
    from = from != null && from.isAny() ? null : from;
  }

  /** A query with nothing but a destination; the protocol is {@code ip route get}'s default. */
  public static RouteQuery to(IpAddress dst) {
    return new RouteQuery(dst, null, 0, 0, null, dst.v6() ? 0 : 17, 0, 0, 0);
  }

  public boolean v6() {
    return dst.v6();
  }

  public RouteQuery withFrom(@Nullable IpAddress value) {
    return new RouteQuery(dst, value, mark, tos, oif, ipproto, sport, dport, uid);
  }

  public RouteQuery withDst(IpAddress value) {
    return new RouteQuery(value, from, mark, tos, oif, ipproto, sport, dport, uid);
  }

  public RouteQuery withMark(int value) {
    return new RouteQuery(dst, from, value, tos, oif, ipproto, sport, dport, uid);
  }

  public RouteQuery withTos(int value) {
    return new RouteQuery(dst, from, mark, value, oif, ipproto, sport, dport, uid);
  }

  public RouteQuery withOif(@Nullable String value) {
    return new RouteQuery(dst, from, mark, tos, value, ipproto, sport, dport, uid);
  }

  public RouteQuery withUid(int value) {
    return new RouteQuery(dst, from, mark, tos, oif, ipproto, sport, dport, value);
  }

  public RouteQuery withIpproto(int value) {
    return new RouteQuery(dst, from, mark, tos, oif, value, sport, dport, uid);
  }

  public RouteQuery withSport(int value) {
    return new RouteQuery(dst, from, mark, tos, oif, ipproto, value, dport, uid);
  }

  public RouteQuery withDport(int value) {
    return new RouteQuery(dst, from, mark, tos, oif, ipproto, sport, value, uid);
  }

  public RouteQuery withPorts(int protocol, int source, int destination) {
    return new RouteQuery(dst, from, mark, tos, oif, protocol, source, destination, uid);
  }
}
