package io.vipscope.tools.view;

import io.vipscope.core.net.IpAddress;
import io.vipscope.core.ownership.Ownership;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who held one VIP of one segment.
 *
 * @param segment the segment in words; empty for the only one
 * @param instance the VRRP instance's name, or null
 * @param changes in order; a further host's use of the VIP is no change
 */
public record Lane(
    IpAddress vip, String segment, @Nullable String instance, List<Ownership> changes) {

  public Lane {
    changes = List.copyOf(changes);
  }

  /** Who holds it now. */
  public Ownership last() {
    return changes.getLast();
  }
}
