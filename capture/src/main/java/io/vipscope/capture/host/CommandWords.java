package io.vipscope.capture.host;

import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.IpPrefix;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The words of a command, read from the left. Whatever does not fit is an {@link
 * IllegalArgumentException} with one sentence that names the word.
 */
final class CommandWords {

  private static final Pattern IPV4 = Pattern.compile("[0-9]+[.][0-9.]+(/[0-9]+)?");

  private final List<String> words;
  private int at;

  CommandWords(String command) {
    words = Arrays.stream(command.strip().split("\\s+")).toList();
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

  /** The rest, in one piece. */
  String rest() {
    String rest = String.join(" ", words.subList(at, words.size()));
    at = words.size();
    return rest;
  }

  /**
   * Whether what is not yet read is of IPv6. A gateway of {@code via inet6} says so only where no
   * IPv4 address stands before it ({@code iproute_modify} takes the family of the first).
   */
  boolean mentionsIpv6() {
    boolean ipv4 = false;
    for (int i = at; i < words.size(); i++) {
      boolean gateway = i > 0 && words.get(i - 1).equals("inet6");
      if (words.get(i).contains(":") && !(gateway && ipv4)) {
        return true;
      }
      ipv4 |= IPV4.matcher(words.get(i)).matches();
    }
    return false;
  }

  /** Takes the next word if it is this one. */
  boolean take(String word) {
    if (peek().equals(word)) {
      at++;
      return true;
    }
    return false;
  }

  static IllegalArgumentException unknown(String word, String where) {
    return new IllegalArgumentException("\"" + word + "\" is not understood in " + where);
  }

  long number(String of) {
    String word = next(of);
    try {
      return Long.decode(word);
    } catch (NumberFormatException _) {
      throw new IllegalArgumentException("\"" + word + "\" is no number for " + of);
    }
  }

  IpAddress address(String of) {
    String word = next(of);
    try {
      return IpAddress.parse(word);
    } catch (IllegalArgumentException _) {
      throw new IllegalArgumentException("\"" + word + "\" is no address for " + of);
    }
  }

  IpPrefix prefix(String of, boolean v6) {
    String word = next(of);
    return prefix(word, of, v6);
  }

  static IpPrefix prefix(String word, String of, boolean v6) {
    if (word.equals("default") || word.equals("all") || word.equals("any")) {
      return IpPrefix.of(v6 ? IpAddress.ANY6 : IpAddress.ANY4, 0);
    }
    try {
      IpPrefix prefix = IpPrefix.parse(word);
      if (word.contains("/")
          && !IpAddress.parse(word.substring(0, word.indexOf('/'))).equals(prefix.network())) {
        throw new IllegalArgumentException("\"" + word + "\" has bits beyond its length");
      }
      return prefix;
    } catch (IllegalArgumentException e) {
      String why = String.valueOf(e.getMessage());
      throw new IllegalArgumentException(
          why.contains("beyond") ? why : "\"" + word + "\" is no prefix for " + of);
    }
  }
}
