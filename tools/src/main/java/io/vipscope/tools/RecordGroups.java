package io.vipscope.tools;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Records counted by the values of some fields. */
final class RecordGroups {

  private static final JsonMapper MAPPER = new JsonMapper();

  private final List<RecordField> fields;
  private final Map<List<String>, Sum> groups = new HashMap<>();

  /** What one group adds up to. */
  private static final class Sum {
    private long records;
    private long packets;
    private long bytes;
  }

  private record Group(List<String> values, Sum sum) {}

  RecordGroups(List<RecordField> fields) {
    this.fields = List.copyOf(fields);
  }

  void add(JsonNode record) {
    List<String> values = fields.stream().map(f -> f.of(record)).toList();
    Sum sum = groups.computeIfAbsent(values, _ -> new Sum());
    JsonNode flow = record.path("flow");
    sum.records++;
    sum.packets += flow.path("pkts_toserver").asLong(0) + flow.path("pkts_toclient").asLong(0);
    sum.bytes += flow.path("bytes_toserver").asLong(0) + flow.path("bytes_toclient").asLong(0);
  }

  private List<Group> largest(int top) {
    return groups.entrySet().stream()
        .map(e -> new Group(e.getKey(), e.getValue()))
        .sorted(
            Comparator.comparingLong((Group g) -> -g.sum().records)
                .thenComparing(g -> String.join("\0", g.values())))
        .limit(top)
        .toList();
  }

  /** A line each, the largest first. */
  void json(PrintWriter out, int top) {
    for (Group group : largest(top)) {
      ObjectNode line = MAPPER.createObjectNode();
      for (int i = 0; i < fields.size(); i++) {
        line.put(fields.get(i).name(), group.values().get(i));
      }
      line.put("records", group.sum().records);
      line.put("packets", group.sum().packets).put("bytes", group.sum().bytes);
      out.println(MAPPER.writeValueAsString(line));
    }
  }

  /** A table, the largest first; what was left out is counted below it. */
  void text(PrintWriter out, int top, TextStyle style) {
    List<List<String>> rows = new ArrayList<>();
    List<Group> shown = largest(top);
    for (Group group : shown) {
      List<String> row = new ArrayList<>();
      row.add(Long.toString(group.sum().records));
      row.add(Long.toString(group.sum().bytes));
      group.values().forEach(value -> row.add(value.isEmpty() ? "-" : value));
      rows.add(row);
    }
    List<String> head = new ArrayList<>(List.of("records", "bytes"));
    fields.forEach(f -> head.add(f.name()));
    TextTable.print(out, head, rows, 2, style);
    if (groups.size() > shown.size()) {
      out.println("… " + (groups.size() - shown.size()) + " more; --top N shows them");
    }
  }
}
