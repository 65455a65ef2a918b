package io.vipscope.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vipscope.capture.host.SnapshotReader;
import io.vipscope.core.model.selection.RoutePrediction;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.Link;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The model against the kernel it runs on: random hosts in network namespaces. With {@code
 * -Dvipscope.oracle.record=FILE} what was asked and answered is appended to a file.
 */
class KernelOracleIT {

  private static final int CASES = Integer.getInteger("vipscope.oracle.cases", 150);
  private static final long SEED = Long.getLong("vipscope.oracle.seed", 1);

  /** The first host to try: its number in a failure, less 100 000 times the seed. */
  private static final int FIRST = Integer.getInteger("vipscope.oracle.first", 0);

  private static final int QUERIES = 16;
  private static final int SOCKETS = 12;

  @TempDir private Path folder;

  private int asked;
  private int exact;
  private int unknown;
  private final List<String> wrong = new ArrayList<>();

  @Test
  void everyAnswerIsTheKernels() {
    Needs.namespaces();
    Needs.programs("python3");
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
    print(host);
    RandomHost.Vip vip = host.vip();
    boolean gain = seed % 2 == 0;
    List<String> setup = new ArrayList<>(host.setup());
    if (!gain) {
      setup.add(vip.added());
      setup.addAll(host.routesBy(vip));
    }
    List<String> queries =
        Stream.concat(Stream.generate(host::query).limit(QUERIES), host.queriesOf(vip).stream())
            .toList();
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
      check(
          new KernelCase(
              "change",
              seed,
              KernelCase.files(folder),
              gain ? vip.address() : null,
              gain ? null : vip.address(),
              null,
              host.ruled(),
              host.multipath(),
              asked(queries, answers)),
          before);
    }
  }

  private void oneHost(long seed) {
    RandomHost host = new RandomHost(seed);
    print(host);
    List<String> queries = Stream.generate(host::query).limit(QUERIES).toList();
    List<String> questions = Stream.generate(host::socketQuestion).limit(SOCKETS).toList();
    String name = "vipscope-" + ProcessHandle.current().pid();
    try (Namespace namespace = new Namespace(name, folder)) {
      namespace.write("keepalived.conf", "");
      List<KernelCase.Asked> asked =
          asked(queries, namespace.ask(host.setup(), List.of(), queries));
      asked.addAll(namespace.sockets(questions));
      check(
          new KernelCase(
              "host",
              seed,
              KernelCase.files(folder),
              null,
              null,
              null,
              host.ruled(),
              host.multipath(),
              asked),
          SnapshotReader.read("host", folder));
    }
  }

  private static void print(RandomHost host) {
    if (Boolean.getBoolean("vipscope.oracle.print")) {
      System.out.println(String.join("\n", host.setup()));
    }
  }

  private static List<KernelCase.Asked> asked(List<String> queries, List<KernelAnswer> answers) {
    List<KernelCase.Asked> asked = new ArrayList<>();
    for (int i = 0; i < queries.size(); i++) {
      asked.add(new KernelCase.Asked("get " + queries.get(i), answers.get(i)));
    }
    return asked;
  }

  private void check(KernelCase one, HostSnapshot before) {
    Recording.record(one);
    HostSnapshot snapshot = one.changed(before);
    for (KernelCase.Asked answered : one.answers()) {
      RoutePrediction p = Question.of(answered.text()).predict(snapshot);
      asked++;
      exact += p.exact() ? 1 : 0;
      unknown += p.unknown() == null ? 0 : 1;
      String both = Question.disagreement(snapshot, answered, one.ruled(), one.multipath());
      if (both != null) {
        wrong.add(one + ": " + both);
      }
    }
  }
}
