package io.vipscope.tools;

import io.vipscope.core.failover.Failover;
import io.vipscope.core.finding.Finding;
import io.vipscope.core.flow.EndReason;
import io.vipscope.core.flow.FlowRecord;
import io.vipscope.core.ownership.Ownership;
import io.vipscope.core.verdict.FlowVerdict;
import io.vipscope.core.verdict.Verdict;
import io.vipscope.tools.picture.LanesPicture;
import io.vipscope.tools.report.ReportText;
import io.vipscope.tools.view.ResultSink;
import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;

/** A live audit where nobody fills a screen: one line per owner, failover, finding, mismatch. */
final class EventLines implements ResultSink {

  private final PrintWriter out;

  EventLines(PrintWriter out) {
    this.out = out;
  }

  private void line(long ns, String what, String text) {
    out.println(Timestamp.clock(ns) + "  " + "%-9s".formatted(what) + "  " + text);
    out.flush();
  }

  @Override
  public void owner(Ownership o, @Nullable String instance) {
    if (o.atNs() == o.sinceNs()) {
      line(
          o.sinceNs(),
          "owner",
          o.vip() + "  " + LanesPicture.holder(o) + "  (" + o.evidence() + ")");
    }
  }

  @Override
  public void failover(Failover f) {
    line(
        f.atNs(),
        "failover",
        ReportText.instance(f)
            + "  "
            + ReportText.from(f)
            + " to "
            + ReportText.to(f)
            + "  ("
            + f.trigger()
            + ", "
            + ReportText.gap(f)
            + (f.group() == null ? "" : ", " + ReportText.group(f))
            + ")");
  }

  @Override
  public void finding(Finding f) {
    if (f.status() != Finding.Status.UPDATE) {
      boolean over = f.status() == Finding.Status.RESOLVED;
      String what =
          over
              ? "resolved, from "
                  + Timestamp.clock(f.startNs())
                  + " to "
                  + Timestamp.clock(f.endNs())
                  + ": "
              : "";
      line(f.atNs(), "finding", what + f.severity() + "  " + f.kind() + "  " + f.text());
    }
  }

  @Override
  public void judged(FlowRecord flow, FlowVerdict v, boolean accepted) {
    if (v.verdict() == Verdict.MISMATCH && !accepted && flow.reason() != EndReason.ACTIVE) {
      String tuple =
          FlowText.tuple(flow.src(), flow.srcPort(), flow.dst(), flow.dstPort(), flow.protocol());
      line(flow.startNs(), "mismatch", v.host() + "  " + tuple + "  " + v.reason());
    }
  }
}
