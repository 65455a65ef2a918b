package io.vipscope.tools;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/**
 * The model with one of its rules broken by a patch: the patched files of a copy of the sources are
 * compiled, and stand before the others on the class path of a class loader of its own.
 *
 * @param patch its first line names the rule that it breaks
 */
record BrokenModel(Path patch) {

  /** For one case; a broken walk over rules may go round in circles. */
  private static final long ANSWERS_WITHIN_SECONDS = 30;

  /** The patch changes nothing that is there, or does not compile. */
  static final class StaleException extends RuntimeException {
    private static final long serialVersionUID = 1;

    StaleException(String message) {
      super(message);
    }
  }

  /** All patches of a folder, by name. */
  static List<BrokenModel> read(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(f -> f.toString().endsWith(".patch"))
          .sorted()
          .map(BrokenModel::new)
          .toList();
    }
  }

  String name() {
    return String.valueOf(patch.getFileName()).replace(".patch", "");
  }

  String rule() throws IOException {
    return Files.readAllLines(patch, UTF_8).getFirst().replaceFirst("^# *", "");
  }

  /** The class that the patch changes, as its file names it: {@code io/vipscope/...}. */
  String className() throws IOException {
    return Files.readAllLines(patch, UTF_8).stream()
        .filter(line -> line.startsWith("+++ b/"))
        .map(line -> line.replaceFirst(".*/src/main/java/", "").replace(".java", ""))
        .findFirst()
        .orElseThrow();
  }

  /**
   * The recorded cases that show the rule to be broken.
   *
   * @param root of the checkout
   * @param cases lines of a recording
   * @param most enough of them
   * @throws StaleException if the patch does not fit the sources
   */
  List<String> shownBy(Path root, List<String> cases, int most)
      throws IOException, InterruptedException {
    Path work = Files.createTempDirectory("vipscope-broken");
    try {
      Path classes = Files.createDirectory(work.resolve("classes"));
      compile(patched(root, work.resolve("tree")), classes);
      return replay(classes, cases, most, Files.createDirectory(work.resolve("snapshot")));
    } finally {
      delete(work);
    }
  }

  /** Copies the files that the patch names, and patches the copies. */
  private List<Path> patched(Path root, Path tree) throws IOException, InterruptedException {
    List<Path> files = new ArrayList<>();
    for (String line : Files.readAllLines(patch, UTF_8)) {
      if (line.startsWith("+++ b/")) {
        Path file = tree.resolve(line.substring(6));
        Files.createDirectories(file.getParent());
        Files.copy(root.resolve(line.substring(6)), file);
        files.add(file);
      }
    }
    Process apply =
        new ProcessBuilder("git", "apply", patch.toAbsolutePath().toString())
            .directory(tree.toFile())
            .redirectErrorStream(true)
            .start();
    String said = new String(apply.getInputStream().readAllBytes(), UTF_8);
    if (apply.waitFor() != 0) {
      throw new StaleException("does not apply: " + said.lines().findFirst().orElse(""));
    }
    return files;
  }

  private static void compile(List<Path> files, Path classes) throws IOException {
    JavaCompiler javac = ToolProvider.getSystemJavaCompiler();
    StringWriter errors = new StringWriter();
    var options =
        List.of(
            "-proc:none",
            "-nowarn",
            "-d",
            classes.toString(),
            "-cp",
            System.getProperty("java.class.path"));
    try (var manager = javac.getStandardFileManager(null, null, UTF_8)) {
      var sources = manager.getJavaFileObjectsFromPaths(files);
      if (!javac.getTask(errors, manager, null, options, null, sources).call()) {
        throw new StaleException("does not compile: " + errors);
      }
    }
  }

  private static List<String> replay(Path classes, List<String> cases, int most, Path folder)
      throws IOException, InterruptedException {
    try (Loader loader = new Loader(classes)) {
      AtomicInteger asked = new AtomicInteger();
      FutureTask<List<String>> task =
          new FutureTask<>(() -> {
            List<String> found = new ArrayList<>();
            Object all =
                loader
                    .loadClass(Replay.class.getName())
                    .getMethod(
                        "disagreements", List.class, int.class, Path.class, AtomicInteger.class)
                    .invoke(null, cases, most, folder, asked);
            ((List<?>) all).forEach(each -> found.add(String.valueOf(each)));
            return found;
          });
      Thread.ofPlatform().daemon().start(task);
      while (true) {
        int before = asked.get();
        try {
          return task.get(ANSWERS_WITHIN_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException _) {
          if (asked.get() == before) {
            return List.of("no answer within " + ANSWERS_WITHIN_SECONDS + " s");
          }
        }
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("replay", e);
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path each : all.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.delete(each);
      }
    }
  }

  /** Loads the program's own classes itself, the broken ones first. */
  private static final class Loader extends URLClassLoader {

    Loader(Path classes) throws MalformedURLException {
      super(path(classes), Loader.class.getClassLoader());
    }

    private static URL[] path(Path classes) throws MalformedURLException {
      List<URL> urls = new ArrayList<>();
      urls.add(classes.toUri().toURL());
      for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
        urls.add(Path.of(entry).toUri().toURL());
      }
      return urls.toArray(URL[]::new);
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (!name.startsWith("io.vipscope.")) {
        return super.loadClass(name, resolve);
      }
      synchronized (getClassLoadingLock(name)) {
        @Nullable Class<?> loaded = findLoadedClass(name);
        return loaded == null ? findClass(name) : loaded;
      }
    }
  }
}
