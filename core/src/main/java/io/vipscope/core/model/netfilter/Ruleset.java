package io.vipscope.core.model.netfilter;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The netfilter rules of a host, as far as they can change what leaves on the wire.
 *
 * @param known false if neither nft nor iptables output was collected: NAT is unknown then
 * @param chains in the order of the dump: of equal priority, the later is the newer
 */
public record Ruleset(boolean known, List<Chain> chains) {

  /** Nothing was collected. */
  public static final Ruleset UNKNOWN = new Ruleset(false, List.of());

  /** Collected, and there are no rules. */
  public static final Ruleset NONE = new Ruleset(true, List.of());

  public Ruleset {
    chains = List.copyOf(chains);
  }

  /**
   * A chain.
   *
   * @param family ip, ip6 or inet
   * @param hook where a base chain is attached, {@code postrouting}; null for other chains
   * @param type nat, filter or route for a base chain; null for other chains
   * @param drops the policy of a base chain
   * @param legacy of iptables without nft: its order among nft chains is not shown
   */
  public record Chain(
      String family,
      String table,
      String name,
      @Nullable String hook,
      @Nullable String type,
      int priority,
      boolean drops,
      boolean legacy,
      List<Rule> rules) {
    public Chain {
      rules = List.copyOf(rules);
    }

    /** Whether packets of the family pass through it. */
    public boolean sees(boolean v6) {
      return family.equals("inet") || family.equals("ip6") == v6;
    }

    /** The same chain with other rules. */
    public Chain withRules(List<Rule> others) {
      return new Chain(family, table, name, hook, type, priority, drops, legacy, others);
    }

    public boolean nat() {
      return "nat".equals(type);
    }
  }

  /**
   * A rule.
   *
   * @param text how reports show it
   * @param handle nft's number of it in its table; 0 = not known
   */
  public record Rule(List<Expression> expressions, String text, long handle) {
    public Rule {
      expressions = List.copyOf(expressions);
    }

    /** Its matches and statements, maps taken apart. */
    public Stream<Expression> parts() {
      return expressions.stream().flatMap(Ruleset::parts);
    }
  }

  /** The chain of that name in the same table; null if there is none. */
  public @Nullable Chain chain(Chain from, String name) {
    for (Chain chain : chains) {
      if (chain.family().equals(from.family())
          && chain.table().equals(from.table())
          && chain.legacy() == from.legacy()
          && chain.name().equals(name)) {
        return chain;
      }
    }
    return null;
  }

  /** Every match and statement of every rule, maps taken apart. */
  public Stream<Expression> expressions() {
    return chains.stream().flatMap(c -> c.rules().stream()).flatMap(Rule::parts);
  }

  private static Stream<Expression> parts(Expression e) {
    return switch (e) {
      case Match.AnyOf any ->
          any.alternatives().stream().flatMap(List::stream).flatMap(Ruleset::parts);
      case Statement.Cases cases ->
          cases.cases().stream()
              .flatMap(
                  c -> Stream.concat(c.when().stream().flatMap(Ruleset::parts), parts(c.then())));
      case Statement.Snat(NatTarget target) -> Stream.concat(Stream.of(e), keys(target));
      case Statement.Dnat(NatTarget target) -> Stream.concat(Stream.of(e), keys(target));
      case Match m -> Stream.of(m);
      case Statement s -> Stream.of(s);
    };
  }

  /** What a map that a NAT statement looks its address up in goes by. */
  private static Stream<Expression> keys(NatTarget target) {
    return switch (target) {
      case NatTarget.Lookup(List<NatTarget.Entry> entries) ->
          entries.stream()
              .flatMap(entry ->
                  Stream.concat(
                      entry.when().stream().flatMap(Ruleset::parts), keys(entry.target())));
      case NatTarget.OneOf(List<NatTarget> targets) -> targets.stream().flatMap(Ruleset::keys);
      case NatTarget.Addresses _, NatTarget.Unknown _ -> Stream.empty();
    };
  }
}
