package io.vipscope.tools;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What the JVM watches when the launcher makes its AOT cache (JEP 483, 514, 515): every command on
 * the data of the demo, so that its classes are in the cache, linked, with profiles. And an audit
 * of more frames: what the compiler is told of the hot loops shall come from a busy port, and not
 * from the first second of a capture, in which every frame begins a flow.
 */
final class TrainingRun {

  /** Often enough for profiles that a compiler can use. */
  private static final int ROUNDS = 5;

  /** While lb1 of the demo is the master, in ns. */
  private static final long BUSY_NS = 1_795_650_690_700_000_000L;

  private TrainingRun() {}

  /** Argument: the folder of the demo's data. */
  public static void main(String[] args) throws IOException {
    Path demo = Path.of(args[0]);
    String lb1 = "lb1=" + demo.resolve("snapshots/lb1");
    String capture = demo.resolve("mirror.pcap.gz").toString();
    String hosts = demo.resolve("snapshots").toString();
    String bound = "192.168.0.9 > 203.0.113.5:8443/tcp";
    List<List<String>> commands =
        List.of(
            List.of("--version"),
            List.of("--help"),
            List.of("predict", "--help"),
            List.of("predict", "--host", lb1, "198.51.100.7", "192.168.0.50"),
            List.of("predict", "--host", lb1, "2001:db8:ffff::7"),
            List.of("predict", "--host", lb1, "--json", "203.0.113.6"),
            List.of("predict", "--host", lb1, "nowhere"),
            List.of("explain", "--hosts", hosts, bound),
            List.of("explain", "--hosts", hosts, "--json", bound),
            List.of("explain", "--hosts", hosts, "-r", capture, bound),
            List.of("audit", "-r", capture, "--hosts", hosts),
            List.of("audit", "-r", capture, "--hosts", hosts, "--json", "port", "443"));
    WatchedOutput nowhere = new WatchedOutput(OutputStream.nullOutputStream());
    PrintWriter out = new PrintWriter(new OutputStreamWriter(nowhere, UTF_8), true);
    for (int i = 0; i < ROUNDS; i++) {
      for (List<String> command : commands) {
        Main.run(command.toArray(String[]::new), out, out);
      }
    }
    Path busy = Files.createTempFile("vipscope-", ".pcap");
    try {
      TrainingCapture.write(busy, BUSY_NS);
      String[] audit = {
        "audit", "-r", busy.toString(), "--hosts", hosts, "--json", "--records", "mismatch"
      };
      Main.run(audit, out, out);
    } finally {
      Files.delete(busy);
    }
  }
}
