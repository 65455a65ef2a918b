package io.vipscope.core.model.flow;

import io.vipscope.core.net.IpAddress;
import java.util.List;

/**
 * A socket that an application bound.
 *
 * @param conditions what else would have to hold, as reports name it; empty: nothing
 */
public record Bind(IpAddress address, List<String> conditions) {

  public Bind {
    conditions = List.copyOf(conditions);
  }
}
