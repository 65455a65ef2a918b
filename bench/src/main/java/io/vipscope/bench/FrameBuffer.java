package io.vipscope.bench;

import io.vipscope.core.flow.Protocols;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * Ethernet frames in memory, one behind the other, as a capture with a snap length of {@value
 * #SNAP} bytes has them. Checksums are 0: the decoder does not look at them.
 */
final class FrameBuffer {

  /** Bytes kept of a frame; the longest headers written here, IPv6 and TCP under a tag, take 78. */
  static final int SNAP = 96;

  static final int NO_VLAN = -1;

  static final int FIN = 0x01;
  static final int SYN = 0x02;
  static final int PSH = 0x08;
  static final int ACK = 0x10;

  private static final int MIN_FRAME = 60;
  private static final int TCP_HEADER = 20;
  private static final int UDP_HEADER = 8;

  private final byte[] bytes;
  private final MemorySegment data;
  private final int[] wireLength;
  private int frames;

  FrameBuffer(int capacityFrames) {
    bytes = new byte[Math.multiplyExact(capacityFrames, SNAP)];
    data = MemorySegment.ofArray(bytes);
    wireLength = new int[capacityFrames];
  }

  int frames() {
    return frames;
  }

  MemorySegment data() {
    return data;
  }

  long offset(int frame) {
    return (long) frame * SNAP;
  }

  int wireLength(int frame) {
    return wireLength[frame];
  }

  int capturedLength(int frame) {
    return Math.min(SNAP, wireLength[frame]);
  }

  /** Appends a TCP segment. */
  void tcp(Endpoint from, Endpoint to, int vlan, int flags, int seq, int payloadBytes) {
    ByteBuffer out = headers(from, to, vlan, Protocols.TCP, TCP_HEADER + payloadBytes);
    out.putInt(seq);
    out.putInt(0); // acknowledgment
    out.put((byte) (TCP_HEADER / 4 << 4));
    out.put((byte) flags);
  }

  /** Appends a UDP datagram. */
  void udp(Endpoint from, Endpoint to, int vlan, int payloadBytes) {
    ByteBuffer out = headers(from, to, vlan, Protocols.UDP, UDP_HEADER + payloadBytes);
    out.putShort((short) (UDP_HEADER + payloadBytes));
  }

  /** Writes everything up to the ports, and counts the frame. */
  private ByteBuffer headers(Endpoint from, Endpoint to, int vlan, int protocol, int l4Bytes) {
    int start = frames * SNAP;
    ByteBuffer out = ByteBuffer.wrap(bytes, start, SNAP);
    boolean v6 = from.address().v6();
    mac(out, to.mac());
    mac(out, from.mac());
    if (vlan != NO_VLAN) {
      out.putShort((short) 0x8100);
      out.putShort((short) vlan);
    }
    out.putShort((short) (v6 ? 0x86dd : 0x0800));
    if (v6) {
      out.putInt(0x60000000);
      out.putShort((short) l4Bytes);
      out.put((byte) protocol);
      out.put((byte) 64);
    } else {
      out.put((byte) 0x45);
      out.put((byte) 0);
      out.putShort((short) (20 + l4Bytes));
      out.putInt(0x4000); // identification 0, don't fragment
      out.put((byte) 64);
      out.put((byte) protocol);
      out.putShort((short) 0);
    }
    out.put(from.address().toBytes());
    out.put(to.address().toBytes());
    int wire = out.position() - start + l4Bytes;
    out.putShort((short) from.port());
    out.putShort((short) to.port());
    wireLength[frames++] = Math.max(MIN_FRAME, wire);
    return out;
  }

  private static void mac(ByteBuffer out, long mac) {
    out.putShort((short) (mac >>> 32));
    out.putInt((int) mac);
  }
}
