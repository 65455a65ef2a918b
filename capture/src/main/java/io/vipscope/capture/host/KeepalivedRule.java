package io.vipscope.capture.host;

import io.vipscope.core.model.snapshot.PolicyRule;
import io.vipscope.core.model.snapshot.RuleAction;
import io.vipscope.core.model.snapshot.TableName;
import io.vipscope.core.net.IpPrefix;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One line of {@code virtual_rules}, as keepalived would add it (vrrp_iprule.c). */
final class KeepalivedRule {

  private boolean inverted;
  private @Nullable IpPrefix from;
  private @Nullable IpPrefix to;
  private @Nullable String iif;
  private @Nullable String oif;
  private long mark;
  private long markMask;
  private long priority;
  private String table = TableName.MAIN;
  private boolean v6;
  private final List<String> unmodelled = new ArrayList<>();

  /**
   * The rule of a line.
   *
   * @param defaultPriority what keepalived gives a rule without one
   * @return null if it is no rule that this program reads
   */
  static @Nullable PolicyRule parse(List<String> words, long defaultPriority) {
    KeepalivedRule rule = new KeepalivedRule();
    rule.priority = defaultPriority;
    try {
      for (int i = 0; i < words.size(); i++) {
        String word = words.get(i);
        switch (word) {
          case "not" -> rule.inverted = true;
          case "inet6" -> rule.v6 = true;
          case "inet", "no_track", "no-track" -> {}
          default -> {
            if (i + 1 >= words.size()) {
              return null;
            }
            rule.option(word, words.get(++i));
          }
        }
      }
    } catch (IllegalArgumentException _) {
      return null; // the snapshots show it when it is in force
    }
    return rule.done();
  }

  private void option(String word, String value) {
    switch (word) {
      case "from" -> from = value.equals("all") ? null : IpPrefix.parse(value);
      case "to" -> to = value.equals("all") ? null : IpPrefix.parse(value);
      case "table", "lookup" -> table = TableName.of(value);
      case "priority", "preference", "pref", "order" -> priority = Long.decode(value);
      case "iif", "dev" -> iif = value;
      case "oif" -> oif = value;
      case "fwmark" -> {
        long[] parts = IptablesMatch.masked(value);
        mark = parts[0];
        markMask = parts[1];
      }
      default -> unmodelled.add(word + " " + value);
    }
  }

  private PolicyRule done() {
    boolean six = v6 || from != null && from.v6() || to != null && to.v6();
    return new PolicyRule(
        six,
        priority,
        inverted,
        from,
        to,
        iif,
        oif,
        (int) mark,
        (int) markMask,
        0,
        0,
        null,
        null,
        null,
        new RuleAction.Lookup(table),
        -1,
        null,
        unmodelled);
  }
}
