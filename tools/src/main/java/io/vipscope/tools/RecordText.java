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
      case "vip_owner" -> owner(own);
      case "failover" -> failover(time, own);
      case "finding" ->
          time
              + "  "
              + own.path("severity").asString("").toUpperCase(Locale.ROOT)
              + " "
              + own.path("kind").asString("")
              + " "
              + own.path("status").asString("")
              + ": "
              + own.path("text").asString("");
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

  private static String owner(JsonNode own) {
    String host = own.path("host").asString(null);
    String mac = own.path("mac").asString(null);
    List<String> holders = new ArrayList<>();
    own.path("holders").forEach(holder -> holders.add(holder.asString()));
    holders.remove(host);
    return own.path("since").asString("")
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
        + own.path("from").asString("nobody known")
        + " to "
        + own.path("to").asString("nobody known")
        + ": "
        + own.path("trigger").asString("")
        + (dark.isNumber() ? ", dark " + dark.asString() + " ms" : ", still dark");
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
