package io.vipscope.core.model.inverse;

import io.vipscope.core.net.IpAddress;

/**
 * A change of one line after which the model gives another source. Printed, never run.
 *
 * @param source what the flow would then have on the wire
 * @param change the line, as one types it on the host
 */
public record Remedy(IpAddress source, String change) {}
