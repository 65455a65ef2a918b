package io.vipscope.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A live audit takes up newer state of its hosts: snapshots that come, and all of it at SIGHUP. */
class ReloadIT {

  /** Three datagrams to a port from an address of the host. */
  private static final String SEND =
      """
      import socket, sys, time
      s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
      s.bind((sys.argv[1], 0))
      for _ in range(3):
          s.sendto(b'x', ('10.1.1.2', int(sys.argv[2])))
      """;

  @TempDir private Path folder;
  private String netns;

  @BeforeEach
  void wire() throws Exception {
    Needs.namespaces();
    Needs.programs("python3");
    netns = "vipscope-reload-" + ProcessHandle.current().pid();
    sh("ip netns add " + netns);
    in(
        """
        sysctl -q -w net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
        ip link add v0 type veth peer name v1
        ip link set v1 up
        ip link set v0 up
        ip addr add 10.1.1.1/24 dev v0
        ip addr add 10.1.1.8/32 dev v0
        ip neigh add 10.1.1.2 lladdr 02:00:00:00:00:02 dev v0 nud permanent
        """);
    Files.writeString(folder.resolve("send.py"), SEND);
  }

  @AfterEach
  void unwire() throws Exception {
    sh("ip netns del " + netns);
  }

  @Test
  void newStateIsTakenUpAndABrokenOneIsNot() throws Exception {
    snapshot("lb1/1", "10.1.1.8/32");
    Process audit = audit();
    try {
      await("listening on", 60);
      send("10.1.1.8", 1001);
      in("ip addr add 10.1.1.9/32 dev v0");
      snapshot("lb1/2", "10.1.1.8/32 10.1.1.9/32".replace(" ", "\\n "));
      Thread.sleep(3_000);
      send("10.1.1.9", 1002);
      Files.createDirectories(folder.resolve("lb1/3"));
      Files.writeString(folder.resolve("lb1/3/addr.json"), "[{\"ifname\":7}]");
      Files.writeString(folder.resolve("lb1/3/meta.json"), "{}");
      await("lb1/3/addr.json", 30);
      Thread.sleep(3_000);
      assertEquals(1, warnings("lb1/3/addr.json"), "one warning");
      sh("kill -HUP " + audit.pid());
      Thread.sleep(4_000);
      assertTrue(audit.isAlive(), "SIGHUP ends nothing");
      assertEquals(2, warnings("lb1/3/addr.json"), "looked at again");
      send("10.1.1.9", 1003);
      Thread.sleep(500);
    } finally {
      sh("kill -TERM " + audit.pid()); // SIGINT may be ignored, as in background jobs
      assertTrue(audit.waitFor(60, TimeUnit.SECONDS));
    }
    List<JsonNode> records = Cli.parse(Files.readString(folder.resolve("out.jsonl")));
    Books.balanced(records);
    assertEquals("vip", of(records, 1001).get("source_class").asString());
    for (int port : List.of(1002, 1003)) {
      JsonNode v = of(records, port);
      assertEquals("vip", v.get("source_class").asString(), v::toString);
      assertEquals("lb1", v.get("host").asString());
      assertEquals("10.1.1.9", v.get("vip").asString());
    }
    assertTrue(
        of(records, 1001)
                .get("state_time")
                .asString()
                .compareTo(of(records, 1003).get("state_time").asString())
            < 0,
        "each by the state in force then");
  }

  private static JsonNode of(List<JsonNode> records, int port) {
    return records.stream()
        .filter(r -> r.get("event_type").asString().equals("flow"))
        .filter(r -> r.get("dest_port").asInt() == port)
        .findFirst()
        .orElseThrow()
        .get("vipscope");
  }

  private void snapshot(String name, String vips) throws Exception {
    in(
        """
        mkdir -p %1$s && cd %1$s
        ip -j -d addr show > addr.json
        ip -j -d -4 route show table all > route4.json
        sysctl net.ipv4 > sysctl.txt 2>/dev/null
        printf 'vrrp_instance V {\\n interface v0\\n virtual_router_id 5\\n' > keepalived.conf
        printf ' virtual_ipaddress {\\n %2$s\\n }\\n}\\n' >> keepalived.conf
        printf '{"host":"lb1","t_start_ns":%%s,"t_end_ns":%%s}' $(date +%%s%%N) $(date +%%s%%N) > meta.json
        """
            .formatted(folder.resolve(name), vips));
  }

  private void send(String source, int port) throws Exception {
    in("python3 " + folder.resolve("send.py") + " " + source + " " + port);
  }

  private long warnings(String about) throws IOException {
    return Files.readString(folder.resolve("err.txt"))
        .lines()
        .filter(line -> line.contains(about))
        .count();
  }

  private void await(String text, int seconds) throws Exception {
    for (int i = 0; i < 10 * seconds; i++) {
      if (Files.readString(folder.resolve("err.txt")).contains(text)) {
        return;
      }
      Thread.sleep(100);
    }
    throw new AssertionError(text + ": " + Files.readString(folder.resolve("err.txt")));
  }

  private Process audit() throws IOException {
    return new ProcessBuilder(
            "ip",
            "netns",
            "exec",
            netns,
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            "io.vipscope.tools.Main",
            "audit",
            "--json",
            "-i",
            "v1",
            "--host",
            "lb1=" + folder.resolve("lb1"))
        .redirectOutput(folder.resolve("out.jsonl").toFile())
        .redirectError(folder.resolve("err.txt").toFile())
        .start();
  }

  private void in(String script) throws Exception {
    Path file = folder.resolve("script.sh");
    Files.writeString(file, script);
    sh("ip netns exec " + netns + " sh -e " + file);
  }

  private void sh(String command) throws Exception {
    Process process =
        new ProcessBuilder("sh", "-c", command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("sh.log").toFile())
            .start();
    assertEquals(0, process.waitFor(), () -> command);
  }
}
