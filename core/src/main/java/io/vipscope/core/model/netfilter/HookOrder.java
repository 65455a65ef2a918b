package io.vipscope.core.model.netfilter;

import io.vipscope.core.model.netfilter.Ruleset.Chain;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The order in which base chains of one hook run: by priority, of equal priority the newest first
 * ({@code nf_hook_entries_grow}). All NAT chains run together, at NAT's own priority.
 *
 * <p>The dump lists tables by age, and the chains of a table by age. A table of nft is taken to
 * have got its chains when it was made. Not so one of iptables, which adds a base chain when its
 * first rule comes ({@code nft_xt_builtin_init}): that chain may be newer than a table that is
 * newer than its own. The order of legacy iptables and nft is not shown at all. So there may be
 * several orders.
 */
final class HookOrder {

  static final int NAT_OUTPUT = -100; // NF_IP_PRI_NAT_DST
  static final int NAT_POSTROUTING = 100; // NF_IP_PRI_NAT_SRC

  /** Above it only the likeliest is tried, and {@link #complete} is false. */
  private static final int MAX_ORDERS = 12;

  private static final Set<String> IPTABLES = Set.of("nat", "mangle", "raw", "filter", "security");

  /** Chains that run as one: a single chain, or all NAT chains. */
  record Slot(int priority, List<Chain> chains) {

    boolean nat() {
      return chains.getFirst().nat();
    }
  }

  private record Equals(boolean nat, int priority) {}

  private record Table(String family, String name, boolean legacy) {

    /** Its chains may be newer than those of tables before it, which are newer tables. */
    boolean grows() {
      return legacy || !family.equals("inet") && IPTABLES.contains(name);
    }
  }

  private final String hook;
  private final List<List<Chain>> orders;
  private final boolean complete;

  /** Of one hook's chains that the family's packets pass through. */
  HookOrder(Ruleset rules, String hook, boolean v6) {
    this.hook = hook;
    Map<Equals, List<Chain>> equals = new LinkedHashMap<>();
    rules.chains().reversed().stream()
        .filter(c -> hook.equals(c.hook()) && c.sees(v6))
        .sorted(
            Comparator.comparingInt(Chain::priority)
                .thenComparing(Chain::legacy, Comparator.reverseOrder()))
        .forEach(c ->
            equals
                .computeIfAbsent(new Equals(c.nat(), c.priority()), _ -> new ArrayList<>())
                .add(c));
    List<List<Chain>> all = List.of(List.of());
    boolean every = true;
    for (List<Chain> group : equals.values()) {
      List<List<Chain>> next = new ArrayList<>();
      for (List<Chain> start : all) {
        for (List<Chain> merged : merges(group)) {
          next.add(joined(start, merged));
        }
      }
      every &= next.size() <= MAX_ORDERS;
      all = next.size() <= MAX_ORDERS ? next : List.of(next.getFirst());
    }
    this.orders = all;
    this.complete = every;
  }

  /** How many orders there are. */
  int size() {
    return orders.size();
  }

  /** False: there may be others. */
  boolean complete() {
    return complete;
  }

  /** One of the orders; the first is the likeliest: the newest table first, legacy before all. */
  List<Slot> slots(int order) {
    List<Slot> slots = new ArrayList<>();
    List<Chain> nat = orders.get(order).stream().filter(Chain::nat).toList();
    if (!nat.isEmpty()) {
      slots.add(new Slot(hook.equals("output") ? NAT_OUTPUT : NAT_POSTROUTING, nat));
    }
    orders.get(order).stream()
        .filter(c -> !c.nat())
        .forEach(c -> slots.add(new Slot(c.priority(), List.of(c))));
    slots.sort(Comparator.comparingInt(Slot::priority));
    return slots;
  }

  /** Every order that may be, of chains that have rules; those without play no part. */
  private static List<List<Chain>> merges(List<Chain> group) {
    Map<Table, List<Chain>> tables = new LinkedHashMap<>();
    List<Chain> empty = new ArrayList<>();
    for (Chain c : group) {
      if (c.rules().isEmpty()) {
        empty.add(c);
      } else {
        Table table = new Table(c.family(), c.table(), c.legacy());
        tables.computeIfAbsent(table, _ -> new ArrayList<>()).add(c);
      }
    }
    List<List<Chain>> merged = new ArrayList<>();
    merge(List.copyOf(tables.keySet()), List.copyOf(tables.values()), empty, merged);
    return merged;
  }

  private static void merge(
      List<Table> tables, List<List<Chain>> queues, List<Chain> taken, List<List<Chain>> merged) {
    boolean done = true;
    boolean all = true; // of those before only legacy ones are left, whose age is not known
    for (int i = 0; i < queues.size() && merged.size() <= MAX_ORDERS; i++) {
      List<Chain> queue = queues.get(i);
      if (!queue.isEmpty()) {
        if (all || tables.get(i).grows()) {
          List<List<Chain>> rest = new ArrayList<>(queues);
          rest.set(i, queue.subList(1, queue.size()));
          merge(tables, rest, joined(taken, queue.subList(0, 1)), merged);
        }
        done = false;
        all &= tables.get(i).legacy();
      }
    }
    if (done) {
      merged.add(taken);
    }
  }

  private static List<Chain> joined(List<Chain> first, List<Chain> second) {
    List<Chain> both = new ArrayList<>(first);
    both.addAll(second);
    return both;
  }
}
