package io.vipscope.tools;

import io.vipscope.core.finding.RuleCoverage;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The part of the summary that says which rules, routes and NAT rules were used. */
final class CoverageSummary {

  private static final int SHOWN = 12;

  private final List<RuleCoverage> uses = new ArrayList<>();

  /** Takes what somebody made and the host has now; the kernel's own is no news. */
  void add(RuleCoverage use) {
    if (use.own() && use.current()) {
      uses.add(use);
    }
  }

  void print(PrintWriter out, TextStyle style) {
    if (uses.isEmpty()) {
      return;
    }
    out.println();
    out.println(style.bold("Rules, routes and NAT rules that choose sources"));
    List<RuleCoverage> order = new ArrayList<>(uses);
    order.sort(
        Comparator.comparing(RuleCoverage::host)
            .thenComparing(Comparator.comparingLong(RuleCoverage::flows).reversed()));
    for (RuleCoverage use : order.subList(0, Math.min(SHOWN, order.size()))) {
      String used =
          use.flows() > 0
              ? use.flows() + (use.flows() == 1 ? " flow" : " flows")
              : use.observable() ? "never" : "not seen";
      String start = "  %-8s %-5s  %9s  ".formatted(use.host(), use.kind(), used);
      Lines.wrapped(use.text(), start, " ".repeat(29)).forEach(out::println);
    }
    if (order.size() > SHOWN) {
      out.println("  … " + (order.size() - SHOWN) + " more; --json has them all");
    }
    if (order.stream().limit(SHOWN).anyMatch(use -> use.flows() == 0 && !use.observable())) {
      out.println("  (not seen: a mirror does not show what it tests)");
    }
  }
}
