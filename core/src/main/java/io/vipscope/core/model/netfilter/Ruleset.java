package io.vipscope.core.model.netfilter;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The netfilter rules of a host, as far as they can change what leaves on the wire.
 *
 * @param known false if neither nft nor iptables output was collected: NAT is unknown then
 * @param chains in the order of the dump
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
   * @param type nat, filter or route for a base chain
   */
  public record Chain(
      String family,
      String table,
      String name,
      @Nullable String hook,
      @Nullable String type,
      int priority,
      List<Rule> rules) {
    public Chain {
      rules = List.copyOf(rules);
    }
  }

  /**
   * A rule: all matches must hold.
   *
   * @param text how reports show it
   */
  public record Rule(List<Match> matches, Statement statement, String text) {
    public Rule {
      matches = List.copyOf(matches);
    }
  }

  /** The chain of that name in the same table; null if there is none. */
  public @Nullable Chain chain(Chain from, String name) {
    for (Chain chain : chains) {
      if (chain.family().equals(from.family())
          && chain.table().equals(from.table())
          && chain.name().equals(name)) {
        return chain;
      }
    }
    return null;
  }
}
