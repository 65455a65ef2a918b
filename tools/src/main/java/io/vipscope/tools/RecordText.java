package io.vipscope.tools;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/** A record in one line, for people. */
final class RecordText {

  private RecordText() {}

  static String of(JsonNode r) {
    JsonNode own = r.path("vipscope");
    String time = r.path("timestamp").asString("");
    return switch (r.path("event_type").asString("")) {
      case "flow", "verdict" -> flow(start(r), r, own);
      case "vip_owner" -> owner(time, own);
      case "failover" -> failover(time, own);
      case "finding" -> finding(time, own);
      case "coverage" ->
          time
              + "  "
              + own.path("host").asString("")
              + " "
              + own.path("kind").asString("")
              + ": "
              + own.path("flows").asLong(0)
              + " flows  "
              + own.path("text").asString("");
      case "nat" ->
          time
              + "  NAT "
              + own.path("verdict").asString("").toUpperCase(Locale.ROOT)
              + " "
              + end(r, "src")
              + " > "
              + end(r, "dest")
              + "/"
              + r.path("proto").asString("").toLowerCase(Locale.ROOT)
              + "  "
              + own.path("reason").asString("");
      default -> r.toString();
    };
  }

  /** It begins with its first evidence and ends with its last, whenever that was understood. */
  private static String finding(String time, JsonNode own) {
    String status = own.path("status").asString("");
    String start = own.path("start").asString(time);
    String end = own.path("end").asString(time);
    boolean open = status.equals("open");
    return (open ? start : status.equals("resolved") ? end : time)
        + "  "
        + own.path("severity").asString("").toUpperCase(Locale.ROOT)
        + " "
        + own.path("kind").asString("")
        + " "
        + (open ? "begins" : status.equals("resolved") ? "ends, began " + start : "goes on")
        + ": "
        + own.path("text").asString("");
  }

  private static String owner(String time, JsonNode own) {
    String host = own.path("host").asString(null);
    String mac = own.path("mac").asString(null);
    List<String> holders = new ArrayList<>();
    own.path("holders").forEach(holder -> holders.add(holder.asString()));
    holders.remove(host);
    return time
        + "  "
        + own.path("vip").asString("")
        + " held by "
        + (host != null ? host : mac == null ? "nobody known" : "unknown " + mac)
        + " ("
        + own.path("evidence").asString("")
        + ")"
        + (holders.isEmpty() ? "" : ", used by " + String.join(", ", holders) + " too");
  }

  private static String failover(String time, JsonNode own) {
    JsonNode dark = own.path("dark_ms");
    return time
        + "  failover of "
        + own.path("instance").asString("vrid " + own.path("vrid").asInt(0))
        + " from "
        + who(own, "from")
        + " to "
        + who(own, "to")
        + ": "
        + own.path("trigger").asString("")
        + (dark.isNumber()
            ? ", dark "
                + (own.path("dark_at_most").asBoolean(false) ? "at most " : "")
                + dark.asString()
                + " ms"
            : ", still dark")
        + group(own);
  }

  private static String who(JsonNode own, String side) {
    String mac = own.path(side + "_mac").asString("");
    return own.path(side).asString(mac.isEmpty() ? "nobody known" : "unknown " + mac);
  }

  private static String group(JsonNode own) {
    String group = own.path("sync_group").asString("");
    if (group.isEmpty()) {
      return "";
    }
    List<String> others = new ArrayList<>();
    own.path("moved_together").forEach(other -> others.add(other.asString()));
    return ", sync group "
        + group
        + (others.isEmpty() ? "" : ", with " + String.join(", ", others));
  }

  private static String start(JsonNode r) {
    return r.path("flow").path("start").asString(r.path("timestamp").asString(""));
  }

  private static String flow(String time, JsonNode r, JsonNode own) {
    String verdict = own.path("verdict").asString("-").toUpperCase(Locale.ROOT);
    String host = own.path("host").asString("-");
    String reason = own.path("reason").asString("");
    return "%s  %-11s %-8s %s > %s/%s%s"
        .formatted(
            time,
            verdict,
            host,
            end(r, "src"),
            end(r, "dest"),
            r.path("proto").asString("").toLowerCase(Locale.ROOT),
            reason.isEmpty() ? "" : "  " + reason);
  }

  private static String end(JsonNode r, String side) {
    String address = r.path(side + "_ip").asString("");
    int port = r.path(side + "_port").asInt(0);
    if (port == 0) {
      return address;
    }
    return (address.indexOf(':') >= 0 ? "[" + address + "]" : address) + ":" + port;
  }
}
