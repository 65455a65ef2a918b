package io.vipscope.tools.export;

import io.vipscope.core.failover.Failover;
import io.vipscope.core.finding.Finding;
import io.vipscope.core.flow.FlowRecord;
import io.vipscope.core.flow.Protocols;
import io.vipscope.core.net.MacAddress;
import io.vipscope.core.ownership.Ownership;
import io.vipscope.core.verdict.FlowVerdict;
import io.vipscope.core.verdict.Severity;
import io.vipscope.tools.Timestamp;
import io.vipscope.tools.report.ReportText;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Results as RFC 5424 messages: a sentence, and its parts as structured data. */
final class SyslogMessage {

  /** Facility {@code daemon}. */
  private static final int FACILITY = 3;

  private static final int CRITICAL = 2;
  private static final int WARNING = 4;
  private static final int NOTICE = 5;
  private static final int INFO = 6;

  private final String host;
  private final long pid;
  private final String structure;

  /**
   * @param host this sensor
   * @param pen private enterprise number of the structured data
   */
  SyslogMessage(String host, long pid, long pen) {
    this.host = header(host, 255);
    this.pid = pid;
    this.structure = "vipscope@" + pen;
  }

  String of(Ownership o, @Nullable String instance) {
    String holder =
        o.host() != null
            ? o.host()
            : o.mac() < 0 ? "nobody known" : "unknown " + new MacAddress(o.mac());
    return message(
        o.host() == null ? WARNING : NOTICE,
        o.atNs(),
        "vip_owner",
        new Data()
            .put("vip", o.vip())
            .put("instance", instance)
            .put("host", o.host())
            .put("vrid", o.vrid() < 0 ? null : o.vrid())
            .put("evidence", o.evidence())
            .put("epoch", o.epoch()),
        "VIP " + o.vip() + " is held by " + holder);
  }

  String of(Failover f) {
    String instance = f.instance() == null ? "vrid " + f.vrid() : f.instance();
    String from = ReportText.from(f);
    String to = ReportText.to(f);
    return message(
        f.to() == null ? WARNING : NOTICE,
        f.atNs(),
        "failover",
        new Data()
            .put("instance", f.instance())
            .put("from", f.from())
            .put("to", f.to())
            .put("trigger", f.trigger())
            .put("dark_ms", f.darkNs() < 0 ? null : f.darkNs() / 1e6),
        "Failover of "
            + instance
            + " from "
            + from
            + " to "
            + to
            + " ("
            + f.trigger()
            + ", "
            + (f.darkNs() < 0
                ? "still dark"
                : String.format(Locale.ROOT, "dark %.1f ms", f.darkNs() / 1e6))
            + ")");
  }

  String of(Finding f) {
    boolean over = f.status() == Finding.Status.RESOLVED;
    return message(
        over ? NOTICE : level(f.severity()),
        f.atNs(),
        "finding",
        new Data()
            .put("finding_id", f.id())
            .put("kind", f.kind())
            .put("severity", f.severity())
            .put("status", f.status())
            .put("host", f.host())
            .put("vip", f.vip())
            .put("count", f.count()),
        (over ? "Resolved: " : "") + f.kind() + ": " + f.text());
  }

  String of(FlowRecord f, FlowVerdict v) {
    return message(
        level(v.severity()),
        f.startNs(),
        "mismatch",
        new Data()
            .put("host", v.host())
            .put("src_ip", f.src())
            .put("src_port", f.srcPort())
            .put("dest_ip", f.dst())
            .put("dest_port", f.dstPort())
            .put("proto", Protocols.name(f.protocol()))
            .put("causes", String.join(",", v.causes()))
            .put("flow_id", f.flowId()),
        v.host() + ": " + v.reason());
  }

  private static int level(Severity severity) {
    return switch (severity) {
      case CRITICAL -> CRITICAL;
      case WARNING -> WARNING;
      case NOTICE -> NOTICE;
      case INFO -> INFO;
    };
  }

  private String message(int level, long atNs, String id, Data data, String text) {
    // RFC 5424 section 6.2.3: six digits of a second at most; Z for UTC.
    String time = Timestamp.of(atNs).substring(0, 26) + "Z";
    return "<"
        + (FACILITY * 8 + level)
        + ">1 "
        + time
        + " "
        + host
        + " vipscope "
        + pid
        + " "
        + id
        + " ["
        + structure
        + data
        + "] "
        + text.replaceAll("\\p{Cntrl}", " ");
  }

  /** Printable ASCII without spaces, as the header's fields must be. */
  private static String header(String text, int limit) {
    String safe = text.replaceAll("[^!-~]", "_");
    return safe.isEmpty() ? "-" : safe.substring(0, Math.min(limit, safe.length()));
  }

  /** Structured data: section 6.3.3 escapes quotes, backslashes and closing brackets. */
  private static final class Data {
    private final StringBuilder out = new StringBuilder();

    Data put(String name, @Nullable Object value) {
      if (value != null) {
        String text = value.toString().replaceAll("([\"\\\\\\]])", "\\\\$1");
        out.append(' ').append(name).append("=\"").append(text).append('"');
      }
      return this;
    }

    @Override
    public String toString() {
      return out.toString();
    }
  }
}
