package io.vipscope.tools;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A host written by hand, to meet a rule that random ones seldom meet; {@code written-hosts.txt}
 * tells its format.
 *
 * @param line of the file where it begins, its number among the recorded cases
 * @param setup commands that configure it, all of which the kernel takes
 * @param change run after the snapshot was taken; null if nothing is
 * @param several whether some answer is one of several that no snapshot tells apart
 */
record WrittenHost(
    int line,
    String title,
    List<String> setup,
    @Nullable String change,
    List<String> questions,
    boolean several) {

  /** The kind of its {@link KernelCase}: that the model cannot tell an answer is wrong there. */
  static final String KIND = "written";

  private static final String FILE = "/written-hosts.txt";

  private static final List<String> BASE = base();

  WrittenHost {
    setup = List.copyOf(setup);
    questions = List.copyOf(questions);
  }

  /** Whether it is a rule set for the host of a {@link WirePair}. */
  boolean ofNetfilter() {
    return questions.getFirst().startsWith("wire ");
  }

  /** All commands, those of every host first. */
  List<String> commands() {
    List<String> all = new ArrayList<>(ofNetfilter() ? List.of() : BASE);
    all.addAll(setup);
    return all;
  }

  boolean ruled() {
    return setup.stream().anyMatch(c -> c.replace("-6 ", "").startsWith("rule "));
  }

  static List<WrittenHost> all() {
    List<WrittenHost> hosts = new ArrayList<>();
    List<String> lines = lines();
    int first = -1;
    for (int i = 0; i <= lines.size(); i++) {
      if (i == lines.size() || lines.get(i).startsWith("== ")) {
        if (first >= 0) {
          hosts.add(host(first, lines.subList(first, i)));
        }
        first = i;
      }
    }
    return hosts;
  }

  private static WrittenHost host(int first, List<String> lines) {
    List<String> setup = new ArrayList<>();
    List<String> questions = new ArrayList<>();
    String change = null;
    boolean several = false;
    for (String line : lines.subList(1, lines.size())) {
      if (line.startsWith("? ")) {
        questions.add(line.substring(2));
      } else if (line.startsWith("change ")) {
        change = line.substring(7);
      } else if (line.equals("several")) {
        several = true;
      } else if (!line.isBlank()) {
        setup.add(line);
      }
    }
    if (questions.isEmpty()) {
      throw new IllegalArgumentException(FILE + ":" + (first + 1) + ": no question");
    }
    return new WrittenHost(
        first + 1, lines.getFirst().substring(3), setup, change, questions, several);
  }

  private static List<String> lines() {
    try (InputStream in = Objects.requireNonNull(WrittenHost.class.getResourceAsStream(FILE))) {
      return new BufferedReader(new InputStreamReader(in, UTF_8)).lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> base() {
    List<String> all = new ArrayList<>();
    all.add("sysctl net.ipv6.conf.default.accept_dad=0");
    all.add("link set lo up");
    for (int i = 0; i < 3; i++) {
      all.add("link add eth" + i + " type veth peer name p" + i);
      for (String device : List.of("eth" + i, "p" + i)) {
        all.add("link set " + device + " mtu " + RandomHost.mtu(device));
        all.add("link set " + device + " up");
      }
    }
    return all;
  }
}
