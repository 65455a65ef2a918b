package io.vipscope.core.frame;

import java.util.Locale;

/** Which encapsulation carries mirrored frames to the sensor, and is taken off first. */
public enum MirrorTransport {
  /** ERSPAN; any other that is addressed to the sensor itself. */
  AUTO,
  NONE,
  ERSPAN,
  VXLAN,
  GENEVE,
  GRE;

  /**
   * Whether mirrored frames may come this way.
   *
   * @param toSensor the outer packet is addressed to the sensor
   */
  boolean takes(Tunnel tunnel, boolean toSensor) {
    return switch (this) {
      case AUTO -> tunnel == Tunnel.ERSPAN || toSensor && tunnel != Tunnel.IPIP;
      case NONE -> false;
      case ERSPAN -> tunnel == Tunnel.ERSPAN;
      case VXLAN -> tunnel == Tunnel.VXLAN;
      case GENEVE -> tunnel == Tunnel.GENEVE;
      case GRE -> tunnel == Tunnel.GRE;
    };
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
