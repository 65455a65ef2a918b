package io.vipscope.tools;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vipscope.capture.host.SnapshotReader;
import io.vipscope.core.model.change.ChangeException;
import io.vipscope.core.model.change.StateChange;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.net.IpAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One configuration with what the kernel answered: a line of a recording.
 *
 * @param seed of the random host, so that the oracle can make it again
 * @param files of the snapshot, by name, as the commands printed them
 * @param gained the address added after the snapshot was taken; null if none was
 * @param lost the address removed after it; null if none was
 * @param command run after it, of {@code ip}; refused if there are no answers; null if none was
 * @param ruled a policy rule was added at some time
 * @param multipath some answers may depend on a hash or on neighbour state
 */
record KernelCase(
    String kind,
    long seed,
    Map<String, String> files,
    @Nullable IpAddress gained,
    @Nullable IpAddress lost,
    @Nullable String command,
    boolean ruled,
    boolean multipath,
    List<Asked> answers) {

  private static final JsonMapper MAPPER = new JsonMapper();

  /**
   * A question and its answer.
   *
   * @param text see {@link Question}
   */
  record Asked(String text, KernelAnswer answer) {}

  KernelCase {
    files = new TreeMap<>(files);
    answers = List.copyOf(answers);
  }

  static Map<String, String> files(Path folder) {
    Map<String, String> files = new TreeMap<>();
    try (Stream<Path> entries = Files.list(folder)) {
      for (Path file : entries.toList()) {
        String name = String.valueOf(file.getFileName());
        boolean part = name.endsWith(".json") || name.endsWith("-save.txt");
        if (part || name.equals("sysctl.txt") || name.equals("keepalived.conf")) {
          files.put(name, Files.readString(file, UTF_8));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return files;
  }

  /**
   * The state in which the kernel was asked.
   *
   * @param folder empty, and empty again afterwards
   */
  HostSnapshot snapshot(Path folder) {
    try {
      for (Map.Entry<String, String> file : files.entrySet()) {
        Files.writeString(folder.resolve(file.getKey()), file.getValue(), UTF_8);
      }
      HostSnapshot before = SnapshotReader.read("host", folder);
      for (String name : files.keySet()) {
        Files.delete(folder.resolve(name));
      }
      return before;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The state in which the kernel was asked, from that of the files.
   *
   * @throws ChangeException if the model refuses the command
   */
  HostSnapshot changed(HostSnapshot before) {
    if (command != null) {
      return new NamedChanges(List.of(command)).applyTo(before);
    }
    if (gained != null) {
      return StateChange.gain(before, gained);
    }
    return lost != null ? StateChange.lose(before, lost) : before;
  }

  /**
   * What the model says otherwise than the kernel.
   *
   * @param read what {@link #snapshot} gave; a host's tables are kept by its identity, so that a
   *     copy of it is sorted afresh
   */
  List<String> disagreements(HostSnapshot read) {
    HostSnapshot s;
    try {
      s = changed(read.withLinks(read.links()));
    } catch (ChangeException e) {
      return answers.isEmpty() ? List.of() : List.of(command + ": made, but: " + e.getMessage());
    }
    if (command != null && answers.isEmpty()) {
      return List.of(command + ": refused by the kernel, not by the model");
    }
    List<String> wrong = new ArrayList<>();
    for (Asked asked : answers) {
      String both = Question.disagreement(s, asked, ruled, multipath);
      if (both != null) {
        wrong.add(both);
      } else if (kind.equals(WrittenHost.KIND) && Question.of(asked.text()).unknown(s)) {
        wrong.add(asked.text() + ": the model cannot tell");
      }
    }
    return wrong;
  }

  String toJson() {
    ObjectNode line = MAPPER.createObjectNode();
    line.put("kind", kind).put("seed", seed).put("ruled", ruled).put("multipath", multipath);
    put(line, "gained", gained);
    put(line, "lost", lost);
    put(line, "command", command);
    ArrayNode all = line.putArray("answers");
    for (Asked asked : answers) {
      KernelAnswer answer = asked.answer();
      ObjectNode one = all.addObject().put("ask", asked.text());
      put(one, "src", answer.source());
      put(one, "dev", answer.dev());
      put(one, "gateway", answer.gateway());
      put(one, "table", answer.table());
      put(one, "error", answer.error());
    }
    ObjectNode texts = line.putObject("files");
    files.forEach(texts::put);
    return line.toString();
  }

  private static void put(ObjectNode node, String key, @Nullable Object value) {
    if (value != null) {
      node.put(key, value.toString());
    }
  }

  static KernelCase of(String json) {
    JsonNode line = MAPPER.readTree(json);
    List<Asked> answers = new ArrayList<>();
    for (JsonNode one : line.get("answers")) {
      KernelAnswer answer =
          new KernelAnswer(
              address(one, "src"),
              text(one, "dev"),
              address(one, "gateway"),
              text(one, "table"),
              text(one, "error"));
      answers.add(new Asked(one.get("ask").asString(), answer));
    }
    Map<String, String> files = new TreeMap<>();
    line.get("files").properties().forEach(e -> files.put(e.getKey(), e.getValue().asString()));
    return new KernelCase(
        line.get("kind").asString(),
        line.get("seed").asLong(),
        files,
        address(line, "gained"),
        address(line, "lost"),
        text(line, "command"),
        line.get("ruled").asBoolean(),
        line.get("multipath").asBoolean(),
        answers);
  }

  private static @Nullable String text(JsonNode node, String key) {
    JsonNode value = node.get(key);
    return value == null ? null : value.asString();
  }

  private static @Nullable IpAddress address(JsonNode node, String key) {
    String text = text(node, key);
    return text == null ? null : IpAddress.parse(text);
  }

  /** By kind, then by seed. */
  static Comparator<KernelCase> order() {
    return Comparator.comparing(KernelCase::kind).thenComparingLong(KernelCase::seed);
  }

  @Override
  public String toString() {
    return kind + " " + seed;
  }
}
