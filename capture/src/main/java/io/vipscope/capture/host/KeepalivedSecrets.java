package io.vipscope.capture.host;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Takes the secrets out of keepalived configuration: the passwords of VRRP authentication and of
 * TLS keys, also where they stand in comments or in the {@code $NAME} definitions they use. The
 * files parse as before.
 */
final class KeepalivedSecrets {

  static final String REMOVED = "removed";

  private static final String VALUE = "(\"[^\"\\n]*\"?|[^\\s{}]+)";
  private static final Pattern SECRET = Pattern.compile("\\b(auth_pass|password)([ \\t]+)" + VALUE);
  private static final Pattern USE = Pattern.compile("\\$\\{?(\\w+)\\}?");

  private KeepalivedSecrets() {}

  /** The texts of a main file and what it includes, without secrets. */
  static List<String> without(List<String> texts) {
    Set<String> secretNames = new HashSet<>();
    for (String text : texts) {
      Matcher secret = SECRET.matcher(text);
      while (secret.find()) {
        Matcher use = USE.matcher(secret.group(3));
        while (use.find()) {
          secretNames.add(use.group(1));
        }
      }
    }
    List<String> clean = new ArrayList<>();
    for (String text : texts) {
      String result = SECRET.matcher(text).replaceAll("$1$2" + REMOVED);
      for (String name : secretNames) {
        result =
            Pattern.compile("(\\$" + name + "[ \\t]*=)[^\\n]*")
                .matcher(result)
                .replaceAll("$1" + REMOVED);
      }
      clean.add(result);
    }
    return clean;
  }
}
