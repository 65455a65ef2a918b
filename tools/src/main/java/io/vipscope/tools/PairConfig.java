package io.vipscope.tools;

import io.vipscope.core.frame.FrameHeader;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.pipeline.AuditedPair;
import io.vipscope.core.pipeline.SegmentName;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A pair of a configuration.
 *
 * @param segment null = wherever its hosts are seen
 * @param vips that no keepalived.conf of its hosts names
 * @param expect a file of expectations about its hosts; null = none
 * @param baseline a file of deviations of its hosts that are accepted; null = none
 * @param where file and line
 */
record PairConfig(
    String name,
    @Nullable SegmentName segment,
    List<Host> hosts,
    Set<IpAddress> vips,
    @Nullable Path expect,
    @Nullable Path baseline,
    String where) {

  /**
   * A host of a pair.
   *
   * @param folder of its snapshots
   * @param ssh how to reach it, as ssh's destination; null = by its name
   * @param offsetNs how far its snapshots' times are shifted
   * @param where file and line
   */
  record Host(String name, Path folder, @Nullable String ssh, long offsetNs, String where) {}

  PairConfig {
    hosts = List.copyOf(hosts);
    vips = Set.copyOf(vips);
  }

  AuditedPair audited() {
    return new AuditedPair(name, segment, vips);
  }

  List<String> hostNames() {
    return hosts.stream().map(Host::name).toList();
  }

  /** The segment, for people. */
  String segmentText() {
    if (segment == null) {
      return "any";
    }
    String vlan = segment.vlan() == FrameHeader.NO_VLAN ? "untagged" : "VLAN " + segment.vlan();
    return segment.transport() == null
        ? vlan
        : vlan + " in " + segment.transport() + (segment.id() < 0 ? "" : " " + segment.id());
  }
}
