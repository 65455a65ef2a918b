package io.vipscope.capture.file;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The captures made by others, kept beside the project: {@code shared/captures}. */
final class SharedCaptures {

  /** A capture and what another program counted in it. */
  record Sample(Path file, JsonNode truth) {

    String name() {
      return file.getFileName().toString();
    }

    boolean isTagged(String tag) {
      for (JsonNode t : truth.get("tags")) {
        if (t.asString().equals(tag)) {
          return true;
        }
      }
      return false;
    }
  }

  private SharedCaptures() {}

  /** Their folder, looked for from the working directory upwards; null if there is none. */
  static @Nullable Path folder() {
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      Path folder = at.resolve("shared").resolve("captures");
      if (Files.isRegularFile(folder.resolve("truth.jsonl"))) {
        return folder;
      }
    }
    return null;
  }

  static List<Sample> samples(Path folder) throws Exception {
    JsonMapper mapper = JsonMapper.builder().build();
    List<Sample> samples = new ArrayList<>();
    for (String line : Files.readAllLines(folder.resolve("truth.jsonl"))) {
      JsonNode truth = mapper.readTree(line);
      samples.add(new Sample(folder.resolve(truth.get("file").asString()), truth));
    }
    return samples;
  }
}
