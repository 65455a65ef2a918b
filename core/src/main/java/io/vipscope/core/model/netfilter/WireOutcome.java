package io.vipscope.core.model.netfilter;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One way that a packet may end.
 *
 * @param packet as it is at the end; its addresses are those on the wire
 * @param nat what mapped its source
 * @param conditions what would have to hold for it, as reports name it; empty: nothing
 * @param unknown what is not modelled and would have to hold; null if nothing is
 * @param trace one sentence for each rule that did something
 */
public record WireOutcome(
    Packet packet,
    End end,
    Nat nat,
    List<String> conditions,
    @Nullable String unknown,
    List<String> trace) {

  /** The unknown of ways that another order of chains would lead to ({@link HookOrder}). */
  public static final String CHAIN_ORDER = "the order of chains of equal priority";

  public WireOutcome {
    conditions = List.copyOf(conditions);
    trace = List.copyOf(trace);
  }

  /** How it ends. */
  public sealed interface End {

    /** On the wire. */
    record Sent() implements End {}

    /** Turned back to this host. */
    record Local() implements End {}

    /** No packet: the errno's name. */
    record Failed(String error) implements End {}

    /** Not modelled; {@code unknown} says why. */
    record Lost() implements End {}
  }

  /** What mapped the source. */
  public enum Nat {
    NONE,
    SNAT,
    MASQUERADE
  }

  WireOutcome supposing(String name) {
    return new WireOutcome(packet, end, nat, conditions, name, trace);
  }

  static WireOutcome of(Branch b, End end) {
    return new WireOutcome(
        b.packet(),
        b.lost() ? new End.Lost() : end,
        b.nat(),
        b.conditions(),
        b.unknown(),
        b.trace());
  }
}
