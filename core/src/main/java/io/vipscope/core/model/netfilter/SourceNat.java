package io.vipscope.core.model.netfilter;

import io.vipscope.core.model.snapshot.Range;
import io.vipscope.core.net.IpAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the nat POSTROUTING chains do to the source of the first packet of a flow ({@code
 * nf_nat_inet_fn}): chains by priority, of equal priority the newest first; the first mapping wins.
 */
public final class SourceNat {

  /**
   * The packet as it comes to POSTROUTING.
   *
   * @param src null: not known (forwarded traffic)
   */
  public record Packet(
      @Nullable IpAddress src,
      IpAddress dst,
      int protocol,
      int sport,
      int dport,
      @Nullable String dev) {}

  /** How a statement maps the source. */
  public enum Kind {
    NONE,
    SNAT,
    MASQUERADE
  }

  /**
   * One way the chains may end.
   *
   * @param to the address range of an SNAT; null otherwise
   * @param conditions empty: it is so unless a conditional outcome applies
   * @param rule text of the deciding rule; null if none applied
   */
  public record Outcome(
      Kind kind, @Nullable AddressRange to, List<String> conditions, @Nullable String rule) {
    public Outcome {
      conditions = List.copyOf(conditions);
    }
  }

  /**
   * All outcomes.
   *
   * @param certain what happens if no condition holds
   * @param unknown names an expression that could change the answer; null if there is none
   */
  public record Result(Outcome certain, List<Outcome> conditional, @Nullable String unknown) {
    public Result {
      conditional = List.copyOf(conditional);
    }
  }

  private static final Outcome UNCHANGED = new Outcome(Kind.NONE, null, List.of(), null);

  private enum Truth {
    YES,
    NO,
    HIDDEN,
    UNKNOWN
  }

  private final Ruleset rules;
  private final List<Outcome> conditional = new ArrayList<>();
  private @Nullable String unknown;

  private SourceNat(Ruleset rules) {
    this.rules = rules;
  }

  /** Evaluates the chains for one packet. */
  public static Result evaluate(Ruleset rules, Packet packet) {
    SourceNat nat = new SourceNat(rules);
    nat.outputHooks(packet);
    List<Ruleset.Chain> chains = new ArrayList<>();
    for (Ruleset.Chain chain : rules.chains().reversed()) {
      if ("postrouting".equals(chain.hook()) && "nat".equals(chain.type())) {
        chains.add(chain);
      }
    }
    chains.sort(Comparator.comparingInt(Ruleset.Chain::priority));
    for (Ruleset.Chain chain : chains) {
      Outcome outcome = nat.chain(chain, packet, List.of(), 0);
      if (outcome != null && outcome.kind() != Kind.NONE) {
        return new Result(outcome, nat.conditional, nat.unknown);
      }
    }
    return new Result(UNCHANGED, nat.conditional, nat.unknown);
  }

  /**
   * Rules before routing is final that mark or rewrite are not followed: say so if one may match.
   */
  private void outputHooks(Packet packet) {
    for (Ruleset.Chain chain : rules.chains()) {
      if ("output".equals(chain.hook())) {
        for (Ruleset.Rule rule : chain.rules()) {
          if (rule.statement() instanceof Statement.Unknown(String name)
              && truth(rule, packet) != Truth.NO) {
            note(name + " in an output chain");
          }
        }
      }
    }
  }

  private void note(String name) {
    if (unknown == null) {
      unknown = name;
    }
  }

  /** The outcome of a chain; null if it falls off its end or returns. */
  private @Nullable Outcome chain(
      Ruleset.Chain chain, Packet packet, List<String> conditions, int depth) {
    if (depth > 16) {
      note("chains nested too deeply");
      return null;
    }
    if (!chain.family().equals("inet") && chain.family().equals("ip6") != packet.dst().v6()) {
      return null;
    }
    for (Ruleset.Rule rule : chain.rules()) {
      Truth truth = truth(rule, packet);
      switch (truth) {
        case NO -> {}
        case UNKNOWN -> {
          if (!(rule.statement() instanceof Statement.Nothing)) {
            note(unknownName(rule));
          }
        }
        case HIDDEN -> {
          List<String> more = new ArrayList<>(conditions);
          rule.matches().forEach(m -> addCondition(m, more));
          Outcome outcome = apply(chain, rule, packet, more, depth);
          if (outcome != null) {
            conditional.add(outcome);
          }
        }
        case YES -> {
          if (rule.statement() instanceof Statement.Return) {
            return null;
          }
          Outcome outcome = apply(chain, rule, packet, conditions, depth);
          if (outcome != null) {
            return outcome;
          }
          if (rule.statement() instanceof Statement.Goto) {
            return null;
          }
        }
      }
    }
    return null;
  }

  private static void addCondition(Match match, List<String> conditions) {
    if (match instanceof Match.Hidden(String condition)) {
      conditions.add(condition);
    } else if (match instanceof Match.Mark(int value, int mask, boolean negated)) {
      String under = mask == -1 ? "" : "/0x" + Integer.toHexString(mask);
      conditions.add(
          "fwmark " + (negated ? "not " : "") + "0x" + Integer.toHexString(value) + under);
    }
  }

  private static String unknownName(Ruleset.Rule rule) {
    for (Match match : rule.matches()) {
      if (match instanceof Match.Unknown(String name)) {
        return name;
      }
    }
    return rule.text();
  }

  private @Nullable Outcome apply(
      Ruleset.Chain chain, Ruleset.Rule rule, Packet packet, List<String> conditions, int depth) {
    return switch (rule.statement()) {
      case Statement.Snat(AddressRange to) ->
          to.first().v6() == packet.dst().v6()
              ? new Outcome(Kind.SNAT, to, conditions, rule.text())
              : null;
      case Statement.Masquerade() -> new Outcome(Kind.MASQUERADE, null, conditions, rule.text());
      case Statement.Accept() -> new Outcome(Kind.NONE, null, conditions, rule.text());
      case Statement.Drop() -> new Outcome(Kind.NONE, null, conditions, rule.text());
      case Statement.Jump(String name) -> into(chain, name, packet, conditions, depth);
      case Statement.Goto(String name) -> into(chain, name, packet, conditions, depth);
      case Statement.Unknown(String name) -> {
        note(name);
        yield null;
      }
      case Statement.Return() -> null;
      case Statement.Nothing() -> null;
    };
  }

  private @Nullable Outcome into(
      Ruleset.Chain from, String name, Packet packet, List<String> conditions, int depth) {
    Ruleset.Chain target = rules.chain(from, name);
    if (target == null) {
      note("chain " + name);
      return null;
    }
    return chain(target, packet, conditions, depth + 1);
  }

  private static Truth truth(Ruleset.Rule rule, Packet packet) {
    Truth all = Truth.YES;
    for (Match match : rule.matches()) {
      switch (truth(match, packet)) {
        case NO -> {
          return Truth.NO;
        }
        case UNKNOWN -> all = Truth.UNKNOWN;
        case HIDDEN -> all = all == Truth.YES ? Truth.HIDDEN : all;
        case YES -> {}
      }
    }
    return all;
  }

  private static Truth truth(Match match, Packet p) {
    return switch (match) {
      case Match.Addresses(boolean source, List<AddressRange> ranges, boolean negated) -> {
        IpAddress address = source ? p.src() : p.dst();
        if (address == null) {
          yield Truth.YES; // forwarded traffic may have any source
        }
        yield of(ranges.stream().anyMatch(r -> r.contains(address)) != negated);
      }
      case Match.Ports(boolean source, List<Range> ranges, boolean negated) -> {
        int port = source ? p.sport() : p.dport();
        yield of(ranges.stream().anyMatch(r -> r.contains(port)) != negated);
      }
      case Match.Protocol(Set<Integer> numbers, boolean negated) ->
          of(numbers.contains(p.protocol()) != negated);
      case Match.OutDevice(Set<String> names, boolean negated) ->
          of(named(names, p.dev() == null ? "" : p.dev()) != negated);
      case Match.InDevice(Set<String> names, boolean negated) ->
          p.src() == null ? Truth.YES : of(named(names, "") != negated);
      case Match.Family(boolean v6) -> of(v6 == p.dst().v6());
      case Match.Mark(int value, int mask, boolean negated) -> {
        boolean zero = (value & mask) == 0;
        yield zero == negated ? Truth.HIDDEN : Truth.YES;
      }
      case Match.Always() -> Truth.YES;
      case Match.Never() -> Truth.NO;
      case Match.Hidden(String _) -> Truth.HIDDEN;
      case Match.Unknown(String _) -> Truth.UNKNOWN;
    };
  }

  private static Truth of(boolean value) {
    return value ? Truth.YES : Truth.NO;
  }

  private static boolean named(Set<String> names, String dev) {
    return names.stream()
        .anyMatch(n ->
            n.endsWith("*") || n.endsWith("+")
                ? dev.startsWith(n.substring(0, n.length() - 1))
                : n.equals(dev));
  }
}
