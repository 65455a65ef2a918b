package io.vipscope.capture.host;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vipscope.capture.CaptureException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.StringReader;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.exc.JacksonIOException;

/** Reads one file of a snapshot; a file that is missing or empty is absent. */
final class StateFile {

  /** More than any real host's ruleset; a snapshot is input from somewhere else. */
  private static final long MAX_BYTES = 256L << 20;

  private static final int BUFFER = 1 << 16;

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
    try (JsonInput input = new JsonInput(file.toString(), new StringReader(text))) {
      return input.whole();
    }
  }

  /**
   * Gives the elements of a file that is one JSON array, in order; the text is not kept.
   *
   * @return whether there is a file
   */
  static boolean elements(Path file, Consumer<JsonPlace> consumer) {
    try {
      if (!Files.exists(file) || Files.size(file) == 0) {
        return false;
      }
      try (BufferedReader text =
              new BufferedReader(new InputStreamReader(Files.newInputStream(file), UTF_8), BUFFER);
          JsonInput input = new JsonInput(file.toString(), text)) {
        input.elements(consumer);
      }
      return true;
    } catch (AccessDeniedException e) {
      throw new CaptureException(file + ": no permission to read it", e);
    } catch (IOException | JacksonIOException e) {
      throw new CaptureException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }
}
