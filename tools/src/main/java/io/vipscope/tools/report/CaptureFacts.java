package io.vipscope.tools.report;

import io.vipscope.capture.SourceCounters;
import io.vipscope.core.pipeline.AuditCounters;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was captured, by what, and what was lost.
 *
 * @param live interfaces, else files
 * @param sources their names
 * @param kind file, afpacket, afxdp or pcap
 * @param seconds from the first frame read to the last frame classified
 * @param expression the selection in tcpdump's language; empty: everything
 * @param broken why an input could not be read to its end; null if all could
 */
public record CaptureFacts(
    String sensor,
    boolean live,
    List<String> sources,
    String kind,
    AuditCounters counters,
    SourceCounters source,
    double seconds,
    String expression,
    List<HostFacts> hosts,
    @Nullable String broken) {

  /**
   * An audited host's state.
   *
   * @param newestNs when the newest snapshot ended; {@code HostSnapshot.ALWAYS} if it does not say
   * @param natKnown whether NAT rules were collected
   */
  public record HostFacts(String name, int snapshots, long newestNs, boolean natKnown) {}
}
