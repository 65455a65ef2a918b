package io.vipscope.core.pipeline;

import io.vipscope.core.frame.FrameHeader;
import io.vipscope.core.frame.Segments;
import io.vipscope.core.frame.Tunnel;
import io.vipscope.core.frame.TunnelHeader;
import org.jspecify.annotations.Nullable;

/**
 * A segment as a user names it, before any frame of it was seen.
 *
 * @param vlan outermost VLAN id, or {@link FrameHeader#NO_VLAN} for frames without a tag
 * @param transport what carries the mirrored frames to the sensor; null = any, or none
 * @param id session, VNI or key of the transport; {@link TunnelHeader#NO_ID} = any
 */
public record SegmentName(int vlan, @Nullable Tunnel transport, int id) {

  /** A VLAN, whatever brings its frames. */
  public static SegmentName vlan(int vlan) {
    return new SegmentName(vlan, null, TunnelHeader.NO_ID);
  }

  /** Whether a segment of the capture is this one. */
  boolean names(int segment, Segments segments) {
    return vlan == segments.vlan(segment) && comesBy(segment, segments);
  }

  /**
   * Whether a frame without a tag may be of this one: a mirror may show the tag in one direction
   * only.
   */
  boolean mayLackTag(int segment, Segments segments) {
    return segments.vlan(segment) == FrameHeader.NO_VLAN && comesBy(segment, segments);
  }

  private boolean comesBy(int segment, Segments segments) {
    if (transport == null) {
      return true;
    }
    Segments.Mirror mirror = segments.mirror(segment);
    return mirror != null
        && mirror.tunnel() == transport
        && (id == TunnelHeader.NO_ID || mirror.id() == id);
  }
}
