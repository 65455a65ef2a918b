package io.vipscope.tools;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;

/** The part of the summary that tells of NAT. */
final class NatSummary {

  private static final int SHOWN = 10;
  private static final int MAX_KINDS = 1_000;

  private final Map<String, Integer> differing = new LinkedHashMap<>();
  private final Map<NatFlow.Result, Integer> paired = new java.util.EnumMap<>(NatFlow.Result.class);
  private int inside;
  private int outside;
  private int ports;
  private int doubled;

  void add(NatFlow f) {
    if (f.inside() != null && f.outside() != null) {
      paired.merge(f.verdict(), 1, Integer::sum);
      ports += f.portRewritten() ? 1 : 0;
      doubled += f.doubled() ? 1 : 0;
    } else if (f.inside() != null) {
      inside++;
    } else {
      outside++;
    }
    boolean shown = f.verdict() == NatFlow.Result.MISMATCH || f.doubled() || f.outside() == null;
    NatFlow.Side side = f.either();
    String line =
        side.src()
            + " > "
            + side.dst()
            + (side.dstPort() == 0 ? "" : " " + side.dstPort())
            + ": "
            + f.reason();
    if (shown && (differing.size() < MAX_KINDS || differing.containsKey(line))) {
      differing.merge(line, 1, Integer::sum);
    }
  }

  void print(PrintWriter out, TextStyle style) {
    if (paired.isEmpty() && inside == 0 && outside == 0) {
      return;
    }
    out.println();
    out.println(
        style.bold("NAT")
            + "  "
            + paired.values().stream().mapToInt(Integer::intValue).sum()
            + " flows seen before and behind it"
            + (paired.isEmpty() ? "" : ": " + paired)
            + "; "
            + ports
            + " with another source port, "
            + doubled
            + " mapped twice");
    out.println("     " + inside + " before it alone, " + outside + " behind it alone");
    int left = SHOWN;
    for (Map.Entry<String, Integer> e : differing.entrySet()) {
      if (left-- == 0) {
        out.println("  … " + (differing.size() - SHOWN) + " more kinds; --json has them all");
        break;
      }
      out.println("  " + e.getKey() + "  (" + e.getValue() + ")");
    }
  }
}
