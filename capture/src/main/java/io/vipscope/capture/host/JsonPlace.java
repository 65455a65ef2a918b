package io.vipscope.capture.host;

import io.vipscope.capture.CaptureException;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.IpPrefix;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A value within a JSON file, with the way to it, so that a wrong type is reported with its place.
 * A missing key is never an error here: accessors give null or the default that they are told.
 */
final class JsonPlace {

  private final String file;
  private final @Nullable JsonPlace parent;
  private final @Nullable String key;
  private final int index;
  private final JsonNode node;

  /** The top of a file. */
  JsonPlace(String file, JsonNode node) {
    this(file, null, null, 0, node);
  }

  private JsonPlace(
      String file, @Nullable JsonPlace parent, @Nullable String key, int index, JsonNode node) {
    this.file = file;
    this.parent = parent;
    this.key = key;
    this.index = index;
    this.node = node;
  }

  JsonNode node() {
    return node;
  }

  /** An element of this array. */
  JsonPlace element(int at, JsonNode value) {
    return new JsonPlace(file, this, null, at, value);
  }

  /** The way from the top: {@code [3].nexthops[0].dev}; made only when something is wrong. */
  String path() {
    String before = parent == null ? "" : parent.path();
    if (parent == null) {
      return "";
    }
    return key == null ? before + "[" + index + "]" : before.isEmpty() ? key : before + "." + key;
  }

  CaptureException wrong(String expected) {
    String found = node.isMissingNode() ? "nothing" : node.toString();
    String shown = found.length() > 60 ? found.substring(0, 60) + "…" : found;
    return new CaptureException(
        file
            + ": "
            + (parent == null ? "top" : path())
            + ": expected "
            + expected
            + ", found "
            + shown);
  }

  /** The elements of an array. */
  List<JsonPlace> elements() {
    if (!node.isArray()) {
      throw wrong("an array");
    }
    List<JsonPlace> all = new ArrayList<>();
    for (int i = 0; i < node.size(); i++) {
      all.add(element(i, node.get(i)));
    }
    return all;
  }

  /** This value, which must be an object. */
  JsonPlace object() {
    if (!node.isObject()) {
      throw wrong("an object");
    }
    return this;
  }

  /** What stands under a key of this object, be it null. */
  JsonPlace member(String name, JsonNode value) {
    return new JsonPlace(file, this, name, 0, value);
  }

  boolean has(String key) {
    return node.has(key);
  }

  /** The value of a key; null if the key is missing or its value is null. */
  @Nullable JsonPlace at(String name) {
    JsonNode value = node.get(name);
    return value == null || value.isNull() ? null : new JsonPlace(file, this, name, 0, value);
  }

  /** The elements of an array under a key; empty if it is missing. */
  List<JsonPlace> list(String key) {
    JsonPlace value = at(key);
    return value == null ? List.of() : value.elements();
  }

  @Nullable String text(String key) {
    JsonPlace value = at(key);
    return value == null ? null : value.text();
  }

  String text(String key, String absent) {
    String value = text(key);
    return value == null ? absent : value;
  }

  String text() {
    if (!node.isString()) {
      throw wrong("a string");
    }
    return node.stringValue();
  }

  /** A string, or a whole number as text: names where the command knows one. */
  String scalar() {
    return node.isIntegralNumber() ? Long.toString(integer()) : text();
  }

  String scalar(String key, String absent) {
    JsonPlace value = at(key);
    return value == null ? absent : value.scalar();
  }

  /** A whole number and nothing else. */
  long integer() {
    if (!node.isIntegralNumber() || !node.canConvertToLong()) {
      throw wrong(node.isNumber() ? "a whole number of 64 bits" : "a number");
    }
    return node.longValue();
  }

  long integer(String key, long absent) {
    JsonPlace value = at(key);
    return value == null ? absent : value.integer();
  }

  /** A whole number from 0 to a bound; a negative default is given back as it is. */
  long integer(String key, long absent, long max) {
    JsonPlace value = at(key);
    return value == null ? absent : value.within(value.integer(), max);
  }

  /** A whole number, or a string that holds one ({@code "0x10"} too: the commands print both). */
  long number() {
    if (!node.isString()) {
      return integer();
    }
    try {
      return Long.decode(node.stringValue());
    } catch (NumberFormatException _) {
      throw wrong("a number");
    }
  }

  long number(String key, long absent) {
    JsonPlace value = at(key);
    return value == null ? absent : value.number();
  }

  /** As {@link #number(String, long)}, from 0 to a bound. */
  long number(String key, long absent, long max) {
    JsonPlace value = at(key);
    return value == null ? absent : value.within(value.number(), max);
  }

  private long within(long value, long max) {
    if (value < 0 || value > max) {
      throw wrong("a number from 0 to " + max);
    }
    return value;
  }

  boolean flag() {
    if (!node.isBoolean()) {
      throw wrong("true or false");
    }
    return node.booleanValue();
  }

  boolean flag(String key) {
    JsonPlace value = at(key);
    return value != null && value.flag();
  }

  /** Null, which says no more than its key, or a boolean. */
  boolean marked() {
    return node.isNull() || flag();
  }

  /** Whether a key is there whose value is not false. */
  boolean marked(String key) {
    JsonNode value = node.get(key);
    return value != null && member(key, value).marked();
  }

  @Nullable IpAddress address(String key) {
    JsonPlace value = at(key);
    return value == null ? null : value.parsed(IpAddress::parse, "an IP address");
  }

  /** An address of this family. */
  @Nullable IpAddress address(String key, boolean v6) {
    JsonPlace value = at(key);
    IpAddress address = address(key);
    if (value != null && address != null && address.v6() != v6) {
      throw value.wrong(v6 ? "an IPv6 address" : "an IPv4 address");
    }
    return address;
  }

  /** An address or a prefix of this family; {@code default} and {@code all} are 0/0. */
  @Nullable IpPrefix prefix(String key, boolean v6) {
    JsonPlace value = at(key);
    if (value == null) {
      return null;
    }
    String text = value.text();
    if (text.equals("default") || text.equals("all")) {
      return IpPrefix.of(v6 ? IpAddress.ANY6 : IpAddress.ANY4, 0);
    }
    IpPrefix prefix = value.parsed(IpPrefix::parse, "an address or prefix");
    if (prefix.v6() != v6) {
      throw value.wrong(v6 ? "an IPv6 address or prefix" : "an IPv4 address or prefix");
    }
    return prefix;
  }

  /** The type of service octet; 0 if the key is missing. */
  int tos(String key) {
    JsonPlace value = at(key);
    if (value == null) {
      return 0;
    }
    Integer number = DsField.number(value.scalar());
    if (number == null) {
      throw value.wrong("a type of service");
    }
    return number;
  }

  /** A string under a key as something else; the given value if the key is missing. */
  <T> T parsed(String key, Function<String, T> parser, T absent, String expected) {
    JsonPlace value = at(key);
    return value == null ? absent : value.parsed(parser, expected);
  }

  /** This string as something else. */
  <T> T parsed(Function<String, T> parser, String expected) {
    try {
      return parser.apply(text());
    } catch (IllegalArgumentException _) {
      throw wrong(expected);
    }
  }
}
