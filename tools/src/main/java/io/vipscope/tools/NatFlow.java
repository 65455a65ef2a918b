package io.vipscope.tools;

import io.vipscope.core.frame.FrameHeader;
import io.vipscope.core.model.netfilter.WireOutcome.Nat;
import io.vipscope.core.net.IpAddress;
import io.vipscope.tools.export.Anonymizer;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A flow as it was seen before and behind NAT.
 *
 * @param inside null: it was seen behind NAT alone
 * @param outside null: it was seen before NAT alone
 * @param host that forwarded it; null = not known
 * @param predicted sources behind NAT, by the state of that host
 * @param nat what maps the source, by that state
 * @param verdict of the source behind NAT; UNKNOWN where it cannot be compared
 * @param doubled another device, before the host or behind it, has mapped the source too
 * @param evidence what the two sides have in common: seq, ip-id or ports
 */
record NatFlow(
    @Nullable Side inside,
    @Nullable Side outside,
    @Nullable String host,
    Set<IpAddress> predicted,
    Nat nat,
    Result verdict,
    boolean doubled,
    String evidence,
    String reason) {

  /** What came of the comparison. */
  enum Result {
    MATCH,
    CONDITIONAL,
    MISMATCH,
    UNKNOWN;

    @Override
    public String toString() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /**
   * One side.
   *
   * @param srcMac of its first frame
   * @param dstMac of its first frame
   */
  record Side(
      int protocol,
      IpAddress src,
      int srcPort,
      IpAddress dst,
      int dstPort,
      long tsNs,
      int ttl,
      long srcMac,
      long dstMac) {}

  NatFlow {
    predicted = Set.copyOf(predicted);
  }

  /** The same with pseudonyms for its addresses. */
  NatFlow anonymous(Anonymizer names) {
    return new NatFlow(
        anonymous(inside, names),
        anonymous(outside, names),
        host,
        predicted.stream().map(names::of).collect(Collectors.toSet()),
        nat,
        verdict,
        doubled,
        evidence,
        names.text(reason));
  }

  private static @Nullable Side anonymous(@Nullable Side s, Anonymizer names) {
    return s == null
        ? null
        : new Side(
            s.protocol,
            names.of(s.src),
            s.srcPort,
            names.of(s.dst),
            s.dstPort,
            s.tsNs,
            s.ttl,
            FrameHeader.NO_MAC,
            FrameHeader.NO_MAC);
  }

  /** The side that was seen, the inner one first. */
  Side either() {
    Side side = inside != null ? inside : outside;
    if (side == null) {
      throw new IllegalStateException("a flow with no side");
    }
    return side;
  }

  boolean portRewritten() {
    return inside != null && outside != null && inside.srcPort() != outside.srcPort();
  }
}
