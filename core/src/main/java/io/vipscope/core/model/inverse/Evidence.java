package io.vipscope.core.model.inverse;

import io.vipscope.core.model.snapshot.HostSnapshot;
import java.util.List;

/**
 * All that is known to explain an observed source with.
 *
 * @param ofHost every snapshot of the host that sent it
 * @param ofOthers of every other host the state in force at the same time
 */
public record Evidence(
    Observation observation, List<HostSnapshot> ofHost, List<HostSnapshot> ofOthers) {

  public Evidence {
    ofHost = List.copyOf(ofHost);
    ofOthers = List.copyOf(ofOthers);
  }
}
