package io.vipscope.core.model.netfilter;

import io.vipscope.core.net.IpAddress;
import org.jspecify.annotations.Nullable;

/**
 * What conntrack keeps of a packet's flow ({@code struct nf_conn}).
 *
 * @param src the source when conntrack first saw it; null: not known
 * @param dst the destination then
 * @param to where the flow goes after DNAT; what a hook wrote without NAT does not change it
 * @param mark of the flow
 * @param dnat an OUTPUT hook mapped the destination
 */
record Conntrack(
    State state, @Nullable IpAddress src, IpAddress dst, IpAddress to, long mark, boolean dnat) {

  private static final long ALL = 0xffffffffL;

  enum State {
    /** Before conntrack: rules see an invalid packet. */
    NONE("invalid"),
    UNTRACKED("untracked"),
    TRACKED("new");

    private final String text;

    State(String text) {
      this.text = text;
    }

    /** As rules name it. */
    String text() {
      return text;
    }
  }

  static Conntrack of(State state, @Nullable IpAddress src, IpAddress dst) {
    return new Conntrack(state, src, dst, dst, 0, false);
  }

  boolean tracked() {
    return state == State.TRACKED;
  }

  Conntrack withMark(long value) {
    return new Conntrack(state, src, dst, to, value & ALL, dnat);
  }

  Conntrack mappedTo(IpAddress address) {
    return new Conntrack(state, src, dst, address, mark, true);
  }
}
