package io.vipscope.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vipscope.capture.FrameSource;
import io.vipscope.capture.InterfaceSource;
import io.vipscope.capture.live.LiveOptions;
import io.vipscope.capture.live.PacketInterface;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How the kernel shares out what passes on lo among several readers. */
class PacketFanoutIT {

  private static final int MEMBERS = 3;
  private static final int CONNECTIONS = 40;
  private static final int SNAP_LENGTH = 2048;
  private static final int ETHERNET_BYTES = 14;
  private static final int TCP = 6;
  private static final int UDP = 17;

  private static final ValueLayout.OfShort BE16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  @BeforeAll
  static void needs() {
    Needs.namespaces();
  }

  /** Ports of both ends, the lower first, and the protocol. */
  private record Pair(int protocol, int low, int high) {}

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "::1"})
  void connectionsAreSharedAndAllElseGoesToTheFirst(String address) throws IOException {
    InetAddress host = InetAddress.getByName(address);
    List<InterfaceSource> members =
        PacketInterface.open("lo", LiveOptions.all(false, SNAP_LENGTH), MEMBERS);
    try (ServerSocket server = new ServerSocket(0, CONNECTIONS, host);
        DatagramSocket receiver = new DatagramSocket(0, host)) {
      Set<Pair> connections = new HashSet<>();
      for (int i = 0; i < CONNECTIONS; i++) {
        try (Socket client = new Socket(host, server.getLocalPort());
            Socket served = server.accept()) {
          client.getOutputStream().write(new byte[100]);
          assertEquals(100, served.getInputStream().readNBytes(100).length);
          connections.add(pair(TCP, client.getLocalPort(), server.getLocalPort()));
        }
      }
      Pair datagrams = datagrams(host, receiver);
      Map<Pair, Set<Integer>> seen = new HashMap<>();
      Map<Pair, Integer> frames = new HashMap<>();
      for (int member = 0; member < MEMBERS; member++) {
        for (Pair pair : frames(members.get(member))) {
          seen.computeIfAbsent(pair, _ -> new TreeSet<>()).add(member);
          frames.merge(pair, 1, Integer::sum);
        }
      }
      Set<Integer> used = new TreeSet<>();
      for (Pair connection : connections) {
        // Three to open it, data, and two ends at least; no frame twice.
        int count = frames.getOrDefault(connection, 0);
        assertTrue(count >= 6 && count <= 12, connection + ": " + count + " frames");
        Set<Integer> by = seen.getOrDefault(connection, Set.of());
        assertEquals(1, by.size(), connection + ": " + by);
        used.addAll(by);
      }
      assertEquals(Set.of(0, 1, 2), used, "members with connections");
      assertEquals(Set.of(0), seen.get(datagrams));
      assertEquals(2, frames.get(datagrams));
    } finally {
      members.forEach(FrameSource::close);
    }
  }

  private static Pair datagrams(InetAddress host, DatagramSocket receiver) throws IOException {
    try (DatagramSocket sender = new DatagramSocket(0, host)) {
      InetSocketAddress to = new InetSocketAddress(host, receiver.getLocalPort());
      sender.send(new DatagramPacket(new byte[100], 100, to));
      sender.send(new DatagramPacket(new byte[200], 200, to));
      return pair(UDP, sender.getLocalPort(), receiver.getLocalPort());
    }
  }

  private static Pair pair(int protocol, int a, int b) {
    return new Pair(protocol, Math.min(a, b), Math.max(a, b));
  }

  private static List<Pair> frames(FrameSource source) {
    List<Pair> pairs = new ArrayList<>();
    // The kernel hands over soon what it has; no frame within a wait of 50 ms is the end.
    for (int idle = 0; idle < 2; ) {
      switch (source.next()) {
        case IDLE -> idle++;
        case FRAME -> {
          long ip = source.dataOffset() + ETHERNET_BYTES;
          boolean four = source.data().get(ValueLayout.JAVA_BYTE, ip) >> 4 == 4;
          int protocol = source.data().get(ValueLayout.JAVA_BYTE, ip + (four ? 9 : 6));
          long ports = ip + (four ? 20 : 40);
          pairs.add(
              pair(
                  protocol,
                  Short.toUnsignedInt(source.data().get(BE16, ports)),
                  Short.toUnsignedInt(source.data().get(BE16, ports + 2))));
        }
        case END -> throw new AssertionError("ended");
      }
    }
    return pairs;
  }
}
