package io.vipscope.capture.host;

import io.vipscope.capture.host.IptablesWords.Option;
import io.vipscope.core.model.netfilter.AddressRange;
import io.vipscope.core.model.netfilter.Match;
import io.vipscope.core.model.netfilter.Match.Field;
import io.vipscope.core.model.netfilter.Match.Side;
import io.vipscope.core.model.snapshot.Range;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.IpPrefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Reads the matches of iptables; an {@link IllegalArgumentException} says what cannot be read. */
final class IptablesMatch {

  private static final long ALL = 0xffffffffL;

  private static final Map<String, Long> FLAGS =
      Map.of(
          "FIN", 1L, "SYN", 2L, "RST", 4L, "PSH", 8L, "ACK", 16L, "URG", 32L, "ALL", 63L, "NONE",
          0L);

  private IptablesMatch() {}

  static Match address(Side side, Option o, boolean v6) {
    String text = o.value();
    int slash = text.indexOf('/');
    String mask = slash < 0 ? "" : text.substring(slash + 1);
    if (mask.indexOf('.') < 0 && mask.indexOf(':') < 0) {
      return new Match.Addresses(side, List.of(AddressRange.of(IpPrefix.parse(text))), o.negated());
    }
    IpAddress bits = IpAddress.parse(mask);
    int length = bits.commonPrefixLength(v6 ? IpAddress.v6(-1, -1) : IpAddress.v4(-1));
    if (!IpPrefix.of(v6 ? IpAddress.v6(-1, -1) : IpAddress.v4(-1), length).network().equals(bits)) {
      return new Match.Unknown(text); // a mask with holes
    }
    IpPrefix prefix = IpPrefix.of(IpAddress.parse(text.substring(0, slash)), length);
    return new Match.Addresses(side, List.of(AddressRange.of(prefix)), o.negated());
  }

  static Match device(boolean out, Option o) {
    String name = o.value();
    String pattern = name.endsWith("+") ? name.substring(0, name.length() - 1) + "*" : name;
    return new Match.Device(out, Set.of(pattern), o.negated());
  }

  static List<Match> protocol(Option o) {
    if (o.value().equals("all") || o.value().equals("0")) {
      return List.of();
    }
    return List.of(
        ProtocolName.number(o.value())
            .<Match>map(n -> new Match.Numeric(Field.PROTOCOL, ALL, one(n), o.negated()))
            .orElseGet(() -> new Match.Unknown("-p " + o.value())));
  }

  private static List<Range> one(long n) {
    return List.of(new Range(n, n));
  }

  static List<Match> transport(Option o) {
    return switch (o.name()) {
      case "--sport", "--source-port", "--sports", "--source-ports" ->
          List.of(new Match.Ports(true, ports(o.value()), o.negated()));
      case "--dport", "--destination-port", "--dports", "--destination-ports" ->
          List.of(new Match.Ports(false, ports(o.value()), o.negated()));
      case "--ports" ->
          List.of(
              new Match.AnyOf(
                  List.of(
                      List.of(new Match.Ports(true, ports(o.value()), false)),
                      List.of(new Match.Ports(false, ports(o.value()), false))),
                  o.negated()));
      case "--syn" -> List.of(new Match.Numeric(Field.TCP_FLAGS, 23, one(2), o.negated()));
      case "--tcp-flags" -> {
        if (o.values().size() < 2) {
          throw new IllegalArgumentException("--tcp-flags without two values");
        }
        yield List.of(
            new Match.Numeric(
                Field.TCP_FLAGS,
                flags(o.values().get(0)),
                one(flags(o.values().get(1))),
                o.negated()));
      }
      default -> List.of(new Match.Unknown(o.name()));
    };
  }

  private static long flags(String text) {
    return items(text).mapToLong(f -> FLAGS.getOrDefault(f, 0L)).reduce(0, (a, b) -> a | b);
  }

  private static Stream<String> items(String text) {
    return Stream.of(text.split(",", -1));
  }

  private static List<Range> ports(String text) {
    return items(text).map(t -> range(t, ":", 65535)).toList();
  }

  /** {@code a}, {@code a:b}, {@code :b} or {@code a:}. */
  static Range range(String text, String between, long last) {
    int at = text.indexOf(between);
    if (at < 0) {
      return new Range(Long.decode(text), Long.decode(text));
    }
    String from = text.substring(0, at);
    String to = text.substring(at + 1);
    return new Range(from.isEmpty() ? 0 : Long.decode(from), to.isEmpty() ? last : Long.decode(to));
  }

  static Match ranges(Field field, Option o, String between) {
    return new Match.Numeric(field, ALL, List.of(range(o.value(), between, ALL)), o.negated());
  }

  /** {@code value/mask}. */
  static Match number(Field field, Option o) {
    long[] v = masked(o.value());
    return new Match.Numeric(field, v[1], one(v[0]), o.negated());
  }

  /** Value and mask; all bits without one. */
  static long[] masked(String text) {
    int slash = text.indexOf('/');
    return slash < 0
        ? new long[] {Long.decode(text), ALL}
        : new long[] {
          Long.decode(text.substring(0, slash)), Long.decode(text.substring(slash + 1))
        };
  }

  static Match dscp(Option o) {
    return new Match.Numeric(Field.TOS, 0xfc, one(Long.decode(o.value()) << 2), o.negated());
  }

  static Match icmp(Option o) {
    String text = o.value();
    if (text.equals("any") || text.equals("255")) {
      return new Match.Constant(!o.negated());
    }
    String type = text.contains("/") ? text.substring(0, text.indexOf('/')) : text;
    return Character.isDigit(type.charAt(0))
        ? new Match.Numeric(Field.ICMP_TYPE, ALL, one(Long.decode(type)), o.negated())
        : new Match.Unknown(o.name() + " " + text);
  }

  static Match owner(Option o) {
    return switch (o.name()) {
      case "--uid-owner" ->
          Character.isDigit(o.value().charAt(0))
              ? ranges(Field.UID, o, "-")
              : new Match.Unknown("--uid-owner " + o.value());
      case "--gid-owner" ->
          new Match.Hidden(
              "gid " + o.value(), range(o.value(), "-", ALL).contains(0) != o.negated());
      case "--socket-exists" -> new Match.Hidden("socket exists", !o.negated());
      case "--suppl-groups" -> new Match.Constant(true); // widens --gid-owner
      default -> new Match.Unknown(o.name());
    };
  }

  static Match conntrack(Option o, boolean v6) {
    return switch (o.name()) {
      case "--ctstate", "--state" ->
          new Match.CtState(
              items(o.value()).map(s -> s.toLowerCase(Locale.ROOT)).collect(Collectors.toSet()),
              o.negated());
      case "--ctstatus" ->
          items(o.value()).anyMatch("DNAT"::equals)
              ? new Match.CtDnat(o.negated())
              : NftConntrack.ifTracked(o.negated() != items(o.value()).anyMatch("NONE"::equals));
      case "--ctdir" -> NftConntrack.ifTracked(o.value().equals("ORIGINAL") != o.negated());
      case "--ctorigsrc" -> address(Side.ORIGINAL_SOURCE, o, v6);
      case "--ctorigdst" -> address(Side.ORIGINAL_DESTINATION, o, v6);
      default -> new Match.Unknown(o.name());
    };
  }

  static Match addressType(Option o) {
    Side side = o.name().equals("--src-type") ? Side.SOURCE : Side.DESTINATION;
    if (!o.name().equals("--src-type") && !o.name().equals("--dst-type")) {
      return new Match.Unknown(o.name());
    }
    return new Match.AddressType(
        side,
        items(o.value()).map(t -> t.toLowerCase(Locale.ROOT)).collect(Collectors.toSet()),
        o.negated());
  }

  static Match range(Option o) {
    List<IpAddress> ends = new ArrayList<>();
    for (String end : o.value().split("-", 2)) {
      ends.add(IpAddress.parse(end));
    }
    Side side = o.name().equals("--src-range") ? Side.SOURCE : Side.DESTINATION;
    return new Match.Addresses(
        side, List.of(new AddressRange(ends.getFirst(), ends.getLast())), o.negated());
  }

  /** Without IPsec, which no snapshot shows, every packet has policy none. */
  static List<Match> policy(Option o) {
    return o.name().equals("--pol")
        ? List.of(new Match.Hidden("IPsec", o.value().equals("none") != o.negated()))
        : List.of();
  }
}
