package io.vipscope.capture.host;

import io.vipscope.capture.CaptureException;
import io.vipscope.core.model.netfilter.AddressRange;
import io.vipscope.core.model.netfilter.Match;
import io.vipscope.core.model.netfilter.Ruleset;
import io.vipscope.core.model.netfilter.Statement;
import io.vipscope.core.model.snapshot.Range;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.IpPrefix;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads {@code iptables-save} output. What it does not know becomes an unknown match. */
final class IptablesReader {

  private static final Map<String, Integer> PRIORITIES =
      Map.of("raw", -300, "mangle", -150, "nat", 100, "filter", 0, "security", 50);

  private final String file;
  private final String family;
  private final Map<String, List<Ruleset.Rule>> chains = new LinkedHashMap<>();
  private final Set<String> base = new java.util.HashSet<>();

  private IptablesReader(String file, String family) {
    this.file = file;
    this.family = family;
  }

  static List<Ruleset.Chain> read(String file, List<String> lines, String family) {
    List<Ruleset.Chain> all = new ArrayList<>();
    IptablesReader reader = new IptablesReader(file, family);
    String table = "";
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (line.startsWith("*")) {
        table = line.substring(1);
      } else if (line.startsWith(":")) {
        reader.declare(line);
      } else if (line.startsWith("-A ")) {
        reader.rule(line, i + 1);
      } else if (line.equals("COMMIT")) {
        reader.commit(table, all);
        table = "";
      }
    }
    if (!table.isEmpty()) {
      throw new CaptureException(
          file + ": line " + lines.size() + ": table " + table + " ends without COMMIT");
    }
    return all;
  }

  private void declare(String line) {
    String[] words = line.substring(1).split("\\s+", -1);
    chains.putIfAbsent(words[0], new ArrayList<>());
    if (words.length > 1 && !words[1].equals("-")) {
      base.add(words[0]);
    }
  }

  private void commit(String table, List<Ruleset.Chain> all) {
    chains.forEach((name, rules) -> {
      boolean isBase = base.contains(name);
      all.add(
          new Ruleset.Chain(
              family,
              table,
              name,
              isBase ? name.toLowerCase(Locale.ROOT) : null,
              isBase ? table.equals("nat") ? "nat" : "filter" : null,
              PRIORITIES.getOrDefault(table, 0),
              rules));
    });
    chains.clear();
    base.clear();
  }

  private void rule(String line, int number) {
    List<String> words = words(line);
    if (words.size() < 2) {
      throw new CaptureException(
          file + ": line " + number + ": expected -A CHAIN …, found " + line);
    }
    List<Match> matches = new ArrayList<>();
    Statement statement = new Statement.Nothing();
    boolean negated = false;
    int i = 2;
    while (i < words.size()) {
      String word = words.get(i++);
      if (word.equals("!")) {
        negated = true;
        continue;
      }
      String value = i < words.size() ? words.get(i) : "";
      try {
        switch (word) {
          case "-s" -> matches.add(addresses(true, value, negated));
          case "-d" -> matches.add(addresses(false, value, negated));
          case "-p" -> matches.add(protocol(value, negated));
          case "-o" -> matches.add(new Match.OutDevice(Set.of(value), negated));
          case "-i" -> matches.add(new Match.InDevice(Set.of(value), negated));
          case "--sport", "--sports" -> matches.add(ports(true, value, negated));
          case "--dport", "--dports" -> matches.add(ports(false, value, negated));
          case "--mark" -> matches.add(mark(value, negated));
          case "--ctstate", "--state" -> matches.add(state(value, negated));
          case "--uid-owner", "--gid-owner" ->
              matches.add(new Match.Hidden((negated ? "not " : "") + "uid " + value));
          case "-m" -> module(value, matches);
          case "--comment", "--probability", "--every", "--packet", "--mode" -> {}
          case "-j" -> statement = target(value, words.subList(i + 1, words.size()));
          case "-g" -> statement = new Statement.Goto(value);
          default -> {
            if (statement instanceof Statement.Nothing && word.startsWith("-")) {
              matches.add(new Match.Unknown(word));
            }
          }
        }
      } catch (IllegalArgumentException e) {
        throw new CaptureException(
            file + ": line " + number + ": " + word + " " + value + ": " + e.getMessage(), e);
      }
      if (word.equals("-j")) {
        break;
      }
      if (word.startsWith("-")) {
        i++;
        negated = false;
      }
    }
    chains
        .computeIfAbsent(words.get(1), _ -> new ArrayList<>())
        .add(new Ruleset.Rule(matches, statement, line));
  }

  /** Words of a line; quotes hold a comment together. */
  private static List<String> words(String line) {
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (c == '"') {
        quoted = !quoted;
      } else if (c == ' ' && !quoted) {
        if (!word.isEmpty()) {
          words.add(word.toString());
        }
        word.setLength(0);
      } else {
        word.append(c);
      }
    }
    if (!word.isEmpty()) {
      words.add(word.toString());
    }
    return words;
  }

  private static Match addresses(boolean source, String value, boolean negated) {
    return new Match.Addresses(source, List.of(AddressRange.of(IpPrefix.parse(value))), negated);
  }

  private static Match protocol(String value, boolean negated) {
    return ProtocolName.number(value)
        .<Match>map(n -> n == 0 ? new Match.Always() : new Match.Protocol(Set.of(n), negated))
        .orElseGet(() -> new Match.Unknown("-p " + value));
  }

  private static Match ports(boolean source, String value, boolean negated) {
    List<Range> ranges = new ArrayList<>();
    for (String part : value.split(",", -1)) {
      String[] ends = part.split(":", 2);
      ranges.add(
          new Range(Long.parseLong(ends[0]), Long.parseLong(ends.length > 1 ? ends[1] : ends[0])));
    }
    return new Match.Ports(source, ranges, negated);
  }

  private static Match mark(String value, boolean negated) {
    String[] parts = value.split("/", 2);
    return new Match.Mark(
        Long.decode(parts[0]).intValue(),
        parts.length > 1 ? Long.decode(parts[1]).intValue() : -1,
        negated);
  }

  private static Match state(String value, boolean negated) {
    boolean isNew = List.of(value.split(",", -1)).contains("NEW");
    return isNew != negated ? new Match.Always() : new Match.Never();
  }

  private static void module(String name, List<Match> matches) {
    switch (name) {
      case "statistic" -> matches.add(new Match.Hidden("statistic"));
      case "tcp",
          "udp",
          "sctp",
          "icmp",
          "icmp6",
          "multiport",
          "mark",
          "conntrack",
          "state",
          "comment",
          "owner" -> {}
      default -> matches.add(new Match.Unknown("-m " + name));
    }
  }

  private static Statement target(String name, List<String> options) {
    return switch (name) {
      case "MASQUERADE" -> new Statement.Masquerade();
      case "SNAT" -> snat(after(options, "--to-source"));
      case "ACCEPT" -> new Statement.Accept();
      case "DROP", "REJECT" -> new Statement.Drop();
      case "RETURN" -> new Statement.Return();
      case "LOG", "NFLOG", "TCPMSS", "CT", "NOTRACK", "TRACE", "CONNMARK" ->
          new Statement.Nothing();
      case "DNAT", "REDIRECT", "NETMAP", "MARK", "TPROXY", "DSCP", "TOS", "TEE" ->
          new Statement.Unknown(name);
      default -> new Statement.Jump(name);
    };
  }

  private static @Nullable String after(List<String> words, String option) {
    int at = words.indexOf(option);
    return at >= 0 && at + 1 < words.size() ? words.get(at + 1) : null;
  }

  /** {@code ADDRESS[-ADDRESS][:PORTS]}, IPv6 in brackets where ports follow. */
  private static Statement snat(@Nullable String to) {
    if (to == null) {
      return new Statement.Unknown("SNAT");
    }
    String text = to;
    if (text.startsWith("[")) {
      text = text.substring(1, text.indexOf(']') < 0 ? text.length() : text.indexOf(']'));
    } else if (text.indexOf(':') == text.lastIndexOf(':') && text.indexOf(':') >= 0) {
      text = text.substring(0, text.indexOf(':'));
    }
    String[] ends = text.split("-", 2);
    IpAddress first = IpAddress.parse(ends[0]);
    return new Statement.Snat(
        new AddressRange(first, ends.length > 1 ? IpAddress.parse(ends[1]) : first));
  }
}
