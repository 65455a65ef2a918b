package io.vipscope.core.pipeline;

import io.vipscope.core.net.IpAddress;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A pair that a configuration names.
 *
 * @param segment where its hosts and VIPs are; null = wherever they are seen
 * @param vips that no keepalived.conf of its hosts names
 */
public record AuditedPair(String name, @Nullable SegmentName segment, Set<IpAddress> vips) {

  public AuditedPair {
    vips = Set.copyOf(vips);
  }

  /** A pair that is wherever its hosts are seen. */
  public static AuditedPair of(String name) {
    return new AuditedPair(name, null, Set.of());
  }
}
