package io.vipscope.bench;

import io.vipscope.core.flow.Protocols;
import io.vipscope.core.net.IpAddress;
import java.util.Random;

/**
 * Writes what a mirror port shows of many conversations at a time: TCP and UDP, IPv4 and IPv6, a
 * quarter of the frames under a VLAN tag. The same arguments always give the same frames.
 */
final class Traffic {

  /** Conversations that go on at the same time. */
  private static final int CONCURRENT = 1000;

  private static final long HOST_MAC = 0x525400000001L;
  private static final long ROUTER_MAC = 0x5254000000feL;
  private static final IpAddress HOST4 = IpAddress.parse("192.168.0.1");
  private static final IpAddress HOST6 = IpAddress.parse("2001:db8:0:1::1");

  private final Random random = new Random(1);
  private final int framesPerFlow;
  private final int auditedPercent;
  private int flows;

  /**
   * @param auditedPercent share of the conversations in which the demo's {@code lb1} takes part
   *     with its primary address, as client and as server by turns
   */
  Traffic(int framesPerFlow, int auditedPercent) {
    this.framesPerFlow = framesPerFlow;
    this.auditedPercent = auditedPercent;
  }

  /** Conversations begun so far. */
  int flows() {
    return flows;
  }

  FrameBuffer write(int frames) {
    FrameBuffer buffer = new FrameBuffer(frames);
    Conversation[] now = new Conversation[CONCURRENT];
    for (int i = 0; i < frames; i++) {
      int at = random.nextInt(CONCURRENT);
      Conversation conversation = now[at];
      if (conversation == null || conversation.over()) {
        conversation = begin();
        now[at] = conversation;
      }
      conversation.write(buffer);
    }
    return buffer;
  }

  private Conversation begin() {
    int number = flows++;
    boolean v6 = random.nextInt(4) == 0;
    boolean audited = random.nextInt(100) < auditedPercent;
    int protocol = random.nextInt(10) < 7 ? Protocols.TCP : Protocols.UDP;
    int vlan = !audited && random.nextInt(4) == 0 ? 100 : FrameBuffer.NO_VLAN;
    boolean inbound = number % 2 == 0;
    // The number is part of the client's or the server's address, so no two flows have one key.
    IpAddress far =
        v6 ? IpAddress.v6(0x20010db8ffff0000L, number) : IpAddress.v4(0x0a000000 | number);
    IpAddress near =
        v6
            ? audited ? HOST6 : IpAddress.v6(0x20010db800020000L, random.nextInt(256))
            : audited ? HOST4 : IpAddress.v4(0xac100000 | random.nextInt(256));
    long nearMac = audited ? HOST_MAC : 0x525400010000L;
    int clientPort = 32768 + random.nextInt(28_000);
    int serverPort = protocol == Protocols.TCP ? 443 : 53;
    Endpoint client =
        inbound
            ? new Endpoint(ROUTER_MAC, far, clientPort)
            : new Endpoint(nearMac, near, clientPort);
    Endpoint server =
        inbound
            ? new Endpoint(nearMac, near, serverPort)
            : new Endpoint(ROUTER_MAC, far, serverPort);
    return new Conversation(client, server, vlan, protocol, framesPerFlow);
  }
}
