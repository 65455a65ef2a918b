package io.vipscope.capture.host;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Lines of keepalived.conf as words: without comments, with {@code $NAME} definitions put in. A
 * line for one configuration id only ({@code @lb1}) is taken, since whose file it is does not show.
 */
final class KeepalivedText {

  private static final Pattern DEFINITION = Pattern.compile("\\$(\\w+)\\s*=\\s*(.*)");
  private static final Pattern USE = Pattern.compile("\\$\\{?(\\w+)\\}?");
  private static final int MAX_LINE = 10_000;

  private final Map<String, String> definitions = new HashMap<>();

  /** Empty for a comment or a definition; braces are words of their own. */
  List<String> words(String line) {
    String text = uncommented(line).strip();
    Matcher definition = DEFINITION.matcher(text);
    if (definition.matches()) {
      definitions.put(definition.group(1), resolved(definition.group(2)));
      return List.of();
    }
    List<String> words =
        new ArrayList<>(
            Stream.of(resolved(text).replace("{", " { ").replace("}", " } ").split("\\s+", -1))
                .filter(w -> !w.isEmpty())
                .toList());
    if (!words.isEmpty() && words.getFirst().startsWith("@")) {
      words.removeFirst();
    }
    return words;
  }

  private static String uncommented(String line) {
    for (int i = 0; i < line.length(); i++) {
      if (line.charAt(i) == '#' || line.charAt(i) == '!') {
        return line.substring(0, i);
      }
    }
    return line;
  }

  private String resolved(String text) {
    if (text.indexOf('$') < 0) {
      return text;
    }
    String result =
        USE.matcher(text)
            .replaceAll(
                m -> Matcher.quoteReplacement(definitions.getOrDefault(m.group(1), m.group())));
    return result.length() > MAX_LINE ? text : result;
  }
}
