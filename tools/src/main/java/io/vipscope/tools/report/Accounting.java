package io.vipscope.tools.report;

import io.vipscope.capture.SourceCounters;
import io.vipscope.core.frame.FrameKind;
import io.vipscope.core.pipeline.AuditCounters;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;

/** The books of a capture: every frame that was taken, and those that were lost before. */
public final class Accounting {

  private Accounting() {}

  /** Frames by what became of them; only flow frames may be 0. */
  public static Map<String, Long> frames(AuditCounters c) {
    Map<String, Long> parts = new LinkedHashMap<>();
    parts.put("of flows", c.flowFrames());
    part(parts, "untracked", c.untracked());
    part(parts, "control", c.controlFrames());
    part(parts, "non-ip", c.nonIp());
    part(parts, "filtered", c.filtered());
    part(parts, "duplicates", c.duplicates());
    for (Map.Entry<FrameKind, Long> entry : c.undecodable().entrySet()) {
      part(
          parts,
          entry.getKey().name().toLowerCase(Locale.ROOT).replace('_', '-'),
          entry.getValue());
    }
    return parts;
  }

  private static void part(Map<String, Long> parts, String name, long count) {
    if (count > 0) {
      parts.put(name, count);
    }
  }

  /** {@code 630 frames = 521 of flows + 109 control}. */
  static String line(AuditCounters c) {
    StringJoiner sum = new StringJoiner(" + ");
    frames(c).forEach((name, count) -> sum.add(count + " " + name));
    return c.frames() + " frames = " + sum;
  }

  /** What was lost before vipscope read it. */
  static String losses(CaptureFacts facts) {
    SourceCounters s = facts.source();
    return facts.live()
        ? "kernel " + known(s.kernelDrops()) + ", interface " + known(s.interfaceDrops())
        : "a capture file does not tell";
  }

  private static String known(long value) {
    return value < 0 ? "not known" : Long.toString(value);
  }
}
