package io.vipscope.capture.host;

import io.vipscope.capture.host.IptablesWords.Option;
import io.vipscope.core.model.netfilter.AddressRange;
import io.vipscope.core.model.netfilter.NatTarget;
import io.vipscope.core.model.netfilter.Statement;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.IpPrefix;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The target of an iptables rule with its options. */
final class IptablesTarget {

  private static final long ALL = 0xffffffffL;

  private final String name;
  private final boolean v6;
  private final Map<String, String> options = new HashMap<>();

  IptablesTarget(String name, boolean v6) {
    this.name = name;
    this.v6 = v6;
  }

  void add(Option o) {
    options.put(o.name(), o.values().isEmpty() ? "" : o.value());
  }

  /** What it does; null for what does not matter to the source. */
  @Nullable Statement statement() {
    return switch (name) {
      case "ACCEPT" -> new Statement.Accept();
      case "DROP", "REJECT" -> new Statement.Drop();
      case "RETURN" -> new Statement.Return();
      case "MASQUERADE" -> new Statement.Masquerade();
      case "REDIRECT" -> new Statement.Redirect();
      case "SNAT" -> new Statement.Snat(nat(options.getOrDefault("--to-source", "")));
      case "DNAT" -> new Statement.Dnat(nat(options.getOrDefault("--to-destination", "")));
      case "NETMAP" -> {
        String to = options.getOrDefault("--to", "");
        yield to.isEmpty()
            ? new Statement.Unknown("NETMAP")
            : new Statement.Netmap(AddressRange.of(IpPrefix.parse(to)));
      }
      case "MARK" -> mark();
      case "CONNMARK" -> connmark();
      case "TOS" -> tos();
      case "DSCP" -> dscp();
      case "NOTRACK" -> new Statement.Notrack();
      case "CT" -> options.containsKey("--notrack") ? new Statement.Notrack() : null;
      case "LOG",
          "NFLOG",
          "ULOG",
          "TRACE",
          "TCPMSS",
          "TTL",
          "HL",
          "CLASSIFY",
          "CHECKSUM",
          "AUDIT",
          "SECMARK",
          "CONNSECMARK",
          "SET",
          "RATEEST",
          "LED",
          "IDLETIMER",
          "TEE",
          "TCPOPTSTRIP",
          "ECN",
          "SYNPROXY" ->
          null;
      default -> new Statement.Unknown("-j " + name);
    };
  }

  private NatTarget nat(String to) {
    String text = to;
    String ports = "";
    int bracket = text.indexOf(']');
    int colon = v6 ? (bracket < 0 ? -1 : text.indexOf(':', bracket)) : text.indexOf(':');
    if (colon >= 0) {
      ports = text.substring(colon + 1);
      text = text.substring(0, colon);
    }
    text = text.replace("[", "").replace("]", "");
    int shifted = ports.indexOf('/');
    ports = shifted < 0 ? ports : ports.substring(0, shifted);
    return new NatTarget.Addresses(
        text.isEmpty() ? null : addresses(text),
        ports.isEmpty() ? null : IptablesMatch.range(ports, "-", 65535),
        options.containsKey("--persistent"),
        options.containsKey("--random") || options.containsKey("--random-fully"),
        false);
  }

  private static AddressRange addresses(String text) {
    List<IpAddress> ends =
        java.util.stream.Stream.of(text.split("-", 2)).map(IpAddress::parse).toList();
    return new AddressRange(ends.getFirst(), ends.getLast());
  }

  private Statement mark() {
    if (options.containsKey("--set-xmark")) {
      long[] v = IptablesMatch.masked(options.get("--set-xmark"));
      return new Statement.SetMark(false, ~v[1] & ALL, 0, v[0]);
    }
    if (options.containsKey("--set-mark")) {
      long[] v = IptablesMatch.masked(options.get("--set-mark"));
      return new Statement.SetMark(false, ~(v[1] | v[0]) & ALL, 0, v[0]);
    }
    return new Statement.Unknown("-j MARK");
  }

  private Statement connmark() {
    long packet = Long.decode(options.getOrDefault("--nfmask", "0xffffffff"));
    long conntrack = Long.decode(options.getOrDefault("--ctmask", "0xffffffff"));
    if (options.containsKey("--restore-mark")) {
      return new Statement.SetMark(false, ~packet & ALL, conntrack, 0);
    }
    if (options.containsKey("--save-mark")) {
      return new Statement.SetMark(true, ~conntrack & ALL, packet, 0);
    }
    String set = options.getOrDefault("--set-xmark", options.getOrDefault("--set-mark", ""));
    if (set.isEmpty()) {
      return new Statement.Unknown("-j CONNMARK");
    }
    long[] v = IptablesMatch.masked(set);
    return new Statement.SetMark(true, ~v[1] & ALL, 0, v[0]);
  }

  private Statement tos() {
    String set = options.getOrDefault("--set-tos", "");
    if (set.isEmpty()) {
      return new Statement.Unknown("-j TOS");
    }
    long[] v = IptablesMatch.masked(set);
    long mask = v[1] & 0xff;
    return new Statement.SetTos((int) (~mask & 0xff), (int) v[0]);
  }

  private Statement dscp() {
    String set = options.getOrDefault("--set-dscp", "");
    return set.isEmpty()
        ? new Statement.Unknown("-j DSCP")
        : new Statement.SetTos(3, (int) (Long.decode(set) << 2));
  }

  @Override
  public String toString() {
    return name + " " + options;
  }
}
