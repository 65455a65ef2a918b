package io.vipscope.core.pipeline;

import io.vipscope.core.frame.FrameKind;
import io.vipscope.core.frame.Tunnel;
import java.util.EnumMap;
import java.util.Map;

/**
 * The accounting line: every frame taken into decoding stands in exactly one of the other numbers.
 *
 * @param frames taken into decoding
 * @param flowFrames counted to a flow
 * @param untracked of flows for which the table had no room
 * @param controlFrames VRRP, ARP, ND, IGMP, MLD
 * @param nonIp without an IP layer
 * @param filtered left out by the user's expression
 * @param duplicates second copies of frames
 * @param undecodable by reason
 * @param flows flows begun
 * @param evicted flows ended early because there were too many
 * @param tablePredictions answers of the model that its compiled tables gave
 * @param modelPredictions answers for which the model itself was asked: what its tables cannot tell
 * @param mirrored frames by the transport that carried them to the sensor
 */
public record AuditCounters(
    long frames,
    long flowFrames,
    long untracked,
    long controlFrames,
    long nonIp,
    long filtered,
    long duplicates,
    Map<FrameKind, Long> undecodable,
    long flows,
    long evicted,
    long tablePredictions,
    long modelPredictions,
    Map<Tunnel, Long> mirrored) {

  public AuditCounters {
    undecodable = new EnumMap<>(undecodable);
    mirrored = Map.copyOf(mirrored);
  }

  /** The sum of all buckets. */
  public long accounted() {
    return flowFrames
        + untracked
        + controlFrames
        + nonIp
        + filtered
        + duplicates
        + undecodable.values().stream().mapToLong(Long::longValue).sum();
  }
}
