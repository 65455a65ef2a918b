package io.vipscope.tools;

import io.vipscope.capture.CaptureException;
import io.vipscope.core.finding.Expectation;
import io.vipscope.core.finding.Expectation.Must;
import io.vipscope.core.finding.Expectation.PortRange;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.IpPrefix;
import io.vipscope.core.verdict.SourceClass;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What {@code --expect FILE} says: a YAML list, each entry with {@code must_be} ({@code primary},
 * {@code vip} or an address) and optionally {@code hosts}, {@code destinations}, {@code ports}
 * (numbers or {@code FROM-TO}) and {@code protocol}. One value may stand for a list of one.
 *
 * @param hosts every host that is named, with file and line
 */
record ExpectFile(List<Expectation> expectations, List<Named> hosts) {

  /** A host's name and where it stands. */
  record Named(String host, String where) {}

  private static final Set<String> KEYS =
      Set.of("hosts", "destinations", "ports", "protocol", "must_be");
  private static final String FORM = "a mapping of hosts, destinations, ports, protocol, must_be";

  static final ExpectFile NONE = new ExpectFile(List.of(), List.of());

  ExpectFile {
    expectations = List.copyOf(expectations);
    hosts = List.copyOf(hosts);
  }

  /**
   * Reads a file.
   *
   * @param file null = nothing is expected
   * @throws CaptureException with the first thing that is wrong in it, and its line
   */
  static ExpectFile read(@Nullable Path file) {
    if (file == null) {
      return NONE;
    }
    List<String> problems = new ArrayList<>();
    YamlPlace top = YamlPlace.read(file, problems);
    List<Expectation> expectations = new ArrayList<>();
    List<Named> hosts = new ArrayList<>();
    if (top != null) {
      int number = 0;
      for (YamlPlace entry : top.entries("a list of expectations")) {
        Expectation expectation = expectation(++number, entry, hosts);
        if (expectation != null) {
          expectations.add(expectation);
        }
      }
    }
    if (!problems.isEmpty()) {
      throw new CaptureException(problems.getFirst());
    }
    return new ExpectFile(expectations, hosts);
  }

  /** A sentence for every host that is named and not among these: nothing is expected of it. */
  List<String> strangers(Collection<String> known) {
    Set<String> sentences = new LinkedHashSet<>();
    for (Named named : hosts) {
      if (!known.contains(named.host())) {
        sentences.add(
            named.where()
                + ": hosts: no audited host is named "
                + named.host()
                + (known.isEmpty() ? "" : ", only " + String.join(", ", known))
                + ": it is expected of no flow");
      }
    }
    return List.copyOf(sentences);
  }

  private static @Nullable Expectation expectation(int number, YamlPlace entry, List<Named> named) {
    Map<String, YamlPlace> keys = entry.mapping(FORM, KEYS);
    if (!entry.isMapping()) {
      return null;
    }
    YamlPlace wanted = keys.get("must_be");
    if (wanted == null) {
      entry.wrong("expected must_be: primary, vip or an address");
      return null;
    }
    List<String> hosts = new ArrayList<>();
    for (YamlPlace place : all(keys.get("hosts"), "names of hosts")) {
      String host = place.text("a host's name");
      if (host != null) {
        hosts.add(host);
        named.add(new Named(host, place.where()));
      }
    }
    YamlPlace protocol = keys.get("protocol");
    Must must = parsed(wanted, "primary, vip or an address", ExpectFile::must);
    return must == null
        ? null
        : new Expectation(
            number,
            hosts,
            list(keys.get("destinations"), "addresses or prefixes", IpPrefix::parse),
            list(keys.get("ports"), "ports from 0 to 65535 or FROM-TO", ExpectFile::ports),
            protocol == null ? null : parsed(protocol, ProtocolName.FORM, ProtocolName::parse),
            must);
  }

  private static List<YamlPlace> all(@Nullable YamlPlace place, String what) {
    return place == null ? List.of() : place.list(what);
  }

  private static <T> List<T> list(
      @Nullable YamlPlace place, String what, Function<String, T> parser) {
    List<T> values = new ArrayList<>();
    for (YamlPlace one : all(place, what)) {
      T value = parsed(one, what, parser);
      if (value != null) {
        values.add(value);
      }
    }
    return values;
  }

  private static <T> @Nullable T parsed(YamlPlace place, String what, Function<String, T> parser) {
    String text = place.text(what);
    try {
      return text == null ? null : parser.apply(text);
    } catch (IllegalArgumentException _) {
      place.expected(what);
      return null;
    }
  }

  private static Must must(String text) {
    return switch (text) {
      case "primary" -> new Must.Be(SourceClass.PRIMARY);
      case "vip" -> new Must.Be(SourceClass.VIP);
      case String address -> new Must.BeAddress(IpAddress.parse(address));
    };
  }

  private static PortRange ports(String text) {
    String[] ends = text.split("-", 2);
    int from = Integer.parseInt(ends[0].strip());
    int to = ends.length == 1 ? from : Integer.parseInt(ends[1].strip());
    if (from < 0 || from > to || to > 65_535) {
      throw new IllegalArgumentException("no port or range: '" + text + "'");
    }
    return new PortRange(from, to);
  }
}
