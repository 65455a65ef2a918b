package io.vipscope.capture.host;

import io.vipscope.core.net.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads the matches and statements of a rule in nft's language, as the JSON that nft would print
 * for them.
 */
final class NftExpressions {

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private static final Set<String> PAYLOADS =
      Set.of("ip", "ip6", "tcp", "udp", "sctp", "dccp", "udplite", "icmp", "icmpv6", "th");

  /** Keys of {@code meta} that may stand without that word. */
  private static final Set<String> META =
      Set.of("mark", "iif", "iifname", "oif", "oifname", "skuid", "skgid");

  private static final Set<String> LEVELS =
      Set.of("emerg", "alert", "crit", "err", "warn", "notice", "info", "debug", "audit");

  private final NftWords words;
  private final List<JsonPlace> expressions = new ArrayList<>();

  NftExpressions(NftWords words) {
    this.words = words;
  }

  List<JsonPlace> read() {
    while (words.hasNext() && !words.peek().equals(";")) {
      one(words.next("an expression"));
    }
    return expressions;
  }

  private void add(String kind, JsonNode body) {
    expressions.add(new JsonPlace("nft", JSON.objectNode().set(kind, body)));
  }

  private void one(String word) {
    switch (word) {
      case "accept", "drop", "return", "notrack" -> add(word, JSON.nullNode());
      case "reject" -> {
        while (words.hasNext() && !words.peek().equals("comment")) {
          String _ = words.next("how to reject");
        }
        add("reject", JSON.nullNode());
      }
      case "counter" -> {
        if (words.take("packets")) {
          long _ = words.number("packets");
          words.expect("bytes");
          long _ = words.number("bytes");
        }
      }
      case "comment" -> comment();
      case "log" -> log();
      case "jump", "goto" -> add(word, JSON.objectNode().put("target", words.next("a chain")));
      case "snat", "dnat" -> add(word, nat());
      case "masquerade", "redirect" -> add(word, flags(ports(JSON.objectNode())));
      case "limit" -> limit();
      case "meta" -> meta(words.next("a key"));
      case "ct" -> ct();
      case "fib" -> fib();
      default -> {
        if (PAYLOADS.contains(word)) {
          payload(word);
        } else if (META.contains(word)) {
          meta(word);
        } else {
          throw new IllegalArgumentException("\"" + word + "\" is not understood in an nft rule");
        }
      }
    }
  }

  /** Ends the rule in nft too; its words were quoted. */
  private void comment() {
    while (words.hasNext() && !words.peek().equals(";")) {
      String _ = words.next("a comment");
    }
  }

  private void log() {
    while (true) {
      if (words.take("prefix") || words.take("group") || words.take("snaplen")) {
        String _ = words.next("a value");
      } else if (words.take("level")) {
        String level = words.next("a level");
        if (!LEVELS.contains(level)) {
          throw new IllegalArgumentException("\"" + level + "\" is no level");
        }
      } else {
        return;
      }
    }
  }

  private void limit() {
    words.expect("rate");
    boolean inverted = words.take("over");
    String _ = words.next("a rate");
    while (words.take("burst") || words.take("packets") || words.peek().matches("[0-9]+")) {
      String _ = words.peek().matches("[0-9]+") ? words.next("a number") : "";
    }
    add("limit", JSON.objectNode().put("inv", inverted));
  }

  private ObjectNode nat() {
    ObjectNode nat = JSON.objectNode();
    if (words.peek().equals("ip") || words.peek().equals("ip6")) {
      nat.put("family", words.next("a family"));
    }
    words.take("to");
    String to = words.next("an address");
    String ports = "";
    if (to.startsWith("[")) {
      int close = to.lastIndexOf(']');
      ports = close + 1 < to.length() ? to.substring(close + 2) : "";
      to = to.substring(1, Math.max(1, close)).replace("]-[", "-");
    } else if (to.indexOf(':') >= 0 && to.indexOf(':') == to.lastIndexOf(':')) {
      ports = to.substring(to.indexOf(':') + 1);
      to = to.substring(0, to.indexOf(':'));
    }
    if (!to.isEmpty()) {
      nat.set("addr", address(to));
    }
    if (!ports.isEmpty()) {
      nat.set("port", port(ports));
    }
    return flags(nat);
  }

  private ObjectNode ports(ObjectNode nat) {
    if (words.take("to")) {
      String word = words.next("ports");
      nat.set("port", port(word.startsWith(":") ? word.substring(1) : word));
    }
    return nat;
  }

  private ObjectNode flags(ObjectNode nat) {
    ArrayNode flags = JSON.arrayNode();
    while (words.peek().equals("random")
        || words.peek().equals("fully-random")
        || words.peek().equals("persistent")
        || words.peek().equals(",")) {
      String word = words.next("a flag");
      if (!word.equals(",")) {
        flags.add(word);
      }
    }
    if (!flags.isEmpty()) {
      nat.set("flags", flags);
    }
    return nat;
  }

  private void payload(String protocol) {
    String field = words.next("a field");
    ObjectNode key = JSON.objectNode();
    key.set("payload", JSON.objectNode().put("protocol", protocol).put("field", field));
    boolean port = field.equals("sport") || field.equals("dport");
    boolean address = field.equals("saddr") || field.equals("daddr");
    keyed(key, port ? Kind.PORT : address ? Kind.ADDRESS : Kind.ANY);
  }

  private void meta(String name) {
    ObjectNode key = JSON.objectNode();
    key.set("meta", JSON.objectNode().put("key", name));
    keyed(key, Kind.ANY);
  }

  private void ct() {
    ObjectNode key = JSON.objectNode();
    key.set("ct", JSON.objectNode().put("key", words.next("a key of ct")));
    keyed(key, Kind.ANY);
  }

  private void fib() {
    ArrayNode flags = JSON.arrayNode();
    String flag = words.next("saddr or daddr");
    flags.add(flag);
    ObjectNode fib = JSON.objectNode().put("result", words.next("type"));
    fib.set("flags", flags);
    ObjectNode key = JSON.objectNode();
    key.set("fib", fib);
    keyed(key, Kind.ANY);
  }

  /** What a value must be. */
  private enum Kind {
    ADDRESS,
    PORT,
    ANY
  }

  /** {@code KEY set VALUE}, or {@code KEY [OPERATOR] VALUES}. */
  private void keyed(ObjectNode key, Kind kind) {
    ObjectNode body = JSON.objectNode();
    if (words.take("set")) {
      body.set("key", key);
      body.set("value", computed(kind));
      add("mangle", body);
      return;
    }
    String op = "==";
    switch (words.peek()) {
      case "==", "!=", "<", ">", "<=", ">=" -> op = words.next("an operator");
      case "eq" -> op = skipped("==");
      case "ne" -> op = skipped("!=");
      case "and", "&" -> {
        String _ = words.next("&");
        ArrayNode masked = JSON.arrayNode().add(key).add(words.number("a mask"));
        ObjectNode and = JSON.objectNode();
        and.set("&", masked);
        keyed(and, Kind.ANY);
        return;
      }
      default -> {}
    }
    body.put("op", op);
    body.set("left", key);
    body.set("right", values(kind));
    add("match", body);
  }

  private String skipped(String op) {
    String _ = words.next("an operator");
    return op;
  }

  /** A number, or the packet's own mark with {@code and}, {@code or} and {@code xor} of numbers. */
  private JsonNode computed(Kind kind) {
    boolean conntrack = words.take("ct");
    if (!conntrack) {
      words.take("meta");
    }
    JsonNode value;
    if (words.take("mark")) {
      ObjectNode mark = JSON.objectNode();
      mark.set(conntrack ? "ct" : "meta", JSON.objectNode().put("key", "mark"));
      value = mark;
    } else {
      value = value(words.next("a value"), kind);
    }
    while (true) {
      String op =
          switch (words.peek()) {
            case "and", "&" -> "&";
            case "or", "|" -> "|";
            case "xor", "^" -> "^";
            default -> "";
          };
      if (op.isEmpty()) {
        return value;
      }
      String _ = words.next("an operator");
      ObjectNode next = JSON.objectNode();
      next.set(op, JSON.arrayNode().add(value).add(words.number("an operand")));
      value = next;
    }
  }

  private JsonNode values(Kind kind) {
    if (words.take("{")) {
      ArrayNode set = JSON.arrayNode();
      while (!words.take("}")) {
        set.add(value(words.next("}"), kind));
        words.take(",");
      }
      return JSON.objectNode().set("set", set);
    }
    JsonNode first = value(words.next("a value"), kind);
    if (!words.peek().equals(",")) {
      return first;
    }
    ArrayNode several = JSON.arrayNode().add(first);
    while (words.take(",")) {
      several.add(value(words.next("a value"), kind));
    }
    return several;
  }

  private static JsonNode value(String word, Kind kind) {
    if (word.startsWith("@")) {
      return JSON.stringNode(word);
    }
    return switch (kind) {
      case ADDRESS -> address(word);
      case PORT -> port(word);
      case ANY -> {
        if (word.matches("[0-9]+|0x[0-9a-fA-F]+")) {
          yield JSON.numberNode(Long.decode(word));
        }
        yield word.matches("[0-9]+-[0-9]+") ? port(word) : JSON.stringNode(word);
      }
    };
  }

  private static JsonNode address(String word) {
    try {
      int dash = word.indexOf('-');
      int slash = word.indexOf('/');
      if (dash > 0) {
        ArrayNode ends = JSON.arrayNode();
        ends.add(IpAddress.parse(word.substring(0, dash)).toString());
        ends.add(IpAddress.parse(word.substring(dash + 1)).toString());
        return JSON.objectNode().set("range", ends);
      }
      if (slash > 0) {
        ObjectNode prefix = JSON.objectNode();
        prefix.put("addr", IpAddress.parse(word.substring(0, slash)).toString());
        prefix.put("len", Integer.parseInt(word.substring(slash + 1)));
        return JSON.objectNode().set("prefix", prefix);
      }
      return JSON.stringNode(IpAddress.parse(word).toString());
    } catch (IllegalArgumentException _) {
      throw new IllegalArgumentException("\"" + word + "\" is no address, range or prefix");
    }
  }

  private static JsonNode port(String word) {
    try {
      int dash = word.indexOf('-');
      if (dash < 0) {
        return JSON.numberNode(port16(word));
      }
      ArrayNode ends = JSON.arrayNode();
      ends.add(port16(word.substring(0, dash)));
      ends.add(port16(word.substring(dash + 1)));
      return JSON.objectNode().set("range", ends);
    } catch (NumberFormatException _) {
      throw new IllegalArgumentException("\"" + word + "\" is no port or range of ports");
    }
  }

  private static int port16(String word) {
    int port = Integer.parseInt(word);
    if (port < 0 || port > 65535) {
      throw new NumberFormatException(word);
    }
    return port;
  }
}
