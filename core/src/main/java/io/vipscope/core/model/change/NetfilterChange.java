package io.vipscope.core.model.change;

import io.vipscope.core.model.netfilter.Expression;
import io.vipscope.core.model.netfilter.Ruleset;
import io.vipscope.core.model.netfilter.Ruleset.Chain;
import io.vipscope.core.model.netfilter.Ruleset.Rule;
import io.vipscope.core.model.snapshot.HostSnapshot;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A change of netfilter's chains and rules: a command of {@code nft} or {@code iptables}. */
public sealed interface NetfilterChange extends Change {

  /**
   * Adds a rule.
   *
   * @param first before all others of the chain, else after them
   * @param beside handle of the rule next to which it comes, before it or after it; 0 = none
   * @param made the chain to make where it is absent; null: it must be there
   */
  record AddRule(ChainName chain, boolean first, long beside, Rule rule, @Nullable Chain made)
      implements NetfilterChange {}

  /** Deletes the first rule that does the same. */
  record DeleteRule(ChainName chain, List<Expression> expressions) implements NetfilterChange {
    public DeleteRule {
      expressions = List.copyOf(expressions);
    }
  }

  /** Deletes the rule with that handle. */
  record DeleteHandle(ChainName chain, long handle) implements NetfilterChange {}

  /** Adds a chain; one that is there stays as it is. */
  record AddChain(Chain chain) implements NetfilterChange {}

  /** Deletes a chain, or all of a table. */
  record Delete(ChainName chains) implements NetfilterChange {}

  /** Deletes all rules of a chain or of a table; all chains too of the whole ruleset. */
  record Flush(ChainName chains) implements NetfilterChange {}

  @Override
  default HostSnapshot applyTo(HostSnapshot s) {
    if (!s.netfilter().known()) {
      throw new ChangeException(
          "the netfilter rules of "
              + s.host()
              + " were not collected: what comes of a change of them cannot be told");
    }
    List<Chain> chains = new ArrayList<>(s.netfilter().chains());
    switch (this) {
      case AddRule add -> add(chains, add);
      case DeleteRule(var name, var expressions) -> {
        int at = require(chains, name);
        List<Rule> rules = new ArrayList<>(chains.get(at).rules());
        int found = -1;
        for (int i = rules.size() - 1; i >= 0; i--) {
          found = rules.get(i).expressions().equals(expressions) ? i : found;
        }
        replace(chains, at, without(rules, found, name));
      }
      case DeleteHandle(var name, var handle) -> {
        int at = require(chains, name);
        List<Rule> rules = new ArrayList<>(chains.get(at).rules());
        replace(chains, at, without(rules, withHandle(rules, handle), name));
      }
      case AddChain(var chain) -> {
        if (index(chains, new ChainName(chain.family(), chain.table(), chain.name())) < 0) {
          chains.add(chain);
        }
      }
      case Delete(var which) -> {
        if (!chains.removeIf(which::means)) {
          throw new ChangeException("there is no " + which);
        }
      }
      case Flush(var which) -> {
        if (which.table() == null) {
          chains.removeIf(which::means);
        }
        for (int i = 0; i < chains.size(); i++) {
          if (which.means(chains.get(i))) {
            replace(chains, i, List.of());
          }
        }
      }
    }
    return s.withNetfilter(new Ruleset(true, chains));
  }

  private static void add(List<Chain> chains, AddRule add) {
    if (add.made() != null && index(chains, add.chain()) < 0) {
      chains.add(add.made());
    }
    int at = require(chains, add.chain());
    List<Rule> rules = new ArrayList<>(chains.get(at).rules());
    int place = add.first() ? 0 : rules.size();
    if (add.beside() != 0) {
      int other = withHandle(rules, add.beside());
      if (other < 0) {
        throw noRule(add.chain());
      }
      place = add.first() ? other : other + 1;
    }
    rules.add(place, add.rule());
    replace(chains, at, rules);
  }

  private static int withHandle(List<Rule> rules, long handle) {
    for (int i = 0; i < rules.size(); i++) {
      if (rules.get(i).handle() == handle) {
        return i;
      }
    }
    return -1;
  }

  private static List<Rule> without(List<Rule> rules, int at, ChainName name) {
    if (at < 0) {
      throw noRule(name);
    }
    rules.remove(at);
    return rules;
  }

  private static ChangeException noRule(ChainName name) {
    return new ChangeException("there is no such rule in " + name + " that does something");
  }

  private static int require(List<Chain> chains, ChainName name) {
    int at = index(chains, name);
    if (at < 0) {
      throw new ChangeException("there is no " + name);
    }
    return at;
  }

  private static int index(List<Chain> chains, ChainName name) {
    for (int i = 0; i < chains.size(); i++) {
      if (name.means(chains.get(i))) {
        return i;
      }
    }
    return -1;
  }

  private static void replace(List<Chain> chains, int at, List<Rule> rules) {
    chains.set(at, chains.get(at).withRules(rules));
  }
}
