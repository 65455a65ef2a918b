package io.vipscope.core.model.snapshot;

import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.MacAddress;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One neighbour entry; states as printed: REACHABLE, STALE, FAILED, ... */
public record Neighbour(
    IpAddress address, String dev, @Nullable MacAddress mac, Set<String> states) {

  public Neighbour {
    states = Set.copyOf(states);
  }
}
