package io.vipscope.core.model.flow;

import io.vipscope.core.net.IpAddress;

/**
 * A source that the flow has if something holds that the wire does not show.
 *
 * @param condition as reports name it: {@code fwmark 0x1}, {@code uid 33}, {@code statistic}
 */
public record ConditionalSource(IpAddress source, String condition) {

  /** The packet is somebody else's, and a NAT rule gives it this source. */
  public static final String FORWARDED = "forwarded";

  /** Whether it needs that the host has only forwarded the packet. */
  public boolean isForwarded() {
    return condition.equals(FORWARDED);
  }
}
