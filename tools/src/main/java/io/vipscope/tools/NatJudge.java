package io.vipscope.tools;

import io.vipscope.core.model.flow.FlowQuery;
import io.vipscope.core.model.flow.ForwardedFlow;
import io.vipscope.core.model.netfilter.WireOutcome.Nat;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.MacAddress;
import io.vipscope.core.pipeline.AuditedHost;
import io.vipscope.core.pipeline.HostIndex;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Compares what NAT made of a source with what the state of the host that forwarded it gives. */
final class NatJudge {

  private static final int DEFAULT_TTL = 64;

  private volatile HostIndex index;

  NatJudge(HostIndex index) {
    this.index = index;
  }

  /** Newer state of the hosts. */
  void offer(HostIndex newer) {
    index = newer;
  }

  /** Whether a flow may be one that an audited host forwards, as far as its first frame shows. */
  boolean mayPass(NatFlow.Side side, boolean inside) {
    HostIndex hosts = index;
    if (hosts.isLocal(side.dst()) || side.dst().isMulticast() || side.src().isAny()) {
      return false;
    }
    return !inside
        || hosts.ofMac(side.dstMac()) != null
        || MacAddress.isVirtualRouter(side.dstMac());
  }

  /**
   * Whether an audited host itself sent what was seen behind NAT. If not, a router in between did,
   * or it has nothing to do with the hosts.
   */
  boolean isSender(NatFlow.Side outside) {
    return index.ofMac(outside.srcMac()) != null;
  }

  /** A flow that was seen on both sides. */
  NatFlow paired(NatFlow.Side inside, NatFlow.Side outside, String evidence) {
    AuditedHost sender = index.ofMac(outside.srcMac());
    AuditedHost host = sender != null ? sender : index.ofMac(inside.dstMac());
    HostSnapshot state = host == null ? null : host.latestBefore(inside.tsNs());
    if (host == null || state == null || state.routes(inside.dst().v6()) == null) {
      return of(
          inside,
          outside,
          host,
          Set.of(),
          Nat.NONE,
          NatFlow.Result.UNKNOWN,
          false,
          evidence,
          "the state of the host that forwarded it is not known");
    }
    FlowQuery query =
        new FlowQuery(
            inside.dst(),
            inside.protocol(),
            isIcmp(inside) ? 0 : inside.srcPort(),
            inside.dstPort());
    ForwardedFlow expected = ForwardedFlow.of(state, query, inside.src());
    IpAddress source = outside.src();
    boolean own = index.isLocal(source);
    boolean mapped = !source.equals(inside.src());
    boolean doubled =
        index.isLocal(inside.src()) || mapped && !own && !expected.sources().contains(source);
    NatFlow.Result result =
        expected.sources().contains(source)
            ? NatFlow.Result.MATCH
            : expected.conditional().contains(source)
                ? NatFlow.Result.CONDITIONAL
                : expected.unmodelled() != null || expected.sources().isEmpty()
                    ? NatFlow.Result.UNKNOWN
                    : NatFlow.Result.MISMATCH;
    String reason =
        switch (result) {
          case MATCH -> source + " is what " + host.name() + " makes of " + inside.src();
          case CONDITIONAL ->
              host.name() + " makes " + source + " of it if something holds that does not show";
          case MISMATCH ->
              expected.sources()
                  + " is expected of "
                  + host.name()
                  + " for "
                  + inside.src()
                  + ", "
                  + source
                  + " came out"
                  + (doubled ? ": another device has mapped it too" : "");
          case UNKNOWN ->
              expected.unmodelled() == null
                  ? host.name() + " has no route for it"
                  : String.valueOf(expected.unmodelled());
        };
    return of(
        inside,
        outside,
        host,
        expected.sources(),
        expected.nat(),
        result,
        doubled,
        evidence,
        reason);
  }

  private static boolean isIcmp(NatFlow.Side side) {
    return side.protocol() != 6 && side.protocol() != 17;
  }

  /** A flow that was seen on one side only; null if it need not be on the other. */
  @Nullable NatFlow alone(NatFlow.Side side, boolean inside) {
    if (inside) {
      return of(
          side,
          null,
          index.ofMac(side.dstMac()),
          Set.of(),
          Nat.NONE,
          NatFlow.Result.UNKNOWN,
          false,
          "",
          "it was not seen behind NAT");
    }
    AuditedHost host = index.ofMac(side.srcMac());
    int own =
        host == null
            ? DEFAULT_TTL
            : host.latestBefore(side.tsNs())
                .sysctls()
                .number("net.ipv4.ip_default_ttl", DEFAULT_TTL);
    if (side.ttl() >= own) {
      return null; // the host's own
    }
    return of(
        null,
        side,
        host,
        Set.of(),
        Nat.NONE,
        NatFlow.Result.UNKNOWN,
        false,
        "",
        "it was not seen before NAT");
  }

  private static NatFlow of(
      NatFlow.@Nullable Side inside,
      NatFlow.@Nullable Side outside,
      @Nullable AuditedHost host,
      Set<IpAddress> predicted,
      Nat nat,
      NatFlow.Result result,
      boolean doubled,
      String evidence,
      String reason) {
    return new NatFlow(
        inside,
        outside,
        host == null ? null : host.name(),
        predicted,
        nat,
        result,
        doubled,
        evidence,
        reason);
  }
}
