package io.vipscope.tools;

import io.vipscope.core.worker.Waiting;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Options about who follows flows, and how many. */
final class FlowOptions {

  private static final int MAX_THREADS = 64;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description =
          "Flow workers, 1 to 64. Default: half the cores. With --source afpacket as many threads"
              + " take frames, too, among which the kernel shares out TCP (PACKET_FANOUT); by"
              + " default one does.")
  private @Nullable Integer threads;

  @Option(
      names = "--wait",
      paramLabel = "HOW",
      description =
          "What workers do while there is nothing to do: block (sleep), yield or spin (a core"
              + " each, for the shortest delay). Default: block.")
  private Waiting waiting = Waiting.BLOCK;

  @Option(
      names = "--max-flows",
      paramLabel = "N",
      description =
          "Live flows to follow at most, within a few percent; beyond them, those idle longest are"
              + " ended (evicted). A flow takes 100 bytes, one of an audited host 1 KB of heap."
              + " Default: 1000000.")
  private int maxFlows = 1_000_000;

  @Option(
      names = "--dedup",
      description =
          "Leave out second copies of flows' frames, as a mirror of several ports makes them: the"
              + " same MACs and IP packet shortly after.")
  private boolean dedup;

  @Option(
      names = "--dedup-window",
      paramLabel = "D",
      converter = DurationOption.Converter.class,
      description = "How much later a copy may come. Default: 100us.")
  private DurationOption dedupWindow = DurationOption.parse("100us");

  /**
   * Minds the numbers.
   *
   * @throws ParameterException if one is out of its range
   */
  void check(CommandLine line) {
    OptionCheck.check(
        line, threads == null || threads >= 1 && threads <= MAX_THREADS, "--threads", "1 to 64");
    OptionCheck.check(line, maxFlows >= 1, "--max-flows", "at least 1");
    OptionCheck.check(line, dedupWindow.ns() > 0, "--dedup-window", "a positive time");
  }

  /** Threads that take frames, where several can. */
  int readers() {
    return threads == null ? 1 : threads;
  }

  int workers() {
    return threads == null ? Math.max(1, Runtime.getRuntime().availableProcessors() / 2) : threads;
  }

  Waiting waiting() {
    return waiting;
  }

  int maxFlows() {
    return maxFlows;
  }

  /** How much later a copy may come, in ns; 0: copies are not looked for. */
  long dedupNs() {
    return dedup ? dedupWindow.ns() : 0;
  }
}
