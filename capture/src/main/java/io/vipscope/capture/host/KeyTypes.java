package io.vipscope.capture.host;

import java.util.HashMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * What may stand under the keys of one kind of JSON object that a command prints, whether this
 * program uses the key or not. A key that is not named here is of a newer version of the command
 * and may hold anything. Built once, then only read.
 */
final class KeyTypes {

  /** Refuses a value of another type, with its place. */
  private interface Check {
    void value(JsonPlace value);
  }

  private final Map<String, Check> checks = new HashMap<>();

  /** Strings. */
  KeyTypes strings(String... keys) {
    return all(keys, JsonPlace::text);
  }

  /** Whole numbers that fit 64 bits. */
  KeyTypes integers(String... keys) {
    return all(keys, JsonPlace::integer);
  }

  /** Whole numbers, or strings that hold one, decimal or {@code 0x}. */
  KeyTypes numbers(String... keys) {
    return all(keys, JsonPlace::number);
  }

  /** Strings or whole numbers: names where the command knows one. */
  KeyTypes scalars(String... keys) {
    return all(keys, JsonPlace::scalar);
  }

  /** Strings, or null where there is nothing to name. */
  KeyTypes nullableStrings(String... keys) {
    return all(
        keys,
        value -> {
          if (!value.node().isNull()) {
            value.text();
          }
        });
  }

  /** True or false ({@code print_bool} of iproute2). */
  KeyTypes booleans(String... keys) {
    return all(keys, JsonPlace::flag);
  }

  /** Null ({@code print_null} of iproute2): the key says it all. Or true or false. */
  KeyTypes flags(String... keys) {
    return all(keys, JsonPlace::marked);
  }

  /** Arrays of strings. */
  KeyTypes stringLists(String... keys) {
    return all(keys, list -> list.elements().forEach(JsonPlace::text));
  }

  /** An object whose keys are known as well. */
  KeyTypes object(String key, KeyTypes types) {
    return all(new String[] {key}, types::check);
  }

  /** An array of objects whose keys are known as well. */
  KeyTypes objects(String key, KeyTypes types) {
    return all(new String[] {key}, list -> list.elements().forEach(types::check));
  }

  /** Everything that another kind of object may hold. */
  KeyTypes with(KeyTypes other) {
    checks.putAll(other.checks);
    return this;
  }

  private KeyTypes all(String[] keys, Check check) {
    for (String key : keys) {
      checks.put(key, check);
    }
    return this;
  }

  /**
   * Refuses a value that is no object, or that holds something of another type under a known key.
   */
  void check(JsonPlace value) {
    for (Map.Entry<String, JsonNode> entry : value.object().node().properties()) {
      Check check = checks.get(entry.getKey());
      if (check != null) {
        check.value(value.member(entry.getKey(), entry.getValue()));
      }
    }
  }
}
