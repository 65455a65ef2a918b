package io.vipscope.tools;

import io.vipscope.core.verdict.FlowVerdict;
import io.vipscope.core.verdict.Severity;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import picocli.CommandLine.TypeConversionException;

/** What {@code --fail-on} names: mismatches, findings, hosts without a decided flow. */
final class FailOn {

  private sealed interface Item {
    record Mismatch(String cause) implements Item {}

    record Finding(Severity atLeast) implements Item {}

    record Blind() implements Item {}
  }

  private final List<Item> items = new ArrayList<>();

  /**
   * @param text comma-separated: {@code mismatch[:CAUSE]}, {@code finding[:SEVERITY]}, {@code
   *     unaccepted}, {@code blind}
   */
  static FailOn parse(String text) {
    FailOn failOn = new FailOn();
    for (String part : text.split(",", -1)) {
      String[] words = part.strip().split(":", 2);
      String detail = words.length > 1 ? words[1] : "";
      failOn.items.add(
          switch (words[0]) {
            case "mismatch" -> new Item.Mismatch(cause(detail, part));
            case "unaccepted" -> new Item.Mismatch("");
            case "finding" -> new Item.Finding(severity(detail, part));
            case "blind" -> new Item.Blind();
            default -> throw bad(part);
          });
    }
    return failOn;
  }

  private static String cause(String text, String part) {
    if (!text.isEmpty() && !FlowVerdict.CAUSES.contains(text)) {
      throw new TypeConversionException(
          "--fail-on: '"
              + part
              + "' names none of the causes "
              + String.join(", ", FlowVerdict.CAUSES));
    }
    return text;
  }

  private static Severity severity(String text, String part) {
    if (text.isEmpty()) {
      return Severity.WARNING;
    }
    try {
      return Severity.valueOf(text.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException _) {
      throw bad(part);
    }
  }

  private static TypeConversionException bad(String part) {
    return new TypeConversionException(
        "--fail-on: '"
            + part
            + "' is not one of mismatch[:CAUSE], finding[:SEVERITY], unaccepted, blind");
  }

  /**
   * Whether something named was found.
   *
   * @param findings severities of the findings
   */
  boolean found(AuditTotals totals, Set<Severity> findings) {
    return items.stream()
        .anyMatch(item ->
            switch (item) {
              case Item.Mismatch(String cause) ->
                  cause.isEmpty()
                      ? totals.unaccepted() > 0
                      : totals.causes().getOrDefault(cause, 0L) > 0;
              case Item.Finding(Severity atLeast) ->
                  findings.stream().anyMatch(s -> s.compareTo(atLeast) >= 0);
              case Item.Blind() -> totals.hosts().values().stream().anyMatch(h -> h.decided() == 0);
            });
  }
}
