package io.vipscope.capture.host;

import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * The {@code include} lines of keepalived.conf: what names a line stands for. keepalived looks for
 * them before it puts parameters in (parser.c, {@code check_include}), and hands the pattern to
 * glob(3) with csh's braces.
 */
final class KeepalivedInclude {

  /** {@code include} and its forms that check more: includer, includem, includew, … */
  private static final Pattern LINE =
      Pattern.compile("\\s*(?:@\\S+\\s+)?include[rmwba]?\\s+\"?([^\\s\"#!]+)\"?.*", Pattern.DOTALL);

  private static final int MAX_ALTERNATIVES = 256;

  private KeepalivedInclude() {}

  /** The pattern of an include line; null for any other line. */
  static @Nullable String pattern(String line) {
    Matcher matcher = LINE.matcher(line);
    return matcher.matches() && matcher.group(1).indexOf('\0') < 0 ? matcher.group(1) : null;
  }

  /** The patterns without braces that one with braces stands for, in csh's order. */
  static List<String> alternatives(String pattern) {
    List<String> all = new ArrayList<>();
    expand(pattern, all);
    return all;
  }

  private static void expand(String pattern, List<String> into) {
    int open = pattern.indexOf('{');
    int close = open < 0 ? -1 : closing(pattern, open);
    if (close < 0) {
      if (into.size() < MAX_ALTERNATIVES) {
        into.add(pattern);
      }
      return;
    }
    int depth = 0;
    int start = open + 1;
    for (int i = open + 1; i <= close && into.size() < MAX_ALTERNATIVES; i++) {
      char c = pattern.charAt(i);
      if (depth == 0 && (c == ',' || i == close)) {
        expand(
            pattern.substring(0, open) + pattern.substring(start, i) + tail(pattern, close), into);
        start = i + 1;
      }
      depth += c == '{' ? 1 : c == '}' ? -1 : 0;
    }
  }

  private static String tail(String pattern, int close) {
    return pattern.substring(close + 1);
  }

  private static int closing(String pattern, int open) {
    int depth = 0;
    for (int i = open; i < pattern.length(); i++) {
      depth += pattern.charAt(i) == '{' ? 1 : pattern.charAt(i) == '}' ? -1 : 0;
      if (depth == 0) {
        return i;
      }
    }
    return -1;
  }

  /** Whether a name without braces is looked up by pattern and not as it stands. */
  static boolean isWild(String name) {
    return name.indexOf('*') >= 0 || name.indexOf('?') >= 0 || name.indexOf('[') >= 0;
  }

  /** Whether a file name fits one component of a pattern; hidden files only if it names the dot. */
  static boolean matches(String component, String name) {
    if (name.startsWith(".") && !component.startsWith(".")) {
      return false;
    }
    try {
      PathMatcher matcher =
          FileSystems.getDefault()
              .getPathMatcher("glob:" + component.replace("{", "\\{").replace("}", "\\}"));
      return matcher.matches(Path.of(name));
    } catch (PatternSyntaxException _) {
      return component.equals(name); // glob(3) takes an open bracket as it stands
    }
  }
}
