package io.vipscope.core.model.netfilter;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One way that a packet may go through the hooks.
 *
 * @param conditions what would have to hold for it; empty: it needs nothing
 * @param unknown what is not modelled and would have to hold; null if nothing is
 * @param lost what happens to the packet here is not modelled
 */
record Branch(
    Packet packet,
    WireOutcome.Nat nat,
    List<String> conditions,
    @Nullable String unknown,
    boolean lost,
    List<String> trace) {

  Branch {
    conditions = List.copyOf(conditions);
    trace = List.copyOf(trace);
  }

  static Branch of(Packet packet) {
    return new Branch(packet, WireOutcome.Nat.NONE, List.of(), null, false, List.of());
  }

  Branch with(Packet changed) {
    return new Branch(changed, nat, conditions, unknown, lost, trace);
  }

  Branch with(Packet changed, String sentence) {
    return new Branch(changed, nat, conditions, unknown, lost, plus(trace, sentence));
  }

  Branch mapped(WireOutcome.Nat how, Packet changed, String sentence) {
    return new Branch(changed, how, conditions, unknown, lost, plus(trace, sentence));
  }

  Branch given(String condition) {
    return conditions.contains(condition)
        ? this
        : new Branch(packet, nat, plus(conditions, condition), unknown, lost, trace);
  }

  Branch supposing(String name) {
    return new Branch(packet, nat, conditions, unknown == null ? name : unknown, lost, trace);
  }

  /** Nothing more can be said about this packet. */
  Branch losing(String name) {
    return new Branch(packet, nat, conditions, unknown == null ? name : unknown, true, trace);
  }

  private static List<String> plus(List<String> list, String item) {
    List<String> longer = new ArrayList<>(list);
    longer.add(item);
    return longer;
  }
}
