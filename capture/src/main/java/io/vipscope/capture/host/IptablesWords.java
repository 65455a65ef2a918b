package io.vipscope.capture.host;

import java.util.ArrayList;
import java.util.List;

/** Takes a line of iptables-save apart: quotes, negation, options with their values. */
final class IptablesWords {

  /** An option with what follows it; {@code negated} by a {@code !} before it. */
  record Option(String name, List<String> values, boolean negated) {

    Option {
      values = List.copyOf(values);
    }

    /**
     * The first value.
     *
     * @throws IllegalArgumentException if there is none
     */
    String value() {
      if (values.isEmpty()) {
        throw new IllegalArgumentException(name + " without a value");
      }
      return values.getFirst();
    }
  }

  private record Word(String text, boolean quoted) {}

  private IptablesWords() {}

  /** Never empty. */
  static List<Option> options(String line) {
    List<Option> options = new ArrayList<>();
    boolean negated = false;
    boolean negatesThis = false;
    String name = "";
    List<String> values = new ArrayList<>();
    for (Word word : words(line)) {
      String text = word.text();
      if (!word.quoted() && text.equals("!")) {
        negated = true;
      } else if (!word.quoted() && text.startsWith("-") && text.length() > 1) {
        if (!name.isEmpty()) {
          options.add(new Option(name, values, negatesThis));
        }
        name = text;
        values = new ArrayList<>();
        negatesThis = negated;
        negated = false;
      } else {
        values.add(text);
      }
    }
    options.add(new Option(name, values, negatesThis));
    return options;
  }

  private static List<Word> words(String line) {
    List<Word> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    boolean inQuotes = false;
    boolean quoted = false;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (c == '\\' && i + 1 < line.length()) {
        word.append(line.charAt(++i));
      } else if (c == '"') {
        inQuotes = !inQuotes;
        quoted = true;
      } else if (c == ' ' && !inQuotes) {
        if (!word.isEmpty() || quoted) {
          words.add(new Word(word.toString(), quoted));
        }
        word.setLength(0);
        quoted = false;
      } else {
        word.append(c);
      }
    }
    if (!word.isEmpty() || quoted) {
      words.add(new Word(word.toString(), quoted));
    }
    return words;
  }
}
