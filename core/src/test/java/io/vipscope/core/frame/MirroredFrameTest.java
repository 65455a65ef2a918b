package io.vipscope.core.frame;

import static io.vipscope.core.FrameBuilder.SYN;
import static io.vipscope.core.FrameBuilder.bytes;
import static io.vipscope.core.FrameBuilder.ip;
import static io.vipscope.core.FrameBuilder.join;
import static io.vipscope.core.FrameBuilder.mac;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vipscope.core.FrameBuilder;
import io.vipscope.core.frame.Segments.Mirror;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MirroredFrameTest {

  private static final String SWITCH = "10.0.0.1";
  private static final String SENSOR = "10.0.0.2";
  private static final long HOST_MAC = mac("52:54:00:00:00:01");
  private static final long OTHER_MAC = mac("52:54:00:00:00:fe");

  /** What the mirrored port saw. */
  private static final FrameBuilder MIRRORED =
      FrameBuilder.tcp("192.168.0.9", 40000, "203.0.113.5", 443, SYN).macs(HOST_MAC, OTHER_MAC);

  private final Segments segments = new Segments();
  private final FrameHeader h = new FrameHeader();
  private MirroredFrame frames = frames(MirrorTransport.AUTO, false);

  private MirroredFrame frames(MirrorTransport transport, boolean inner) {
    return new MirroredFrame(
        new MirrorOptions(transport, 5555, Set.of(ip(SENSOR)), inner), segments);
  }

  private void decode(byte[] frame) {
    frames.decode(MemorySegment.ofArray(frame), 0, frame.length, frame.length, 1, h);
  }

  private static byte[] gre(String to, byte[]... parts) {
    return FrameBuilder.ip(SWITCH, to, 47, join(parts)).ethernet();
  }

  private static byte[] udp(String to, int port, byte[]... parts) {
    byte[] payload = join(parts);
    return FrameBuilder.ip(
            SWITCH, to, 17, join(bytes(2, 50000, port, 8 + payload.length, 0), payload))
        .ethernet();
  }

  private static byte[] erspan1(byte[] frame) {
    return gre("10.9.9.9", bytes(2, 0, 0x88be), frame);
  }

  /** Type II: GRE with a sequence number, then version, VLAN, tag taken off, session. */
  private static byte[] erspan2(int session, int vlan, byte[] frame) {
    return gre(
        "10.9.9.9",
        bytes(2, 0x1000, 0x88be),
        bytes(4, 7),
        bytes(2, 1 << 12 | vlan, (vlan == 0 ? 0 : 2) << 11 | session),
        bytes(4, 0),
        frame);
  }

  /** Type III with a platform subheader. */
  private static byte[] erspan3(int session, int vlan, byte[] frame) {
    return gre(
        "10.9.9.9",
        bytes(2, 0x1000, 0x22eb),
        bytes(4, 7),
        bytes(2, 2 << 12 | vlan, session),
        bytes(4, 0),
        bytes(2, 0, 1),
        bytes(4, 0, 0),
        frame);
  }

  private static byte[] vxlan(String to, int port, int vni, byte[] frame) {
    return udp(to, port, bytes(1, 8, 0, 0, 0), bytes(4, (long) vni << 8), frame);
  }

  private static byte[] geneve(String to, int vni, byte[] frame) {
    return udp(to, 6081, bytes(2, 0x0200, 0x6558), bytes(4, (long) vni << 8, 1, 2), frame);
  }

  private void isMirrored(Tunnel tunnel, int id, int vlan) {
    assertEquals(FrameKind.FLOW, h.kind);
    assertEquals(ip("192.168.0.9").lo(), h.srcLo);
    assertEquals(HOST_MAC, h.srcMac);
    assertEquals(443, h.dstPort);
    assertEquals(new Mirror(tunnel, id), segments.mirror(h.vlan));
    assertEquals(vlan, segments.vlan(h.vlan));
  }

  private void isAsItCame(int protocol) {
    assertEquals(FrameKind.FLOW, h.kind);
    assertEquals(protocol, h.protocol);
    assertEquals(ip(SWITCH).lo(), h.srcLo);
    assertNull(segments.mirror(h.vlan));
  }

  @Test
  void erspanIsTakenOffWhoeverItIsFor() {
    decode(erspan1(MIRRORED.ethernet()));
    isMirrored(Tunnel.ERSPAN, TunnelHeader.NO_ID, FrameHeader.NO_VLAN);
    decode(erspan2(5, 0, MIRRORED.ethernet()));
    isMirrored(Tunnel.ERSPAN, 5, FrameHeader.NO_VLAN);
    decode(erspan3(1023, 100, MIRRORED.ethernet()));
    isMirrored(Tunnel.ERSPAN, 1023, 100);
    assertEquals(3, frames.taken(Tunnel.ERSPAN));
  }

  /** The header names the VLAN where the tag was taken off, else the frame's own tag does. */
  @Test
  void vlanIsThatOfTheMirroredPort() {
    decode(erspan2(5, 200, MIRRORED.ethernet()));
    isMirrored(Tunnel.ERSPAN, 5, 200);
    decode(erspan2(5, 0, MIRRORED.vlan(300).ethernet()));
    isMirrored(Tunnel.ERSPAN, 5, 300);
  }

  @Test
  void sessionsAndVlansAreSegmentsOfTheirOwn() {
    decode(erspan2(5, 0, MIRRORED.ethernet()));
    int first = h.vlan;
    decode(erspan2(6, 0, MIRRORED.ethernet()));
    assertNotEquals(first, h.vlan);
    decode(erspan2(5, 200, MIRRORED.ethernet()));
    assertNotEquals(first, h.vlan);
    decode(erspan2(5, 0, MIRRORED.ethernet()));
    assertEquals(first, h.vlan);
    for (int i = 0; i < 1000; i++) {
      decode(vxlan(SENSOR, 4789, i, MIRRORED.ethernet()));
      isMirrored(Tunnel.VXLAN, i, FrameHeader.NO_VLAN);
    }
    assertEquals(new Mirror(Tunnel.ERSPAN, 5), segments.mirror(first));
  }

  @Test
  void othersAreTakenOffIfTheyAreForTheSensor() {
    decode(vxlan(SENSOR, 4789, 7, MIRRORED.ethernet()));
    isMirrored(Tunnel.VXLAN, 7, FrameHeader.NO_VLAN);
    decode(vxlan(SENSOR, 8472, 7, MIRRORED.ethernet()));
    isMirrored(Tunnel.VXLAN, 7, FrameHeader.NO_VLAN);
    decode(geneve(SENSOR, 0xabcdef, MIRRORED.ethernet()));
    isMirrored(Tunnel.GENEVE, 0xabcdef, FrameHeader.NO_VLAN);
    decode(gre(SENSOR, bytes(2, 0x2000, 0x6558), bytes(4, 99), MIRRORED.ethernet()));
    isMirrored(Tunnel.GRE, 99, FrameHeader.NO_VLAN);
    decode(vxlan("10.9.9.9", 4789, 7, MIRRORED.ethernet()));
    isAsItCame(17);
    decode(geneve("10.9.9.9", 7, MIRRORED.ethernet()));
    isAsItCame(17);
    decode(gre("10.9.9.9", bytes(2, 0, 0x6558), MIRRORED.ethernet()));
    isAsItCame(47);
  }

  @ParameterizedTest
  @EnumSource(
      value = MirrorTransport.class,
      names = {"ERSPAN", "VXLAN", "GENEVE", "GRE", "NONE"})
  void namedTransportIsTakenOffAlone(MirrorTransport only) {
    frames = frames(only, false);
    decode(erspan2(5, 0, MIRRORED.ethernet()));
    assertEquals(only == MirrorTransport.ERSPAN ? 6 : 47, h.protocol);
    decode(vxlan("10.9.9.9", 4789, 7, MIRRORED.ethernet()));
    assertEquals(only == MirrorTransport.VXLAN ? 6 : 17, h.protocol);
    decode(vxlan("10.9.9.9", 5555, 7, MIRRORED.ethernet()));
    assertEquals(only == MirrorTransport.VXLAN ? 6 : 17, h.protocol);
    decode(geneve("10.9.9.9", 7, MIRRORED.ethernet()));
    assertEquals(only == MirrorTransport.GENEVE ? 6 : 17, h.protocol);
    decode(gre("10.9.9.9", bytes(2, 0, 0x0800), MIRRORED.raw()));
    assertEquals(only == MirrorTransport.GRE ? 6 : 47, h.protocol);
  }

  /** A mirrored advert stands where ownership reads it: behind the transport. */
  @Test
  void controlFramesAreFoundInTheTransport() {
    byte[] advert = FrameBuilder.vrrp2("192.168.0.1", 51, 150, 1, "192.168.0.9").ethernet();
    byte[] frame = erspan2(5, 0, advert);
    decode(frame);
    assertEquals(FrameKind.CONTROL, h.kind);
    assertEquals(ControlKind.VRRP, h.control);
    assertEquals(frame.length - advert.length, frames.offset());
    assertEquals(advert.length, frames.capturedLength());
    assertEquals(14, h.l3Offset);
    decode(erspan2(5, 0, FrameBuilder.arp(1, HOST_MAC, "192.168.0.9", "192.168.0.9").ethernet()));
    assertEquals(ControlKind.ARP, h.control);
    decode(erspan2(5, 0, FrameBuilder.other(0x88cc, new byte[20]).ethernet()));
    assertEquals(FrameKind.NON_IP, h.kind);
  }

  @Test
  void innermostIpLayerIsTheFlowIfAskedFor() {
    frames = frames(MirrorTransport.NONE, true);
    decode(vxlan("10.9.9.9", 4789, 7, MIRRORED.vlan(12).ethernet()));
    assertEquals(6, h.protocol);
    assertEquals(HOST_MAC, h.srcMac);
    assertEquals(12, h.vlan);
    byte[] v6 = FrameBuilder.ip("2001:db8::1", "2001:db8::2", 4, MIRRORED.raw()).raw();
    decode(FrameBuilder.ip(SWITCH, SENSOR, 41, v6).vlan(30).ethernet());
    assertEquals(6, h.protocol);
    assertEquals(30, h.vlan);
    assertEquals(0x02_00_00_00_00_01L, h.srcMac);
    // ARP has no IP layer: the flow is that of the tunnel.
    decode(
        vxlan(
            "10.9.9.9",
            4789,
            7,
            FrameBuilder.arp(1, HOST_MAC, "192.168.0.9", "192.168.0.9").ethernet()));
    isAsItCame(17);
  }

  @Test
  void tunnelsWithoutEndAreTooMany() {
    byte[] packet = MIRRORED.raw();
    for (int i = 0; i < MirroredFrame.MAX_TUNNELS; i++) {
      packet = FrameBuilder.ip(SWITCH, SENSOR, 4, packet).raw();
    }
    frames = frames(MirrorTransport.NONE, true);
    decode(FrameBuilder.other(0x0800, packet).ethernet());
    assertEquals(6, h.protocol);
    decode(FrameBuilder.ip(SWITCH, SENSOR, 4, packet).ethernet());
    assertEquals(FrameKind.TOO_MANY_LAYERS, h.kind);
  }

  /** What a fragment carries ends in another frame. */
  @Test
  void fragmentsAreNotTakenApart() {
    byte[] payload = join(bytes(2, 0, 0x88be), MIRRORED.ethernet());
    decode(FrameBuilder.fragment(SWITCH, SENSOR, 47, 1, 0, true, payload).ethernet());
    isAsItCame(47);
  }

  @Test
  void whateverTheBytesAreNothingIsReadBeyondThem() {
    Random random = new Random(51);
    byte[][] samples = {
      erspan1(MIRRORED.ethernet()),
      erspan2(5, 200, MIRRORED.ethernet()),
      erspan3(5, 200, MIRRORED.ethernet()),
      vxlan(SENSOR, 4789, 7, MIRRORED.ethernet()),
      vxlan(SENSOR, 4790, 7, MIRRORED.raw()),
      geneve(SENSOR, 7, MIRRORED.ethernet()),
      gre(SENSOR, bytes(2, 0x3081, 0x880b, 20, 1), bytes(4, 1, 1), bytes(2, 0xff03, 0x21))
    };
    frames = frames(MirrorTransport.AUTO, true);
    int decoded = 0;
    for (int i = 0; i < 200_000; i++) {
      byte[] bytes = samples[random.nextInt(samples.length)].clone();
      for (int n = random.nextInt(4); n > 0; n--) {
        bytes[14 + random.nextInt(bytes.length - 14)] = (byte) random.nextInt();
      }
      int length = random.nextInt(bytes.length + 1);
      byte[] exact = Arrays.copyOf(bytes, length);
      frames.decode(MemorySegment.ofArray(exact), 0, length, bytes.length, 1, h);
      decoded += h.kind == FrameKind.FLOW ? 1 : 0;
      assertTrue(frames.offset() + frames.capturedLength() == length, "the frame's end moved");
    }
    assertTrue(decoded > 1000, decoded + " decoded");
  }
}
