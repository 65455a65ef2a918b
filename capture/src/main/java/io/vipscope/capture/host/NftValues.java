package io.vipscope.capture.host;

import io.vipscope.core.model.netfilter.AddressRange;
import io.vipscope.core.model.snapshot.Range;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.IpPrefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Values in nft's JSON: numbers, names, ranges, prefixes, sets. */
final class NftValues {

  private static final Map<String, Long> DSCP =
      Map.of("be", 0L, "le", 1L, "ef", 46L, "va", 44L, "lephb", 1L, "df", 0L);

  private static final Map<String, Long> TCP_FLAGS =
      Map.of(
          "fin", 1L, "syn", 2L, "rst", 4L, "psh", 8L, "ack", 16L, "urg", 32L, "ecn", 64L, "cwr",
          128L);

  private NftValues() {}

  /** The single values that a right side stands for; null if a set's content is not shown. */
  static @Nullable List<JsonPlace> of(JsonPlace right, NftSets sets) {
    if (right.node().isString() && right.text().startsWith("@")) {
      JsonPlace set = sets.named(right.text().substring(1));
      return set == null || changing(set) ? null : unwrap(set.list("elem"));
    }
    if (right.node().isObject() && right.has("set")) {
      return unwrap(right.list("set"));
    }
    return right.node().isArray() ? unwrap(right.elements()) : List.of(unwrap(right));
  }

  /** Packets or time change the set: what it held then is not what it holds at a packet. */
  static boolean changing(JsonPlace set) {
    JsonPlace flags = set.at("flags");
    if (flags == null) {
      return set.has("timeout");
    }
    String text = flags.node().toString();
    return text.contains("dynamic") || text.contains("timeout");
  }

  private static List<JsonPlace> unwrap(List<JsonPlace> elements) {
    return elements.stream().map(NftValues::unwrap).toList();
  }

  /** An element with a counter, a comment or a timeout stands in an object of its own. */
  static JsonPlace unwrap(JsonPlace element) {
    JsonPlace inner = element.node().isObject() ? element.at("elem") : null;
    JsonPlace val = inner == null ? null : inner.object().at("val");
    return val == null ? element : val;
  }

  static @Nullable AddressRange addresses(JsonPlace v) {
    if (v.node().isString()) {
      IpAddress address = v.parsed(IpAddress::parse, "an IP address");
      return new AddressRange(address, address);
    }
    JsonPlace prefix = v.node().isObject() ? v.at("prefix") : null;
    if (prefix != null) {
      IpAddress network = prefix.object().address("addr");
      long length = prefix.number("len", -1);
      if (network == null || length < 0 || length > network.bits()) {
        throw prefix.wrong("an address and its length");
      }
      // The dump of a range that is a block is a block, whatever its first address.
      return AddressRange.of(IpPrefix.of(network, (int) length));
    }
    List<JsonPlace> ends = v.node().isObject() ? v.list("range") : List.of();
    if (ends.size() != 2) {
      return null;
    }
    IpAddress first = ends.getFirst().parsed(IpAddress::parse, "an IP address");
    IpAddress last = ends.getLast().parsed(IpAddress::parse, "an IP address");
    return new AddressRange(first, last);
  }

  static @Nullable List<AddressRange> addresses(List<JsonPlace> values) {
    List<AddressRange> ranges = new ArrayList<>();
    for (JsonPlace value : values) {
      AddressRange range = addresses(value);
      if (range == null) {
        return null;
      }
      ranges.add(range);
    }
    return ranges;
  }

  /** Numbers and ranges of them; null if one is neither a number nor a name that is known. */
  static @Nullable List<Range> numbers(
      List<JsonPlace> values, Function<JsonPlace, @Nullable Long> of) {
    List<Range> ranges = new ArrayList<>();
    for (JsonPlace value : values) {
      List<JsonPlace> ends =
          value.node().isObject() && value.has("range")
              ? value.list("range")
              : List.of(value, value);
      Long first = ends.size() == 2 ? of.apply(ends.getFirst()) : null;
      Long last = ends.size() == 2 ? of.apply(ends.getLast()) : null;
      if (first == null || last == null) {
        return null;
      }
      ranges.add(new Range(first, last));
    }
    return ranges;
  }

  static @Nullable Long number(JsonPlace v) {
    return v.node().isIntegralNumber() ? (Long) v.number() : null;
  }

  static @Nullable Long protocol(JsonPlace v) {
    if (!v.node().isString()) {
      return number(v);
    }
    return ProtocolName.number(v.text()).map(Integer::longValue).orElse(null);
  }

  static @Nullable Long dscp(JsonPlace v) {
    if (!v.node().isString()) {
      return number(v);
    }
    String name = v.text().toLowerCase(Locale.ROOT);
    if (name.matches("cs[0-7]")) {
      return (name.charAt(2) - '0') * 8L;
    }
    if (name.matches("af[1-4][1-3]")) {
      return (name.charAt(2) - '0') * 8L + (name.charAt(3) - '0') * 2L;
    }
    return DSCP.get(name);
  }

  /** A flag, or several in an array. */
  static @Nullable Long tcpFlags(JsonPlace v) {
    if (v.node().isArray()) {
      long all = 0;
      for (JsonPlace each : v.elements()) {
        Long flag = tcpFlags(each);
        if (flag == null) {
          return null;
        }
        all |= flag;
      }
      return all;
    }
    return v.node().isString() ? TCP_FLAGS.get(v.text()) : number(v);
  }

  /** An ICMP type; all names but that of a ping's request are types no flow begins with. */
  static @Nullable Long icmpType(JsonPlace v, boolean v6) {
    if (!v.node().isString()) {
      return number(v);
    }
    return v.text().equals("echo-request") ? (v6 ? 128L : 8L) : 255L;
  }

  static List<String> texts(List<JsonPlace> values) {
    return values.stream().map(v -> v.node().asString("")).toList();
  }
}
