package io.vipscope.capture.host;

import io.vipscope.capture.host.IptablesWords.Option;
import io.vipscope.core.model.netfilter.Expression;
import io.vipscope.core.model.netfilter.Match;
import io.vipscope.core.model.netfilter.Match.Field;
import io.vipscope.core.model.netfilter.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One rule of iptables-save while its options are read. */
final class IptablesRule {

  private final boolean v6;
  private final Set<String> chains;
  private final List<Expression> expressions = new ArrayList<>();
  private String module = "";
  private @Nullable IptablesTarget target;
  private @Nullable Statement jump;

  IptablesRule(boolean v6, Set<String> chains) {
    this.v6 = v6;
    this.chains = Set.copyOf(chains);
  }

  /**
   * Takes one option.
   *
   * @throws IllegalArgumentException if its value cannot be read
   */
  void add(Option o) {
    switch (o.name()) {
      case "-m" -> open(o.value());
      case "-g" -> jump = new Statement.Goto(o.value());
      case "-j" -> {
        if (chains.contains(o.value())) {
          jump = new Statement.Jump(o.value());
        } else {
          target = new IptablesTarget(o.value(), v6);
        }
      }
      default -> {
        if (target != null) {
          target.add(o);
        } else {
          expressions.addAll(match(o));
        }
      }
    }
  }

  /** Modules that are one condition as a whole, whatever their options. */
  private void open(String name) {
    module = name;
    switch (name) {
      case "limit", "hashlimit", "connlimit", "quota", "recent", "connbytes" ->
          expressions.add(new Match.Hidden(name, true));
      case "time" -> expressions.add(new Match.Hidden("time", false));
      case "statistic", "cpu" -> expressions.add(new Match.Hidden("statistic", false));
      case "socket" -> expressions.add(new Match.Hidden("socket", false));
      case "cgroup",
          "comment",
          "tcp",
          "udp",
          "sctp",
          "dccp",
          "udplite",
          "multiport",
          "mark",
          "connmark",
          "owner",
          "conntrack",
          "state",
          "addrtype",
          "iprange",
          "policy",
          "tos",
          "dscp",
          "length",
          "icmp",
          "icmp6" -> {}
      default -> expressions.add(new Match.Unknown("-m " + name));
    }
  }

  private List<Match> match(Option o) {
    return switch (o.name()) {
      case "-s" -> List.of(IptablesMatch.address(Match.Side.SOURCE, o, v6));
      case "-d" -> List.of(IptablesMatch.address(Match.Side.DESTINATION, o, v6));
      case "-i" -> List.of(IptablesMatch.device(false, o));
      case "-o" -> List.of(IptablesMatch.device(true, o));
      case "-p" -> IptablesMatch.protocol(o);
      case "-f" -> List.of(new Match.Constant(o.negated()));
      default -> module(o);
    };
  }

  private List<Match> module(Option o) {
    return switch (module) {
      case "tcp", "udp", "sctp", "dccp", "udplite", "multiport" -> IptablesMatch.transport(o);
      case "mark" -> List.of(IptablesMatch.number(Field.MARK, o));
      case "connmark" -> List.of(IptablesMatch.number(Field.CT_MARK, o));
      case "tos" -> List.of(IptablesMatch.number(Field.TOS, o));
      case "dscp" -> List.of(IptablesMatch.dscp(o));
      case "length" -> List.of(IptablesMatch.ranges(Field.LENGTH, o, ":"));
      case "icmp", "icmp6" -> List.of(IptablesMatch.icmp(o));
      case "owner" -> List.of(IptablesMatch.owner(o));
      case "conntrack", "state" -> List.of(IptablesMatch.conntrack(o, v6));
      case "addrtype" -> List.of(IptablesMatch.addressType(o));
      case "iprange" -> List.of(IptablesMatch.range(o));
      case "policy" -> IptablesMatch.policy(o);
      case "cgroup" -> List.of(new Match.Hidden("cgroup " + o.value(), o.negated()));
      default -> List.of(); // the module was taken as a whole, or is a comment
    };
  }

  /** Whether the rule can change anything. */
  boolean acts() {
    return jump != null || target != null && target.statement() != null;
  }

  List<Expression> expressions() {
    List<Expression> all = new ArrayList<>(expressions);
    Statement last = jump == null && target != null ? target.statement() : jump;
    if (last != null) {
      all.add(last);
    }
    return all;
  }
}
