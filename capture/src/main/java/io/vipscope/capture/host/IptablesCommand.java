package io.vipscope.capture.host;

import io.vipscope.capture.host.IptablesWords.Option;
import io.vipscope.core.model.change.ChainName;
import io.vipscope.core.model.change.Change;
import io.vipscope.core.model.change.NetfilterChange;
import io.vipscope.core.model.netfilter.Ruleset.Chain;
import io.vipscope.core.model.netfilter.Ruleset.Rule;
import io.vipscope.core.model.snapshot.HostSnapshot;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A command of {@code iptables} or {@code ip6tables}: {@code -A}, {@code -I} (at the top), {@code
 * -D} and {@code -F}.
 *
 * @param verb the option that says what to do: {@code -A}, {@code -I}, {@code -D} or {@code -F}
 * @param chain null: every chain of the table
 * @param options the rule, each option by the name that iptables-save prints
 */
record IptablesCommand(
    boolean v6, String table, String verb, @Nullable String chain, List<Option> options)
    implements Change {

  private static final Map<String, String> SHORT =
      Map.ofEntries(
          Map.entry("--append", "-A"),
          Map.entry("--insert", "-I"),
          Map.entry("--delete", "-D"),
          Map.entry("--flush", "-F"),
          Map.entry("--table", "-t"),
          Map.entry("--source", "-s"),
          Map.entry("--src", "-s"),
          Map.entry("--destination", "-d"),
          Map.entry("--dst", "-d"),
          Map.entry("--protocol", "-p"),
          Map.entry("--proto", "-p"),
          Map.entry("--in-interface", "-i"),
          Map.entry("--out-interface", "-o"),
          Map.entry("--match", "-m"),
          Map.entry("--jump", "-j"),
          Map.entry("--goto", "-g"),
          Map.entry("--source-port", "--sport"),
          Map.entry("--destination-port", "--dport"),
          Map.entry("--source-ports", "--sports"),
          Map.entry("--destination-ports", "--dports"));

  private static final Set<String> VERBS = Set.of("-A", "-I", "-D", "-F");
  private static final Set<String> TABLES = Set.of("nat", "mangle", "filter", "raw", "security");

  IptablesCommand {
    options = List.copyOf(options);
  }

  static Change read(String command, boolean v6) {
    String table = "filter";
    String verb = null;
    String chain = null;
    List<Option> rule = new ArrayList<>();
    String protocol = "";
    Set<String> modules = new LinkedHashSet<>();
    for (Option given : IptablesWords.options(command)) {
      Option o =
          new Option(
              SHORT.getOrDefault(given.name(), given.name()), given.values(), given.negated());
      switch (o.name()) {
        case "-t" -> table = o.value();
        case "-w", "--wait", "-n", "-v", "--numeric", "--verbose" -> {}
        case "" -> throw new IllegalArgumentException("iptables needs -A, -I, -D or -F");
        default -> {
          if (VERBS.contains(o.name())) {
            verb = o.name();
            chain = o.values().isEmpty() ? null : o.value();
            atTop(o);
            continue;
          }
          if (o.name().equals("-m")) {
            modules.add(o.value());
          }
          if (o.name().equals("-p")) {
            protocol = o.value();
          } else if (portsOf(o.name())
              && modules.stream().noneMatch(IptablesCommand::portsModule)) {
            rule.add(new Option("-m", List.of(protocol), false)); // as iptables does by itself
            modules.add(protocol);
          }
          rule.add(o);
        }
      }
    }
    if (verb == null || chain == null && !verb.equals("-F")) {
      throw new IllegalArgumentException("iptables needs -A, -I, -D or -F and a chain");
    }
    if (!TABLES.contains(table)) {
      throw new IllegalArgumentException("\"" + table + "\" is no table of iptables");
    }
    IptablesCommand read = new IptablesCommand(v6, table, verb, chain, rule);
    if (!verb.equals("-F") && !read.rule(Set.of()).acts()) {
      throw new IllegalArgumentException("the rule needs a target that does something (-j)");
    }
    return read;
  }

  private static void atTop(Option verb) {
    List<String> values = verb.values();
    boolean numbered = values.size() > 1;
    if (verb.negated() || numbered && !(verb.name().equals("-I") && values.get(1).equals("1"))) {
      throw new IllegalArgumentException(
          "rules by number are not understood, as those that change nothing are not kept;"
              + " name the rule itself");
    }
  }

  private static boolean portsOf(String name) {
    return name.equals("--sport") || name.equals("--dport");
  }

  private static boolean portsModule(String module) {
    return switch (module) {
      case "tcp", "udp", "sctp", "dccp", "udplite", "multiport" -> true;
      default -> false;
    };
  }

  private IptablesRule rule(Set<String> chains) {
    IptablesRule rule = new IptablesRule(v6, chains);
    options.forEach(rule::add);
    return rule;
  }

  @Override
  public HostSnapshot applyTo(HostSnapshot s) {
    String family = v6 ? "ip6" : "ip";
    ChainName name = new ChainName(family, table, chain);
    if (verb.equals("-F") || chain == null) {
      return new NetfilterChange.Flush(name).applyTo(s);
    }
    Set<String> chains = new LinkedHashSet<>();
    for (Chain c : s.netfilter().chains()) {
      if (c.family().equals(family) && c.table().equals(table)) {
        chains.add(c.name());
      }
    }
    Rule rule = new Rule(rule(chains).expressions(), text(), 0);
    if (verb.equals("-D")) {
      return new NetfilterChange.DeleteRule(name, rule.expressions()).applyTo(s);
    }
    Chain made =
        IptablesReader.hook(chain) == null
            ? null
            : IptablesReader.chain(v6, table, chain, false, false, List.of());
    return new NetfilterChange.AddRule(name, verb.equals("-I"), 0, rule, made).applyTo(s);
  }

  private String text() {
    StringBuilder text =
        new StringBuilder(verb.equals("-D") ? verb : "-A").append(' ').append(chain);
    for (Option o : options) {
      text.append(o.negated() ? " ! " : " ").append(o.name());
      o.values().forEach(v -> text.append(' ').append(v));
    }
    return text.toString();
  }
}
