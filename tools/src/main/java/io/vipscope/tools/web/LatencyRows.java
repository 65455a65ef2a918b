package io.vipscope.tools.web;

import io.vipscope.core.worker.Latency;
import io.vipscope.tools.web.PageSource.LatencyRow;
import java.util.List;
import org.HdrHistogram.Histogram;

/** The measured times of frames, with what they mean. */
public final class LatencyRows {

  /** Percentiles and longest time, in ns. */
  public record Times(long p50, long p99, long p999, long p9999, long max) {}

  private LatencyRows() {}

  /**
   * Of an audit.
   *
   * @param live from an interface; else from files
   */
  public static List<LatencyRow> of(Latency latency, boolean live) {
    return of(times(latency.classified()), times(latency.ring()), live);
  }

  private static Times times(Histogram h) {
    return new Times(
        h.getValueAtPercentile(50),
        h.getValueAtPercentile(99),
        h.getValueAtPercentile(99.9),
        h.getValueAtPercentile(99.99),
        h.getMaxValue());
  }

  /** The same of records. */
  public static List<LatencyRow> of(Times classified, Times ring, boolean live) {
    return List.of(
        live
            ? row(
                "frame to classified",
                "from the kernel's time stamp of a frame until its flow has it",
                classified)
            : row(
                "read to classified",
                "from when the reader took up a frame's block until its flow has it",
                classified),
        row(
            "in the ring",
            "of that, from when the block was handed over until the flow has the frame",
            ring));
  }

  private static LatencyRow row(String name, String meaning, Times t) {
    return new LatencyRow(name, meaning, t.p50(), t.p99(), t.p999(), t.p9999(), t.max());
  }
}
