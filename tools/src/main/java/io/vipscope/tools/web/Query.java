package io.vipscope.tools.web;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URI;
import java.net.URLDecoder;
import java.util.HashMap;
import java.util.Map;

/** A request's parameters. */
record Query(Map<String, String> values) {

  static Query of(URI uri) {
    Map<String, String> values = new HashMap<>();
    String raw = uri.getRawQuery();
    if (raw != null) {
      for (String part : raw.split("&", -1)) {
        int equals = part.indexOf('=');
        if (equals > 0) {
          values.put(part.substring(0, equals), decoded(part.substring(equals + 1)));
        }
      }
    }
    return new Query(values);
  }

  private static String decoded(String text) {
    try {
      return URLDecoder.decode(text, UTF_8);
    } catch (IllegalArgumentException _) {
      return text;
    }
  }

  /** A value; empty if it is not given. */
  String text(String name) {
    return values.getOrDefault(name, "");
  }

  /** A number from 0 to a limit; {@code otherwise} if none is given. */
  long number(String name, long otherwise, long limit) {
    try {
      return Math.clamp(Long.parseLong(text(name)), 0, limit);
    } catch (NumberFormatException _) {
      return otherwise;
    }
  }
}
