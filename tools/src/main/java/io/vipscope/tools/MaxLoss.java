package io.vipscope.tools;

import io.vipscope.capture.SourceCounters;
import picocli.CommandLine.TypeConversionException;

/** {@code --max-loss N} or {@code P%}: how many frames may be lost. */
record MaxLoss(double limit, boolean percent) {

  static MaxLoss parse(String text) {
    boolean percent = text.endsWith("%");
    try {
      double limit = Double.parseDouble(percent ? text.substring(0, text.length() - 1) : text);
      if (limit >= 0 && (!percent || limit <= 100)) {
        return new MaxLoss(limit, percent);
      }
    } catch (NumberFormatException _) {
      // told below
    }
    throw new TypeConversionException(
        "--max-loss: '" + text + "' is neither a number of frames nor a percentage");
  }

  /** Whether more was lost; what nobody knows counts for nothing. */
  boolean exceeded(long frames, SourceCounters counters) {
    double lost = Math.max(0, counters.kernelDrops()) + Math.max(0, counters.interfaceDrops());
    return percent ? lost * 100 > limit * (frames + lost) : lost > limit;
  }
}
