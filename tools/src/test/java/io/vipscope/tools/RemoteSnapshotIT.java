package io.vipscope.tools;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vipscope.capture.host.SnapshotReader;
import io.vipscope.core.model.snapshot.HostSnapshot;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code vipscope snapshot --ssh} of a host in a namespace, by an sshd of this test's own there.
 */
class RemoteSnapshotIT {

  private static final int PORT = 2222;
  private static final String SECRET = "s3cret-word";

  @TempDir private Path folder;
  private String netns;
  private Process sshd;

  @BeforeEach
  void host() throws Exception {
    Needs.namespaces();
    Needs.programs("sshd", "ssh", "ssh-keygen", "nft", "sysctl");
    netns = "vipscope-ssh-" + ProcessHandle.current().pid();
    sh("ip netns add " + netns);
    in(
        """
        ip link set lo up
        ip link add eth0 type veth peer name far0
        ip link set far0 up
        ip link set eth0 up
        ip addr add 192.168.0.1/24 dev eth0
        ip addr add 192.168.0.9/32 dev eth0
        ip route add default via 192.168.0.254
        nft add table ip edge
        nft add chain ip edge post '{ type nat hook postrouting priority 100; }'
        nft add rule ip edge post ip daddr 198.51.100.8 snat to 192.168.0.9
        """);
    Path etc = folder.resolve("etc");
    Files.createDirectories(etc.resolve("conf.d"));
    Files.writeString(
        etc.resolve("keepalived.conf"),
        """
        include conf.d/*.conf
        include none.conf
        vrrp_instance edge {
            interface eth0
            virtual_router_id 51
            authentication { auth_type PASS
                auth_pass %s
            }
            virtual_ipaddress { 192.168.0.9/32 }
        }
        """
            .formatted(SECRET));
    Files.writeString(
        etc.resolve("conf.d/more.conf"),
        """
        vrrp_instance more {
            interface eth0
            virtual_router_id 52
            virtual_ipaddress { 192.168.0.10/32 }
        }
        """);
    sshd();
  }

  private void sshd() throws Exception {
    sh("mkdir -p /run/sshd");
    sh("ssh-keygen -q -t ed25519 -N '' -f " + folder.resolve("host"));
    sh("ssh-keygen -q -t ed25519 -N '' -f " + folder.resolve("user"));
    Files.copy(folder.resolve("user.pub"), folder.resolve("authorized"));
    Files.writeString(
        folder.resolve("sshd_config"),
        """
        Port %d
        ListenAddress 127.0.0.1
        HostKey %s
        AuthorizedKeysFile %s
        StrictModes no
        UsePAM no
        PasswordAuthentication no
        PermitRootLogin prohibit-password
        PidFile none
        """
            .formatted(PORT, folder.resolve("host"), folder.resolve("authorized")));
    sshd =
        new ProcessBuilder(
                "ip",
                "netns",
                "exec",
                netns,
                "/usr/sbin/sshd",
                "-D",
                "-e",
                "-f",
                folder.resolve("sshd_config").toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("sshd.log").toFile())
            .start();
    for (int i = 0; i < 100; i++) {
      if (Files.readString(folder.resolve("sshd.log")).contains("listening")) {
        return;
      }
      Thread.sleep(50);
    }
    throw new AssertionError(Files.readString(folder.resolve("sshd.log")));
  }

  @AfterEach
  void end() throws Exception {
    if (sshd != null) {
      sshd.destroy();
      assertTrue(sshd.waitFor(10, TimeUnit.SECONDS));
    }
    sh("ip netns del " + netns);
  }

  private String ssh() {
    return "ip netns exec %s ssh -F none -p %d -i %s -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null"
        .formatted(netns, PORT, folder.resolve("user"));
  }

  private Cli snapshot(String... more) {
    return Cli.run(
        Stream.concat(
                Stream.of(
                    "snapshot",
                    "--ssh-command",
                    ssh(),
                    "--keepalived",
                    folder.resolve("etc/keepalived.conf").toString()),
                Stream.of(more))
            .toArray(String[]::new));
  }

  @Test
  void stateOfOtherHostsWithTheirHistory() throws Exception {
    Path state = folder.resolve("state");
    for (int i = 1; i <= 2; i++) {
      Cli run =
          snapshot("--ssh", "lb1=root@127.0.0.1", "lb2=root@127.0.0.1", "-o", state.toString());
      assertEquals(0, run.code(), run::err);
      assertTrue(run.out().contains("lb1, "), run::out);
      assertTrue(
          run.err().contains("lb2: " + folder.resolve("etc/none.conf") + " is included but"),
          run::err);
      for (String host : List.of("lb1", "lb2")) {
        List<HostSnapshot> history = SnapshotReader.readHost(host, state.resolve(host));
        assertEquals(i, history.size(), "history is kept");
        HostSnapshot last = history.getLast();
        assertEquals("[192.168.0.9, 192.168.0.10]", sorted(last));
        assertTrue(last.netfilter().known());
        assertEquals(1, last.netfilter().chains().stream().mapToInt(c -> c.rules().size()).sum());
        assertTrue(last.tStartNs() <= last.tEndNs());
        assertTrue(Math.abs(last.tEndNs() / 1_000_000 - System.currentTimeMillis()) < 60_000);
      }
    }
    try (Stream<Path> files = Files.walk(state)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        assertFalse(Files.readString(file, UTF_8).contains(SECRET), file::toString);
      }
    }
    Cli audit =
        Cli.run(
            "predict", "--host", "lb1=" + state.resolve("lb1"), "--json", "--wire", "198.51.100.8");
    assertEquals(0, audit.code(), audit::err);
  }

  private static String sorted(HostSnapshot s) {
    return s.vips().stream().sorted().toList().toString();
  }

  @Test
  void oneThatDoesNotAnswerIsNamed() throws Exception {
    Path state = folder.resolve("state");
    Cli run =
        snapshot("--ssh", "lb1=root@127.0.0.1", "gone=root@127.0.0.9", "-o", state.toString());
    assertEquals(3, run.code());
    assertTrue(run.err().lines().anyMatch(l -> l.startsWith("vipscope: gone: ")), run::err);
    assertTrue(run.err().contains("refused"), run::err);
    assertEquals(1, SnapshotReader.readHost("lb1", state.resolve("lb1")).size());
    assertFalse(Files.exists(state.resolve("gone")), "no host without state is left behind");
    Cli others = Cli.run("owner", "-r", "demo/mirror.pcap.gz", "--hosts", state.toString());
    assertEquals(0, others.code(), others::err);
    assertEquals(2, snapshot("--ssh", "root@", "-o", state.toString()).code());
  }

  @Test
  void hostsOfAConfiguration() throws Exception {
    Path config = folder.resolve("vipscope.yaml");
    Files.writeString(
        config,
        """
        state: {dir: state}
        pairs:
          - {name: edge, hosts: [{name: lb1, ssh: root@127.0.0.1}, {name: lb2, ssh: root@127.0.0.1}]}
        """);
    Cli run = snapshot("--pairs", "--config", config.toString());
    assertEquals(0, run.code(), run::err);
    Cli check = Cli.run("config", "check", config.toString());
    assertEquals(0, check.code(), check::err);
    assertTrue(check.out().contains("host   lb2, 1 snapshot, the newest of "), check::out);
    assertTrue(check.out().contains("VIPs   192.168.0."), check::out);
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
