package io.vipscope.capture.host;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Takes secrets out of the text of keepalived.conf. The grammar has two: {@code auth_pass} of an
 * {@code authentication} block, and {@code password} of the {@code SSL} block. Both statements go
 * whole, in comments too; braces stay, so that every block ends where it ended. A secret may stand
 * in a parameter ({@code $PASS=…}): the parameters that such a statement names become empty.
 *
 * <p>Arguments of scripts stay as they are: what they mean is known to their author only.
 *
 * <p>Use: {@link #learn} every file, then {@link #removed} of each.
 */
final class KeepalivedSecrets {

  /**
   * The keyword, then its value: {@code password} only where a statement begins, since scripts have
   * options of that name.
   */
  private static final Pattern STATEMENT =
      Pattern.compile(
          "(?<!\\w)auth_pass(?!\\w)|(?<=^|\\{|[#!])[ \\t]*(?:@\\S+\\s+)?password(?=\\s)");

  private static final Pattern DEFINITION =
      Pattern.compile("(\\s*(?:@\\S+\\s+)?\\$(\\w+)\\s*=)(.*)");
  private static final Pattern USE = Pattern.compile("\\$\\{?(\\w+)\\}?");

  private final Set<String> parameters = new HashSet<>();
  private final List<Matcher> definitions = new ArrayList<>();

  /** Notes which parameters of a file hold secrets. */
  void learn(String text) {
    boolean continued = false;
    for (String line : text.split("\n", -1)) {
      Matcher definition = DEFINITION.matcher(line);
      if (definition.matches()) {
        definitions.add(definition);
      }
      Matcher statement = STATEMENT.matcher(line);
      boolean found = statement.find();
      if (found || continued) {
        uses(continued ? line : line.substring(statement.end()));
      }
      continued = (found || continued) && isContinued(line);
    }
    boolean more = true;
    while (more) { // a secret parameter may be made of others
      int before = parameters.size();
      for (Matcher definition : definitions) {
        if (parameters.contains(definition.group(2))) {
          uses(definition.group(3));
        }
      }
      more = parameters.size() > before;
    }
  }

  private void uses(String value) {
    USE.matcher(value).results().forEach(use -> parameters.add(use.group(1)));
  }

  private static boolean isContinued(String line) {
    return line.stripTrailing().endsWith("\\");
  }

  /** The text without the secrets, line for line. */
  String removed(String text) {
    List<String> lines = new ArrayList<>();
    boolean continued = false;
    for (String line : text.split("\n", -1)) {
      Matcher definition = DEFINITION.matcher(line);
      boolean secretDefinition = definition.matches() && parameters.contains(definition.group(2));
      Matcher statement = STATEMENT.matcher(line);
      if (continued) {
        lines.add("");
      } else if (secretDefinition) {
        lines.add(definition.group(1));
      } else if (statement.find()) {
        lines.add(line.substring(0, statement.start()) + braces(line.substring(statement.end())));
      } else {
        lines.add(line);
        continue;
      }
      continued = isContinued(line);
    }
    return String.join("\n", lines);
  }

  /** The braces of the rest of a line that are not quoted, commented or of a parameter. */
  private static String braces(String rest) {
    StringBuilder kept = new StringBuilder();
    boolean quoted = false;
    String plain = USE.matcher(rest).replaceAll("");
    for (int i = 0; i < plain.length(); i++) {
      char c = plain.charAt(i);
      quoted ^= c == '"';
      if (!quoted && (c == '#' || c == '!')) {
        break;
      }
      if (!quoted && (c == '{' || c == '}')) {
        kept.append(' ').append(c);
      }
    }
    return kept.toString();
  }
}
