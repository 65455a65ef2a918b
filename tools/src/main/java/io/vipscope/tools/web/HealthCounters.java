package io.vipscope.tools.web;

import io.vipscope.capture.SourceCounters;
import io.vipscope.core.frame.FrameKind;
import io.vipscope.core.pipeline.AuditCounters;
import io.vipscope.tools.web.PageSource.Counter;
import io.vipscope.tools.web.PageSource.HealthGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Every counter of an audit, with what it means and whose loss it is. */
public final class HealthCounters {

  private HealthCounters() {}

  /**
   * The counters in groups.
   *
   * @param outputDrops records that an output had no room for, by output
   */
  public static List<HealthGroup> of(
      AuditCounters c, SourceCounters s, Map<String, Long> outputDrops) {
    List<HealthGroup> groups = new ArrayList<>();
    groups.add(
        new HealthGroup(
            "Frames: every one taken into decoding stands in exactly one other row", frames(c)));
    groups.add(new HealthGroup("Lost before decoding", lost(s)));
    groups.add(new HealthGroup("Flows", flows(c)));
    List<Counter> outputs = new ArrayList<>();
    outputDrops.forEach((name, count) ->
        outputs.add(
            new Counter(
                name,
                text(count),
                "records this output had no room for: its receiver is too slow or not there",
                true)));
    if (!outputs.isEmpty()) {
      groups.add(new HealthGroup("Outputs", outputs));
    }
    return groups;
  }

  private static String text(long count) {
    return Long.toString(count);
  }

  private static @Nullable String known(long count) {
    return count < 0 ? null : text(count);
  }

  private static List<Counter> frames(AuditCounters c) {
    List<Counter> rows = new ArrayList<>();
    rows.add(new Counter("frames", text(c.frames()), "taken into decoding", false));
    rows.add(new Counter("flow_frames", text(c.flowFrames()), "belong to a flow", false));
    rows.add(
        new Counter(
            "untracked",
            text(c.untracked()),
            "came when there was no room for their flow (--max-flows)",
            true));
    rows.add(
        new Counter("control_frames", text(c.controlFrames()), "VRRP, ARP, ND, IGMP, MLD", false));
    rows.add(new Counter("non_ip", text(c.nonIp()), "LLDP, STP and others without IP", false));
    rows.add(new Counter("filtered", text(c.filtered()), "not selected by the expression", false));
    rows.add(
        new Counter(
            "duplicates", text(c.duplicates()), "second copies of a mirror (--dedup)", false));
    for (Map.Entry<FrameKind, Long> e : c.undecodable().entrySet()) {
      rows.add(
          new Counter(
              e.getKey().name().toLowerCase(Locale.ROOT),
              text(e.getValue()),
              switch (e.getKey()) {
                case TRUNCATED -> "headers are missing: the snap length (-s) is too short";
                case MALFORMED -> "a header contradicts itself";
                case TOO_MANY_LAYERS -> "more nested headers than are followed";
                case UNKNOWN_LINK_TYPE -> "a link type that is not read";
                case FLOW, CONTROL, NON_IP -> "";
              },
              true));
    }
    c.mirrored()
        .forEach((tunnel, count) ->
            rows.add(
                new Counter(
                    "mirror " + tunnel, text(count), "of the frames above, carried so", false)));
    return rows;
  }

  private static List<Counter> lost(SourceCounters s) {
    return List.of(
        new Counter(
            "kernel_received",
            known(s.kernelReceived()),
            "handed to this capture by the kernel",
            false),
        new Counter(
            "kernel_drops",
            known(s.kernelDrops()),
            "the kernel's: its buffer was full, vipscope was too slow",
            true),
        new Counter(
            "interface_drops",
            known(s.interfaceDrops()),
            "the interface's: before the kernel (rx_dropped, rx_missed_errors)",
            true));
  }

  private static List<Counter> flows(AuditCounters c) {
    return List.of(
        new Counter("flows", text(c.flows()), "begun", false),
        new Counter("evicted", text(c.evicted()), "ended early because there were too many", true),
        new Counter(
            "predictions_tables", text(c.tablePredictions()), "answers of compiled tables", false),
        new Counter(
            "predictions_model",
            text(c.modelPredictions()),
            "answers of the model itself: what tables cannot tell",
            false));
  }
}
