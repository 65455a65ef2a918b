package io.vipscope.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatFactory;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.NoBenchmarksException;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Runs benchmarks with few, short iterations, prints a table beside the last results that have the
 * same benchmarks, and keeps the results: {@code bench/results/TIME-COMMIT.json}, JMH's JSON, and
 * {@code .tsv}, the table. For figures to publish run JMH itself: {@code bench/run}.
 */
public final class Suite {

  private static final String USAGE =
      "bench/run suite [REGEX...]: runs the benchmarks whose names match (default: all);"
          + " vipscope bench --capacity measures what this machine takes of a capture";

  private static final int WARM_UPS = 3;
  private static final int ITERATIONS = 5;
  private static final TimeValue ITERATION = TimeValue.seconds(1);

  private Suite() {}

  /** Exit status: 0 done, 2 usage, 1 a benchmark failed. */
  public static void main(String[] args)
      throws IOException, InterruptedException, CommandLineOptionException {
    for (String regex : args) {
      try {
        Pattern.compile(regex);
      } catch (PatternSyntaxException e) {
        System.err.println("bench: '" + regex + "': " + e.getDescription());
        System.exit(2);
      }
      if (regex.startsWith("-")) {
        System.err.println(USAGE);
        System.exit(2);
      }
    }
    Path folder = Path.of(System.getProperty("vipscope.home", "."), "bench", "results");
    Files.createDirectories(folder);
    String name =
        Instant.now().truncatedTo(ChronoUnit.SECONDS).toString().replace(":", "") + "-" + commit();
    Path log = folder.resolve(name + ".log");
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .forks(1)
            .warmupIterations(WARM_UPS)
            .warmupTime(ITERATION)
            .measurementIterations(ITERATIONS)
            .measurementTime(ITERATION)
            .shouldFailOnError(true)
            .verbosity(VerboseMode.NORMAL)
            .output(log.toString());
    for (String regex : args) {
      options.include(regex);
    }
    System.err.println("bench: running; progress in " + log);
    try {
      Collection<RunResult> results = new Runner(options.build()).run();
      write(results, folder.resolve(name + ".json"));
      Map<String, Row> now = rows(results);
      Earlier earlier = Earlier.find(folder, name, now.keySet());
      print(now, earlier, System.out);
      save(now, folder.resolve(name + ".tsv"));
    } catch (NoBenchmarksException _) {
      Files.deleteIfExists(log);
      System.err.println("bench: no benchmark matches; bench/run -l lists them");
      System.exit(2);
    } catch (RunnerException e) {
      System.err.println("bench: " + e.getMessage() + " (" + log + ")");
      System.exit(1);
    }
  }

  private record Row(double score, double error, String unit) {}

  private static Map<String, Row> rows(Collection<RunResult> results) {
    Map<String, Row> rows = new TreeMap<>();
    for (RunResult result : results) {
      Result<?> r = result.getPrimaryResult();
      rows.put(
          name(result.getParams()), new Row(r.getScore(), r.getScoreError(), r.getScoreUnit()));
    }
    return rows;
  }

  /** Class and method, and the parameters' values. */
  private static String name(BenchmarkParams p) {
    String[] parts = p.getBenchmark().split("\\.");
    String name = parts[parts.length - 2] + "." + parts[parts.length - 1];
    String values =
        p.getParamsKeys().stream()
            .map(k -> k + "=" + p.getParam(k))
            .collect(Collectors.joining(","));
    return values.isEmpty() ? name : name + " " + values;
  }

  private static void write(Collection<RunResult> results, Path file) throws IOException {
    try (PrintStream out =
        new PrintStream(file.toFile(), java.nio.charset.StandardCharsets.UTF_8)) {
      ResultFormatFactory.getInstance(ResultFormatType.JSON, out).writeOut(results);
    }
  }

  private static void save(Map<String, Row> rows, Path file) throws IOException {
    Files.write(
        file,
        rows.entrySet().stream()
            .map(e -> e.getKey() + "\t" + e.getValue().score() + "\t" + e.getValue().unit())
            .toList());
  }

  /** The newest results before that have one of these benchmarks. */
  private record Earlier(String name, Map<String, Double> scores) {

    static Earlier find(Path folder, String before, Collection<String> wanted) throws IOException {
      List<Path> files;
      try (Stream<Path> all = Files.list(folder)) {
        files =
            all.filter(f -> f.toString().endsWith(".tsv"))
                .filter(f -> f.getFileName().toString().compareTo(before) < 0)
                .sorted(java.util.Comparator.reverseOrder())
                .toList();
      }
      for (Path file : files) {
        Map<String, Double> scores = new TreeMap<>();
        for (String line : Files.readAllLines(file)) {
          String[] fields = line.split("\t");
          if (fields.length == 3 && wanted.contains(fields[0])) {
            scores.put(fields[0], Double.parseDouble(fields[1]));
          }
        }
        if (!scores.isEmpty()) {
          String name = file.getFileName().toString();
          return new Earlier(name.substring(0, name.length() - ".tsv".length()), scores);
        }
      }
      return new Earlier("", Map.of());
    }
  }

  private static void print(Map<String, Row> now, Earlier earlier, PrintStream out) {
    int width = now.keySet().stream().mapToInt(String::length).max().orElse(0);
    if (!earlier.scores().isEmpty()) {
      out.println("before: " + earlier.name());
    }
    out.printf(
        "%-" + width + "s %14s %10s  %-8s %s%n", "benchmark", "score", "±", "unit", "before");
    now.forEach((name, row) -> {
      Double was = earlier.scores().get(name);
      out.printf(
          Locale.ROOT,
          "%-" + width + "s %14.3f %10.3f  %-8s %s%n",
          name,
          row.score(),
          row.error(),
          row.unit(),
          was == null ? "" : String.format(Locale.ROOT, "x %.2f", row.score() / was));
    });
  }

  private static String commit() throws IOException, InterruptedException {
    Process git =
        new ProcessBuilder("git", "describe", "--always", "--dirty")
            .directory(Path.of(System.getProperty("vipscope.home", ".")).toFile())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (BufferedReader in = git.inputReader()) {
      String line = in.readLine();
      return git.waitFor() == 0 && line != null ? line : "unknown";
    }
  }
}
