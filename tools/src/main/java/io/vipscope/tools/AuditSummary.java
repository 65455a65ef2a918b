package io.vipscope.tools;

import io.vipscope.core.failover.Failover;
import io.vipscope.core.finding.Finding;
import io.vipscope.core.finding.RuleCoverage;
import io.vipscope.core.flow.EndReason;
import io.vipscope.core.flow.FlowRecord;
import io.vipscope.core.flow.Protocols;
import io.vipscope.core.frame.FrameKind;
import io.vipscope.core.frame.Segments;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.MacAddress;
import io.vipscope.core.ownership.Ownership;
import io.vipscope.core.pipeline.AuditCounters;
import io.vipscope.core.verdict.Direction;
import io.vipscope.core.verdict.FlowVerdict;
import io.vipscope.core.verdict.SourceClass;
import io.vipscope.core.verdict.Verdict;
import io.vipscope.tools.AuditTotals.HostTotals;
import io.vipscope.tools.report.ReportText;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** What a person wants to see first: hosts, what differs and why, who held the VIP, the books. */
final class AuditSummary {

  private static final int MAX_GROUPS = 10_000;
  private static final int SHOWN = 20;
  private static final int MAX_OWNERSHIPS = 1_000;

  /** Flows that differ in the same way: one line. */
  private record Group(
      Verdict verdict, String host, IpAddress src, IpAddress dst, String service, String reason) {}

  /** Outbound flows that used a source for the same reason: one line. */
  private record Use(
      String host, IpAddress src, SourceClass sourceClass, Verdict verdict, String why) {
    // Written out as in IpAddress: every flow is counted.
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Use u
          && sourceClass == u.sourceClass
          && verdict == u.verdict
          && src.equals(u.src)
          && host.equals(u.host)
          && why.equals(u.why);
    }

    @Override
    public int hashCode() {
      return (src.hashCode() * 31 + why.hashCode()) * 31 + host.hashCode();
    }
  }

  private final AuditTotals totals;
  private final Map<Use, Integer> uses = new LinkedHashMap<>();
  private final Map<Group, Integer> groups = new LinkedHashMap<>();
  private final List<Ownership> ownerships = new ArrayList<>();
  private final List<Failover> failovers = new ArrayList<>();
  private final Map<String, Finding> findings = new LinkedHashMap<>();
  private final NatSummary nat = new NatSummary();
  private final CoverageSummary coverage = new CoverageSummary();
  private long moreOwnerships;
  private final Segments segments;

  /**
   * @param segments what numbers of segments stand for
   */
  AuditSummary(AuditTotals totals, Segments segments) {
    this.totals = totals;
    this.segments = segments;
  }

  /**
   * A flow's record was written.
   *
   * @param accepted its mismatch is meant to be, and not shown
   */
  void add(FlowRecord f, FlowVerdict v, boolean accepted) {
    if (f.reason() == EndReason.ACTIVE) {
      return;
    }
    if (v.sourceClass() != null && v.verdict() != null && v.host() != null) {
      Use use = new Use(v.host(), f.src(), v.sourceClass(), v.verdict(), why(v));
      if (uses.size() < MAX_GROUPS || uses.containsKey(use)) {
        uses.merge(use, 1, Integer::sum);
      }
    }
    if (accepted || v.verdict() != Verdict.MISMATCH && v.verdict() != Verdict.CONDITIONAL) {
      return;
    }
    String service =
        Protocols.isIcmp(f.protocol())
            ? Protocols.name(f.protocol()).toLowerCase(Locale.ROOT)
            : f.dstPort() + "/" + Protocols.name(f.protocol()).toLowerCase(Locale.ROOT);
    Group group =
        new Group(v.verdict(), String.valueOf(v.host()), f.src(), f.dst(), service, v.reason());
    if (groups.size() < MAX_GROUPS || groups.containsKey(group)) {
      groups.merge(group, 1, Integer::sum);
    }
  }

  void add(Failover failover) {
    if (failovers.size() < MAX_OWNERSHIPS) {
      failovers.add(failover);
    }
  }

  void add(Ownership ownership) {
    if (ownership.atNs() != ownership.sinceNs()) {
      return; // a further host uses it: that is a finding's matter
    }
    if (ownerships.size() < MAX_OWNERSHIPS) {
      ownerships.add(ownership);
    } else {
      moreOwnerships++;
    }
  }

  void add(NatFlow flow) {
    nat.add(flow);
  }

  void add(RuleCoverage use) {
    coverage.add(use);
  }

  /** What was told last of a finding counts. */
  void add(Finding finding) {
    if (findings.size() < MAX_GROUPS || findings.containsKey(finding.id())) {
      findings.put(finding.id(), finding);
    }
  }

  void print(PrintWriter out, AuditCounters c, SourceTotals source, TextStyle style) {
    hosts(out, style);
    uses(out, style);
    differences(out, style);
    findings(out, style);
    failovers(out, style);
    timeline(out, style);
    coverage.print(out, style);
    nat.print(out, style);
    books(out, c, source, style);
    out.flush();
  }

  private void hosts(PrintWriter out, TextStyle style) {
    if (totals.hosts().isEmpty()) {
      out.println(style.bold("Hosts") + "  none audited: give --host NAME=DIR for verdicts");
      return;
    }
    String row = "%-12s %9s %9s %9s %9s %9s %9s";
    out.println(
        style.bold(
            row.formatted("FLOWS", "outbound", "primary", "vip", "foreign", "inbound", "transit")));
    totals
        .hosts()
        .forEach((name, h) ->
            out.println(
                row.formatted(
                    name,
                    HostTotals.of(h.directions, Direction.OUTBOUND),
                    HostTotals.of(h.classes, SourceClass.PRIMARY),
                    HostTotals.of(h.classes, SourceClass.VIP),
                    HostTotals.of(h.classes, SourceClass.FOREIGN),
                    HostTotals.of(h.directions, Direction.INBOUND),
                    HostTotals.of(h.directions, Direction.TRANSIT))));
    String verdicts = "%-12s %9s %11s %9s %9s   %s";
    out.println(
        style.bold(
            verdicts
                .formatted("VERDICTS", "match", "conditional", "mismatch", "undecided", "")
                .stripTrailing()));
    totals
        .hosts()
        .forEach((name, h) -> {
          long unknown = HostTotals.of(h.directions, Direction.UNKNOWN);
          out.println(
              verdicts
                  .formatted(
                      name,
                      HostTotals.of(h.verdicts, Verdict.MATCH),
                      HostTotals.of(h.verdicts, Verdict.CONDITIONAL),
                      HostTotals.of(h.verdicts, Verdict.MISMATCH),
                      HostTotals.of(h.verdicts, Verdict.UNDECIDED),
                      unknown == 0 ? "" : unknown + " of unknown direction")
                  .stripTrailing());
        });
    if (!totals.undecided().isEmpty()) {
      StringJoiner codes = new StringJoiner(", ");
      totals.undecided().forEach((code, count) -> codes.add(count + " " + code));
      out.println("undecided: " + codes);
    }
    if (totals.accepted() > 0) {
      out.println(totals.accepted() + " of the mismatches are accepted by the baseline");
    }
  }

  /** The reason for a source, in a few words. */
  private static String why(FlowVerdict v) {
    return switch (v.verdict()) {
      case MATCH -> String.valueOf(v.mechanism()) + (v.rule() == null ? "" : ", " + v.rule());
      case CONDITIONAL -> String.join(" or ", v.conditions());
      case MISMATCH -> String.join(" or ", v.causes());
      case UNDECIDED -> String.valueOf(v.code());
      case null -> "";
    };
  }

  private void uses(PrintWriter out, TextStyle style) {
    if (uses.isEmpty()) {
      return;
    }
    out.println();
    out.println(style.bold("Source addresses of outbound flows"));
    Comparator<Map.Entry<Use, Integer>> order =
        Comparator.comparing((Map.Entry<Use, Integer> e) -> e.getKey().host())
            .thenComparing(Map.Entry.<Use, Integer>comparingByValue().reversed())
            .thenComparing(e -> e.getKey().src())
            .thenComparing(e -> e.getKey().why());
    uses.entrySet().stream()
        .sorted(order)
        .limit(SHOWN)
        .forEach(e -> {
          Use use = e.getKey();
          String verdict = use.verdict().toString();
          String start =
              "  %-8s %-7s %6d  %s%s  %-15s  "
                  .formatted(
                      use.host(),
                      use.sourceClass(),
                      e.getValue(),
                      style.verdict(use.verdict()),
                      " ".repeat(Math.max(0, 11 - verdict.length())),
                      use.src());
          Lines.wrapped(use.why(), start, " ".repeat(30)).forEach(out::println);
        });
    if (uses.size() > SHOWN) {
      out.println("  … " + (uses.size() - SHOWN) + " more; --json has them all");
    }
  }

  private void differences(PrintWriter out, TextStyle style) {
    if (groups.isEmpty()) {
      return;
    }
    out.println();
    out.println(style.bold("Flows that differ from the prediction"));
    int shown = 0;
    for (Map.Entry<Group, Integer> entry : groups.entrySet()) {
      if (shown++ == SHOWN) {
        out.println("  … " + (groups.size() - SHOWN) + " more kinds; --json has them all");
        break;
      }
      Group g = entry.getKey();
      String flows =
          "%s > %s %s  (%d %s)"
              .formatted(
                  g.src(),
                  g.dst(),
                  g.service(),
                  entry.getValue(),
                  entry.getValue() == 1 ? "flow" : "flows");
      String start = "  %s  %s  ".formatted(style.verdict(g.verdict()), g.host());
      Lines.wrapped(flows, start, "      ").forEach(out::println);
      Lines.wrapped(g.reason(), "      ").forEach(out::println);
    }
  }

  private void findings(PrintWriter out, TextStyle style) {
    if (findings.isEmpty()) {
      return;
    }
    out.println();
    out.println(style.bold("Findings"));
    List<Finding> order = new ArrayList<>(findings.values());
    order.sort(
        Comparator.comparing(Finding::severity)
            .reversed()
            .thenComparingLong(Finding::startNs)
            .thenComparing(Finding::id));
    for (Finding f : order.subList(0, Math.min(SHOWN, order.size()))) {
      out.println(
          "  %-8s  %s  %s  (%s%s%s)"
              .formatted(
                  f.severity(),
                  f.kind(),
                  Timestamp.clock(f.startNs()),
                  f.count() == 1 ? "once" : f.count() + " times",
                  f.flows() == 0 ? "" : ", " + f.flows() + (f.flows() == 1 ? " flow" : " flows"),
                  f.status() == Finding.Status.RESOLVED
                      ? ", over at " + Timestamp.clock(f.endNs())
                      : ""));
      Lines.wrapped(f.text(), "      ").forEach(out::println);
      f.next().forEach(command -> out.println("      $ " + command));
    }
    if (findings.size() > SHOWN) {
      out.println("  … " + (findings.size() - SHOWN) + " more; --json has them all");
    }
  }

  private void failovers(PrintWriter out, TextStyle style) {
    if (failovers.isEmpty()) {
      return;
    }
    out.println();
    out.println(style.bold("Failovers (UTC)"));
    for (Failover f : failovers.subList(0, Math.min(SHOWN, failovers.size()))) {
      String start =
          "  %s  %-10s  "
              .formatted(
                  Timestamp.clock(f.atNs()),
                  f.instance() == null ? "vrid " + f.vrid() : f.instance());
      String change =
          "%s to %s  %s, %s, %d flows, %d source changes%s"
              .formatted(
                  ReportText.from(f),
                  ReportText.to(f),
                  f.trigger(),
                  ReportText.gap(f),
                  f.flows(),
                  f.sourceChanges(),
                  f.group() == null ? "" : "; " + ReportText.group(f));
      Lines.wrapped(change, start, " ".repeat(28)).forEach(out::println);
    }
    if (failovers.size() > SHOWN) {
      out.println("  … " + (failovers.size() - SHOWN) + " more; --json has them all");
    }
  }

  private void timeline(PrintWriter out, TextStyle style) {
    if (ownerships.isEmpty()) {
      return;
    }
    out.println();
    out.println(style.bold("Who held which VIP (UTC)"));
    for (Ownership o : ownerships) {
      String segment = SegmentText.of(segments, o.segment());
      String start = "  %s  %-15s  ".formatted(Timestamp.clock(o.sinceNs()), o.vip());
      String held =
          "%s  (%s%s%s)"
              .formatted(
                  holder(o),
                  o.evidence() + (o.vrid() < 0 ? "" : " vrid " + o.vrid()),
                  segment.isEmpty() ? "" : " " + segment,
                  o.priority() < 0
                      ? ""
                      : o.priority() == 0 ? ", given up" : " prio " + o.priority());
      Lines.wrapped(held, start, " ".repeat(18)).forEach(out::println);
    }
    if (moreOwnerships > 0) {
      out.println("  … " + moreOwnerships + " more changes; --json has them all");
    }
  }

  private static String holder(Ownership o) {
    if (o.host() != null) {
      return o.host();
    }
    return o.mac() < 0 ? "nobody known" : "unknown " + new MacAddress(o.mac());
  }

  private static void books(
      PrintWriter out, AuditCounters c, SourceTotals source, TextStyle style) {
    StringJoiner sum = new StringJoiner(" + ");
    sum.add(c.flowFrames() + " of flows");
    part(sum, c.untracked(), "untracked");
    part(sum, c.controlFrames(), "control");
    part(sum, c.nonIp(), "non-ip");
    part(sum, c.filtered(), "filtered");
    part(sum, c.duplicates(), "duplicates");
    for (Map.Entry<FrameKind, Long> entry : c.undecodable().entrySet()) {
      part(sum, entry.getValue(), entry.getKey().name().toLowerCase(Locale.ROOT).replace('_', '-'));
    }
    out.println();
    Lines.wrapped(
            c.frames()
                + " = "
                + sum
                + "; "
                + c.flows()
                + (c.flows() == 1 ? " flow" : " flows")
                + (c.evicted() == 0
                    ? ""
                    : ", " + c.evicted() + " ended early for want of room (--max-flows)"),
            style.bold("Frames") + "  ",
            "        ")
        .forEach(out::println);
    if (c.modelPredictions() > 0) {
      Lines.wrapped(
              c.tablePredictions()
                  + " by tables, "
                  + c.modelPredictions()
                  + " by the model itself: their state cannot be put into tables",
              style.bold("Predictions") + "  ",
              "             ")
          .forEach(out::println);
    }
    out.println(
        style.bold("Dropped")
            + "  before that: "
            + (source.kind().equals("file")
                ? "a capture file does not tell"
                : "kernel "
                    + known(source.counters().kernelDrops())
                    + ", interface "
                    + known(source.counters().interfaceDrops())));
  }

  private static void part(StringJoiner sum, long count, String name) {
    if (count > 0) {
      sum.add(count + " " + name);
    }
  }

  private static String known(long value) {
    return value < 0 ? "not known" : Long.toString(value);
  }
}
