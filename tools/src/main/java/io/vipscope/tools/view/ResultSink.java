package io.vipscope.tools.view;

import io.vipscope.core.failover.Failover;
import io.vipscope.core.finding.Finding;
import io.vipscope.core.flow.FlowRecord;
import io.vipscope.core.ownership.Ownership;
import io.vipscope.core.verdict.FlowVerdict;
import org.jspecify.annotations.Nullable;

/**
 * Takes an audit's results with what only the whole run knows: names of instances, and which
 * mismatches are accepted. Called on the cold thread, in capture order: it must not wait.
 */
public interface ResultSink {

  /**
   * A VIP changed hands, or became known.
   *
   * @param instance the VRRP instance's name in keepalived.conf, or null
   */
  default void owner(Ownership ownership, @Nullable String instance) {}

  /**
   * An audited host sent a VRRP advert.
   *
   * @param segment VLAN id, or -1
   * @param family of the addresses it names, 4 or 6
   */
  default void advert(String host, int segment, int vrid, int family, long atNs) {}

  /**
   * TCP data of audited addresses that was acknowledged, in a sample of connections.
   *
   * @param unseenBytes of it, what the capture does not have
   */
  default void acknowledged(long ackedBytes, long unseenBytes) {}

  /** A VRRP instance changed hands. */
  default void failover(Failover failover) {}

  /** A finding opened, went on, or is over. */
  default void finding(Finding finding) {}

  /** A flow began: what is said of it now. */
  default void judged(FlowRecord flow, FlowVerdict verdict, boolean accepted) {}

  /** A flow's record, with its final verdict. */
  default void flow(FlowRecord flow, FlowVerdict verdict, boolean accepted) {}
}
