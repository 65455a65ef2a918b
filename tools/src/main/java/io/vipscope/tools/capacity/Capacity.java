package io.vipscope.tools.capacity;

import java.util.Map;

/**
 * What a machine takes.
 *
 * @param frames of the capture that was played
 * @param meanBytes of a frame on the wire
 * @param rate frames a second
 * @param slowest the rate of the worst second
 * @param fastest the rate of the best second
 * @param flowRate flows that began, a second
 * @param seconds measured
 * @param cores of this machine
 * @param cpu CPU seconds a second of each stage: {@link #READER} and so on
 */
public record Capacity(
    int frames,
    double meanBytes,
    double rate,
    double slowest,
    double fastest,
    double flowRate,
    double seconds,
    int cores,
    Map<String, Double> cpu) {

  /** Takes frames apart; helps the workers when they are behind. */
  public static final String READER = "reader";

  /** Follow flows. */
  public static final String WORKERS = "workers";

  /** One thread: verdicts, ownership, findings. */
  public static final String JUDGING = "judging";

  /** Compiler and garbage collection. */
  public static final String JVM = "jvm";

  /** All cores of the machine. */
  private static final String CORES = "cores";

  /** Of a thread that has always something to do: the rest are pauses for the collector. */
  private static final double BUSY = 0.85;

  /** Of a thread for which the others wait, while the collector pauses it often. */
  private static final double BUSIEST = 0.5;

  /** Bits of frames a second. */
  public double bitRate() {
    return rate * meanBytes * 8;
  }

  private double share(String stage) {
    return cpu.getOrDefault(stage, 0.0);
  }

  /** The stage that limits the rate. */
  public String limit() {
    if (share(JUDGING) >= BUSY) {
      return JUDGING;
    }
    if (used() >= BUSY * cores) {
      return CORES;
    }
    String busiest = share(READER) > share(JUDGING) ? READER : JUDGING;
    return share(busiest) >= BUSIEST ? busiest : "other load";
  }

  private double used() {
    return cpu.values().stream().mapToDouble(Double::doubleValue).sum();
  }

  /** Why that is the limit, and what would help. */
  public String reason() {
    return switch (limit()) {
      case JUDGING ->
          "one thread gives new flows their verdicts: it is %,.0f new flows a second that this"
                  .formatted(flowRate)
              + " machine takes, whatever the number of frames";
      case READER -> "one thread takes frames apart: several captures on several cores";
      case "other load" ->
          "the audit had %.1f of %d cores, and no thread of it was busy for long: other programs"
                  .formatted(used(), cores)
              + " take the rest";
      default -> "the audit had %.1f of %d cores: more of them".formatted(used(), cores);
    };
  }
}
