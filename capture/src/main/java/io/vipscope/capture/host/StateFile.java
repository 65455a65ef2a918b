package io.vipscope.capture.host;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vipscope.capture.CaptureException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.exc.JacksonIOException;

/**
 * Reads one file of a snapshot; a file that is missing or empty is absent. A snapshot is input from
 * somewhere else: what is larger than any real host's is refused.
 */
final class StateFile {

  /** Of a file that is held in memory as a whole: more than any real ruleset. */
  private static final long MAX_WHOLE_BYTES = 256L << 20;

  /** Of a file whose elements are read one by one: the routes of fifteen full tables. */
  private static final long MAX_STREAMED_BYTES = 4L << 30;

  private static final int BUFFER_CHARS = 1 << 16;

  private StateFile() {}

  /** What is made of a file that is there. */
  private interface Reading<T> {
    T read() throws IOException;
  }

  private static <T> @Nullable T read(Path file, long maxBytes, Reading<T> reading) {
    try {
      if (!Files.exists(file) || Files.size(file) == 0) {
        return null;
      }
      if (Files.size(file) > maxBytes) {
        throw new CaptureException(file + ": is larger than " + (maxBytes >> 20) + " MiB");
      }
      return reading.read();
    } catch (AccessDeniedException e) {
      throw new CaptureException(file + ": no permission to read it", e);
    } catch (IOException | JacksonIOException e) {
      throw new CaptureException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  /** The lines of a text file; empty if it is absent. */
  static List<String> lines(Path file) {
    String text = read(file, MAX_WHOLE_BYTES, () -> new String(Files.readAllBytes(file), UTF_8));
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
    return read(
        file,
        MAX_WHOLE_BYTES,
        () -> {
          try (JsonInput input = open(file)) {
            return input.whole();
          }
        });
  }

  /**
   * Gives the elements of a file that is one JSON array, in order; the text is not kept.
   *
   * @return whether there is a file
   */
  static boolean elements(Path file, Consumer<JsonPlace> consumer) {
    Boolean there =
        read(
            file,
            MAX_STREAMED_BYTES,
            () -> {
              try (JsonInput input = open(file)) {
                input.elements(consumer);
              }
              return true;
            });
    return there != null;
  }

  /** Bytes that are no UTF-8 (a device may be named so) are replaced, not refused. */
  private static JsonInput open(Path file) throws IOException {
    return new JsonInput(
        file.toString(),
        new BufferedReader(new InputStreamReader(Files.newInputStream(file), UTF_8), BUFFER_CHARS));
  }
}
