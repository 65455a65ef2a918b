package io.vipscope.tools.export;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vipscope.core.failover.Failover;
import io.vipscope.core.finding.Finding;
import io.vipscope.core.flow.FlowRecord;
import io.vipscope.core.ownership.Ownership;
import io.vipscope.core.verdict.FlowVerdict;
import io.vipscope.core.verdict.Verdict;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Socket;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Owners, failovers, findings and mismatches that are not accepted as syslog (RFC 5424): over UDP
 * (RFC 5426), or over TCP with counted octets (RFC 6587 section 3.4.1).
 */
public final class SyslogOutput implements Output {

  private static final int CAPACITY = 10_000;
  private static final int MAX_DATAGRAM = 2_048;
  private static final int CONNECT_MS = 3_000;
  private static final long AGAIN_MS = 1_000;
  private static final long PATIENCE_MS = 3_000;

  private final HostPort to;
  private final boolean tcp;
  private final SyslogMessage messages;
  private final ToldFlows told = new ToldFlows();
  private final SinkQueue<String> queue;
  private @Nullable Socket stream;
  private @Nullable DatagramSocket datagrams;

  /**
   * Starts to send; a receiver that is not there is tried again.
   *
   * @param pen private enterprise number of the structured data
   */
  public SyslogOutput(HostPort to, boolean tcp, String sensor, long pen) {
    this.to = to;
    this.tcp = tcp;
    messages = new SyslogMessage(sensor, ProcessHandle.current().pid(), pen);
    queue = new SinkQueue<>("syslog", CAPACITY, this::send);
  }

  @Override
  public String name() {
    return "syslog";
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
  public void owner(Ownership ownership, @Nullable String instance) {
    queue.offer(messages.of(ownership, instance));
  }

  @Override
  public void failover(Failover failover) {
    queue.offer(messages.of(failover));
  }

  @Override
  public void finding(Finding finding) {
    queue.offer(messages.of(finding));
  }

  @Override
  public void judged(FlowRecord flow, FlowVerdict verdict, boolean accepted) {
    if (isTold(verdict, accepted) && told.began(flow)) {
      queue.offer(messages.of(flow, verdict));
    }
  }

  @Override
  public void flow(FlowRecord flow, FlowVerdict verdict, boolean accepted) {
    if (told.ended(flow) && isTold(verdict, accepted)) {
      queue.offer(messages.of(flow, verdict));
    }
  }

  private static boolean isTold(FlowVerdict verdict, boolean accepted) {
    return verdict.verdict() == Verdict.MISMATCH && !accepted;
  }

  private void send(String message) throws InterruptedException {
    byte[] bytes = message.getBytes(UTF_8);
    while (true) {
      try {
        if (tcp) {
          stream(bytes);
        } else {
          datagram(bytes);
        }
        return;
      } catch (IOException e) {
        disconnect();
        queue.failed(to + ": " + OutputReason.of(e));
        if (!tcp) {
          queue.lost(1);
          return;
        }
        Thread.sleep(AGAIN_MS);
      }
    }
  }

  private void datagram(byte[] bytes) throws IOException {
    DatagramSocket socket = datagrams;
    if (socket == null) {
      socket = new DatagramSocket();
      datagrams = socket;
      socket.connect(to.resolve());
    }
    int length = Math.min(bytes.length, MAX_DATAGRAM);
    socket.send(new DatagramPacket(bytes, length));
  }

  private void stream(byte[] bytes) throws IOException {
    Socket socket = stream;
    if (socket == null) {
      socket = new Socket();
      stream = socket;
      socket.connect(to.resolve(), CONNECT_MS);
      socket.setKeepAlive(true);
    }
    byte[] count = (bytes.length + " ").getBytes(UTF_8);
    byte[] frame = Arrays.copyOf(count, count.length + bytes.length);
    System.arraycopy(bytes, 0, frame, count.length, bytes.length);
    socket.getOutputStream().write(frame);
  }

  private void disconnect() {
    Socket socket = stream;
    if (socket != null) {
      try {
        socket.close();
      } catch (IOException _) {
        // it is given up
      }
    }
    if (datagrams != null) {
      datagrams.close();
    }
    stream = null;
    datagrams = null;
  }

  @Override
  public void close() {
    queue.close(PATIENCE_MS);
    disconnect();
  }
}
