package io.vipscope.tools;

import io.vipscope.core.flow.EndReason;
import io.vipscope.core.flow.FlowRecord;
import io.vipscope.core.flow.Protocols;
import io.vipscope.core.frame.FrameKind;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.MacAddress;
import io.vipscope.core.ownership.Ownership;
import io.vipscope.core.pipeline.AuditCounters;
import io.vipscope.core.verdict.Direction;
import io.vipscope.core.verdict.FlowVerdict;
import io.vipscope.core.verdict.SourceClass;
import io.vipscope.core.verdict.Verdict;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;

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
      String host, IpAddress src, SourceClass sourceClass, Verdict verdict, String why) {}

  private final AuditTotals totals;
  private final Map<Use, Integer> uses = new LinkedHashMap<>();
  private final Map<Group, Integer> groups = new LinkedHashMap<>();
  private final List<Ownership> ownerships = new ArrayList<>();
  private long moreOwnerships;

  AuditSummary(AuditTotals totals) {
    this.totals = totals;
  }

  void add(FlowRecord f, FlowVerdict v) {
    if (f.reason() == EndReason.ACTIVE) {
      return;
    }
    if (v.sourceClass() != null && v.verdict() != null && v.host() != null) {
      Use use = new Use(v.host(), f.src(), v.sourceClass(), v.verdict(), why(v));
      if (uses.size() < MAX_GROUPS || uses.containsKey(use)) {
        uses.merge(use, 1, Integer::sum);
      }
    }
    if (v.verdict() != Verdict.MISMATCH && v.verdict() != Verdict.CONDITIONAL) {
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

  void add(Ownership ownership) {
    if (ownerships.size() < MAX_OWNERSHIPS) {
      ownerships.add(ownership);
    } else {
      moreOwnerships++;
    }
  }

  void print(PrintWriter out, AuditCounters c, SourceTotals source, TextStyle style) {
    hosts(out, style);
    uses(out, style);
    differences(out, style);
    timeline(out, style);
    books(out, c, source, style);
    out.flush();
  }

  private void hosts(PrintWriter out, TextStyle style) {
    if (totals.hosts().isEmpty()) {
      out.println(style.bold("Hosts") + "  none audited: give --host NAME=DIR for verdicts");
      return;
    }
    out.println(
        style.bold(
            "%-10s %8s  %8s %8s %8s   %8s %11s %8s %9s   %7s %7s"
                .formatted(
                    "HOST",
                    "OUTBOUND",
                    "primary",
                    "vip",
                    "foreign",
                    "match",
                    "conditional",
                    "mismatch",
                    "undecided",
                    "INBOUND",
                    "TRANSIT")));
    totals
        .hosts()
        .forEach((name, h) ->
            out.println(
                "%-10s %8d  %8d %8d %8d   %8d %11d %8d %9d   %7d %7d"
                    .formatted(
                        name,
                        AuditTotals.HostTotals.of(h.directions, Direction.OUTBOUND),
                        AuditTotals.HostTotals.of(h.classes, SourceClass.PRIMARY),
                        AuditTotals.HostTotals.of(h.classes, SourceClass.VIP),
                        AuditTotals.HostTotals.of(h.classes, SourceClass.FOREIGN),
                        AuditTotals.HostTotals.of(h.verdicts, Verdict.MATCH),
                        AuditTotals.HostTotals.of(h.verdicts, Verdict.CONDITIONAL),
                        AuditTotals.HostTotals.of(h.verdicts, Verdict.MISMATCH),
                        AuditTotals.HostTotals.of(h.verdicts, Verdict.UNDECIDED),
                        AuditTotals.HostTotals.of(h.directions, Direction.INBOUND),
                        AuditTotals.HostTotals.of(h.directions, Direction.TRANSIT))));
    if (!totals.undecided().isEmpty()) {
      StringJoiner codes = new StringJoiner(", ");
      totals.undecided().forEach((code, count) -> codes.add(count + " " + code));
      out.println("undecided: " + codes);
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
          out.println(
              "  %-10s %-7s %-24s %6d  %s%s  %s"
                  .formatted(
                      use.host(),
                      use.sourceClass(),
                      use.src(),
                      e.getValue(),
                      style.verdict(use.verdict()),
                      " ".repeat(Math.max(0, 11 - verdict.length())),
                      use.why()));
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
      out.println(
          "  %s  %s  %s > %s %s  (%d %s)"
              .formatted(
                  style.verdict(g.verdict()),
                  g.host(),
                  g.src(),
                  g.dst(),
                  g.service(),
                  entry.getValue(),
                  entry.getValue() == 1 ? "flow" : "flows"));
      out.println("      " + g.reason());
    }
  }

  private void timeline(PrintWriter out, TextStyle style) {
    if (ownerships.isEmpty()) {
      return;
    }
    out.println();
    out.println(style.bold("Who held which VIP (UTC)"));
    for (Ownership o : ownerships) {
      out.println(
          "  %s  %-18s %s  (%s%s)"
              .formatted(
                  Timestamp.clock(o.sinceNs()),
                  o.vip(),
                  holder(o),
                  o.evidence() + (o.vrid() < 0 ? "" : " vrid " + o.vrid()),
                  o.priority() < 0
                      ? ""
                      : o.priority() == 0 ? ", given up" : " prio " + o.priority()));
    }
    if (moreOwnerships > 0) {
      out.println("  … " + moreOwnerships + " more changes; --json has them all");
    }
  }

  private static String holder(Ownership o) {
    if (o.host() != null) {
      return o.host();
    }
    return o.mac() < 0 ? "nobody known" : "an unknown host with " + new MacAddress(o.mac());
  }

  private static void books(
      PrintWriter out, AuditCounters c, SourceTotals source, TextStyle style) {
    StringJoiner sum = new StringJoiner(" + ");
    sum.add(c.flowFrames() + " of flows");
    part(sum, c.untracked(), "untracked");
    part(sum, c.controlFrames(), "control");
    part(sum, c.nonIp(), "non-ip");
    part(sum, c.filtered(), "filtered");
    for (Map.Entry<FrameKind, Long> entry : c.undecodable().entrySet()) {
      part(sum, entry.getValue(), entry.getKey().name().toLowerCase(Locale.ROOT).replace('_', '-'));
    }
    out.println();
    out.println(
        style.bold("Frames")
            + "  "
            + c.frames()
            + " = "
            + sum
            + "; "
            + c.flows()
            + " flows; dropped: "
            + "kernel "
            + known(source.counters().kernelDrops())
            + ", interface "
            + known(source.counters().interfaceDrops()));
  }

  private static void part(StringJoiner sum, long count, String name) {
    if (count > 0) {
      sum.add(count + " " + name);
    }
  }

  private static String known(long value) {
    return value < 0 ? "-" : Long.toString(value);
  }
}
