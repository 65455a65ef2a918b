package io.vipscope.capture.host;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vipscope.core.model.selection.RouteQuery;
import io.vipscope.core.net.IpAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Host configurations with what a real kernel answered, kept beside the checkout. */
final class RecordedAnswers {

  private static final JsonMapper MAPPER = new JsonMapper();

  private RecordedAnswers() {}

  /** The folder of that name under {@code shared/kernel-answers}; null if it is not there. */
  static @Nullable Path folder(String name) {
    String given = System.getProperty("vipscope.shared", System.getenv("VIPSCOPE_SHARED"));
    if (given != null) {
      Path found = Path.of(given, "kernel-answers", name);
      return Files.isDirectory(found) ? found : null;
    }
    for (Path dir = Path.of("").toAbsolutePath(); dir != null; dir = dir.getParent()) {
      Path found = dir.resolve("shared/kernel-answers").resolve(name);
      if (Files.isDirectory(found)) {
        return found;
      }
    }
    return null;
  }

  static List<Path> cases(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.filter(Files::isDirectory).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static List<JsonNode> queries(Path directory) {
    try (Stream<String> lines = Files.lines(directory.resolve("queries.jsonl"), UTF_8)) {
      return lines.filter(l -> !l.isBlank()).map(MAPPER::readTree).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static JsonNode meta(Path directory) {
    return MAPPER.readTree(directory.resolve("meta.json"));
  }

  /** The query of a recorded line, with the protocol that {@code ip route get} takes. */
  static RouteQuery query(JsonNode line) {
    IpAddress dst = IpAddress.parse(line.get("dst").stringValue());
    String from = text(line.get("from"));
    String protocol = text(line.get("ipproto"));
    return new RouteQuery(
        dst,
        from == null ? null : IpAddress.parse(from),
        (int) number(line, "mark"),
        (int) number(line, "tos"),
        text(line.get("oif")),
        protocol == null ? dst.v6() ? 0 : 17 : ProtocolName.number(protocol).orElseThrow(),
        (int) number(line, "sport"),
        (int) number(line, "dport"),
        (int) number(line, "uid"));
  }

  static @Nullable String text(@Nullable JsonNode value) {
    return value == null || value.isNull() ? null : value.asString();
  }

  static long number(JsonNode line, String key) {
    JsonNode value = line.get(key);
    return value == null || value.isNull() ? 0 : Long.decode(value.asString());
  }
}
