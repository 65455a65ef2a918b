package io.vipscope.core.sink;

import io.vipscope.core.failover.Failover;
import io.vipscope.core.finding.Finding;
import io.vipscope.core.finding.RuleCoverage;
import io.vipscope.core.flow.AckSight;
import io.vipscope.core.flow.FlowRecord;
import io.vipscope.core.ownership.ControlEvent;
import io.vipscope.core.ownership.Ownership;
import io.vipscope.core.verdict.FlowVerdict;
import org.jspecify.annotations.Nullable;

/** Where the audit's results go, in capture order, on the cold thread. */
public interface AuditSink {

  /** A VIP changed hands, or became known. */
  void owner(Ownership ownership);

  /**
   * A VRRP advert was heard.
   *
   * @param segment VLAN id, or -1
   * @param host the audited host that sent it; null: none of them
   */
  default void advert(ControlEvent.Advert advert, int segment, @Nullable String host) {}

  /**
   * What TCP acknowledgements tell of the capture; not told where an expression leaves frames out.
   */
  default void acknowledged(AckSight sight) {}

  /** A VRRP instance changed hands: told when the change has settled. */
  void failover(Failover failover);

  /** A finding opened, went on, or is over. */
  void finding(Finding finding);

  /**
   * A flow began, and this is its verdict as soon as the wire's order around its start is known. A
   * mismatch is told by {@link #mismatch} too.
   */
  default void judged(FlowRecord flow, FlowVerdict verdict) {}

  /** A mismatch, told as soon as the wire's order around the flow's start is known. */
  void mismatch(FlowRecord flow, FlowVerdict verdict);

  /**
   * How much a rule, route or NAT rule of a host was used, told at the end of the run, each one
   * once.
   */
  default void coverage(RuleCoverage use) {}

  /** A flow's record, with its final verdict. */
  void flow(FlowRecord flow, FlowVerdict verdict);

  /** A sink for those who want none of it. */
  static AuditSink none() {
    return new AuditSink() {
      @Override
      public void owner(Ownership ownership) {}

      @Override
      public void failover(Failover failover) {}

      @Override
      public void finding(Finding finding) {}

      @Override
      public void mismatch(FlowRecord flow, FlowVerdict verdict) {}

      @Override
      public void flow(FlowRecord flow, FlowVerdict verdict) {}
    };
  }
}
