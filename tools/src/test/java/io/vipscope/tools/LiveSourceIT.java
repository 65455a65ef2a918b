package io.vipscope.tools;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Both ways to capture live see the same traffic: tagged twice, large, cut short, on lo. */
class LiveSourceIT {

  /** A datagram from a socket, and one in a frame with tags of its own making. */
  private static final String SEND =
      """
      import socket, struct
      def udp(host, port, size):
          s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
          s.bind(('', 40000 + port))
          for _ in range(3):
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

  @TempDir private Path folder;
  private final Map<String, Long> filtered = new TreeMap<>();
  private String netns;

  @BeforeEach
  void wire() throws Exception {
    Needs.namespaces();
    Needs.programs("python3");
    netns = "vipscope-live-" + ProcessHandle.current().pid();
    sh("ip netns add " + netns);
    in(
        """
        sysctl -q -w net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
        ip link set lo up
        ip link add v0 mtu 9000 type veth peer name v1 mtu 9000
        ip link set v1 up
        ip link set v0 up
        ip addr add 10.1.1.1/24 dev v0
        ip neigh add 10.1.1.2 lladdr 02:00:00:00:00:02 dev v0 nud permanent
        """);
  }

  @AfterEach
  void unwire() throws Exception {
    sh("ip netns del " + netns);
  }

  @Test
  void durationEndsALiveAudit() {
    long startedNs = System.nanoTime();
    Cli cli = Cli.run("audit", "-i", "lo", "--duration", "1s", "--json");
    long seconds = (System.nanoTime() - startedNs) / 1_000_000_000;
    assertEquals(0, cli.code(), cli.err());
    assertEquals("stats", cli.records().getLast().get("event_type").asString());
    assertTrue(seconds >= 1 && seconds < 20, seconds + " s");
    assertEquals(2, Cli.run("audit", "-r", "x.pcap", "--duration", "1s").code());
  }

  /** lo has no clock of its own; no virtual interface has. */
  @Test
  void timeOfAnAdapterThatHasNone() {
    Cli cli = Cli.run("audit", "-i", "lo", "-j", "adapter");
    assertEquals(ExitCode.INPUT, cli.code(), cli.err());
    assertEquals(
        "vipscope: lo: cannot stamp all frames itself (ethtool -T shows what it can); use -j host\n",
        cli.err());
  }

  @Test
  void tagsAndLargeFramesAreTheSame() throws Exception {
    Map<String, String> packet = new TreeMap<>();
    Map<String, String> pcap = new TreeMap<>();
    String traffic =
        """
        udp('10.1.1.2', 1001, 10)
        udp('10.1.1.2', 1002, 20000)
        frame([(0x8100, 100)], 1003, 7000)
        frame([(0x88a8, 300), (0x8100, 0x6000 | 200)], 1004, 18)
        frame([(0x8100, 0)], 1005, 18)
        """;
    capture(traffic, List.of("-i", "v1"), packet, pcap);
    assertEquals(pcap, packet);
    assertEquals(5, packet.size(), packet::toString);
    String all = String.join("\n", packet.values());
    assertTrue(all.contains("[100]"), all);
    assertTrue(all.contains("[300,200]"), all);
  }

  @Test
  void snapLengthCutsBoth() throws Exception {
    Map<String, String> packet = new TreeMap<>();
    Map<String, String> pcap = new TreeMap<>();
    capture(
        "udp('10.1.1.2', 1001, 4000)\nframe([(0x8100, 100)], 1002, 4000)\n",
        List.of("-i", "v1", "-s", "96"),
        packet,
        pcap);
    assertEquals(pcap, packet);
    assertEquals(2, packet.size(), packet::toString);
  }

  @Test
  void loopbackIsSeenOnce() throws Exception {
    Map<String, String> packet = new TreeMap<>();
    Map<String, String> pcap = new TreeMap<>();
    capture("udp('127.0.0.1', 1001, 10)\n", List.of("-i", "lo"), packet, pcap);
    assertEquals(pcap, packet);
    assertTrue(packet.toString().contains("to 3"), packet::toString);
  }

  /** Frames that the kernel leaves out are counted nowhere; those it cannot judge come along. */
  @Test
  void kernelLeavesOutWhatTheExpressionDoes() throws Exception {
    Map<String, String> packet = new TreeMap<>();
    Map<String, String> pcap = new TreeMap<>();
    String traffic =
        """
        udp('10.1.1.2', 1001, 10)
        udp('10.1.1.2', 1002, 20000)
        udp('10.1.1.2', 1003, 10)
        udp('10.1.1.2', 4789, 10)
        frame([], 1011, 18)
        frame([(0x8100, 100)], 1012, 18)
        frame([(0x88a8, 300), (0x8100, 200)], 1013, 18)
        """;
    for (String expression :
        List.of(
            "udp port 1001",
            "not udp port 1001",
            "udp dst portrange 1011-1013",
            "vlan and udp dst portrange 1011-1013",
            "udp dst port 1002 and greater 500",
            "ip[6:2] & 0x1fff != 0",
            "ip protochain 17")) {
      packet.clear();
      pcap.clear();
      capture(traffic, List.of("-i", "v1", expression), packet, pcap);
      assertEquals(pcap, packet, expression);
      assertTrue(!packet.isEmpty(), expression);
    }
    capture(traffic, List.of("-i", "v1", "udp port 1001"), packet, pcap);
    // Three of VXLAN's port, six with tags, twice three fragments after the first (MTU 9000).
    assertEquals(15, filtered.get("afpacket"));
    // And those of ports 1003 and 1011, and the first fragments.
    assertEquals(15 + 9, filtered.get("pcap"));
  }

  @Test
  void severalThreadsTellTheSame() throws Exception {
    Map<String, String> packet = new TreeMap<>();
    Map<String, String> pcap = new TreeMap<>();
    capture(
        """
        server = socket.create_server(('127.0.0.1', 443))
        for n in range(30):
            client = socket.create_connection(('127.0.0.1', 443))
            served = server.accept()[0]
            client.sendall(b'x' * n)
            client.close()
            served.recv(100)
            served.close()
        udp('127.0.0.1', 1001, 10)
        """,
        List.of("-i", "lo", "--threads", "3"),
        packet,
        pcap);
    assertEquals(pcap, packet);
    assertEquals(31 + 1, packet.size(), packet::toString); // and the ICMP errors
  }

  /** One thread receives, another one decodes; with several, each receiver has one. */
  @ParameterizedTest
  @ValueSource(strings = {"1", "2"})
  void anotherThreadDecodesTheSame(String threads) throws Exception {
    Map<String, String> packet = new TreeMap<>();
    Map<String, String> pcap = new TreeMap<>();
    capture(
        """
        for n in range(3000):
            udp('127.0.0.1', 1000 + n % 40, 1200)
        """,
        List.of("-i", "lo", "--decode", "worker", "--threads", threads),
        List.of("-i", "lo"),
        packet,
        pcap);
    assertEquals(pcap, packet);
    assertEquals(40 + 1, packet.size(), packet::toString); // and the ICMP errors
  }

  private void capture(
      String traffic, List<String> options, Map<String, String> packet, Map<String, String> pcap)
      throws Exception {
    capture(traffic, options, options, packet, pcap);
  }

  private void capture(
      String traffic,
      List<String> packetOptions,
      List<String> pcapOptions,
      Map<String, String> packet,
      Map<String, String> pcap)
      throws Exception {
    try (LiveProcess first = audit("afpacket", packetOptions);
        LiveProcess second = audit("pcap", pcapOptions)) {
      Files.writeString(folder.resolve("send.py"), SEND + traffic);
      in("python3 " + folder.resolve("send.py"));
      Thread.sleep(300); // a block that is not full is handed over by then
      packet.putAll(flows("afpacket", first));
      pcap.putAll(flows("pcap", second));
    }
  }

  private LiveProcess audit(String way, List<String> options) throws Exception {
    List<String> all = new ArrayList<>(List.of("--source", way));
    all.addAll(options);
    LiveProcess audit = new LiveProcess(netns, folder, List.of(), all).listening();
    assertTrue(audit.err().contains("(" + way), audit.err());
    return audit;
  }

  private Map<String, String> flows(String way, LiveProcess audit) throws Exception {
    assertEquals(0, audit.stop(), audit.err());
    JsonNode stats = Books.balanced(audit.records());
    assertEquals(way, stats.get("source").asString());
    assertEquals(0, stats.get("kernel_drops").asLong());
    filtered.put(way, stats.get("filtered").asLong());
    return audit.flows();
  }

  private void in(String script) throws Exception {
    Path file = folder.resolve("script.sh");
    Files.writeString(file, "set -e\n" + script);
    sh("ip netns exec " + netns + " sh " + file);
  }

  private static void sh(String command) throws Exception {
    Process process = new ProcessBuilder("sh", "-c", command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertEquals(0, process.waitFor(), () -> command + ": " + output);
  }
}
