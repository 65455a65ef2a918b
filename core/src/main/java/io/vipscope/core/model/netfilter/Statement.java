package io.vipscope.core.model.netfilter;

/** What a netfilter rule does. */
public sealed interface Statement {

  record Snat(AddressRange to) implements Statement {}

  record Masquerade() implements Statement {}

  record Accept() implements Statement {}

  record Drop() implements Statement {}

  record Return() implements Statement {}

  record Jump(String chain) implements Statement {}

  record Goto(String chain) implements Statement {}

  /** Counters, logs, comments: nothing that matters to the source. */
  record Nothing() implements Statement {}

  /** A statement that changes packets in a way this program does not follow, by name. */
  record Unknown(String name) implements Statement {}
}
