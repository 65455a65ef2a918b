package io.vipscope.core.frame;

import io.vipscope.core.net.IpAddress;
import java.lang.foreign.MemorySegment;

/**
 * Finds the frame that is audited in the one that was captured: takes the mirror's transport off,
 * and follows tunnels to the innermost IP layer if that is wanted. The reader's thread owns an
 * instance; nothing is allocated but for a segment that was not seen before.
 */
public final class MirroredFrame {

  /** Tunnels within tunnels that a frame may have. */
  static final int MAX_TUNNELS = 16;

  private final FrameDecoder decoder = new FrameDecoder();
  private final TunnelHeader tunnel = new TunnelHeader();
  private final FrameHeader carried = new FrameHeader();
  private final MirrorOptions options;
  private final Segments segments;
  private final IpAddress[] sensor;
  private final boolean looks;
  private final long[] taken = new long[Tunnel.values().length];

  private long offset;
  private int capturedLength;
  private int wireLength;
  private int linkType;

  public MirroredFrame(MirrorOptions options, Segments segments) {
    this.options = options;
    this.segments = segments;
    this.sensor = options.sensor().toArray(IpAddress[]::new);
    this.looks = options.transport() != MirrorTransport.NONE || options.inner();
  }

  /**
   * Decodes a captured frame; {@code out.vlan} becomes the number of its segment.
   *
   * <p>Afterwards {@link #offset}, {@link #capturedLength}, {@link #wireLength} and {@link
   * #linkType} tell where the mirrored frame is; with tunnels followed, what the flow is made of.
   */
  public void decode(
      MemorySegment data, long at, int captured, int wire, int link, FrameHeader out) {
    offset = at;
    capturedLength = captured;
    wireLength = wire;
    linkType = link;
    decoder.decode(data, at, captured, wire, link, out);
    if (looks && out.kind == FrameKind.FLOW && mayCarry(out)) {
      unwrap(data, out);
    }
  }

  /** Quick, for every frame: no TCP, and few UDP packets. */
  private boolean mayCarry(FrameHeader h) {
    return switch (h.protocol) {
      case Ip.UDP -> mayCarry(h.dstPort);
      case Ip.GRE, Ip.IPV4, Ip.IPV6 -> true;
      default -> false;
    };
  }

  /** Whether UDP to a port may carry frames that are looked into. */
  public boolean mayCarry(int udpPort) {
    return looks
        && (udpPort == TunnelHeader.VXLAN_PORT
            || udpPort == TunnelHeader.GENEVE_PORT
            || udpPort == TunnelHeader.OLD_VXLAN_PORT
            || udpPort == TunnelHeader.VXLAN_GPE_PORT
            || udpPort == options.vxlanPort() && udpPort != 0);
  }

  private void unwrap(MemorySegment data, FrameHeader out) {
    if (options.transport() != MirrorTransport.NONE
        && tunnel.decode(data, offset, length(data), out, options.vxlanPort())
        && options.transport().takes(tunnel.tunnel, toSensor(out))) {
      taken[tunnel.tunnel.ordinal()]++;
      int vlan = tunnel.vlan;
      enter(data, out);
      if (out.vlan == FrameHeader.NO_VLAN) {
        out.vlan = vlan;
      }
      out.vlan = segments.number(tunnel.tunnel, tunnel.id, out.vlan);
    }
    if (options.inner()) {
      innermost(data, out);
    }
  }

  private int length(MemorySegment data) {
    return (int) Math.clamp(capturedLength, 0, Math.max(0, data.byteSize() - offset));
  }

  private boolean toSensor(FrameHeader h) {
    for (IpAddress address : sensor) {
      if (address.v6() == h.v6 && address.hi() == h.dstHi && address.lo() == h.dstLo) {
        return true;
      }
    }
    return false;
  }

  /** Decodes what the tunnel carries in place of the frame around it. */
  private void enter(MemorySegment data, FrameHeader out) {
    long srcMac = out.srcMac;
    long dstMac = out.dstMac;
    move();
    decodeCarried(data, out);
    if (linkType != LinkType.ETHERNET) {
      out.srcMac = srcMac;
      out.dstMac = dstMac;
    }
  }

  private void move() {
    offset += tunnel.at;
    capturedLength -= tunnel.at;
    wireLength -= tunnel.at;
    linkType = tunnel.type == TunnelHeader.ETHERNET ? LinkType.ETHERNET : LinkType.RAW;
  }

  private void decodeCarried(MemorySegment data, FrameHeader out) {
    if (tunnel.type == TunnelHeader.ETHERNET) {
      decoder.decode(data, offset, capturedLength, wireLength, LinkType.ETHERNET, out);
    } else {
      FrameDecoder.carried(data, offset, length(data), wireLength, tunnel.type, out);
    }
  }

  /** Goes on as long as there is an IP layer within; its segment is that of the frame around. */
  private void innermost(MemorySegment data, FrameHeader out) {
    for (int depth = 0; out.kind == FrameKind.FLOW && mayCarry(out); depth++) {
      if (!tunnel.decode(data, offset, length(data), out, options.vxlanPort())) {
        return;
      }
      if (depth == MAX_TUNNELS) {
        out.kind = FrameKind.TOO_MANY_LAYERS;
        return;
      }
      if (!carriesIp(data)) {
        return;
      }
      int vlan = out.vlan;
      int innerVlan = out.innerVlan;
      enter(data, out);
      if (vlan != FrameHeader.NO_VLAN) {
        out.vlan = vlan;
        out.innerVlan = innerVlan;
      }
    }
  }

  private boolean carriesIp(MemorySegment data) {
    long outerOffset = offset;
    int outerCaptured = capturedLength;
    int outerWire = wireLength;
    int outerLink = linkType;
    move();
    decodeCarried(data, carried);
    offset = outerOffset;
    capturedLength = outerCaptured;
    wireLength = outerWire;
    linkType = outerLink;
    return carried.protocol >= 0 || carried.kind == FrameKind.TOO_MANY_LAYERS;
  }

  /** Where the frame is that was decoded last, within the data. */
  public long offset() {
    return offset;
  }

  public int capturedLength() {
    return capturedLength;
  }

  public int wireLength() {
    return wireLength;
  }

  /** Its link type: Ethernet, or IP without a link layer. */
  public int linkType() {
    return linkType;
  }

  /** Frames of which this transport was taken off. */
  public long taken(Tunnel transport) {
    return taken[transport.ordinal()];
  }
}
