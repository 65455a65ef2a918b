package io.vipscope.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vipscope.capture.host.SnapshotReader;
import io.vipscope.core.net.IpAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The model against the kernel it runs on: hosts written by hand, in network namespaces. With
 * {@code -Dvipscope.oracle.record=FILE} what was asked and answered is appended to a file.
 */
class WrittenHostsIT {

  private static final int FIRST_PORT = 30_000;

  @TempDir private Path folder;

  static Stream<WrittenHost> hosts() {
    return WrittenHost.all().stream().filter(h -> !h.ofNetfilter());
  }

  @ParameterizedTest
  @MethodSource("hosts")
  void modelSaysWhatTheKernelDoes(WrittenHost host) {
    Needs.namespaces();
    Needs.programs("python3");
    try (Namespace namespace = new Namespace("vipscope-" + ProcessHandle.current().pid(), folder)) {
      namespace.write("keepalived.conf", "");
      for (String command : host.commands()) {
        assertTrue(namespace.takes(command), () -> command + namespace.lines("output.txt"));
      }
      namespace.ask(List.of(), List.of(), List.of());
      var before = SnapshotReader.read("host", folder);
      Map<String, String> files = KernelCase.files(folder);
      @Nullable String change = host.change();
      boolean refused = change != null && !namespace.runs(change);
      KernelCase one = of(host, files, refused ? List.of() : answers(namespace, host.questions()));
      Recording.record(one);
      assertEquals(List.of(), one.disagreements(before));
    }
  }

  @Test
  void farSideSeesThePredictedSource() {
    Needs.namespaces();
    Needs.programs("nft", "python3");
    List<String> wrong = new ArrayList<>();
    try (WirePair pair = new WirePair(folder, List.of(53, 443))) {
      int port = FIRST_PORT;
      for (WrittenHost host :
          WrittenHost.all().stream().filter(WrittenHost::ofNetfilter).toList()) {
        pair.configure(host.commands());
        List<KernelCase.Asked> asked = new ArrayList<>();
        for (String question : host.questions()) {
          asked.add(sent(pair, question + " sport " + port++));
        }
        assertTrue(
            asked.stream().anyMatch(a -> a.answer().source() != null), host + ": nothing arrived");
        KernelCase one = of(host, KernelCase.files(folder), asked);
        Recording.record(one);
        wrong.addAll(one.disagreements(SnapshotReader.read("near", folder)));
      }
    }
    assertEquals(List.of(), wrong);
  }

  private static KernelCase of(
      WrittenHost host, Map<String, String> files, List<KernelCase.Asked> asked) {
    return new KernelCase(
        WrittenHost.KIND,
        host.line(),
        files,
        null,
        null,
        host.change(),
        host.ruled(),
        host.several(),
        asked);
  }

  /** Those of {@code ip route get} first. */
  private static List<KernelCase.Asked> answers(Namespace namespace, List<String> questions) {
    List<String> lookups =
        questions.stream().filter(q -> q.startsWith("get ")).map(q -> q.substring(4)).toList();
    List<KernelAnswer> answers = namespace.ask(List.of(), List.of(), lookups);
    List<KernelCase.Asked> asked = new ArrayList<>();
    for (int i = 0; i < lookups.size(); i++) {
      asked.add(new KernelCase.Asked("get " + lookups.get(i), answers.get(i)));
    }
    List<String> sockets = questions.stream().filter(q -> !q.startsWith("get ")).toList();
    if (!sockets.isEmpty()) {
      List<KernelCase.Asked> opened = namespace.sockets(sockets);
      assertEquals(sockets.size(), opened.size(), "sockets that got an answer");
      asked.addAll(opened);
    }
    return asked;
  }

  private static KernelCase.Asked sent(WirePair pair, String question) {
    var q = Question.of(question).query();
    String id = "w" + q.sport();
    String from = q.from() == null ? "-" : q.from().toString();
    pair.send(id, from, q.sport(), q.dst().toString(), q.dport());
    String source = pair.seen(id).replaceAll("%.*", "");
    IpAddress seen = source.isEmpty() ? null : IpAddress.parse(source);
    return new KernelCase.Asked(question, new KernelAnswer(seen, null, null, null, null));
  }
}
