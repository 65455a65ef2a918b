package io.vipscope.tools;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Snapshots taken of a configured host: by the command and by the README's shell loop. */
class SnapshotCommandIT {

  private static final String SECRET = "s3cret-word";

  @TempDir private Path folder;
  private String netns;

  @BeforeEach
  void configure() throws Exception {
    Needs.namespaces();
    Needs.programs("nft", "iptables-save", "sysctl");
    netns = "vipscope-snap-" + ProcessHandle.current().pid();
    sh("ip netns add " + netns);
    inNamespace(
        """
        sysctl -q -w net.ipv6.conf.default.addr_gen_mode=1
        ip link set lo up
        ip link add eth0 type veth peer name far0
        ip link set far0 up
        ip link set eth0 up
        ip addr add 192.168.0.1/24 dev eth0
        ip addr add 192.168.0.9/24 dev eth0
        ip addr add 2001:db8::1/64 dev eth0 nodad
        ip route add default via 192.168.0.254
        ip route add 203.0.113.0/24 via 192.168.0.254 src 192.168.0.9
        ip rule add from 192.168.0.9 lookup 100
        nft add table ip edge
        nft add chain ip edge post '{ type nat hook postrouting priority 100; }'
        nft add rule ip edge post ip daddr 198.51.100.8 snat to 192.168.0.9
        """);
    Files.createDirectories(folder.resolve("etc/conf.d"));
    Files.writeString(
        folder.resolve("etc/keepalived.conf"),
        """
        $PASS=%1$s
        include conf.d/*.conf
        vrrp_instance edge {
            interface eth0
            virtual_router_id 51
            # auth_pass %1$s
            authentication {
                auth_type PASS
                auth_pass %1$s
            }
            virtual_ipaddress { 192.168.0.9/24 }
        }
        """
            .formatted(SECRET));
    Files.writeString(
        folder.resolve("etc/conf.d/more.conf"),
        """
        vrrp_instance more {
            interface eth0
            virtual_router_id 52
            authentication { auth_type AH auth_pass $PASS }
            virtual_ipaddress {
                192.168.0.10/24
            }
        }
        """);
  }

  @AfterEach
  void remove() throws Exception {
    if (netns != null) {
      sh("ip netns del " + netns);
    }
  }

  @Test
  void commandWritesWhatAuditsNeed() throws Exception {
    Path snapshot = folder.resolve("lb1");
    String said = command(snapshot);
    assertTrue(
        said.contains("VIPs: 192.168.0.10, 192.168.0.9")
            || said.contains("VIPs: 192.168.0.9, 192.168.0.10"),
        said);
    assertEquals("192.168.0.9", source(snapshot, "203.0.113.5", false));
    assertEquals("192.168.0.1", source(snapshot, "198.51.100.7", true));
    assertEquals("192.168.0.1", source(snapshot, "198.51.100.8", false));
    assertEquals("192.168.0.9", source(snapshot, "198.51.100.8", true));
    noSecret(snapshot);
    try (Stream<Path> left = Files.list(folder)) {
      assertFalse(left.anyMatch(p -> p.getFileName().toString().startsWith(".")), "left behind");
    }
  }

  @Test
  void aSnapshotIsNeverOverwritten() throws Exception {
    Path snapshot = folder.resolve("lb1");
    command(snapshot);
    byte[] before = Files.readAllBytes(snapshot.resolve("meta.json"));
    Cli again = Cli.run("snapshot", "-o", snapshot.toString());
    assertEquals(ExitCode.INPUT, again.code());
    assertTrue(again.err().contains("holds a snapshot already"), again.err());
    assertEquals(new String(before, UTF_8), Files.readString(snapshot.resolve("meta.json")));
  }

  @Test
  void shellLoopOfTheReadmeWritesTheSame() throws Exception {
    Path byCommand = folder.resolve("command");
    command(byCommand);
    Path byLoop = folder.resolve("loop");
    inNamespace(
        "export dir=" + byLoop + " conf=" + folder.resolve("etc/keepalived.conf") + "\n" + loop());
    for (String file :
        List.of(
            "addr.json",
            "route4.json",
            "route6.json",
            "rule4.json",
            "rule6.json",
            "nft.json",
            "link.json",
            "addrlabel.json",
            "nexthop.json")) {
      assertEquals(
          Files.readString(byCommand.resolve(file)), Files.readString(byLoop.resolve(file)), file);
    }
    for (String dst : List.of("203.0.113.5", "198.51.100.8", "192.168.0.77", "2001:db8::99")) {
      assertEquals(source(byCommand, dst, true), source(byLoop, dst, true), dst);
    }
    Files.createDirectory(byLoop.resolve("keepalived.d"));
    String conf = Files.readString(byLoop.resolve("keepalived.conf"));
    assertTrue(conf.contains("auth_pass removed"), conf);
    assertFalse(conf.lines().anyMatch(l -> l.contains("auth_pass " + SECRET)), conf);
  }

  private static String loop() throws IOException {
    Matcher block =
        Pattern.compile("<!-- snapshot-loop -->\\s*```sh\\n(.*?)```", Pattern.DOTALL)
            .matcher(Files.readString(Path.of("..", "README.md")));
    assertTrue(block.find(), "the README has the loop");
    return block.group(1);
  }

  private String command(Path snapshot) throws Exception {
    return inNamespace(
        "%s --enable-native-access=ALL-UNNAMED -cp '%s' io.vipscope.tools.Main snapshot -o %s --keepalived %s"
            .formatted(
                Path.of(System.getProperty("java.home"), "bin", "java"),
                System.getProperty("java.class.path"),
                snapshot,
                folder.resolve("etc/keepalived.conf")));
  }

  private static String source(Path snapshot, String dst, boolean wire) {
    Cli run = Cli.run("predict", "--host", "lb1=" + snapshot, "--json", dst);
    assertEquals(0, run.code(), run::err);
    return run.records().getFirst().get(wire ? "wire_src" : "src").asString("none");
  }

  private static void noSecret(Path snapshot) throws IOException {
    try (Stream<Path> files = Files.walk(snapshot)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        assertFalse(Files.readString(file, ISO_8859_1).contains(SECRET), file::toString);
      }
    }
  }

  private String inNamespace(String script) throws Exception {
    Path file = Files.writeString(folder.resolve("script"), "set -e\n" + script);
    try {
      return sh("ip netns exec " + netns + " sh " + file);
    } finally {
      Files.delete(file);
    }
  }

  private String sh(String command) throws Exception {
    Process process = new ProcessBuilder("sh", "-c", command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertEquals(0, process.waitFor(), said);
    return said;
  }
}
