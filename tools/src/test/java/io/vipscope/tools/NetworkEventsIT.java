package io.vipscope.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vipscope.capture.live.NetworkEvents;
import io.vipscope.capture.live.NetworkEvents.Event;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every kind of change of the network configuration is heard, and lost messages are noticed. */
class NetworkEventsIT {

  /** Runs in the namespace: says for each line that it reads what has happened. */
  static final class Listener {
    public static void main(String[] args) throws Exception {
      try (NetworkEvents events = new NetworkEvents(Integer.parseInt(args[0]));
          var in =
              new java.io.BufferedReader(
                  new java.io.InputStreamReader(
                      System.in, java.nio.charset.StandardCharsets.UTF_8))) {
        System.out.println(events.drain());
        while (in.readLine() != null) {
          Event first = events.await(500);
          Thread.sleep(50);
          Event rest = events.drain();
          System.out.println(first.compareTo(rest) > 0 ? first : rest);
        }
      }
    }
  }

  @TempDir private Path folder;
  private String netns;

  @BeforeEach
  void host() throws Exception {
    Needs.namespaces();
    Needs.programs("nft");
    netns = "vipscope-events-" + ProcessHandle.current().pid();
    sh("ip netns add " + netns);
    in(
        """
        sysctl -q -w net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
        ip link add eth0 type veth peer name far0
        ip link set far0 up
        ip link set eth0 up
        """);
    Thread.sleep(200);
  }

  @AfterEach
  void end() throws Exception {
    sh("ip netns del " + netns);
  }

  private Process listener(int bytes) throws Exception {
    return new ProcessBuilder(
            "ip",
            "netns",
            "exec",
            netns,
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            Listener.class.getName(),
            String.valueOf(bytes))
        .redirectError(folder.resolve("err").toFile())
        .start();
  }

  private static String after(Process listener, String question) throws Exception {
    listener.outputWriter().write(question + "\n");
    listener.outputWriter().flush();
    return listener.inputReader().readLine();
  }

  @Test
  void everyKindOfChangeIsHeard() throws Exception {
    Process listener = listener(0);
    try {
      assertEquals("NONE", listener.inputReader().readLine());
      assertEquals("NONE", after(listener, "nothing"));
      for (String change :
          List.of(
              "ip addr add 10.0.0.1/24 dev eth0",
              "ip route add 10.9.0.0/16 via 10.0.0.2",
              "ip rule add to 10.8.0.0/16 lookup 100",
              "ip -6 rule add to 2001:db8::/32 lookup 100",
              "ip nexthop add id 7 via 10.0.0.2 dev eth0",
              "nft add table ip edge",
              "ip link set eth0 mtu 1400",
              "ip addr del 10.0.0.1/24 dev eth0",
              "ip link set eth0 down")) {
        in(change);
        assertEquals("CHANGED", after(listener, change), change);
      }
      assertEquals("NONE", after(listener, "nothing"));
    } finally {
      listener.outputWriter().close();
      assertTrue(listener.waitFor(10, TimeUnit.SECONDS));
    }
  }

  @Test
  void lostMessagesAreNoticed() throws Exception {
    Process listener = listener(1);
    try {
      assertEquals("NONE", listener.inputReader().readLine());
      StringBuilder many = new StringBuilder("ip -batch - <<'END'\n");
      for (int i = 1; i < 250; i++) {
        many.append("addr add 10.1.").append(i).append(".1/24 dev eth0\n");
      }
      in(many + "END\n");
      assertEquals("OVERRUN", after(listener, "many"));
      assertEquals("NONE", after(listener, "nothing"), "then it goes on");
    } finally {
      listener.outputWriter().close();
      assertTrue(listener.waitFor(10, TimeUnit.SECONDS));
    }
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
