package io.vipscope.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * {@code --nat-pair} where ports are rewritten and where a second device maps again: a client, the
 * audited gateway (masquerade to ports of its own), another router (masquerade), a server.
 */
class NatRewriteIT {

  private static final String N = "vipscope-nat-" + ProcessHandle.current().pid();
  private static final int FLOWS = 8;

  @TempDir private static Path folder;

  @BeforeAll
  static void run() throws Exception {
    Needs.namespaces();
    Needs.programs("nft", "tcpdump", "python3", "iptables-save", "ethtool");
    sh(
        """
        for n in c gw isp s; do ip netns add %1$s-$n; ip -n %1$s-$n link set lo up; done
        link() { # NS DEV MAC ADDRESS NS DEV MAC ADDRESS
          ip link add $2 netns %1$s-$1 address $3 type veth peer name $6 netns %1$s-$5 address $7
          ip -n %1$s-$1 addr add $4 dev $2
          ip -n %1$s-$5 addr add $8 dev $6
          ip -n %1$s-$1 link set $2 up
          ip -n %1$s-$5 link set $6 up
        }
        for n in c gw isp s; do
          ip netns exec %1$s-$n sysctl -q -w net.ipv6.conf.all.disable_ipv6=1 \\
            net.ipv6.conf.default.disable_ipv6=1 net.ipv4.ip_forward=1
        done
        ip netns exec %1$s-c sysctl -q -w net.ipv4.ip_local_port_range='50000 59999'
        link c eth0 02:00:00:00:00:10 10.1.0.2/24 gw in0 02:00:00:00:00:11 10.1.0.1/24
        link gw out0 02:00:00:00:00:12 192.0.2.1/24 isp in0 02:00:00:00:00:13 192.0.2.254/24
        link isp out0 02:00:00:00:00:14 198.51.100.1/24 s eth0 02:00:00:00:00:15 198.51.100.9/24
        ip -n %1$s-c route add default via 10.1.0.1
        ip -n %1$s-gw route add default via 192.0.2.254
        nat() { # NS STATEMENT
          ip netns exec %1$s-$1 nft "add table ip n; add chain ip n p \\
            { type nat hook postrouting priority 100; }; add rule ip n p oifname out0 $2"
        }
        nat gw 'ip protocol { tcp, udp } masquerade to :40000-40999'
        nat isp 'masquerade'
        state=%2$s/gw
        mkdir -p $state
        on() { ip netns exec %1$s-gw "$@"; }
        on ip -j -d addr show >$state/addr.json
        on ip -j -d -4 route show table all >$state/route4.json
        on ip -j -d -4 rule show >$state/rule4.json
        on nft -j list ruleset >$state/nft.json
        on sysctl net.ipv4 >$state/sysctl.txt 2>/dev/null || true
        tap() { # NS DEV FILE
          ip netns exec %1$s-$1 tcpdump -q -U --immediate-mode -i $2 -w %2$s/$3.pcap 2>%2$s/$3.err &
          echo $! >>%2$s/taps
          until grep -q listening %2$s/$3.err; do sleep 0.05; done
        }
        tap gw in0 inside
        tap gw out0 outside
        tap isp out0 beyond
        ip netns exec %1$s-s python3 -c '
        import socket, threading
        u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); u.bind(("", 53))
        def answer():
            while True:
                d, a = u.recvfrom(99); u.sendto(d, a)
        threading.Thread(target=answer, daemon=True).start()
        t = socket.socket(); t.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        t.bind(("", 443)); t.listen(99)
        open("%2$s/serves", "w").close()
        while True:
            c, _ = t.accept(); c.sendall(c.recv(99)); c.close()
        ' &
        server=$!
        until [ -e %2$s/serves ]; do sleep 0.05; done
        ip netns exec %1$s-c python3 -c '
        import socket
        for i in range(%3$d):
            t = socket.create_connection(("198.51.100.9", 443)); t.sendall(b"x" * (i + 1))
            t.recv(99); t.close()
            u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); u.settimeout(5)
            if i == 0: u.bind(("", 40500))
            u.sendto(b"y" * (i + 1), ("198.51.100.9", 53)); u.recvfrom(99); u.close()
        '
        # The last question and its answer are in the captures when all is.
        whole() { [ $(grep -ao %4$s %2$s/$1.pcap | wc -l) -ge 2 ]; }
        for tapped in inside outside beyond; do
          for tries in $(seq 100); do
            if whole $tapped; then break; fi
            sleep 0.1
          done
        done
        sleep 0.5
        kill $server $(cat %2$s/taps)
        wait
        """
            .formatted(N, folder, FLOWS, "y".repeat(FLOWS)));
  }

  @AfterAll
  static void end() throws Exception {
    sh("for n in c gw isp s; do ip netns del %s-$n 2>/dev/null; done; true".formatted(N));
  }

  private static void sh(String script) throws Exception {
    Process shell =
        new ProcessBuilder("bash", "-euc", script)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.INHERIT)
            .start();
    assertEquals(0, shell.waitFor(), script);
  }

  private static Cli audit(String outside) {
    String capture = folder.resolve(outside + ".pcap").toString();
    Cli run =
        Cli.run(
            "audit",
            "-r",
            capture,
            "--host",
            "gw=" + folder.resolve("gw"),
            "--json",
            "--nat-pair",
            "inside=" + folder.resolve("inside.pcap") + ",outside=" + capture);
    assertEquals(0, run.code(), run::err);
    Books.balanced(run.records());
    return run;
  }

  private static List<JsonNode> nat(Cli run) {
    List<JsonNode> found =
        run.records().stream()
            .filter(r -> r.get("event_type").asString().equals("nat"))
            .map(r -> r.get("vipscope"))
            .toList();
    assertEquals(2 * FLOWS, found.size(), found::toString);
    for (JsonNode v : found) {
      assertEquals("paired", v.get("status").asString(), v::toString);
      assertEquals("gw", v.get("host").asString());
      assertEquals("10.1.0.2", v.get("inside").get("src_ip").asString());
      assertEquals("[\"192.0.2.1\"]", v.get("predicted").toString());
    }
    return found;
  }

  @Test
  void rewrittenPortsArePairedAndTold() {
    Cli run = audit("outside");
    int rewritten = 0;
    for (JsonNode v : nat(run)) {
      int before = v.get("inside").get("src_port").asInt();
      int behind = v.get("outside").get("src_port").asInt();
      assertTrue(behind >= 40000 && behind <= 40999, v::toString);
      assertEquals(before != behind, v.get("port_rewritten").asBoolean(), v::toString);
      rewritten += before == behind ? 0 : 1;
      assertEquals("192.0.2.1", v.get("outside").get("src_ip").asString());
      assertEquals("match", v.get("verdict").asString(), v::toString);
      assertEquals("masquerade", v.get("mechanism").asString(), v::toString);
      assertEquals(false, v.get("double").asBoolean(), v::toString);
    }
    // A client's port that lies in the masquerade's range already is kept by the kernel
    // (nf_nat_l4proto_in_range in get_unique_tuple): that is one of them.
    assertEquals(2 * FLOWS - 1, rewritten);
    assertTrue(
        run.err().contains(rewritten + " with another source port, 0 mapped twice"), run::err);
  }

  @Test
  void secondMappingBehindAnotherRouterIsTold() {
    Cli run = audit("beyond");
    for (JsonNode v : nat(run)) {
      assertEquals("198.51.100.1", v.get("outside").get("src_ip").asString());
      assertEquals("mismatch", v.get("verdict").asString(), v::toString);
      assertEquals(true, v.get("double").asBoolean(), v::toString);
      assertNotEquals("ports", v.get("evidence").asString(), v::toString);
    }
    assertTrue(run.err().contains("%d mapped twice".formatted(2 * FLOWS)), run::err);
    assertTrue(run.err().contains("another device has mapped it too"), run::err);
  }
}
