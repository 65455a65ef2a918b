package io.vipscope.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.HdrHistogram.EncodableHistogram;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code audit --hdr}: every frame of a flow is in both histograms, once. */
class LatencyTest {

  @TempDir Path folder;

  @Test
  void everyFrameIsMeasured() throws Exception {
    Path file = folder.resolve("latency.hlog");
    Path records = folder.resolve("records.jsonl");
    Path capture = Path.of("demo").toAbsolutePath().resolve("mirror.pcap.gz");
    Cli run =
        Cli.run(
            "audit",
            "-r",
            capture.toString(),
            "--json",
            "-o",
            records.toString(),
            "--hdr",
            file.toString());
    assertEquals(0, run.code(), run::err);
    Map<String, Histogram> histograms = new HashMap<>();
    try (HistogramLogReader reader = new HistogramLogReader(file.toFile())) {
      for (EncodableHistogram h = reader.nextIntervalHistogram();
          h != null;
          h = reader.nextIntervalHistogram()) {
        histograms.put(h.getTag(), (Histogram) h);
      }
    }
    String stats = Files.readAllLines(records).getLast();
    long frames = Long.parseLong(stats.replaceAll(".*\"flow_frames\":(\\d+).*", "$1"));
    Histogram classified = histograms.get("classified");
    Histogram ring = histograms.get("ring");
    assertNotNull(classified);
    assertNotNull(ring);
    assertEquals(frames, classified.getTotalCount());
    assertEquals(frames, ring.getTotalCount());
    assertTrue(ring.getMaxValue() > 0);
    assertTrue(ring.getMaxValue() <= classified.getMaxValue());
    assertTrue(stats.contains("\"latency_ns\":{\"classified\":{\"p50\":"), stats);
    assertTrue(run.out().contains("read to classified"), run::out);
  }
}
