package io.vipscope.tools;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** A network namespace that is deleted again, and the commands run in it. */
final class Namespace implements AutoCloseable {

  /** Waits until duplicate address detection is over, takes the dumps. */
  private static final String DUMPS =
      """
      for i in 1 2 3 4 5 6 7 8 9 10; do
        ip -6 addr show tentative | grep -q inet6 || break
      done
      ip -j -d addr show > addr.json
      ip -j -d link show > link.json
      ip -j -d -4 route show table all > route4.json
      ip -j -d -6 route show table all > route6.json
      ip -j -d -4 rule show > rule4.json
      ip -j -d -6 rule show > rule6.json
      ip -j -6 addrlabel list > addrlabel.json
      ip -j -d nexthop show > nexthop.json
      ip -j neigh show > neigh.json
      sysctl net.ipv4 net.ipv6 > sysctl.txt 2>/dev/null
      printf '{"kernel":"%s"}' "$(uname -r)" > meta.json
      """;

  private final String name;
  private final Path folder;

  /**
   * Waits until IPv6 addresses have their local routes, which a kernel thread adds ({@code
   * addrconf_dad_work}); those of devices that are down never get one.
   */
  private static final String SETTLED =
      """
      for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
        ip -6 route show table local type local | awk '{print $2}' >routes6.txt
        ip -6 -o addr show up | awk '{sub("/.*", "", $4); print $4}' | grep -qvxFf routes6.txt || break
        sleep 0.03
      done
      """;

  Namespace(String name, Path folder) {
    this.name = name;
    this.folder = folder;
    sh("ip netns add " + name);
  }

  /** Whether this process may create namespaces. */
  static boolean allowed() {
    String name = "vipscope-probe-" + ProcessHandle.current().pid();
    try {
      int made = new ProcessBuilder("ip", "netns", "add", name).start().waitFor();
      return made == 0 && new ProcessBuilder("ip", "netns", "del", name).start().waitFor() == 0;
    } catch (IOException _) {
      return false;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Configures the host, takes a snapshot and asks the kernel, all in one shell.
   *
   * @param setup arguments of {@code ip}, or {@code sysctl KEY=VALUE}; those that the kernel
   *     refuses are left out
   * @param after as setup, but run after the snapshot was taken
   * @param queries arguments of {@code ip route get}
   * @return the kernel's answers, in order
   */
  List<KernelAnswer> ask(List<String> setup, List<String> after, List<String> queries) {
    StringBuilder script = new StringBuilder();
    append(setup, script);
    script.append(SETTLED).append(DUMPS);
    append(after, script);
    script.append(SETTLED);
    script.append("ip -j -d -force -batch queries.txt > answers.txt 2> errors.txt\ntrue\n");
    write("queries.txt", String.join("\n", queries.stream().map(q -> "route get " + q).toList()));
    write("case.sh", script.toString());
    sh("ip netns exec " + name + " sh case.sh");
    return KernelAnswer.read(queries.size(), lines("answers.txt"), lines("errors.txt"));
  }

  /**
   * Opens sockets in the host as it is now.
   *
   * @return what became of them, in order; questions whose answer is not known are left out
   */
  List<KernelCase.Asked> sockets(List<String> questions) {
    write("sockets.txt", String.join("\n", questions));
    try (InputStream program = Namespace.class.getResourceAsStream("/sockets.py")) {
      Files.write(folder.resolve("sockets.py"), Objects.requireNonNull(program).readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    sh("ip netns exec " + name + " python3 sockets.py < sockets.txt > opened.txt");
    List<String> results = lines("opened.txt");
    List<KernelCase.Asked> asked = new ArrayList<>();
    for (int i = 0; i < questions.size(); i++) {
      String[] words = results.get(i).split(" ", -1);
      if (!words[0].equals("none")) {
        String sport = questions.get(i).contains(" sport ") ? "" : " sport " + words[2];
        asked.add(new KernelCase.Asked(questions.get(i) + sport, KernelAnswer.ofSocket(words)));
      }
    }
    return asked;
  }

  /** Whether the kernel takes one of the commands that {@link #ask} runs. */
  boolean takes(String command) {
    return runs(
        command.startsWith("sysctl ")
            ? command.replaceFirst("sysctl ", "sysctl -q -w ")
            : "ip " + command);
  }

  /** Whether a command succeeds in the host; what it prints is left in {@code output.txt}. */
  boolean runs(String command) {
    write("command.sh", command);
    sh("ip netns exec " + name + " sh command.sh > output.txt 2>&1; echo $? > status.txt");
    return lines("status.txt").getFirst().equals("0");
  }

  /** Lines of one kind after another go into one batch, which takes the family as an option. */
  private static void append(List<String> lines, StringBuilder script) {
    String open = "";
    for (String line : lines) {
      boolean sysctl = line.startsWith("sysctl ");
      boolean v6 = line.startsWith("-6 ");
      String kind =
          sysctl ? "" : "ip " + (v6 ? "-6 " : "") + "-force -batch - 2>/dev/null <<'END'\n";
      if (!open.equals(kind)) {
        script.append(open.isEmpty() ? "" : "END\n").append(kind);
        open = kind;
      }
      if (sysctl) {
        script.append("sysctl -q -w ").append(line.substring(7)).append(" 2>/dev/null\n");
      } else {
        script.append(v6 ? line.substring(3) : line).append('\n');
      }
    }
    script.append(open.isEmpty() ? "" : "END\n");
  }

  void write(String file, String text) {
    try {
      Files.writeString(folder.resolve(file), text + "\n", UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  List<String> lines(String file) {
    try {
      return Files.readAllLines(folder.resolve(file), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String name() {
    return name;
  }

  /** One with a mirror port m1, which sees what is sent to m0 and nothing else. */
  static Namespace withMirror(String name, Path folder) {
    Namespace made = new Namespace(name, folder);
    made.in(
        """
        sysctl -q -w net.ipv6.conf.default.disable_ipv6=1
        ip link add m0 type veth peer name m1
        ip link set m0 up
        ip link set m1 up
        """);
    return made;
  }

  /** Runs a script within. */
  void in(String script) {
    write("in.sh", script);
    sh("ip netns exec " + name + " sh -e " + folder.resolve("in.sh"));
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
        throw new IllegalStateException(command + ": " + lines("log.txt"));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    sh("ip netns del " + name);
  }
}
