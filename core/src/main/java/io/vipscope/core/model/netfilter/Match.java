package io.vipscope.core.model.netfilter;

import io.vipscope.core.model.snapshot.Range;
import java.util.List;
import java.util.Set;

/** One condition of a netfilter rule. */
public sealed interface Match extends Expression {

  /** Which address of the packet. */
  enum Side {
    SOURCE,
    DESTINATION,
    /** Before any NAT, as conntrack keeps it. */
    ORIGINAL_SOURCE,
    ORIGINAL_DESTINATION
  }

  /** A number that a packet or its socket carries. */
  enum Field {
    MARK,
    CT_MARK,
    UID,
    /** The whole TOS octet or traffic class. */
    TOS,
    PROTOCOL,
    /** Of a ping: the first packet of a flow is a request. */
    ICMP_TYPE,
    TCP_FLAGS,
    LENGTH
  }

  record Addresses(Side side, List<AddressRange> ranges, boolean negated) implements Match {
    public Addresses {
      ranges = List.copyOf(ranges);
    }
  }

  /** Whether the address is of one of these types ({@code local}, {@code unicast}, ...). */
  record AddressType(Side side, Set<String> types, boolean negated) implements Match {
    public AddressType {
      types = Set.copyOf(types);
    }
  }

  /** False, negated or not, where the packet has no ports. */
  record Ports(boolean source, List<Range> ranges, boolean negated) implements Match {
    public Ports {
      ranges = List.copyOf(ranges);
    }
  }

  /**
   * {@code (field & mask)} lies in one of the ranges.
   *
   * @param mask all bits: {@code 0xffffffff}
   */
  record Numeric(Field field, long mask, List<Range> ranges, boolean negated) implements Match {
    public Numeric {
      ranges = List.copyOf(ranges);
    }
  }

  /**
   * Names of devices; a trailing {@code *} stands for any ending.
   *
   * @param out the output device; else the input device, of which own packets have none
   */
  record Device(boolean out, Set<String> names, boolean negated) implements Match {
    public Device {
      names = Set.copyOf(names);
    }
  }

  record Family(boolean v6) implements Match {}

  /**
   * Conntrack state of a flow's first packet: {@code new}, {@code untracked}, before it {@code
   * invalid}.
   */
  record CtState(Set<String> states, boolean negated) implements Match {
    public CtState {
      states = Set.copyOf(states);
    }
  }

  /** Whether an earlier hook rewrote the destination. */
  record CtDnat(boolean negated) implements Match {}

  /** At least one of the conjunctions holds: sets over several fields at once. */
  record AnyOf(List<List<Match>> alternatives, boolean negated) implements Match {
    public AnyOf {
      alternatives = alternatives.stream().map(List::copyOf).toList();
    }
  }

  /** Decided when it was read: the same for the first packet of every flow of this host. */
  record Constant(boolean value) implements Match {}

  /**
   * What no packet shows: chance, a cgroup, the time.
   *
   * @param condition how reports name it
   * @param ordinarily what is taken where nothing speaks for the condition
   */
  record Hidden(String condition, boolean ordinarily) implements Match {}

  /** An expression this program does not evaluate, by name. */
  record Unknown(String name) implements Match {}
}
