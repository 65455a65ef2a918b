package io.vipscope.core.model.netfilter;

import io.vipscope.core.model.snapshot.Range;
import java.util.List;
import java.util.Set;

/** One condition of a netfilter rule. */
public sealed interface Match {

  record Addresses(boolean source, List<AddressRange> ranges, boolean negated) implements Match {
    public Addresses {
      ranges = List.copyOf(ranges);
    }
  }

  record Ports(boolean source, List<Range> ranges, boolean negated) implements Match {
    public Ports {
      ranges = List.copyOf(ranges);
    }
  }

  record Protocol(Set<Integer> numbers, boolean negated) implements Match {
    public Protocol {
      numbers = Set.copyOf(numbers);
    }
  }

  /** Names of output devices; a trailing {@code *} or {@code +} stands for any ending. */
  record OutDevice(Set<String> names, boolean negated) implements Match {
    public OutDevice {
      names = Set.copyOf(names);
    }
  }

  /** Input device: own packets have none. */
  record InDevice(Set<String> names, boolean negated) implements Match {
    public InDevice {
      names = Set.copyOf(names);
    }
  }

  record Family(boolean v6) implements Match {}

  record Mark(int value, int mask, boolean negated) implements Match {}

  /** True for the first packet of every flow. */
  record Always() implements Match {}

  /** False for the first packet of every flow. */
  record Never() implements Match {}

  /**
   * What no packet shows: the socket's owner, chance, time.
   *
   * @param condition how reports name it, {@code uid 33}
   */
  record Hidden(String condition) implements Match {}

  /** An expression this program does not evaluate, by name. */
  record Unknown(String name) implements Match {}
}
