package io.vipscope.tools;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vipscope.capture.CaptureException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The JSON lines of a file.
 *
 * @param file path, or {@code -} for standard input
 */
record RecordLines(String file) {

  private static final JsonMapper MAPPER = new JsonMapper();

  /** Takes one record. */
  interface Taker {
    /**
     * Takes one record, with the line it stands in.
     *
     * @throws IllegalArgumentException if the record is not what it should be: the message says
     *     what is wrong with it
     */
    void take(JsonNode record, String line);
  }

  /**
   * Gives every record, in order; blank lines are passed over.
   *
   * @throws CaptureException at the first bad line, after the records before it were given
   */
  void forEach(Taker taker) {
    try (BufferedReader reader =
        file.equals("-")
            ? new BufferedReader(new InputStreamReader(System.in, UTF_8))
            : Files.newBufferedReader(Path.of(file), UTF_8)) {
      int number = 0;
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        number++;
        if (!line.isBlank()) {
          try {
            taker.take(parse(line), line);
          } catch (IllegalArgumentException e) {
            throw new CaptureException(file + ": line " + number + ": " + e.getMessage(), e);
          }
        }
      }
    } catch (MalformedInputException e) {
      throw new CaptureException(file + ": not text in UTF-8; expected JSON lines", e);
    } catch (IOException e) {
      throw new CaptureException(file + ": cannot be read: " + IoReason.reading(e), e);
    }
  }

  private static JsonNode parse(String line) {
    try {
      JsonNode node = MAPPER.readTree(line);
      if (node.isObject()) {
        return node;
      }
    } catch (JacksonException _) {
      // one message for both
    }
    throw new IllegalArgumentException("not a JSON object");
  }
}
