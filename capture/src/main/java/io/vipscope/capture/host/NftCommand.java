package io.vipscope.capture.host;

import io.vipscope.core.model.change.ChainName;
import io.vipscope.core.model.change.Change;
import io.vipscope.core.model.change.NetfilterChange;
import io.vipscope.core.model.netfilter.Expression;
import io.vipscope.core.model.netfilter.Match;
import io.vipscope.core.model.netfilter.Ruleset.Chain;
import io.vipscope.core.model.netfilter.Ruleset.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads commands of {@code nft}: {@code add|insert|delete rule}, {@code add|delete|flush chain},
 * {@code add|delete|flush table}, {@code flush ruleset}.
 */
final class NftCommand {

  private static final Set<String> FAMILIES =
      Set.of("ip", "ip6", "inet", "arp", "bridge", "netdev");
  private static final int MAX_NAME = 256;

  private final NftWords words;

  private NftCommand(NftWords words) {
    this.words = words;
  }

  static Change read(String text) {
    NftWords words = new NftWords(text);
    Change change = new NftCommand(words).command();
    words.take(";");
    if (words.hasNext()) {
      throw new IllegalArgumentException("\"" + words.peek() + "\" is not understood in nft");
    }
    return change;
  }

  private Change command() {
    String verb = words.next("add, insert, delete or flush");
    String object = words.next("rule, chain or table");
    return switch (verb + " " + object) {
      case "add rule", "insert rule" -> rule(verb.equals("insert"));
      case "delete rule" -> {
        ChainName chain = chain();
        words.expect("handle");
        yield new NetfilterChange.DeleteHandle(chain, words.number("the handle"));
      }
      case "add chain", "create chain" -> newChain();
      case "delete chain", "destroy chain" -> new NetfilterChange.Delete(chain());
      case "flush chain" -> new NetfilterChange.Flush(chain());
      case "add table", "create table" -> {
        ChainName _ = table();
        yield s -> s; // a table without chains does nothing
      }
      case "delete table", "destroy table" -> new NetfilterChange.Delete(table());
      case "flush table" -> new NetfilterChange.Flush(table());
      case "flush ruleset" -> new NetfilterChange.Flush(new ChainName(null, null, null));
      default ->
          throw new IllegalArgumentException(
              "changes of rule, chain and table are understood, not nft " + verb + " " + object);
    };
  }

  private ChainName table() {
    String family = FAMILIES.contains(words.peek()) ? words.next("a family") : "ip";
    return new ChainName(family, name("a table"), null);
  }

  private ChainName chain() {
    ChainName table = table();
    return new ChainName(table.family(), table.table(), name("a chain"));
  }

  private String name(String of) {
    String name = words.next(of);
    if (!name.matches("[A-Za-z][A-Za-z0-9_/.\\\\-]*") || name.length() > MAX_NAME) {
      throw new IllegalArgumentException("\"" + name + "\" is no name of " + of);
    }
    return name;
  }

  private Change rule(boolean insert) {
    ChainName chain = chain();
    long beside = 0;
    if (words.take("handle") || words.take("position")) {
      beside = words.number("the handle");
    } else if (words.peek().equals("index")) {
      throw new IllegalArgumentException(
          "rules by index are not understood, as those that change nothing are not kept; use the"
              + " handle");
    }
    List<JsonPlace> expressions = new NftExpressions(words).read();
    NftStatement reader = new NftStatement(_ -> null);
    List<Expression> parts = new ArrayList<>();
    for (JsonPlace expression : expressions) {
      parts.addAll(reader.read(expression));
    }
    if (parts.stream().allMatch(Match.class::isInstance)) {
      throw new IllegalArgumentException("the rule does nothing that could change a source");
    }
    Rule rule = new Rule(parts, NftText.of(expressions), 0);
    return new NetfilterChange.AddRule(chain, insert, beside, rule, null);
  }

  private Change newChain() {
    ChainName name = chain();
    String type = null;
    String hook = null;
    int priority = 0;
    boolean drops = false;
    if (words.take("{")) {
      while (!words.take("}")) {
        String word = words.next("}");
        switch (word) {
          case "type" -> type = words.next("a type");
          case "hook" -> hook = words.next("a hook");
          case "priority" -> priority = priority();
          case "policy" -> drops = words.next("accept or drop").equals("drop");
          case ";" -> {}
          default ->
              throw new IllegalArgumentException("\"" + word + "\" is not understood in a chain");
        }
      }
      check(type, hook);
    }
    return new NetfilterChange.AddChain(
        new Chain(
            String.valueOf(name.family()),
            String.valueOf(name.table()),
            String.valueOf(name.name()),
            hook,
            type,
            priority,
            drops,
            false,
            List.of()));
  }

  private static void check(@Nullable String type, @Nullable String hook) {
    if (type == null || !Set.of("nat", "filter", "route").contains(type)) {
      throw new IllegalArgumentException("a base chain needs the type nat, filter or route");
    }
    if (hook == null
        || !Set.of("prerouting", "input", "forward", "output", "postrouting").contains(hook)) {
      throw new IllegalArgumentException(
          "a base chain needs the hook prerouting, input, forward, output or postrouting");
    }
  }

  private int priority() {
    String word = words.next("a priority");
    Integer named = NftReader.PRIORITIES.get(word);
    if (named == null) {
      try {
        return Integer.parseInt(word);
      } catch (NumberFormatException _) {
        throw new IllegalArgumentException("\"" + word + "\" is no priority");
      }
    }
    if (words.take("+")) {
      return named + (int) words.number("a priority");
    }
    return words.take("-") ? named - (int) words.number("a priority") : named;
  }
}
