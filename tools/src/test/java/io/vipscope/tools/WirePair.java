package io.vipscope.tools;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** Two namespaces joined by two wires: a host, and a far side that answers for every address. */
final class WirePair implements AutoCloseable {

  private static final String SETUP =
      """
      set -e
      ip netns add NEAR; ip netns add FAR
      for i in 0 1; do
        ip link add eth$i netns NEAR type veth peer name eth$i netns FAR
      done
      ip netns exec FAR sysctl -qw net.ipv4.conf.all.accept_local=1 net.ipv4.conf.all.rp_filter=0
      for i in 0 1; do
        ip netns exec FAR sysctl -qw net.ipv4.conf.eth$i.accept_local=1 net.ipv4.conf.eth$i.rp_filter=0
      done
      for n in NEAR FAR; do
        ip -n $n link set lo up; ip -n $n link set eth0 up; ip -n $n link set eth1 up
      done
      ip -n FAR addr add 10.0.0.1/24 dev eth0; ip -n FAR addr add 10.1.0.1/24 dev eth1
      ip -n FAR addr add 2001:db8::1/64 dev eth0 nodad
      ip -n FAR route add local 0.0.0.0/0 dev lo; ip -n FAR -6 route add local ::/0 dev lo
      ip -n NEAR addr add 10.0.0.10/24 dev eth0; ip -n NEAR addr add 10.0.0.100/32 dev eth0
      ip -n NEAR addr add 10.0.0.101/24 dev eth0; ip -n NEAR addr add 10.5.0.10/24 dev eth1
      ip -n NEAR addr add 10.1.0.10/24 dev eth1
      ip -n NEAR addr add 2001:db8::10/64 dev eth0 nodad
      ip -n NEAR addr add 2001:db8::100/128 dev eth0 nodad preferred_lft 0
      ip -n NEAR route add default via 10.0.0.1; ip -n NEAR -6 route add default via 2001:db8::1
      ip -n NEAR route add 198.51.100.0/24 via 10.1.0.1
      ip -n NEAR route add default via 10.1.0.1 table 100
      ip -n NEAR rule add fwmark 1 lookup 100
      ip -n NEAR rule add from 10.0.0.101 lookup 100
      ip -n NEAR rule add tos 0x10 lookup 100
      ip -n NEAR rule add uidrange 33-33 lookup 100
      """;

  private static final String DUMPS =
      """
      ip -j -d addr show > addr.json
      ip -j -d -4 route show table all > route4.json
      ip -j -d -6 route show table all > route6.json
      ip -j -d -4 rule show > rule4.json
      ip -j -d -6 rule show > rule6.json
      sysctl net.ipv4 net.ipv6 > sysctl.txt 2>/dev/null
      nft -j list ruleset > nft.json
      iptables-save > iptables-save.txt 2>/dev/null
      ip6tables-save > ip6tables-save.txt 2>/dev/null
      printf '{"kernel":"%s"}' "$(uname -r)" > meta.json
      """;

  /** The uid of a socket is that of the process that makes it. */
  private static final String SEND_AS =
      """
      import os, socket, sys
      uid, name, source, sport, dst, dport = sys.argv[1:]
      os.setuid(int(uid))
      s = socket.socket(socket.AF_INET6 if ":" in dst else socket.AF_INET, socket.SOCK_DGRAM)
      s.bind(("" if source == "-" else source, int(sport)))
      try:
          s.sendto(name.encode(), (dst, int(dport)))
      except OSError:
          pass
      """;

  private final Path folder;
  private final String near;
  private final String far;
  private final List<Process> processes = new ArrayList<>();
  private final Map<String, String> received = new ConcurrentHashMap<>();
  private final Map<String, String> sent = new ConcurrentHashMap<>();
  private final Writer sender;

  WirePair(Path folder, List<Integer> ports) {
    this.folder = folder;
    this.near = "vipscope-near-" + ProcessHandle.current().pid();
    this.far = "vipscope-far-" + ProcessHandle.current().pid();
    sh(SETUP.replace("NEAR", near).replace("FAR", far));
    List<String> receive = new ArrayList<>(List.of("receive"));
    ports.forEach(p -> receive.add(Integer.toString(p)));
    start(far, receive, received);
    this.sender = start(near, List.of("send"), sent).outputWriter(UTF_8);
    await(received, "ready");
  }

  private Process start(String namespace, List<String> args, Map<String, String> into) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "ip",
                "netns",
                "exec",
                namespace,
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                UdpEndpoint.class.getName()));
    command.addAll(args);
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      processes.add(process);
      Thread.ofPlatform().daemon().start(() -> collect(process.inputReader(UTF_8), into));
      return process;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void collect(BufferedReader lines, Map<String, String> into) {
    lines
        .lines()
        .forEach(line -> {
          int space = line.indexOf(' ');
          if (space > 0) {
            into.put(line.substring(0, space), line.substring(space + 1));
          }
        });
  }

  /** Replaces all netfilter rules of the host and dumps its state. */
  void configure(List<String> commands) {
    sh("nft flush ruleset 2>/dev/null || true", near);
    StringBuilder script = new StringBuilder();
    commands.forEach(c -> script.append(c).append(" 2>/dev/null\n"));
    sh(script + DUMPS + "true\n", near);
  }

  /**
   * Sends a datagram.
   *
   * @param from {@code -} = not bound
   */
  void send(String id, String from, int sport, String dst, int dport) {
    try {
      sender.write(id + " " + from + " " + sport + " " + dst + " " + dport + "\n");
      sender.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    await(sent, id);
  }

  /** The same, by a socket of that user. */
  void sendAs(int uid, String id, String from, int sport, String dst, int dport) {
    List<Object> words = List.of(uid, id, from, sport, dst, dport);
    try {
      Files.writeString(folder.resolve("send.py"), SEND_AS, UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    sh(
        "ip netns exec "
            + near
            + " python3 send.py "
            + words.stream().map(String::valueOf).collect(Collectors.joining(" ")));
  }

  /** The source that the far side saw; empty if nothing came. */
  String seen(String id) {
    return await(received, id);
  }

  private static String await(Map<String, String> map, String id) {
    long end = System.nanoTime() + (id.equals("ready") ? 10_000_000_000L : 300_000_000L);
    while (!map.containsKey(id) && System.nanoTime() < end) {
      try {
        Thread.sleep(2);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
    return map.getOrDefault(id, "");
  }

  private void sh(String script, String namespace) {
    try {
      Files.writeString(folder.resolve("case.sh"), script, UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    sh("ip netns exec " + namespace + " sh case.sh");
  }

  private void sh(String command) {
    try {
      Process process =
          new ProcessBuilder("sh", "-c", command)
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("log.txt").toFile())
              .start();
      if (!process.waitFor(20, TimeUnit.SECONDS) || process.exitValue() != 0) {
        process.destroyForcibly();
        throw new IllegalStateException(Files.readString(folder.resolve("log.txt"), UTF_8));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    processes.forEach(Process::destroy);
    sh("ip netns del " + near + "; ip netns del " + far);
  }
}
