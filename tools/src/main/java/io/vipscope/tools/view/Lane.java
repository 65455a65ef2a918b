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
 * @param changes in order, each with those who used the VIP last in its time
 * @param shared when other hosts used the VIP beside its holder
 */
public record Lane(
    IpAddress vip,
    String segment,
    @Nullable String instance,
    List<Ownership> changes,
    List<Shared> shared) {

  /**
   * A host that used the VIP while another held it.
   *
   * @param untilNs capture time; {@link #GOES_ON}: it still does
   */
  public record Shared(String host, long fromNs, long untilNs) {
    public static final long GOES_ON = Long.MAX_VALUE;

    /** Whether it still does. */
    public boolean goesOn() {
      return untilNs == GOES_ON;
    }
  }

  public Lane {
    changes = List.copyOf(changes);
    shared = List.copyOf(shared);
  }

  /** Who holds it now. */
  public Ownership last() {
    return changes.getLast();
  }
}
