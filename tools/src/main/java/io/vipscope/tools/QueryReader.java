package io.vipscope.tools;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vipscope.capture.CaptureException;
import io.vipscope.core.model.selection.RouteQuery;
import io.vipscope.core.net.IpAddress;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;

/** Reads {@code --queries}: one JSON object a line, keys named as the options. */
final class QueryReader {

  private static final long U32 = 0xffffffffL;

  /** Made when the first line is read: it takes a tenth of a short run. */
  private static final class Json {
    static final JsonMapper MAPPER = new JsonMapper();
  }

  private final String file;

  QueryReader(String file) {
    this.file = file;
  }

  /**
   * Gives every query with its id, in order; {@code -} is standard input.
   *
   * @throws CaptureException at the first bad line, after the queries before it were given
   */
  void forEach(BiConsumer<JsonNode, RouteQuery> consumer) {
    try (BufferedReader reader =
        file.equals("-")
            ? new BufferedReader(new InputStreamReader(System.in, UTF_8))
            : Files.newBufferedReader(Path.of(file), UTF_8)) {
      int number = 0;
      int index = 0;
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        number++;
        if (line.isBlank()) {
          continue;
        }
        JsonNode node = parse(line, number);
        RouteQuery query = query(node, number);
        JsonNode id = node.get("id");
        consumer.accept(id == null ? JsonNodeFactory.instance.numberNode(index) : id, query);
        index++;
      }
    } catch (IOException e) {
      throw new CaptureException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private JsonNode parse(String line, int number) {
    try {
      JsonNode node = Json.MAPPER.readTree(line);
      if (node.isObject()) {
        return node;
      }
    } catch (JacksonException _) {
      // one message for both
    }
    throw bad(number, "not a JSON object");
  }

  private RouteQuery query(JsonNode node, int number) {
    try {
      String dst = text(node, "dst");
      if (dst == null) {
        throw new IllegalArgumentException("dst is missing");
      }
      String from = text(node, "from");
      return query(
          dst,
          from,
          value(node, "mark", U32),
          value(node, "tos", 255),
          text(node, "oif"),
          text(node, "ipproto"),
          value(node, "sport", 65535),
          value(node, "dport", 65535),
          value(node, "uid", U32),
          value(node, "af", 10));
    } catch (IllegalArgumentException e) {
      throw bad(number, String.valueOf(e.getMessage()));
    }
  }

  /**
   * A query from what the user wrote.
   *
   * @param af 4 or 6 if the family was named, else 0
   * @throws IllegalArgumentException with a message for the user
   */
  static RouteQuery query(
      String dst,
      @Nullable String from,
      long mark,
      long tos,
      @Nullable String oif,
      @Nullable String protocol,
      long sport,
      long dport,
      long uid,
      long af) {
    IpAddress to = IpAddress.parse(dst);
    IpAddress source = from == null ? null : IpAddress.parse(from);
    if (source != null && source.v6() != to.v6()) {
      throw new IllegalArgumentException("from " + from + " and dst " + dst + " differ in family");
    }
    if (af == 4 && to.v6() || (af == 6 || af == 10) && !to.v6()) {
      throw new IllegalArgumentException("dst " + dst + " is not of family " + af);
    }
    int number = protocol == null ? to.v6() ? 0 : 17 : protocol(protocol);
    return new RouteQuery(
        to, source, (int) mark, (int) tos, oif, number, (int) sport, (int) dport, (int) uid);
  }

  /**
   * A protocol's number, by its name in lower case or by the number.
   *
   * @throws IllegalArgumentException with a message for the user
   */
  static int protocol(String text) {
    return switch (text) {
      case "icmp" -> 1;
      case "igmp" -> 2;
      case "tcp" -> 6;
      case "udp" -> 17;
      case "gre" -> 47;
      case "esp" -> 50;
      case "ah" -> 51;
      case "ipv6-icmp", "icmpv6" -> 58;
      case "vrrp" -> 112;
      case "sctp" -> 132;
      case "udplite" -> 136;
      default -> (int) number("ipproto", text, 255);
    };
  }

  /** A number, {@code 0x10} too, from 0 to the limit. */
  static long number(String name, String text, long limit) {
    try {
      long value = Long.decode(text);
      if (value >= 0 && value <= limit) {
        return value;
      }
    } catch (NumberFormatException _) {
      // one message for both
    }
    throw new IllegalArgumentException(
        name + " must be a number from 0 to " + limit + ", found '" + text + "'");
  }

  private static long value(JsonNode node, String key, long limit) {
    String text = text(node, key);
    return text == null ? 0 : number(key, text, limit);
  }

  private static @Nullable String text(JsonNode node, String key) {
    JsonNode value = node.get(key);
    if (value == null || value.isNull()) {
      return null;
    }
    if (!value.isString() && !value.isIntegralNumber()) {
      throw new IllegalArgumentException(key + " must be a string or a number, found " + value);
    }
    return value.asString();
  }

  private CaptureException bad(int number, String what) {
    return new CaptureException(file + ": line " + number + ": " + what);
  }
}
