package io.vipscope.core.model.netfilter;

import io.vipscope.core.model.snapshot.Range;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a NAT statement maps an address to. */
public sealed interface NatTarget {

  /**
   * A range.
   *
   * @param addresses null = only the port is mapped
   * @param ports null = any
   * @param persistent the destination plays no part in the choice
   * @param fullyRandom a source already in the range is mapped too
   * @param netmap host bits are kept
   */
  record Addresses(
      @Nullable AddressRange addresses,
      @Nullable Range ports,
      boolean persistent,
      boolean fullyRandom,
      boolean netmap)
      implements NatTarget {}

  /** The first entry whose matches hold; none: the rule does not apply. */
  record Lookup(List<Entry> entries) implements NatTarget {
    public Lookup {
      entries = List.copyOf(entries);
    }
  }

  /** One element of a map. */
  record Entry(List<Match> when, NatTarget target) {
    public Entry {
      when = List.copyOf(when);
    }
  }

  /** One of these, by chance. */
  record OneOf(List<NatTarget> targets) implements NatTarget {
    public OneOf {
      targets = List.copyOf(targets);
    }
  }

  record Unknown(String name) implements NatTarget {}
}
