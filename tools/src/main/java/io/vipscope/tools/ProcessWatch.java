package io.vipscope.tools;

import io.vipscope.capture.live.SocketDiag;
import io.vipscope.core.flow.FlowRecord;
import io.vipscope.core.flow.Protocols;
import io.vipscope.core.net.IpAddress;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * Looks for the process behind a flow of this host as soon as its first frame is read: many sockets
 * are gone when the record is written. The reader's thread shows frames, a thread of its own asks
 * the kernel, and the auditor's thread takes what was found.
 */
final class ProcessWatch implements AutoCloseable {

  private static final int REMEMBERED = 1 << 16;
  private static final int WAITING = 4_096;
  private static final int ETHERNET = 1;
  private static final int UDP = 17;
  private static final int SYN_OF_SYN_ACK = 0x12;
  private static final int SYN = 2;

  private static final ValueLayout.OfShort BE16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfInt BE32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfLong BE64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private record Tuple(int protocol, IpAddress src, int srcPort, IpAddress dst, int dstPort) {}

  /** Least recently added entries go first. */
  private static final class Bounded<V> extends LinkedHashMap<Tuple, V> {
    private static final long serialVersionUID = 1L;

    @Override
    protected boolean removeEldestEntry(Map.Entry<Tuple, V> eldest) {
      return size() > REMEMBERED;
    }
  }

  private final BlockingQueue<Tuple> asked = new ArrayBlockingQueue<>(WAITING);
  private final Map<Tuple, OwnProcess> found = Collections.synchronizedMap(new Bounded<>());
  private final Map<Tuple, Boolean> seen = new Bounded<>();
  private final Thread thread;

  ProcessWatch() {
    thread = Thread.ofPlatform().daemon().name("processes").start(this::work);
  }

  /**
   * A frame was read: the first of a TCP connection or of a UDP flow is looked at.
   *
   * @param bytes captured
   */
  void frame(MemorySegment data, long offset, int bytes, int linkType) {
    if (linkType != ETHERNET || bytes < 14) {
      return;
    }
    int at = 12;
    int type = data.get(BE16, offset + at) & 0xffff;
    while ((type == 0x8100 || type == 0x88a8) && bytes >= at + 6) {
      at += 4;
      type = data.get(BE16, offset + at) & 0xffff;
    }
    at += 2;
    if (type == 0x0800 && bytes >= at + 20) {
      long ip = offset + at;
      int header = (data.get(ValueLayout.JAVA_BYTE, ip) & 0xf) * 4;
      boolean first = (data.get(BE16, ip + 6) & 0x1fff) == 0;
      if (first) {
        transport(
            data,
            ip + header,
            bytes - at - header,
            data.get(ValueLayout.JAVA_BYTE, ip + 9) & 0xff,
            IpAddress.v4(data.get(BE32, ip + 12)),
            IpAddress.v4(data.get(BE32, ip + 16)));
      }
    } else if (type == 0x86dd && bytes >= at + 40) {
      long ip = offset + at;
      transport(
          data,
          ip + 40,
          bytes - at - 40,
          data.get(ValueLayout.JAVA_BYTE, ip + 6) & 0xff,
          IpAddress.v6(data.get(BE64, ip + 8), data.get(BE64, ip + 16)),
          IpAddress.v6(data.get(BE64, ip + 24), data.get(BE64, ip + 32)));
    }
  }

  private void transport(
      MemorySegment data, long at, int bytes, int protocol, IpAddress src, IpAddress dst) {
    boolean opens =
        protocol == UDP && bytes >= 8
            || protocol == Protocols.TCP
                && bytes >= 14
                && (data.get(ValueLayout.JAVA_BYTE, at + 13) & SYN_OF_SYN_ACK) == SYN;
    if (!opens) {
      return;
    }
    Tuple tuple =
        new Tuple(protocol, src, data.get(BE16, at) & 0xffff, dst, data.get(BE16, at + 2) & 0xffff);
    if (seen.put(tuple, true) == null || protocol == Protocols.TCP) {
      boolean _ = asked.offer(tuple); // full: this one's process stays unknown
    }
  }

  private void work() {
    try (SocketDiag diag = new SocketDiag()) {
      ProcessFiles files = new ProcessFiles();
      while (true) {
        Tuple t = asked.take();
        SocketDiag.Found socket =
            diag.find(t.protocol(), t.src(), t.srcPort(), t.dst(), t.dstPort());
        if (socket != null) {
          found.put(t, files.of(socket.uid(), socket.inode()));
        }
      }
    } catch (InterruptedException | LinkageError _) {
      // the run is over, or this kernel does not tell
    }
  }

  /** What was found of a flow; null if nothing was. */
  @Nullable OwnProcess of(FlowRecord f) {
    return found.get(new Tuple(f.protocol(), f.src(), f.srcPort(), f.dst(), f.dstPort()));
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
