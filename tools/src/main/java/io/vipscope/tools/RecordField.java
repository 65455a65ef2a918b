package io.vipscope.tools;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * A field of a record by name, as {@code show} takes it: {@code dest_port}, {@code host} (looked
 * for in the record, in its {@code vipscope} and in its {@code flow}), or with the way to it,
 * {@code vipscope.path.dev}.
 */
record RecordField(String name) {

  private static final List<String> PLACES = List.of("vipscope", "flow", "ether");

  /** The value as text; a list's parts joined by commas; empty for null and for no such field. */
  String of(JsonNode record) {
    return text(find(record));
  }

  boolean isIn(JsonNode record) {
    return !find(record).isMissingNode();
  }

  private JsonNode find(JsonNode record) {
    if (name.indexOf('.') >= 0) {
      JsonNode at = record;
      for (String part : name.split("\\.", -1)) {
        at = at.path(part);
      }
      return at;
    }
    JsonNode direct = record.path(name);
    for (int i = 0; direct.isMissingNode() && i < PLACES.size(); i++) {
      direct = record.path(PLACES.get(i)).path(name);
    }
    return direct;
  }

  private static String text(JsonNode node) {
    if (node.isNull() || node.isMissingNode()) {
      return "";
    }
    if (node.isArray()) {
      List<String> parts = new ArrayList<>();
      node.forEach(part -> parts.add(text(part)));
      return String.join(",", parts);
    }
    return node.isValueNode() ? node.asString() : node.toString();
  }
}
