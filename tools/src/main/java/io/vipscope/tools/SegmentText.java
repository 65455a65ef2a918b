package io.vipscope.tools;

import io.vipscope.core.frame.Segments;

/** A segment, for people. */
public final class SegmentText {

  private SegmentText() {}

  /** {@code vlan 100}, {@code erspan 5}, {@code vxlan 7 vlan 100}; empty for the only one. */
  public static String of(Segments segments, int segment) {
    return segments.name(segment);
  }
}
