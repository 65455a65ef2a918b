package io.vipscope.capture.host;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vipscope.capture.CaptureException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads one file of a snapshot; a file that is missing or empty is absent. */
final class StateFile {

  /** More than any real host's ruleset; a snapshot is input from somewhere else. */
  private static final long MAX_BYTES = 256L << 20;

  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  private StateFile() {}

  /** The file's bytes as text, or null if it is absent. */
  static @Nullable String text(Path file) {
    try {
      if (!Files.exists(file)) {
        return null;
      }
      if (Files.size(file) > MAX_BYTES) {
        throw new CaptureException(file + ": is larger than " + (MAX_BYTES >> 20) + " MiB");
      }
      String text = new String(Files.readAllBytes(file), UTF_8);
      return text.isEmpty() ? null : text;
    } catch (AccessDeniedException e) {
      throw new CaptureException(file + ": no permission to read it", e);
    } catch (IOException e) {
      throw new CaptureException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  /** The lines of a text file; empty if it is absent. */
  static List<String> lines(Path file) {
    String text = text(file);
    return text == null ? List.of() : text.lines().toList();
  }

  /** The names of the files in a directory, sorted. */
  static List<String> names(Path directory) {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(Files::isRegularFile).map(f -> "" + f.getFileName()).sorted().toList();
    } catch (IOException e) {
      throw new CaptureException(directory + ": cannot be listed: " + e.getMessage(), e);
    }
  }

  /** The file as JSON, or null if it is absent. */
  static @Nullable JsonPlace json(Path file) {
    String text = text(file);
    if (text == null) {
      return null;
    }
    try {
      JsonNode node = MAPPER.readTree(text);
      return new JsonPlace(file.toString(), "", node);
    } catch (JacksonException e) {
      TokenStreamLocation at = e.getLocation();
      throw new CaptureException(
          file
              + ": is not valid JSON"
              + (at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr())
              + ": "
              + firstLine(String.valueOf(e.getOriginalMessage())),
          e);
    }
  }

  private static String firstLine(String message) {
    int end = message.indexOf('\n');
    return end < 0 ? message : message.substring(0, end);
  }
}
