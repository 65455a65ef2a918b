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
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;

/** Files of {@link KernelCase} lines: plain ones the oracles append to, and compressed ones. */
final class Recording {

  /** What the tests replay. */
  static final String COMMITTED = "kernel-answers.jsonl.zst";

  private static final int LEVEL = 19;

  /** Snapshots are alike: with all of them in the window each costs little. */
  private static final int WINDOW_LOG = 27;

  /** Of the random cases only one of so many is read; those written by hand all. */
  private static final int EVERY = Integer.getInteger("vipscope.recording.every", 1);

  private static final String WRITTEN = "{\"kind\":\"" + WrittenHost.KIND + "\"";

  private Recording() {}

  /**
   * Puts cases written by hand into a compressed file, in the place of those it has.
   *
   * @param args the compressed file, and the plain one that {@link WrittenHostsIT} wrote
   */
  public static void main(String[] args) throws IOException {
    Path file = Path.of(args[0]);
    List<String> all;
    try (InputStream in = new ZstdInputStream(Files.newInputStream(file)).setLongMax(WINDOW_LOG)) {
      all = new ArrayList<>(lines(in).stream().filter(l -> !l.startsWith(WRITTEN)).toList());
    }
    all.addAll(lines(Path.of(args[1])));
    write(all.stream().map(KernelCase::of).sorted(KernelCase.order()).toList(), file);
    System.out.println(all.size() + " cases, " + Files.size(file) + " bytes");
  }

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
      AtomicInteger number = new AtomicInteger();
      return reader(in)
          .lines()
          .filter(line -> line.startsWith(WRITTEN) || number.getAndIncrement() % EVERY == 0)
          .toList();
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
    return reader(in).lines().toList();
  }

  private static BufferedReader reader(InputStream in) {
    return new BufferedReader(new InputStreamReader(in, UTF_8));
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
