package io.vipscope.bench;

import io.vipscope.core.flow.Protocols;

/**
 * One flow's frames in order: TCP from its handshake to both FINs, or UDP with question and answer
 * by turns.
 */
final class Conversation {

  /** Handshake and end of a TCP connection: shorter ones cannot be written. */
  static final int MIN_FRAMES = 6;

  private static final int PAYLOAD_BYTES = 700;

  private final Endpoint client;
  private final Endpoint server;
  private final int vlan;
  private final int protocol;
  private final int frames;
  private int written;

  Conversation(Endpoint client, Endpoint server, int vlan, int protocol, int frames) {
    if (frames < MIN_FRAMES) {
      throw new IllegalArgumentException("a conversation of " + frames + " frames");
    }
    this.client = client;
    this.server = server;
    this.vlan = vlan;
    this.protocol = protocol;
    this.frames = frames;
  }

  boolean over() {
    return written == frames;
  }

  /** Appends the next frame. */
  void write(FrameBuffer to) {
    int i = written++;
    boolean byClient = i % 2 == 0;
    Endpoint from = byClient ? client : server;
    Endpoint other = byClient ? server : client;
    if (protocol == Protocols.UDP) {
      to.udp(from, other, vlan, PAYLOAD_BYTES);
      return;
    }
    int left = frames - i;
    int flags =
        switch (i) {
          case 0 -> FrameBuffer.SYN;
          case 1 -> FrameBuffer.SYN | FrameBuffer.ACK;
          default -> FrameBuffer.ACK | (left <= 2 ? FrameBuffer.FIN : 0);
        };
    boolean data = i > 2 && left > 2;
    to.tcp(from, other, vlan, data ? flags | FrameBuffer.PSH : flags, i, data ? PAYLOAD_BYTES : 0);
  }
}
