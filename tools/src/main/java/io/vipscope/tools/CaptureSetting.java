package io.vipscope.tools;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A key below {@code capture:} in a configuration, and the words on a command line that say the
 * same.
 *
 * @param option of {@code vipscope audit}; empty for the expression
 * @param words what would be given, the option included
 * @param where file and line
 */
record CaptureSetting(String key, String option, List<String> words, String where) {

  /** What a key's value is. */
  private sealed interface Kind {
    record Whole(String option, long least, long most) implements Kind {}

    record Text(String option, String what) implements Kind {}

    record Files(String option) implements Kind {}

    record Names(String option) implements Kind {}

    /** An option that is given where the value is this one. */
    record Flag(String option, boolean when) implements Kind {}
  }

  private static final Map<String, Kind> KEYS = new LinkedHashMap<>();

  static {
    KEYS.put("interfaces", new Kind.Names("-i"));
    KEYS.put("files", new Kind.Files("-r"));
    KEYS.put("source", new Kind.Text("--source", "a way to capture"));
    KEYS.put("filter", new Kind.Text("", "an expression in tcpdump's language"));
    KEYS.put("mirror", new Kind.Text("--mirror", "a transport"));
    KEYS.put("layer", new Kind.Text("--layer", "outer or inner"));
    KEYS.put("threads", new Kind.Whole("--threads", 1, 64));
    KEYS.put("max_flows", new Kind.Whole("--max-flows", 1, Integer.MAX_VALUE));
    KEYS.put("snap_length", new Kind.Whole("-s", 64, 262_144));
    KEYS.put("promiscuous", new Kind.Flag("-p", false));
    KEYS.put("dedup", new Kind.Flag("--dedup", true));
    KEYS.put("dedup_window", new Kind.Text("--dedup-window", "a length of time"));
    KEYS.put("vlan_key", new Kind.Flag("--no-vlan-key", false));
    KEYS.put("l2", new Kind.Flag("--no-l2", false));
    KEYS.put("active_timeout", new Kind.Text("--active-timeout", "a length of time"));
    KEYS.put("max_loss", new Kind.Text("--max-loss", "N or P%"));
    KEYS.put("sensor", new Kind.Text("--sensor", "a name"));
  }

  CaptureSetting {
    words = List.copyOf(words);
  }

  /** The keys that may stand below {@code capture:}. */
  static Set<String> keys() {
    return KEYS.keySet();
  }

  /** What the section says; what is wrong in it is noted there. */
  static List<CaptureSetting> read(YamlPlace section) {
    List<CaptureSetting> settings = new ArrayList<>();
    section
        .mapping("a mapping of " + String.join(", ", keys()), keys())
        .forEach((key, place) -> {
          Kind kind = KEYS.get(key);
          CaptureSetting setting = kind == null ? null : of(key, kind, place);
          if (setting != null && !setting.words().isEmpty()) {
            settings.add(setting);
          }
        });
    return settings;
  }

  private static CaptureSetting of(String key, Kind kind, YamlPlace place) {
    List<String> words = new ArrayList<>();
    String option =
        switch (kind) {
          case Kind.Whole(String name, long least, long most) -> {
            String what = "a number from " + least + " to " + most;
            String text = place.text(what);
            if (text != null && isWithin(text, least, most)) {
              words.addAll(List.of(name, text));
            } else if (text != null) {
              place.expected(what);
            }
            yield name;
          }
          case Kind.Text(String name, String what) -> {
            String text = place.text(what);
            if (text != null) {
              words.addAll(name.isEmpty() ? List.of(text) : List.of(name, text));
            }
            yield name;
          }
          case Kind.Files(String name) -> {
            for (YamlPlace one : place.list("files")) {
              var path = one.path("a file");
              if (path != null) {
                words.addAll(List.of(name, path.endsWith("-") ? "-" : path.toString()));
              }
            }
            yield name;
          }
          case Kind.Names(String name) -> {
            for (YamlPlace one : place.list("interfaces")) {
              String text = one.text("an interface");
              if (text != null) {
                words.addAll(List.of(name, text));
              }
            }
            yield name;
          }
          case Kind.Flag(String name, boolean when) -> {
            String text = place.text("true or false");
            if (text != null && !Set.of("true", "false").contains(text)) {
              place.expected("true or false");
            } else if (String.valueOf(when).equals(text)) {
              words.add(name);
            }
            yield name;
          }
        };
    return new CaptureSetting(key, option, words, place.where());
  }

  private static boolean isWithin(String text, long least, long most) {
    try {
      long number = Long.parseLong(text);
      return least <= number && number <= most;
    } catch (NumberFormatException _) {
      return false;
    }
  }
}
