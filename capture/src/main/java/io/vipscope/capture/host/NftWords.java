package io.vipscope.capture.host;

import java.util.ArrayList;
import java.util.List;

/** The words of an nft command: braces, commas and semicolons are words of their own. */
final class NftWords {

  private final List<String> words = new ArrayList<>();
  private int at;

  NftWords(String command) {
    StringBuilder word = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < command.length(); i++) {
      char c = command.charAt(i);
      if (c == '"' || c == '\'') {
        quoted = !quoted;
        end(word);
      } else if (!quoted && (Character.isWhitespace(c) || c == '\\')) {
        end(word);
      } else if ("{},;".indexOf(c) >= 0 && !(quoted && c == ',')) {
        end(word); // quotes guard braces from the shell, and mean nothing to nft itself
        words.add(String.valueOf(c));
      } else if (quoted && Character.isWhitespace(c)) {
        end(word);
      } else {
        word.append(c);
      }
    }
    end(word);
  }

  private void end(StringBuilder word) {
    if (!word.isEmpty()) {
      words.add(word.toString());
      word.setLength(0);
    }
  }

  boolean hasNext() {
    return at < words.size();
  }

  /** The next word; "" at the end. */
  String peek() {
    return hasNext() ? words.get(at) : "";
  }

  /**
   * The next word.
   *
   * @param expected what is expected there, for the message
   */
  String next(String expected) {
    if (!hasNext()) {
      throw new IllegalArgumentException("ends where " + expected + " is expected");
    }
    return words.get(at++);
  }

  boolean take(String word) {
    if (peek().equals(word)) {
      at++;
      return true;
    }
    return false;
  }

  void expect(String word) {
    if (!take(word)) {
      throw new IllegalArgumentException(
          "expected " + word + ", found " + (hasNext() ? "\"" + peek() + "\"" : "the end"));
    }
  }

  long number(String of) {
    String word = next(of);
    try {
      return Long.decode(word);
    } catch (NumberFormatException _) {
      throw new IllegalArgumentException("\"" + word + "\" is no number for " + of);
    }
  }
}
