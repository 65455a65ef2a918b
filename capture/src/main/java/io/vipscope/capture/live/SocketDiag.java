package io.vipscope.capture.live;

import io.vipscope.core.net.IpAddress;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/** Asks the kernel for this host's sockets (sock_diag(7)). One thread uses an instance. */
public final class SocketDiag implements AutoCloseable {

  private static final int NETLINK_SOCK_DIAG = 4;
  private static final short SOCK_DIAG_BY_FAMILY = 20;
  private static final short NLM_F_REQUEST = 1;
  private static final int TCP = 6;
  private static final int HEADER = 16;
  private static final int REQUEST = 72;
  private static final int ANSWER_MS = 200;

  // struct inet_diag_msg behind the header
  private static final int UID = HEADER + 64;
  private static final int INODE = HEADER + 68;

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT;
  private static final ValueLayout.OfShort BE16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfInt BE32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfLong BE64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  /**
   * A socket.
   *
   * @param inode that {@code /proc/PID/fd} shows; 0 = it belongs to no process any more
   */
  public record Found(long uid, long inode) {}

  private final Netlink netlink = new Netlink(NETLINK_SOCK_DIAG, 0, 0);
  private final MemorySegment message = netlink.allocate(REQUEST);
  private int sequence;

  /** The socket of a TCP connection or UDP flow; null if there is none. */
  public @Nullable Found find(
      int protocol, IpAddress local, int localPort, IpAddress remote, int remotePort) {
    Found found =
        protocol == TCP
            ? ask(protocol, local, localPort, remote, remotePort)
            // udp_dump_one() takes them the other way round
            : ask(protocol, remote, remotePort, local, localPort);
    return found;
  }

  private @Nullable Found ask(int protocol, IpAddress src, int sport, IpAddress dst, int dport) {
    message.fill((byte) 0);
    message.set(INT, 0, REQUEST);
    message.set(SHORT, 4, SOCK_DIAG_BY_FAMILY);
    message.set(SHORT, 6, NLM_F_REQUEST);
    message.set(INT, 8, ++sequence);
    message.set(ValueLayout.JAVA_BYTE, 16, (byte) (src.v6() ? 10 : 2));
    message.set(ValueLayout.JAVA_BYTE, 17, (byte) protocol);
    message.set(INT, 20, -1); // in every state
    message.set(BE16, 24, (short) sport);
    message.set(BE16, 26, (short) dport);
    put(28, src);
    put(44, dst);
    message.set(INT, 64, -1); // INET_DIAG_NOCOOKIE
    message.set(INT, 68, -1);
    if (!netlink.send(message, REQUEST)) {
      return null;
    }
    while (netlink.await(ANSWER_MS)) {
      if (netlink.read() != Netlink.Read.DATA) {
        return null;
      }
      MemorySegment answer = netlink.buffer();
      if (netlink.length() >= HEADER && answer.get(INT, 8) == sequence) {
        boolean found =
            answer.get(SHORT, 4) == SOCK_DIAG_BY_FAMILY && netlink.length() >= INODE + 4;
        return found
            ? new Found(
                Integer.toUnsignedLong(answer.get(INT, UID)),
                Integer.toUnsignedLong(answer.get(INT, INODE)))
            : null;
      }
    }
    return null;
  }

  private void put(long at, IpAddress address) {
    if (address.v6()) {
      message.set(BE64, at, address.hi());
      message.set(BE64, at + 8, address.lo());
    } else {
      message.set(BE32, at, (int) address.lo());
    }
  }

  @Override
  public void close() {
    netlink.close();
  }
}
