package io.vipscope.capture.host;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.vipscope.capture.CaptureException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Collects the state of the host it runs on into a directory: the raw output of the standard
 * commands, one file each, and keepalived's configuration without its secrets.
 */
public final class SnapshotCollector {

  private static final long PATIENCE_S = 10;
  private static final int MAX_INCLUDES = 256;

  private final Path directory;
  private final Consumer<String> warnings;

  /**
   * @param directory an empty directory that exists
   * @param warnings takes one sentence for each file that is left out
   */
  public SnapshotCollector(Path directory, Consumer<String> warnings) {
    this.directory = directory;
    this.warnings = warnings;
  }

  /**
   * Collects everything.
   *
   * @param host name for {@code meta.json}
   * @param keepalivedConf the main configuration file; it may be absent
   * @throws CaptureException if the addresses cannot be read or a file cannot be written
   */
  public void collect(String host, Path keepalivedConf) throws InterruptedException {
    long startNs = nowNs();
    String failure = run(SnapshotSource.ADDRESSES);
    if (failure != null) {
      throw new CaptureException("no snapshot can be taken: " + failure);
    }
    for (SnapshotSource source : SnapshotSource.OTHERS) {
      String problem = run(source);
      if (problem != null) {
        warnings.accept(source.leftOut(problem));
      }
    }
    keepalived(keepalivedConf);
    meta(host, startNs);
  }

  /** Returns what went wrong, as half a sentence; null if the file is there. */
  private @Nullable String run(SnapshotSource source) throws InterruptedException {
    Path file = directory.resolve(source.file());
    Path errors = directory.resolve("." + source.file() + ".err");
    String name = source.line();
    try {
      ProcessBuilder builder =
          new ProcessBuilder(source.command())
              .redirectOutput(file.toFile())
              .redirectError(errors.toFile());
      builder.environment().put("LC_ALL", "C");
      builder.environment().merge("PATH", ":/usr/sbin:/sbin", String::concat);
      Process process;
      try {
        process = builder.start();
      } catch (IOException _) {
        Files.deleteIfExists(file);
        return source.command().getFirst() + " cannot be run";
      }
      process.getOutputStream().close();
      boolean ended = process.waitFor(PATIENCE_S, TimeUnit.SECONDS);
      if (!ended) {
        process.destroyForcibly().waitFor();
      }
      boolean inPart = source.mayFailInPart();
      if (ended && (process.exitValue() == 0 || inPart && Files.size(file) > 0)) {
        if (inPart) {
          String text = source.withoutSecrets(Files.readString(file, ISO_8859_1));
          Files.writeString(file, text, ISO_8859_1);
        }
        if (source.hidesLegacy(Files.readString(errors, ISO_8859_1))) {
          warnings.accept(source.legacy());
        }
        return null;
      }
      Files.deleteIfExists(file); // part of the output would be a wrong statement
      return ended
          ? name + " failed: " + firstLine(errors)
          : name + " did not end within " + PATIENCE_S + " s";
    } catch (IOException e) {
      throw unwritable(file, e);
    } finally {
      delete(errors);
    }
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw unwritable(file, e);
    }
  }

  private static String firstLine(Path errors) throws IOException {
    List<String> lines = Files.readAllLines(errors, ISO_8859_1);
    return lines.isEmpty() ? "it says nothing" : lines.getFirst();
  }

  private void keepalived(Path conf) {
    if (!Files.isReadable(conf)) {
      if (Files.exists(conf)) {
        warnings.accept(conf + " cannot be read; keepalived.conf is left out, it names the VIPs");
      } else {
        warnings.accept(conf + " does not exist; without keepalived.conf name VIPs with --vip");
      }
      return;
    }
    try {
      Map<Path, String> files = withIncludes(conf);
      KeepalivedSecrets secrets = new KeepalivedSecrets();
      files.values().forEach(secrets::learn);
      boolean main = true;
      for (Map.Entry<Path, String> file : files.entrySet()) {
        String text = secrets.removed(file.getValue());
        if (main) {
          Files.writeString(directory.resolve("keepalived.conf"), text, ISO_8859_1);
          main = false;
        } else {
          include(file.getKey(), text);
        }
      }
    } catch (IOException e) {
      throw unwritable(directory.resolve("keepalived.conf"), e);
    }
  }

  private void include(Path file, String text) throws IOException {
    Path folder = Files.createDirectories(directory.resolve("keepalived.d"));
    Path copy = folder.resolve(Objects.requireNonNull(file.getFileName()));
    try {
      Files.writeString(copy, text, ISO_8859_1, java.nio.file.StandardOpenOption.CREATE_NEW);
    } catch (FileAlreadyExistsException _) {
      warnings.accept(file + " is left out: another included file has the same name");
    }
  }

  /** The main file, then every file that is included, in the order they are met. */
  private Map<Path, String> withIncludes(Path conf) throws IOException {
    Map<Path, String> files = new LinkedHashMap<>();
    Deque<Path> waiting = new ArrayDeque<>(List.of(conf.toAbsolutePath().normalize()));
    while (!waiting.isEmpty()) {
      Path file = waiting.removeFirst();
      if (files.containsKey(file)) {
        continue;
      }
      if (files.size() > MAX_INCLUDES) {
        warnings.accept("more than " + MAX_INCLUDES + " included files; the rest is left out");
        break;
      }
      String text;
      try {
        text = Files.readString(file, ISO_8859_1);
      } catch (IOException e) {
        if (files.isEmpty()) {
          throw e;
        }
        warnings.accept(file + " is included but cannot be read");
        continue;
      }
      files.put(file, text);
      for (String line : text.split("\n", -1)) {
        String pattern = KeepalivedInclude.pattern(line);
        if (pattern != null) {
          waiting.addAll(included(file, pattern));
        }
      }
    }
    return files;
  }

  /** The files that an include names, by paths relative to the including file's folder. */
  private List<Path> included(Path file, String pattern) {
    Path folder = Objects.requireNonNull(file.getParent());
    List<Path> found = new ArrayList<>();
    for (String name : KeepalivedInclude.alternatives(pattern)) {
      int slash = name.lastIndexOf('/');
      Path where = slash < 0 ? folder : folder.resolve(name.substring(0, slash + 1)).normalize();
      String component = name.substring(slash + 1);
      if (!KeepalivedInclude.isWild(component)) {
        found.add(where.resolve(component));
        continue;
      }
      try (Stream<Path> entries = Files.list(where)) {
        entries
            .filter(Files::isRegularFile)
            .filter(e ->
                KeepalivedInclude.matches(
                    component, Objects.requireNonNull(e.getFileName()).toString()))
            .sorted()
            .forEach(found::add);
      } catch (IOException _) {
        warnings.accept("include " + pattern + " in " + file + " cannot be followed");
      }
    }
    return found;
  }

  private void meta(String host, long startNs) {
    String release = System.getProperty("os.version", "");
    ObjectNode meta = JsonMapper.shared().createObjectNode();
    meta.put("host", host)
        .put("t_start_ns", startNs)
        .put("t_end_ns", nowNs())
        .put("kernel", release.split("-", 2)[0]);
    Path file = directory.resolve("meta.json");
    try {
      Files.writeString(file, meta + "\n", UTF_8);
    } catch (IOException e) {
      throw unwritable(file, e);
    }
  }

  private static long nowNs() {
    Instant now = Instant.now();
    return now.getEpochSecond() * 1_000_000_000L + now.getNano();
  }

  private static CaptureException unwritable(Path file, IOException e) {
    return new CaptureException(file + ": cannot be written: " + e.getMessage(), e);
  }
}
