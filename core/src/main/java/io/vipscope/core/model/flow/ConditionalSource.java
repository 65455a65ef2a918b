package io.vipscope.core.model.flow;

import io.vipscope.core.net.IpAddress;

/**
 * A source that the flow has if something holds that the wire does not show.
 *
 * @param condition as reports name it: {@code fwmark 0x1}, {@code uid 33}, {@code statistic}
 */
public record ConditionalSource(IpAddress source, String condition) {}
