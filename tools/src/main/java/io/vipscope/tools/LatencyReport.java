package io.vipscope.tools;

import io.vipscope.capture.CaptureException;
import io.vipscope.core.worker.Latency;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogWriter;

/** What {@code --hdr} gives: a few percentiles to read, and a histogram log to work with. */
final class LatencyReport {

  private static final double NS_PER_US = 1_000;
  private static final List<Double> PERCENTILES = List.of(50.0, 99.0, 99.9, 99.99, 100.0);

  private LatencyReport() {}

  /** Prints percentiles in microseconds. */
  static void print(Latency latency, boolean live, PrintWriter out) {
    out.printf(
        Locale.ROOT,
        "%-22s %10s %10s %10s %10s %10s%n",
        "latency, us",
        "p50",
        "p99",
        "p99.9",
        "p99.99",
        "max");
    row(live ? "kernel to classified" : "read to classified", latency.classified(), out);
    row("in the ring", latency.ring(), out);
    out.flush();
  }

  private static void row(String name, Histogram histogram, PrintWriter out) {
    out.printf(Locale.ROOT, "%-22s", name);
    PERCENTILES.forEach(
        p -> out.printf(Locale.ROOT, " %10.1f", histogram.getValueAtPercentile(p) / NS_PER_US));
    out.println();
  }

  /**
   * Writes both histograms, in nanoseconds, as a log of HdrHistogram (version 1.3) with the tags
   * {@code classified} and {@code ring}.
   *
   * @param seconds how long it was measured
   * @throws CaptureException if the file cannot be written
   */
  static void write(Latency latency, double seconds, Path file) {
    try (PrintStream out =
        new PrintStream(Files.newOutputStream(file), false, StandardCharsets.US_ASCII)) {
      HistogramLogWriter log = new HistogramLogWriter(out);
      log.outputComment("[vipscope: nanoseconds per frame]");
      log.outputLogFormatVersion();
      log.outputLegend();
      interval(log, "classified", latency.classified(), seconds);
      interval(log, "ring", latency.ring(), seconds);
      if (out.checkError()) {
        throw new IOException("write failed");
      }
    } catch (IOException e) {
      throw new CaptureException(file + ": cannot be written: " + IoReason.writing(e), e);
    }
  }

  private static void interval(
      HistogramLogWriter log, String tag, Histogram histogram, double seconds) {
    histogram.setTag(tag);
    long nowMs = System.currentTimeMillis();
    histogram.setStartTimeStamp(nowMs - (long) (seconds * 1e3));
    histogram.setEndTimeStamp(nowMs);
    log.outputIntervalHistogram(histogram);
  }
}
