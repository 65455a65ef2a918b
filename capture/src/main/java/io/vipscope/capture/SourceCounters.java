package io.vipscope.capture;

/**
 * What kernel and interface say about frames outside our own count; -1 where nobody knows.
 *
 * @param kernelReceived frames the kernel handed to this capture's filter
 * @param kernelDrops frames the kernel dropped for want of buffer space
 * @param interfaceDrops frames the interface dropped while the capture ran (rx_dropped,
 *     rx_missed_errors)
 */
public record SourceCounters(long kernelReceived, long kernelDrops, long interfaceDrops) {

  /** Both together; unknown what one of them does not know. */
  public SourceCounters plus(SourceCounters other) {
    return new SourceCounters(
        sum(kernelReceived, other.kernelReceived),
        sum(kernelDrops, other.kernelDrops),
        sum(interfaceDrops, other.interfaceDrops));
  }

  private static long sum(long a, long b) {
    return a < 0 || b < 0 ? -1 : a + b;
  }

  /** Nothing is known: a file. */
  public static final SourceCounters UNKNOWN = new SourceCounters(-1, -1, -1);
}
