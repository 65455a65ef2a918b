package io.vipscope.tools;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;

/** A live audit in a network namespace, as a process of its own. */
final class LiveProcess implements AutoCloseable {

  private final Process process;
  private final Path out;
  private final Path err;

  /**
   * Starts it.
   *
   * @param before words before the command, to take rights from it
   */
  LiveProcess(String netns, Path folder, List<String> before, List<String> options)
      throws IOException {
    List<String> command = new ArrayList<>(List.of("ip", "netns", "exec", netns));
    command.addAll(before);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            "io.vipscope.tools.Main",
            "audit",
            "--json"));
    command.addAll(options);
    out = Files.createTempFile(folder, "live", ".jsonl");
    err = Files.createTempFile(folder, "live", ".err");
    process =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
  }

  /** Waits until it takes frames. */
  LiveProcess listening() throws Exception {
    for (int i = 0; i < 400 && process.isAlive() && !err().contains("listening on"); i++) {
      Thread.sleep(50);
    }
    assertTrue(err().contains("listening on"), err());
    return this;
  }

  String err() throws IOException {
    return Files.readString(err);
  }

  long pid() {
    return process.pid();
  }

  /** Ends it by SIGTERM; its exit code. */
  int stop() throws InterruptedException {
    process.destroy();
    return exit();
  }

  /** Ends it by SIGKILL. */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    int _ = exit();
  }

  /** Waits for its end; its exit code. */
  int exit() throws InterruptedException {
    assertTrue(process.waitFor(30, TimeUnit.SECONDS), "does not end");
    return process.exitValue();
  }

  /** The records it has written. */
  List<JsonNode> records() throws IOException {
    return Cli.parse(Files.readString(out));
  }

  /** Each flow's ends, tags and sizes. */
  Map<String, String> flows() throws IOException {
    Map<String, String> flows = new TreeMap<>();
    for (JsonNode record : records()) {
      if (record.get("event_type").asString().equals("flow")) {
        JsonNode flow = record.get("flow");
        flows.put(
            record.get("src_ip") + ":" + record.get("src_port") + " > " + record.get("dest_ip"),
            "vlan "
                + record.get("vlan")
                + " "
                + record.get("ether")
                + " to "
                + flow.get("pkts_toserver")
                + " bytes "
                + flow.get("bytes_toserver")
                + " "
                + record.get("proto"));
      }
    }
    return flows;
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
