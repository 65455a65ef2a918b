package io.vipscope.capture.host;

import io.vipscope.core.model.change.Change;
import io.vipscope.core.model.change.RuleChange;
import io.vipscope.core.model.snapshot.PolicyRule;
import io.vipscope.core.model.snapshot.Range;
import io.vipscope.core.model.snapshot.RouteType;
import io.vipscope.core.model.snapshot.RuleAction;
import io.vipscope.core.model.snapshot.TableName;
import io.vipscope.core.net.IpPrefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reads {@code ip rule add|del [not] [SELECTOR …] [ACTION]}. */
final class IpRuleCommand {

  private static final String WHERE = "ip rule";
  private static final long ALL = 0xffffffffL;

  private final boolean v6;
  private @Nullable Long priority;
  private boolean inverted;
  private @Nullable IpPrefix from;
  private @Nullable IpPrefix to;
  private @Nullable String iif;
  private @Nullable String oif;
  private long mark;
  private long markMask;
  private int tos;
  private int ipproto;
  private @Nullable Range sport;
  private @Nullable Range dport;
  private @Nullable Range uid;
  private @Nullable RuleAction action;
  private int suppressPrefixLength = -1;
  private @Nullable String suppressGroup;
  private final List<String> unmodelled = new ArrayList<>();

  private IpRuleCommand(boolean v6) {
    this.v6 = v6;
  }

  /**
   * @param v6 the family, by option or by the addresses
   */
  static Change read(CommandWords words, boolean v6) {
    String verb = words.next("add or del");
    boolean add =
        switch (verb) {
          case "add", "a" -> true;
          case "del", "delete", "d" -> false;
          default -> throw CommandWords.unknown(verb, WHERE);
        };
    IpRuleCommand command = new IpRuleCommand(v6);
    if (!add && !words.hasNext()) {
      throw new IllegalArgumentException("ip rule del needs something that tells the rule");
    }
    while (words.hasNext()) {
      command.option(words.next("a selector"), words);
    }
    return command.change(add);
  }

  private void option(String word, CommandWords words) {
    switch (word) {
      case "not" -> inverted = true;
      case "from" -> from = prefix(words);
      case "to" -> to = prefix(words);
      case "iif", "dev" -> iif = words.next("a device");
      case "oif" -> oif = words.next("a device");
      case "fwmark" -> mark(words.next("a mark"));
      case "tos", "dsfield" -> tos = (int) words.number("tos");
      case "ipproto" -> ipproto = protocol(words.next("a protocol"));
      case "sport" -> sport = range(words.next("a port"), word);
      case "dport" -> dport = range(words.next("a port"), word);
      case "uidrange" -> uid = range(words.next("a range of users"), word);
      case "priority", "preference", "pref", "order" -> priority = words.number("the priority");
      case "table", "lookup" -> action = new RuleAction.Lookup(TableName.of(words.next("a table")));
      case "goto" -> action = new RuleAction.Goto(words.number("the priority to go to"));
      case "nop" -> action = new RuleAction.Nop();
      case "blackhole", "unreachable", "prohibit" ->
          action = new RuleAction.Reject(RouteType.valueOf(word.toUpperCase(Locale.ROOT)));
      case "suppress_prefixlength", "sup_pl" ->
          suppressPrefixLength = (int) words.number("a prefix length");
      case "suppress_ifgroup", "sup_group" -> suppressGroup = words.next("a device group");
      case "protocol", "proto" -> {
        String _ = words.next("a protocol"); // who made the rule, of no consequence
      }
      case "l3mdev" -> {
        unmodelled.add(word);
        action = new RuleAction.Other(word);
      }
      case "tun_id", "dscp" -> unmodelled.add(word + " " + words.next("a value"));
      default -> throw CommandWords.unknown(word, WHERE);
    }
  }

  /** A selector that takes all is none. */
  private @Nullable IpPrefix prefix(CommandWords words) {
    IpPrefix prefix = words.prefix("a selector", v6);
    return prefix.length() == 0 ? null : prefix;
  }

  private void mark(String word) {
    int slash = word.indexOf('/');
    mark = number(slash < 0 ? word : word.substring(0, slash), "a mark");
    markMask = slash < 0 ? ALL : number(word.substring(slash + 1), "a mask");
  }

  private static int protocol(String word) {
    return ProtocolName.number(word)
        .orElseThrow(() -> new IllegalArgumentException("\"" + word + "\" is no protocol"));
  }

  private static Range range(String word, String of) {
    int dash = word.indexOf('-');
    long first = number(dash < 0 ? word : word.substring(0, dash), of);
    long last = dash < 0 ? first : number(word.substring(dash + 1), of);
    if (first > last) {
      throw new IllegalArgumentException("\"" + word + "\" is no range for " + of);
    }
    return new Range(first, last);
  }

  private static long number(String word, String of) {
    try {
      long value = Long.decode(word);
      if (value >= 0 && value <= ALL) {
        return value;
      }
    } catch (NumberFormatException _) {
      // one message for both
    }
    throw new IllegalArgumentException("\"" + word + "\" is no number for " + of);
  }

  private Change change(boolean add) {
    RuleAction what = action == null ? new RuleAction.Lookup(TableName.MAIN) : action;
    if (what instanceof RuleAction.Goto(long target) && priority != null && target <= priority) {
      throw new IllegalArgumentException(
          "a rule cannot go to " + target + ", which lies before it");
    }
    PolicyRule rule =
        new PolicyRule(
            v6,
            priority == null ? 0 : priority,
            inverted,
            from,
            to,
            iif,
            oif,
            (int) mark,
            (int) markMask,
            tos,
            ipproto,
            sport,
            dport,
            uid,
            what,
            suppressPrefixLength,
            suppressGroup,
            unmodelled);
    return new RuleChange(add, rule, priority != null, action != null);
  }
}
