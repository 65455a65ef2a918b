package io.vipscope.core.frame;

import io.vipscope.core.net.IpAddress;
import java.util.Set;

/**
 * How the frames that are audited lie within those that are captured.
 *
 * @param vxlanPort a further UDP port of VXLAN; 0 = none
 * @param sensor the sensor's own addresses
 * @param inner a flow is made of the innermost IP layer, not of the outermost
 */
public record MirrorOptions(
    MirrorTransport transport, int vxlanPort, Set<IpAddress> sensor, boolean inner) {

  /** What an audit does unless it is told otherwise. */
  public static final MirrorOptions DEFAULT =
      new MirrorOptions(MirrorTransport.AUTO, 0, Set.of(), false);

  public MirrorOptions {
    sensor = Set.copyOf(sensor);
  }
}
