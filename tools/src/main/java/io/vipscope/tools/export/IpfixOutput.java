package io.vipscope.tools.export;

import io.vipscope.core.flow.EndReason;
import io.vipscope.core.flow.FlowRecord;
import io.vipscope.core.frame.Segments;
import io.vipscope.core.verdict.FlowVerdict;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Flow records as IPFIX over UDP. Interim records are left out: a flow's counters are told once, at
 * its end. Templates are sent first, and again every minute and every thousand messages, for a
 * collector that starts later.
 */
public final class IpfixOutput implements Output {

  private static final int CAPACITY = 65_536;
  private static final long TEMPLATES_NS = 60_000_000_000L;
  private static final int TEMPLATES_MESSAGES = 1_000;
  private static final long PATIENCE_MS = 5_000;

  /** After so many messages at once a collector gets time to read: UDP has nothing that waits. */
  private static final int BURST = 16;

  private record Ended(FlowRecord flow, FlowVerdict verdict, boolean accepted) {}

  private final HostPort to;
  private final Segments segments;
  private final IpfixEncoder encoder;
  private final SinkQueue<Ended> queue;
  private @Nullable DatagramSocket socket;
  private long templatesNs;
  private int sinceTemplates = TEMPLATES_MESSAGES;
  private int burst;

  /**
   * Starts to send.
   *
   * @param pen private enterprise number of vipscope's own elements
   */
  public IpfixOutput(HostPort to, Segments segments, long pen) {
    this.to = to;
    this.segments = segments;
    encoder = new IpfixEncoder(pen, 1);
    queue =
        new SinkQueue<>(
            "ipfix",
            CAPACITY,
            new SinkQueue.Receiver<>() {
              @Override
              public void send(Ended ended) throws InterruptedException {
                add(ended);
              }

              @Override
              public void idle() throws InterruptedException {
                burst = 0;
                flush();
              }
            });
  }

  @Override
  public String name() {
    return "ipfix";
  }

  @Override
  public long drops() {
    return queue.drops();
  }

  @Override
  public String reason() {
    return queue.reason();
  }

  @Override
  public void flow(FlowRecord flow, FlowVerdict verdict, boolean accepted) {
    if (flow.reason() != EndReason.ACTIVE) {
      queue.offer(new Ended(flow, verdict, accepted));
    }
  }

  private void add(Ended e) throws InterruptedException {
    int vlan = segments.vlan(e.flow().vlan());
    if (!encoder.add(e.flow(), e.verdict(), e.accepted(), vlan)) {
      flush();
      encoder.add(e.flow(), e.verdict(), e.accepted(), vlan);
    }
  }

  private void flush() throws InterruptedException {
    int records = encoder.records();
    if (records == 0) {
      return;
    }
    try {
      templates();
      send(encoder.take(System.currentTimeMillis() / 1_000));
    } catch (IOException e) {
      queue.failed(to + ": " + OutputReason.of(e));
      queue.lost(records);
    }
  }

  private void templates() throws IOException, InterruptedException {
    long nowNs = System.nanoTime();
    if (++sinceTemplates > TEMPLATES_MESSAGES || nowNs - templatesNs > TEMPLATES_NS) {
      send(encoder.templates(System.currentTimeMillis() / 1_000));
      templatesNs = nowNs;
      sinceTemplates = 0;
    }
  }

  private void send(byte[] message) throws IOException, InterruptedException {
    DatagramSocket open = socket;
    if (open == null) {
      InetSocketAddress receiver = to.resolve();
      open = new DatagramSocket();
      open.connect(receiver);
      socket = open;
    }
    open.send(new DatagramPacket(message, message.length));
    if (++burst % BURST == 0) {
      Thread.sleep(1);
    }
  }

  @Override
  public void close() {
    queue.close(PATIENCE_MS);
    if (socket != null) {
      socket.close();
    }
  }
}
