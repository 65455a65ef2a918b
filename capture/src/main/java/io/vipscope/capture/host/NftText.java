package io.vipscope.capture.host;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** A rule's expressions as a line, near to what {@code nft list} prints. */
final class NftText {

  private NftText() {}

  static String of(List<JsonPlace> expressions) {
    List<String> parts = new ArrayList<>();
    for (JsonPlace e : expressions) {
      if (!e.has("counter")) {
        parts.add(text(e.node()));
      }
    }
    return String.join(" ", parts);
  }

  private static String text(JsonNode node) {
    if (node.isArray()) {
      List<String> items = new ArrayList<>();
      node.forEach(item -> items.add(text(item)));
      return String.join(", ", items);
    }
    if (!node.isObject()) {
      return node.isNull() ? "" : node.asString();
    }
    List<String> parts = new ArrayList<>();
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      parts.add(entry(entry.getKey(), entry.getValue()));
    }
    return String.join(" ", parts).strip();
  }

  private static String entry(String key, JsonNode value) {
    return switch (key) {
      case "match" -> {
        String op = value.path("op").asString("");
        String between = op.equals("==") || op.equals("in") ? " " : " " + op + " ";
        yield text(value.path("left")) + between + text(value.path("right"));
      }
      case "payload" ->
          value.path("protocol").asString("") + " " + value.path("field").asString("");
      case "meta", "ct" -> key + " " + value.path("key").asString("");
      case "prefix" -> value.path("addr").asString("") + "/" + value.path("len").asString("");
      case "range" -> text(value.path(0)) + "-" + text(value.path(1));
      case "set" -> "{ " + text(value) + " }";
      case "snat", "dnat" -> key + " to " + text(value.path("addr"));
      case "mangle" -> text(value.path("key")) + " set " + text(value.path("value"));
      case "xt" -> "xt " + value.path("name").asString("");
      case "masquerade", "redirect" -> key;
      case "map" -> text(value.path("key")) + " map " + text(value.path("data"));
      default -> (key + " " + text(value)).strip();
    };
  }
}
