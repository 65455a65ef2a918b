package io.vipscope.core.model.selection;

import io.vipscope.core.net.IpAddress;
import org.jspecify.annotations.Nullable;

/**
 * How a packet leaves.
 *
 * @param source null = 0.0.0.0 really leaves (IPv6: there is none)
 * @param gateway null = the destination is on the link
 */
public record Egress(
    @Nullable IpAddress source, @Nullable String dev, @Nullable IpAddress gateway) {}
