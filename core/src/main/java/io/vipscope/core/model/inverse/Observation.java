package io.vipscope.core.model.inverse;

import io.vipscope.core.model.flow.FlowQuery;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.net.IpAddress;
import java.util.List;

/**
 * A source on the wire and what is known of the host that sent it.
 *
 * @param state the state in force
 * @param neighbours the snapshots around that moment that are not in force
 * @param known the source is a VIP, or some snapshot of this host has it
 */
public record Observation(
    FlowQuery query,
    IpAddress source,
    HostSnapshot state,
    List<HostSnapshot> neighbours,
    boolean known) {

  public Observation {
    neighbours = List.copyOf(neighbours);
  }
}
