package io.vipscope.tools;

import io.vipscope.core.net.IpAddress;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** {@code vipscope owner}: who holds which VIP. */
@Command(
    name = "owner",
    header = "Says who holds which VIP, since when, and how that is known.",
    description =
        "From a capture or an interface that sees VRRP and ARP of the hosts, or from records that"
            + " an audit wrote. --vip selects, and names a VIP that no keepalived.conf names.",
    footer = {
      "",
      "Examples:",
      "  vipscope owner -i eth1 --hosts snapshots",
      "  vipscope owner -r mirror.pcap --hosts snapshots --at 03:12:05",
      "  vipscope owner -r flows.jsonl --vip 192.168.0.9"
    })
final class OwnerCommand implements Callable<Integer> {

  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Mixin private EventInput input = new EventInput();

  @Option(
      names = "--at",
      paramLabel = "T",
      converter = TimeOption.Converter.class,
      description =
          "At this time: 03:20 of the first record's day, in UTC, or with a date. Default: the end.")
  private @Nullable TimeOption at;

  @Option(names = "--json", description = "Print the records of the owners.")
  private boolean json;

  @Option(names = "-v", description = "Say more about internal errors.")
  @SuppressWarnings("UnusedVariable") // Main asks the command line whether it was given
  private boolean verbose;

  @Override
  public Integer call() throws InterruptedException {
    input.read(spec, this::show);
    return ExitCode.DONE;
  }

  private void show(List<JsonNode> records) {
    List<JsonNode> owners = new ArrayList<>();
    for (JsonNode record : records) {
      if (record.get("event_type").asString().equals("vip_owner") && selected(record)) {
        owners.add(record);
      }
    }
    PrintWriter out = spec.commandLine().getOut();
    Map<String, JsonNode> last = at(owners);
    Set<String> heard = new TreeSet<>();
    for (JsonNode record : records) {
      if (record.get("event_type").asString().equals("vip_owner")) {
        heard.add(record.path("vipscope").path("vip").asString(""));
      }
    }
    if (json) {
      last.values().forEach(record -> out.println(record.toString()));
    } else {
      print(last, heard, out);
    }
    out.flush();
  }

  private boolean selected(JsonNode record) {
    List<IpAddress> wanted = input.hosts().vips();
    String vip = record.path("vipscope").path("vip").asString("");
    return wanted.isEmpty() || wanted.stream().anyMatch(a -> a.toString().equals(vip));
  }

  /** The record in force of each VIP and segment. */
  private Map<String, JsonNode> at(List<JsonNode> owners) {
    Map<String, JsonNode> last = new TreeMap<>();
    if (owners.isEmpty()) {
      return last;
    }
    long firstNs = sinceNs(owners.getFirst());
    for (JsonNode record : owners) {
      if (at == null || isKnown(record, last.get(place(record)), at.at(firstNs))) {
        last.put(place(record), record);
      }
    }
    return last;
  }

  /** A holder counts from its first evidence on; what came later about its time, when it came. */
  private static boolean isKnown(JsonNode record, @Nullable JsonNode before, long ns) {
    boolean again = before != null && sinceNs(before) == sinceNs(record);
    Long toldNs = Timestamp.parse(record.path("timestamp").asString(""));
    return sinceNs(record) <= ns && (!again || toldNs == null || toldNs <= ns);
  }

  private static String place(JsonNode record) {
    JsonNode own = record.path("vipscope");
    return own.path("vip").asString("") + " " + own.path("segment") + " " + own.path("mirror");
  }

  private static long sinceNs(JsonNode record) {
    Long since = Timestamp.parse(record.path("vipscope").path("since").asString(""));
    return since == null ? Long.MIN_VALUE : since;
  }

  private void print(Map<String, JsonNode> last, Set<String> heard, PrintWriter out) {
    if (last.isEmpty()) {
      List<IpAddress> wanted = input.hosts().vips();
      String whom =
          wanted.isEmpty()
              ? "a VIP"
              : String.join(", ", wanted.stream().map(IpAddress::toString).toList());
      wanted.forEach(vip -> heard.remove(vip.toString()));
      out.println(
          "nothing was heard of "
              + whom
              + (at == null ? "" : " up to then")
              + (heard.isEmpty() ? "" : ", only of " + String.join(", ", heard)));
      return;
    }
    List<List<String>> rows = new ArrayList<>();
    last.values().forEach(record -> rows.add(row(record)));
    TextTable.print(
        out,
        List.of("vip", "segment", "instance", "holder", "since (UTC)", "evidence", "also used by"),
        rows,
        0,
        TextStyle.forStdout());
  }

  private static List<String> row(JsonNode record) {
    JsonNode own = record.path("vipscope");
    String host = own.path("host").asString(null);
    String mac = own.path("mac").asString(null);
    Map<String, String> cells = new LinkedHashMap<>();
    cells.put("vip", own.path("vip").asString(""));
    cells.put("segment", segment(own));
    cells.put("instance", own.path("instance").asString("-"));
    cells.put("holder", host != null ? host : mac == null ? "nobody known" : "unknown " + mac);
    cells.put("since", own.path("since").asString("").replaceFirst("\\d{6}\\+0000$", ""));
    cells.put("evidence", evidence(own));
    List<String> others = new ArrayList<>();
    own.path("holders").forEach(holder -> others.add(holder.asString()));
    others.remove(host);
    cells.put("others", others.isEmpty() ? "-" : String.join(", ", others));
    return List.copyOf(cells.values());
  }

  private static String segment(JsonNode own) {
    String vlan = own.path("segment").isNumber() ? "vlan " + own.path("segment").asInt() : "";
    JsonNode mirror = own.path("mirror");
    if (mirror.isObject()) {
      String session = mirror.path("transport").asString("") + " " + mirror.path("id").asInt(0);
      return vlan.isEmpty() ? session : session + " " + vlan;
    }
    return vlan.isEmpty() ? "-" : vlan;
  }

  private static String evidence(JsonNode own) {
    String text = own.path("evidence").asString("");
    if (own.path("vrid").isNumber()) {
      text += " vrid " + own.path("vrid").asInt();
    }
    return own.path("priority").isNumber() ? text + " prio " + own.path("priority").asInt() : text;
  }
}
