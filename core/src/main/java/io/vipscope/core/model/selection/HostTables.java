package io.vipscope.core.model.selection;

import io.vipscope.core.model.fib.Fib;
import io.vipscope.core.model.snapshot.HostSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Function;

/**
 * One snapshot with its routing tables sorted for lookups.
 *
 * <p>Immutable. The tables of the snapshots asked last are kept, found by the snapshot's identity;
 * which of them are kept changes the time an answer takes, never the answer.
 */
final class HostTables {

  private static final Recent RECENT = new Recent();

  private final HostSnapshot s;
  private final Fib fib4;
  private final Fib fib6;

  private HostTables(HostSnapshot s) {
    this.s = s;
    this.fib4 = new Fib(s, false);
    this.fib6 = new Fib(s, true);
  }

  static HostTables of(HostSnapshot s) {
    return RECENT.of(s, System.identityHashCode(s));
  }

  /** The tables asked last; for any thread: what another has just lost is made again. */
  static final class Recent {

    private static final int SETS = 4;

    /** Of each set, so that two states which are compared do not drive each other out. */
    static final int WAYS = 4;

    private final AtomicReferenceArray<HostTables> slots = new AtomicReferenceArray<>(SETS * WAYS);

    /**
     * Those of a state.
     *
     * @param hash chooses the set
     */
    @SuppressWarnings("ReferenceEquality") // identity is meant: comparing contents would take long
    HostTables of(HostSnapshot s, int hash) {
      int set = (hash & SETS - 1) * WAYS;
      for (int slot = set; slot < set + WAYS; slot++) {
        HostTables kept = slots.get(slot);
        if (kept != null && kept.s == s) {
          return kept;
        }
      }
      HostTables made = new HostTables(s);
      for (int slot = set + WAYS - 1; slot > set; slot--) {
        slots.set(slot, slots.get(slot - 1));
      }
      slots.set(set, made);
      return made;
    }
  }

  List<Outcome> once(RouteQuery q, boolean anySource) {
    return q.v6()
        ? inEach(q, asOne -> new Ipv6Lookup(s, fib6, asOne).lookup(q, false))
        : inEach(q, asOne -> new Ipv4Lookup(s, fib4, asOne, anySource).lookup(q));
  }

  List<Outcome> connect(RouteQuery q) {
    return q.v6()
        ? inEach(q, asOne -> socket6(asOne).connect(q))
        : inEach(q, asOne -> new Ipv4Socket(s, fib4, asOne).connect(q));
  }

  List<Outcome> connect(RouteQuery q, boolean portBound) {
    return q.v6()
        ? inEach(q, asOne -> socket6(asOne).connect(q, portBound))
        : inEach(q, asOne -> new Ipv4Socket(s, fib4, asOne).connect(q, portBound));
  }

  List<Outcome> send(RouteQuery q) {
    return q.v6()
        ? inEach(q, asOne -> socket6(asOne).send(q))
        : inEach(q, asOne -> new Ipv4Socket(s, fib4, asOne).send(q));
  }

  private Ipv6Socket socket6(boolean asOne) {
    return new Ipv6Socket(s, new Ipv6Lookup(s, fib6, asOne));
  }

  /** First the answer of a host on which no rule was ever added, if it may be one. */
  private List<Outcome> inEach(RouteQuery q, Function<Boolean, List<Outcome>> lookup) {
    if (s.routes(q.v6()) == null) {
      String file = q.v6() ? "route6.json" : "route4.json";
      return List.of(Outcome.unknown(null, file + " was not collected", List.of()));
    }
    List<Outcome> outcomes = new ArrayList<>();
    if ((q.v6() ? fib6 : fib4).mayBeMerged()) {
      outcomes.addAll(lookup.apply(true));
    }
    outcomes.addAll(lookup.apply(false));
    return outcomes;
  }
}
