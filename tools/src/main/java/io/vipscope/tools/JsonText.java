package io.vipscope.tools;

import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * Builds one JSON line by hand: records have a fixed shape, and their key order is part of what
 * people read. Not thread-safe; reusable after {@link #take()}.
 */
public final class JsonText {

  private final StringBuilder out = new StringBuilder(1024);
  private boolean first = true;

  public JsonText open() {
    out.append('{');
    first = true;
    return this;
  }

  public JsonText open(String key) {
    key(key);
    return open();
  }

  public JsonText close() {
    out.append('}');
    first = false;
    return this;
  }

  private void key(String key) {
    if (!first) {
      out.append(',');
    }
    first = false;
    out.append('"').append(key).append("\":");
  }

  public JsonText put(String key, @Nullable Object value) {
    key(key);
    value(value);
    return this;
  }

  public JsonText put(String key, long value) {
    key(key);
    out.append(value);
    return this;
  }

  public JsonText put(String key, boolean value) {
    key(key);
    out.append(value);
    return this;
  }

  /** A value that is there only if it is known. */
  public JsonText putIf(boolean condition, String key, @Nullable Object value) {
    return condition ? put(key, value) : this;
  }

  public JsonText list(String key, Collection<?> values) {
    key(key);
    out.append('[');
    String separator = "";
    for (Object value : values) {
      out.append(separator);
      value(value);
      separator = ",";
    }
    out.append(']');
    return this;
  }

  private void value(@Nullable Object value) {
    switch (value) {
      case null -> out.append("null");
      case Number number -> out.append(number);
      case Boolean flag -> out.append(flag);
      default -> string(value.toString());
    }
  }

  private void string(String text) {
    out.append('"');
    int copied = 0; // nearly all texts go over in one piece
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < 0x20 || c == '"' || c == '\\') {
        out.append(text, copied, i);
        escaped(c);
        copied = i + 1;
      }
    }
    out.append(text, copied, text.length()).append('"');
  }

  private void escaped(char c) {
    switch (c) {
      case '"' -> out.append("\\\"");
      case '\\' -> out.append("\\\\");
      case '\n' -> out.append("\\n");
      case '\r' -> out.append("\\r");
      case '\t' -> out.append("\\t");
      default -> out.append("\\u%04x".formatted((int) c));
    }
  }

  /** The line so far; the builder is empty afterwards. */
  public String take() {
    String text = out.toString();
    out.setLength(0);
    first = true;
    return text;
  }
}
