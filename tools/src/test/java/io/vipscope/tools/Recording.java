package io.vipscope.tools;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.github.luben.zstd.ZstdInputStream;
import com.github.luben.zstd.ZstdOutputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Objects;

/** Files of {@link KernelCase} lines: plain ones the oracles append to, and compressed ones. */
final class Recording {

  /** What the tests replay. */
  static final String COMMITTED = "kernel-answers.jsonl.zst";

  private static final int LEVEL = 19;

  /** Snapshots are alike: with all of them in the window each costs little. */
  private static final int WINDOW_LOG = 27;

  private Recording() {}

  /** Appends to the file of {@code -Dvipscope.oracle.record}; without one does nothing. */
  static void record(KernelCase one) {
    String file = System.getProperty("vipscope.oracle.record");
    if (file == null) {
      return;
    }
    try {
      Files.writeString(
          Path.of(file),
          one.toJson() + "\n",
          UTF_8,
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The committed cases, or those of the plain file in {@code -Dvipscope.recording}. */
  static List<KernelCase> read() {
    return lines().stream().map(KernelCase::of).toList();
  }

  /** The same as text, a line each. */
  static List<String> lines() {
    String file = System.getProperty("vipscope.recording");
    if (file != null) {
      return lines(Path.of(file));
    }
    try (InputStream in =
        new ZstdInputStream(
                Objects.requireNonNull(Recording.class.getResourceAsStream("/" + COMMITTED)))
            .setLongMax(WINDOW_LOG)) {
      return lines(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Of a plain file. */
  static List<String> lines(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      return lines(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> lines(InputStream in) {
    return new BufferedReader(new InputStreamReader(in, UTF_8)).lines().toList();
  }

  /** Writes a compressed file. */
  static void write(List<KernelCase> cases, Path file) throws IOException {
    try (OutputStream out =
        new ZstdOutputStream(Files.newOutputStream(file)).setLevel(LEVEL).setLong(WINDOW_LOG)) {
      for (KernelCase one : cases) {
        out.write((one.toJson() + "\n").getBytes(UTF_8));
      }
    }
  }
}
