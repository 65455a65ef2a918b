package io.vipscope.tools;

import io.vipscope.core.frame.Segments;
import io.vipscope.core.frame.TunnelHeader;

/** A segment, for people. */
public final class SegmentText {

  private SegmentText() {}

  /** {@code vlan 100}, {@code erspan 5}, {@code vxlan 7 vlan 100}; empty for the only one. */
  public static String of(Segments segments, int segment) {
    Segments.Mirror mirror = segments.mirror(segment);
    int vlan = segments.vlan(segment);
    String text = "";
    if (mirror != null) {
      text = mirror.tunnel() + (mirror.id() == TunnelHeader.NO_ID ? "" : " " + mirror.id());
    }
    if (vlan >= 0) {
      text += (text.isEmpty() ? "vlan " : " vlan ") + vlan;
    }
    return text;
  }
}
