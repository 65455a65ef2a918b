package io.vipscope.core.model.netfilter;

import io.vipscope.core.model.netfilter.Ruleset.Chain;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The order in which base chains of one hook run: by priority, of equal priority the newest first
 * ({@code nf_hook_entries_grow}). All NAT chains run together, at NAT's own priority.
 */
final class HookOrder {

  static final int NAT_OUTPUT = -100; // NF_IP_PRI_NAT_DST
  static final int NAT_POSTROUTING = 100; // NF_IP_PRI_NAT_SRC

  /** Chains that run as one: a single chain, or all NAT chains. */
  record Slot(int priority, List<Chain> chains) {

    boolean nat() {
      return chains.getFirst().nat();
    }
  }

  private HookOrder() {}

  /**
   * @param legacyFirst iptables' legacy chains are taken as newer than nft's of equal priority
   */
  static List<Slot> of(Ruleset rules, String hook, boolean v6, boolean legacyFirst) {
    List<Chain> chains = new ArrayList<>();
    for (Chain chain : rules.chains().reversed()) {
      if (hook.equals(chain.hook()) && chain.sees(v6)) {
        chains.add(chain);
      }
    }
    chains.sort(
        Comparator.comparingInt(Chain::priority)
            .thenComparing(
                Chain::legacy,
                legacyFirst ? Comparator.reverseOrder() : Comparator.naturalOrder()));
    List<Slot> slots = new ArrayList<>();
    List<Chain> nat = chains.stream().filter(Chain::nat).toList();
    if (!nat.isEmpty()) {
      slots.add(new Slot(hook.equals("output") ? NAT_OUTPUT : NAT_POSTROUTING, nat));
    }
    chains.stream()
        .filter(c -> !c.nat())
        .forEach(c -> slots.add(new Slot(c.priority(), List.of(c))));
    slots.sort(Comparator.comparingInt(Slot::priority));
    return slots;
  }

  /** Whether the place of legacy chains among nft's of equal priority could matter. */
  static boolean ambiguous(Ruleset rules, String hook, boolean v6) {
    return rules.chains().stream()
        .filter(c -> hook.equals(c.hook()) && c.sees(v6) && c.legacy() && !c.rules().isEmpty())
        .anyMatch(l ->
            rules.chains().stream()
                .anyMatch(c ->
                    hook.equals(c.hook())
                        && c.sees(v6)
                        && !c.legacy()
                        && !c.rules().isEmpty()
                        && c.nat() == l.nat()
                        && c.priority() == l.priority()));
  }
}
