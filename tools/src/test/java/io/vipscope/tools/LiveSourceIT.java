package io.vipscope.tools;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
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

  private void capture(
      String traffic, List<String> options, Map<String, String> packet, Map<String, String> pcap)
      throws Exception {
    Process first = audit("afpacket", options);
    Process second = audit("pcap", options);
    try {
      listening("afpacket");
      listening("pcap");
      Files.writeString(folder.resolve("send.py"), SEND + traffic);
      in("python3 " + folder.resolve("send.py"));
      Thread.sleep(300); // a block that is not full is handed over by then
    } finally {
      stop(first);
      stop(second);
    }
    flows("afpacket", packet);
    flows("pcap", pcap);
  }

  private Process audit(String way, List<String> options) throws IOException {
    List<String> command = new ArrayList<>(List.of("ip", "netns", "exec", netns));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            "io.vipscope.tools.Main",
            "audit",
            "--json",
            "--source",
            way));
    command.addAll(options);
    return new ProcessBuilder(command)
        .redirectOutput(folder.resolve(way + ".jsonl").toFile())
        .redirectError(folder.resolve(way + ".err").toFile())
        .start();
  }

  private void listening(String way) throws Exception {
    Path told = folder.resolve(way + ".err");
    for (int i = 0; i < 200 && !Files.readString(told).contains("listening on"); i++) {
      Thread.sleep(50);
    }
    assertTrue(Files.readString(told).contains("(" + way), Files.readString(told));
  }

  private static void stop(Process process) throws InterruptedException {
    process.destroy();
    assertTrue(process.waitFor(10, TimeUnit.SECONDS));
    assertEquals(0, process.exitValue());
  }

  /** Each flow's ends, tags and sizes. */
  private void flows(String way, Map<String, String> flows) throws IOException {
    List<JsonNode> records = Cli.parse(Files.readString(folder.resolve(way + ".jsonl")));
    JsonNode stats = Books.balanced(records);
    assertEquals(way, stats.get("source").asString());
    assertEquals(0, stats.get("kernel_drops").asLong());
    for (JsonNode record : records) {
      if (record.get("event_type").asString().equals("flow")) {
        JsonNode flow = record.get("flow");
        flows.put(
            record.get("src_ip") + ":" + record.get("src_port") + " > " + record.get("dest_ip"),
            "vlan "
                + record.get("vlan")
                + " "
                + record.get("ether")
                + " to "
                + flow.get("pkts_toserver")
                + " bytes "
                + flow.get("bytes_toserver")
                + " "
                + record.get("proto"));
      }
    }
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
