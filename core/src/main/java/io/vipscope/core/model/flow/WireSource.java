package io.vipscope.core.model.flow;

import io.vipscope.core.model.netfilter.WireOutcome;
import io.vipscope.core.model.netfilter.WireOutcome.End;
import io.vipscope.core.model.netfilter.WireOutcome.Nat;
import io.vipscope.core.model.selection.Egress;
import io.vipscope.core.net.IpAddress;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One way that a flow of this host may appear on the wire, or fail to.
 *
 * @param egress as on the wire; null if it is not sent
 * @param before the source that routing chose, before netfilter
 * @param steps what netfilter did, one sentence each
 * @param dst on the wire
 * @param dport on the wire
 * @param conditions what would have to hold for it beside the world it was asked in
 * @param error why it is not sent; null if it is, or if that is unknown
 * @param unknown names what is not modelled and would have to hold for this; null if nothing is
 */
public record WireSource(
    @Nullable Egress egress,
    @Nullable IpAddress before,
    IpAddress dst,
    int dport,
    Nat nat,
    List<String> conditions,
    @Nullable String error,
    @Nullable String unknown,
    List<String> steps) {

  /** It stays on this host. */
  public static final String LOCAL = "local";

  public WireSource {
    conditions = List.copyOf(conditions);
    steps = List.copyOf(steps);
  }

  static WireSource of(WireOutcome o, @Nullable IpAddress before) {
    boolean sent = o.end() instanceof End.Sent;
    String error =
        switch (o.end()) {
          case End.Failed(String name) -> name;
          case End.Local() -> LOCAL;
          case End.Sent() -> null;
          case End.Lost() -> null;
        };
    var p = o.packet();
    return new WireSource(
        sent ? new Egress(p.src(), p.dev(), p.gateway()) : null,
        before,
        p.dst(),
        p.dport(),
        o.nat(),
        o.conditions(),
        error,
        o.unknown(),
        o.trace());
  }

  /** Sent, and nothing has to hold for it. */
  public boolean firm() {
    return egress != null && conditions.isEmpty() && unknown == null;
  }

  /** On the wire; null if nothing is sent, or without a source. */
  @Nullable IpAddress source() {
    return egress == null ? null : egress.source();
  }

  /** Netfilter left the destination as the query has it. */
  boolean reaches(FlowQuery q) {
    return dst.equals(q.dst()) && dport == q.dport();
  }

  /** Whether the same packet is sent, or none. */
  boolean sameAs(WireSource other) {
    return Objects.equals(source(), other.source())
        && (egress == null) == (other.egress == null)
        && dst.equals(other.dst);
  }
}
