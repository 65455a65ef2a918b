package io.vipscope.capture.host;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.vipscope.capture.CaptureException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Collects the state of another host by ssh into a directory here, as {@link SnapshotCollector}
 * does on the host itself. Nothing has to be installed there but what prints the state.
 */
public final class RemoteCollector {

  private static final int NOT_FOUND = 127;
  private static final int MAX_ROUNDS = 8;
  private static final int MAX_INCLUDES = 256;
  private static final long NS = 1_000_000_000L;

  private final Path directory;
  private final Consumer<String> warnings;
  private final RemoteShell shell;

  /**
   * @param directory an empty directory that exists
   * @param warnings takes one sentence for each file that is left out
   * @param ssh the command and its options
   * @param destination as ssh knows it
   */
  public RemoteCollector(
      Path directory, Consumer<String> warnings, List<String> ssh, String destination) {
    this.directory = directory;
    this.warnings = warnings;
    this.shell = new RemoteShell(ssh, destination);
  }

  /**
   * Collects everything.
   *
   * @param host name for {@code meta.json}
   * @param keepalivedConf the main configuration file there; it may be absent
   * @throws CaptureException if the host cannot be reached, its addresses cannot be read, or a file
   *     cannot be written
   */
  public void collect(String host, String keepalivedConf) throws InterruptedException {
    List<SnapshotSource> sources = new ArrayList<>();
    sources.add(SnapshotSource.ADDRESSES);
    sources.addAll(SnapshotSource.OTHERS);
    List<String> commands = new ArrayList<>();
    commands.add("date +%s%N");
    sources.forEach(source -> commands.add(source.line()));
    commands.add("date +%s%N");
    commands.add("uname -r");
    commands.add("cat " + quoted(keepalivedConf));
    long here = System.currentTimeMillis() * 1_000_000L;
    List<RemoteShell.Answer> answers = shell.run(commands);
    for (int i = 0; i < sources.size(); i++) {
      take(sources.get(i), answers.get(i + 1));
    }
    int after = sources.size() + 1;
    keepalived(keepalivedConf, answers.get(after + 2));
    meta(
        host,
        time(answers.getFirst(), here),
        time(answers.get(after), System.currentTimeMillis() * 1_000_000L),
        answers.get(after + 1).text().strip());
  }

  private void take(SnapshotSource source, RemoteShell.Answer answer) {
    boolean whole = answer.code() == 0 || source.mayFailInPart() && !answer.text().isEmpty();
    if (!whole) {
      String problem =
          answer.code() == NOT_FOUND
              ? source.command().getFirst() + " is not there"
              : source.line()
                  + " failed: "
                  + (answer.error().isEmpty() ? "it says nothing" : answer.error());
      if (source.equals(SnapshotSource.ADDRESSES)) {
        throw new CaptureException("no snapshot can be taken: " + problem);
      }
      warnings.accept(source.leftOut(problem));
      return;
    }
    if (source.hidesLegacy(answer.error())) {
      warnings.accept(source.legacy());
    }
    write(directory.resolve(source.file()), source.withoutSecrets(answer.text()));
  }

  /** By that host's clock; ours where its {@code date} knows no nanoseconds. */
  private static long time(RemoteShell.Answer answer, long here) {
    try {
      long ns = Long.parseLong(answer.text().strip());
      return ns > NS * NS ? ns : here; // seconds alone are fewer
    } catch (NumberFormatException _) {
      return here;
    }
  }

  /** The main file, then in each round of ssh the files that those of the last one include. */
  private void keepalived(String conf, RemoteShell.Answer main) throws InterruptedException {
    if (main.code() != 0) {
      warnings.accept(
          main.error().isEmpty() || main.error().contains("No such file")
              ? conf + " does not exist; without keepalived.conf name VIPs with --vip"
              : conf + " cannot be read; keepalived.conf is left out, it names the VIPs");
      return;
    }
    Map<String, String> files = new LinkedHashMap<>();
    files.put(conf, main.text());
    Map<String, String> fresh = Map.copyOf(files);
    for (int round = 0; round < MAX_ROUNDS && !fresh.isEmpty(); round++) {
      fresh = included(fresh, files);
      files.putAll(fresh);
      if (files.size() > MAX_INCLUDES) {
        warnings.accept("more than " + MAX_INCLUDES + " included files; the rest is left out");
        break;
      }
    }
    KeepalivedSecrets secrets = new KeepalivedSecrets();
    files.values().forEach(secrets::learn);
    Path folder = directory.resolve("keepalived.d");
    boolean first = true;
    for (Map.Entry<String, String> file : files.entrySet()) {
      Path name = Objects.requireNonNull(Path.of(file.getKey()).getFileName());
      Path copy = first ? directory.resolve("keepalived.conf") : folder.resolve(name);
      if (Files.exists(copy)) {
        warnings.accept(file.getKey() + " is left out: another included file has the same name");
        continue;
      }
      first = false;
      write(copy, secrets.removed(file.getValue()));
    }
  }

  private Map<String, String> included(Map<String, String> files, Map<String, String> known)
      throws InterruptedException {
    List<String> patterns = new ArrayList<>();
    files.forEach((file, text) -> {
      String folder = file.substring(0, file.lastIndexOf('/') + 1);
      for (String line : text.split("\n", -1)) {
        String pattern = KeepalivedInclude.pattern(line);
        if (pattern != null) {
          for (String one : KeepalivedInclude.alternatives(pattern)) {
            patterns.add(one.startsWith("/") ? one : folder + one);
          }
        }
      }
    });
    if (patterns.isEmpty()) {
      return Map.of();
    }
    List<String> lists = new ArrayList<>();
    for (String pattern : patterns) {
      lists.add(
          "for f in " + glob(pattern) + "; do [ -f \"$f\" ] && printf '%s\\n' \"$f\"; done; :");
    }
    List<String> names = new ArrayList<>();
    List<RemoteShell.Answer> found = shell.run(lists);
    for (int i = 0; i < found.size(); i++) {
      List<String> of = found.get(i).text().lines().filter(n -> !n.isEmpty()).toList();
      if (of.isEmpty() && !KeepalivedInclude.isWild(patterns.get(i))) {
        warnings.accept(patterns.get(i) + " is included but cannot be read");
      }
      of.stream().filter(n -> !known.containsKey(n) && !names.contains(n)).forEach(names::add);
    }
    Map<String, String> texts = new LinkedHashMap<>();
    if (names.isEmpty()) {
      return texts;
    }
    List<RemoteShell.Answer> answers =
        shell.run(names.stream().map(n -> "cat " + quoted(n)).toList());
    for (int i = 0; i < names.size(); i++) {
      if (answers.get(i).code() == 0) {
        texts.put(names.get(i), answers.get(i).text());
      } else {
        warnings.accept(names.get(i) + " is included but cannot be read");
      }
    }
    return texts;
  }

  private static String quoted(String word) {
    return "'" + word.replace("'", "'\\''") + "'";
  }

  /** A pattern for the shell: everything but its wildcards is quoted. */
  private static String glob(String pattern) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < pattern.length(); i++) {
      char c = pattern.charAt(i);
      boolean plain = Character.isLetterOrDigit(c) && c < 128 || "*?[]-_./".indexOf(c) >= 0;
      out.append(plain ? String.valueOf(c) : quoted(String.valueOf(c)));
    }
    return out.toString();
  }

  private void meta(String host, long startNs, long endNs, String release) {
    ObjectNode meta = JsonMapper.shared().createObjectNode();
    meta.put("host", host)
        .put("t_start_ns", startNs)
        .put("t_end_ns", endNs)
        .put("kernel", release.split("-", 2)[0]);
    Path file = directory.resolve("meta.json");
    try {
      Files.writeString(file, meta + "\n", UTF_8);
    } catch (IOException e) {
      throw new CaptureException(file + ": cannot be written: " + e.getMessage(), e);
    }
  }

  private static void write(Path file, String text) {
    try {
      Files.createDirectories(Objects.requireNonNull(file.getParent()));
      Files.writeString(file, text, ISO_8859_1);
    } catch (IOException e) {
      throw new CaptureException(file + ": cannot be written: " + e.getMessage(), e);
    }
  }
}
