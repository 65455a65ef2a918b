package io.vipscope.tools;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** AF_XDP sees what libpcap sees, counts what it loses, leaves nothing behind, and is refused. */
class XdpSourceIT {

  /** Datagrams of sockets, and one in a frame with tags of its own making. */
  private static final String SEND =
      """
      import socket, struct
      def udp(host, port, size, count=3):
          s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
          s.bind(('', 40000 + port))
          for _ in range(count):
              s.sendto(b'x' * size, (host, port))
      def frame(tags, port, size):
          ip = struct.pack('!BBHHHBBH4s4s', 0x45, 0, 28 + size, 1, 0, 64, 17, 0,
                           bytes([10, 1, 2, 1]), bytes([10, 1, 2, 2]))
          data = struct.pack('!HHHH', 40000 + port, port, 8 + size, 0) + b'x' * size
          tagged = b''.join(struct.pack('!HH', tpid, tci) for tpid, tci in tags)
          macs = bytes([2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1])
          s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
          s.bind(('v0', 0))
          for _ in range(3):
              s.send(macs + tagged + b'\\x08\\x00' + ip + data)
      """;

  private static final String TRAFFIC =
      """
      udp('10.1.1.2', 1001, 10)
      udp('10.1.1.2', 1002, 20000)
      frame([(0x8100, 100)], 1003, 7000)
      frame([(0x88a8, 300), (0x8100, 0x6000 | 200)], 1004, 18)
      frame([(0x8100, 0)], 1005, 18)
      """;

  private static final String UP =
      """
      ip link set v1 up
      ip link set v0 up
      ip addr add 10.1.1.1/24 dev v0
      ip neigh add 10.1.1.2 lladdr 02:00:00:00:00:02 dev v0 nud permanent
      """;

  @TempDir private Path folder;
  private String netns;

  @BeforeEach
  void wire() throws Exception {
    Needs.namespaces();
    Needs.programs("python3");
    netns = "vipscope-xdp-" + ProcessHandle.current().pid();
    sh("ip netns add " + netns);
    in(
        """
        sysctl -q -w net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
        ip link set lo up
        ip link add v0 mtu 9000 numtxqueues 2 numrxqueues 2 type veth peer name v1 mtu 9000
        """
            + UP);
  }

  private void rewire(String pair) throws Exception {
    in("ip link del v0\n" + pair + "\n" + UP);
  }

  @AfterEach
  void unwire() throws Exception {
    sh("ip netns del " + netns);
  }

  @Test
  void seesWhatLibpcapSees() throws Exception {
    Map<String, String> pcap = flows("pcap", "v1", TRAFFIC);
    Map<String, String> xdp = flows("afxdp", "v1", TRAFFIC);
    assertEquals(pcap, xdp);
    assertEquals(5, xdp.size(), xdp::toString);
    assertTrue(xdp.toString().contains("[300,200]"), xdp::toString);
  }

  @Test
  void snapLengthCuts() throws Exception {
    String traffic = "udp('10.1.1.2', 1001, 4000)\nframe([(0x8100, 100)], 1002, 4000)\n";
    Map<String, String> pcap = flows("pcap", "v1", traffic, "-s", "96");
    assertEquals(pcap, flows("afxdp", "v1", traffic, "-s", "96"));
    assertEquals(2, pcap.size(), pcap::toString);
  }

  /** Where the driver does not run the program, the stack does. */
  @Test
  void genericMode() throws Exception {
    // A veth with fewer receive queues than its peer has to send by refuses XDP.
    rewire("ip link add v0 mtu 9000 numtxqueues 2 type veth peer name v1 mtu 9000");
    Map<String, String> pcap = flows("pcap", "v1", TRAFFIC);
    assertEquals(pcap, flows("afxdp", "v1", TRAFFIC));
    assertEquals(5, pcap.size(), pcap::toString);
    try (LiveProcess audit = audit("--source", "afxdp", "-i", "v1").listening()) {
      assertTrue(audit.err().contains("AF_XDP, generic (SKB) copy, 1 queue"), audit.err());
      assertTrue(in("ip link show v1").contains("xdpgeneric"));
    }
  }

  /** Whatever does not fit into the memory while the program stands still, and to the frame. */
  @Test
  void everyLostFrameIsCounted() throws Exception {
    int sent = 300_000;
    rewire("ip link add v0 type veth peer name v1");
    try (LiveProcess audit = audit("--source", "afxdp", "-i", "v1").listening()) {
      assertTrue(audit.err().contains("AF_XDP, native copy, 1 queue"), audit.err());
      sh("kill -STOP " + audit.pid());
      send("udp('10.1.1.2', 1001, 18, " + sent + ")\n");
      sh("kill -CONT " + audit.pid());
      assertEquals(0, audit.stop());
      JsonNode stats = Books.balanced(audit.records());
      long frames = stats.get("frames").asLong();
      long drops = stats.get("kernel_drops").asLong();
      assertEquals(sent, frames + drops + stats.get("interface_drops").asLong(), stats::toString);
      assertEquals(stats.get("kernel_received").asLong(), frames + drops, stats::toString);
      assertTrue(drops > 0 && frames >= 4096, stats::toString);
    }
  }

  @Test
  void programGoesWithTheProcess() throws Exception {
    assertFalse(xdp());
    try (LiveProcess audit = audit("--source", "afxdp", "-i", "v1").listening()) {
      assertTrue(audit.err().contains("AF_XDP, native copy, 2 queues"), audit.err());
      assertTrue(xdp());
      assertEquals(0, audit.stop());
      assertFalse(xdp());
      assertEquals("afxdp", Books.balanced(audit.records()).get("source").asString());
    }
    try (LiveProcess audit = audit("--source", "afxdp", "-i", "v1").listening()) {
      assertTrue(xdp());
      audit.kill();
      for (int i = 0; i < 50 && xdp(); i++) {
        Thread.sleep(50); // the kernel tears a killed process down by and by
      }
      assertFalse(xdp());
    }
    assertTrue(in("ip -d link show v1").contains("promiscuity 0"));
  }

  @Test
  void refusedWhereTheHostItselfWouldLoseFrames() throws Exception {
    refused(2, "v0: ", "it has the address 10.1.1.1/24", "-i", "v0");
    refused(2, "--source afxdp", "--host self", "-i", "v1", "--host", "self");
    try (LiveProcess audit = audit("--source", "afxdp", "-i", "v1").listening()) {
      refused(2, "v1: ", "it has an XDP program already", "-i", "v1");
      assertEquals(0, audit.stop());
    }
    in("ip link add link v1 name m1 type macvlan\n");
    refused(2, "v1: ", "m1 stands on it", "-i", "v1");
    in("ip link del m1\nsysctl -q -w net.ipv6.conf.v1.disable_ipv6=0\nip link set v1 down\n");
    in("ip link set v1 up\n");
    refused(2, "v1: ", "it has the address fe80::", "-i", "v1");
    in("sysctl -q -w net.ipv6.conf.v1.disable_ipv6=1\n");
    if (in("ip link add b0 type bridge 2>/dev/null && ip link set v1 master b0 && echo yes || true")
        .contains("yes")) { // a kernel may come without bridges
      refused(2, "v1: ", "it is a port of b0", "-i", "v1");
    }
  }

  @Test
  void whatCannotBeOpened() throws Exception {
    refused(3, "none0: ", "no such interface", "-i", "none0");
    in("ip addr flush dev lo");
    refused(3, "lo: ", "link type 772", "-i", "lo");
    in("ip link set v1 down");
    refused(3, "v1: ", "the interface is not up", "-i", "v1");
    in("ip link set v1 up");
    List<String> without = List.of("setpriv", "--bounding-set", "-bpf,-sys_admin,-net_admin");
    try (LiveProcess audit =
        new LiveProcess(netns, folder, without, List.of("--source", "afxdp", "-i", "v1"))) {
      assertEquals(3, audit.exit());
      assertTrue(audit.err().contains("v1: no permission for AF_XDP"), audit.err());
      assertEquals(1, audit.err().lines().count(), audit.err());
    }
    assertFalse(xdp());
  }

  private void refused(int code, String begin, String reason, String... options) throws Exception {
    List<String> all = new ArrayList<>(List.of("--source", "afxdp"));
    all.addAll(List.of(options));
    try (LiveProcess audit = audit(all.toArray(String[]::new))) {
      assertEquals(code, audit.exit(), audit.err());
      String first = audit.err().lines().findFirst().orElse("");
      assertTrue(first.contains(begin) && first.contains(reason), audit.err());
      assertFalse(audit.err().contains("listening"), audit.err());
    }
  }

  private boolean xdp() throws Exception {
    return in("ip -d link show v1").contains("prog/xdp");
  }

  private LiveProcess audit(String... options) throws Exception {
    return new LiveProcess(netns, folder, List.of(), List.of(options));
  }

  /** Each flow's ends, tags and sizes. */
  private Map<String, String> flows(String way, String iface, String traffic, String... options)
      throws Exception {
    List<String> all = new ArrayList<>(List.of("--source", way, "-i", iface));
    all.addAll(List.of(options));
    try (LiveProcess audit = audit(all.toArray(String[]::new)).listening()) {
      send(traffic);
      Thread.sleep(300); // a block of libpcap that is not full is handed over by then
      assertEquals(0, audit.stop(), audit.err());
      JsonNode stats = Books.balanced(audit.records());
      assertEquals(way, stats.get("source").asString());
      assertEquals(0, stats.get("kernel_drops").asLong());
      if (way.equals("afxdp")) { // the stack drops tagged frames that nobody wants, and counts them
        assertEquals(0, stats.get("interface_drops").asLong());
      }
      return audit.flows();
    }
  }

  private void send(String traffic) throws Exception {
    Files.writeString(folder.resolve("send.py"), SEND + traffic);
    in("python3 " + folder.resolve("send.py"));
  }

  private String in(String script) throws Exception {
    Path file = folder.resolve("script.sh");
    Files.writeString(file, "set -e\n" + script);
    return sh("ip netns exec " + netns + " sh " + file);
  }

  private static String sh(String command) throws Exception {
    Process process = new ProcessBuilder("sh", "-c", command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertEquals(0, process.waitFor(), () -> command + ": " + output);
    return output;
  }
}
