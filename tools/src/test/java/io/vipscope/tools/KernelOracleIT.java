package io.vipscope.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vipscope.capture.host.SnapshotReader;
import io.vipscope.core.model.change.StateChange;
import io.vipscope.core.model.explanation.StepText;
import io.vipscope.core.model.selection.Egress;
import io.vipscope.core.model.selection.RouteLookup;
import io.vipscope.core.model.selection.RoutePrediction;
import io.vipscope.core.model.selection.RouteQuery;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.Link;
import io.vipscope.core.model.snapshot.PolicyRule;
import io.vipscope.core.net.IpAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The model against the kernel it runs on: random hosts in network namespaces. */
class KernelOracleIT {

  private static final int CASES = Integer.getInteger("vipscope.oracle.cases", 150);
  private static final long SEED = Long.getLong("vipscope.oracle.seed", 1);

  /** The first host to try: its number in a failure, less 100 000 times the seed. */
  private static final int FIRST = Integer.getInteger("vipscope.oracle.first", 0);

  private static final int QUERIES = 16;

  @TempDir private Path folder;

  private int asked;
  private int exact;
  private int unknown;
  private final List<String> wrong = new ArrayList<>();

  @Test
  void everyAnswerIsTheKernels() {
    Needs.namespaces();
    for (int i = FIRST; i < FIRST + CASES; i++) {
      oneHost(SEED * 100_000 + i);
    }
    System.out.printf(
        "%d answers of the kernel, %d predicted exactly, %d not modelled, %d wrong%n",
        asked, exact, unknown, wrong.size());
    assertEquals(List.of(), wrong);
    assertTrue(CASES < 50 || exact > asked * 8 / 10, "too few exact predictions");
  }

  @Test
  void stateAfterGainOrLossIsTheKernels() {
    Needs.namespaces();
    for (int i = FIRST; i < FIRST + CASES / 3; i++) {
      oneChange(SEED * 100_000 + 50_000 + i);
    }
    System.out.printf(
        "%d answers after a change, %d predicted exactly, %d wrong%n", asked, exact, wrong.size());
    assertEquals(List.of(), wrong);
  }

  private void oneChange(long seed) {
    RandomHost host = new RandomHost(seed);
    if (Boolean.getBoolean("vipscope.oracle.print")) {
      System.out.println(String.join("\n", host.setup()));
    }
    RandomHost.Vip vip = host.vip();
    boolean gain = seed % 2 == 0;
    List<String> setup = new ArrayList<>(host.setup());
    if (!gain) {
      setup.add(vip.added());
    }
    List<String> queries = Stream.generate(host::query).limit(QUERIES).toList();
    String name = "vipscope-" + ProcessHandle.current().pid();
    try (Namespace namespace = new Namespace(name, folder)) {
      namespace.write("keepalived.conf", vip.configuration());
      List<KernelAnswer> answers =
          namespace.ask(setup, List.of(gain ? vip.added() : vip.deleted()), queries);
      HostSnapshot before = SnapshotReader.read("host", folder);
      Link device = before.link(vip.dev());
      boolean asNamed =
          device != null
              && device.addresses().stream()
                  .anyMatch(
                      a -> a.local().equals(vip.address()) && a.prefixLength() == vip.length());
      if (gain ? before.holds(vip.address()) : !asNamed) {
        return; // the random host has it already, or refused it
      }
      HostSnapshot after =
          gain ? StateChange.gain(before, vip.address()) : StateChange.lose(before, vip.address());
      for (int i = 0; i < QUERIES; i++) {
        compare(host, seed, queries.get(i) + " # " + vip, after, answers.get(i));
      }
    }
  }

  private void oneHost(long seed) {
    RandomHost host = new RandomHost(seed);
    if (Boolean.getBoolean("vipscope.oracle.print")) {
      System.out.println(String.join("\n", host.setup()));
    }
    List<String> queries = Stream.generate(host::query).limit(QUERIES).toList();
    String name = "vipscope-" + ProcessHandle.current().pid();
    try (Namespace namespace = new Namespace(name, folder)) {
      List<KernelAnswer> answers = namespace.ask(host.setup(), List.of(), queries);
      HostSnapshot snapshot = SnapshotReader.read("host", folder);
      for (int i = 0; i < QUERIES; i++) {
        compare(host, seed, queries.get(i), snapshot, answers.get(i));
      }
    }
  }

  private void compare(
      RandomHost host, long seed, String text, HostSnapshot snapshot, KernelAnswer kernel) {
    RoutePrediction p = RouteLookup.routeGet(snapshot, query(text));
    asked++;
    exact += p.exact() ? 1 : 0;
    unknown += p.unknown() == null ? 0 : 1;
    Egress egress = new Egress(kernel.source(), kernel.dev(), kernel.gateway());
    String error = kernel.error();
    // The name of the one trie is main, even where the answer is the same without it.
    boolean untold = host.ruled() && snapshot.rules4().equals(PolicyRule.defaults(false));
    boolean agrees;
    boolean told = !host.ruled() && !host.multipath() && !addressTwice(snapshot);
    if (p.exact() || told && p.unknown() == null) {
      agrees =
          error == null
              ? egress.equals(p.first()) && (untold || Objects.equals(kernel.table(), p.table()))
              : p.error() != null && p.error().name().equals(error);
    } else if (error == null) {
      agrees = p.candidates().contains(egress) || p.unknown() != null;
    } else {
      agrees = p.errors().stream().anyMatch(e -> e.name().equals(error)) || p.unknown() != null;
    }
    if (!agrees) {
      wrong.add(
          "seed "
              + seed
              + ": "
              + text
              + "\n  kernel "
              + kernel
              + "\n  model "
              + p.candidates()
              + p.errors()
              + " "
              + p.table()
              + "\n    "
              + String.join("\n    ", p.trace().stream().map(StepText::sentence).toList())
              + "\n");
    }
  }

  /** Which of two devices the kernel finds for an address depends on their order in a hash. */
  private static boolean addressTwice(HostSnapshot snapshot) {
    List<IpAddress> all =
        snapshot.links().stream().flatMap(l -> l.addresses().stream()).map(a -> a.local()).toList();
    return all.size() > all.stream().distinct().count();
  }

  private static RouteQuery query(String text) {
    String[] words = text.replaceAll(" # .*", "").split(" ", -1);
    Map<String, String> options = new HashMap<>();
    for (int i = 1; i < words.length; i += 2) {
      options.put(words[i], words[i + 1]);
    }
    return QueryReader.query(
        words[0],
        options.get("from"),
        Long.decode(options.getOrDefault("mark", "0")),
        Long.decode(options.getOrDefault("tos", "0")),
        options.get("oif"),
        options.get("ipproto"),
        Long.decode(options.getOrDefault("sport", "0")),
        Long.decode(options.getOrDefault("dport", "0")),
        Long.decode(options.getOrDefault("uid", "0")),
        0);
  }
}
