package io.vipscope.core.pipeline;

import io.vipscope.core.model.snapshot.HostSnapshot;
import java.util.List;

/**
 * The state that counts for a flow, and those that might have.
 *
 * @param state the state in force
 * @param neighbours the snapshots around that moment that are not in force: a source that only one
 *     of them gives is conditional, never a mismatch
 */
record StateInForce(HostSnapshot state, List<HostSnapshot> neighbours) {

  StateInForce {
    neighbours = List.copyOf(neighbours);
  }
}
