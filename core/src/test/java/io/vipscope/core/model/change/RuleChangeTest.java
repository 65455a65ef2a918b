package io.vipscope.core.model.change;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.vipscope.core.model.selection.Host;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.PolicyRule;
import io.vipscope.core.model.snapshot.Range;
import io.vipscope.core.model.snapshot.RuleAction;
import io.vipscope.core.net.IpPrefix;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Policy rules added and deleted: their place, their default priority, what a deletion means. */
class RuleChangeTest {

  private static final HostSnapshot HOST = new Host().build();

  /** A rule with one selector, by its word; "" = none. */
  private static PolicyRule rule(long priority, String selector) {
    return rule(priority, selector, 1);
  }

  private static PolicyRule rule(long priority, String selector, int value) {
    IpPrefix prefix = IpPrefix.parse("10.0." + value + ".0/24");
    Range range = new Range(value, value);
    return new PolicyRule(
        false,
        priority,
        selector.equals("not"),
        selector.equals("from") ? prefix : null,
        selector.equals("to") ? prefix : null,
        selector.equals("iif") ? "eth" + value : null,
        selector.equals("oif") ? "eth" + value : null,
        selector.equals("fwmark") || selector.equals("mask") ? value : 0,
        selector.equals("fwmark") ? -1 : selector.equals("mask") ? 0xff * value : 0,
        selector.equals("tos") ? 4 * value : 0,
        selector.equals("ipproto") ? value : 0,
        selector.equals("sport") ? range : null,
        selector.equals("dport") ? range : null,
        selector.equals("uidrange") ? range : null,
        new RuleAction.Lookup(selector.equals("table") ? "10" + value : "100"),
        -1,
        null,
        List.of());
  }

  private static List<Long> priorities(HostSnapshot s) {
    return s.rules4().stream().map(PolicyRule::priority).toList();
  }

  private static Change add(PolicyRule rule, boolean withPriority) {
    return new RuleChange(true, rule, withPriority, true);
  }

  private static Change delete(PolicyRule rule, boolean withPriority, boolean withAction) {
    return new RuleChange(false, rule, withPriority, withAction);
  }

  @Test
  void ruleStandsBehindThoseOfItsPriority() {
    HostSnapshot one = add(rule(1000, "from"), true).applyTo(HOST);
    HostSnapshot two = add(rule(1000, "to"), true).applyTo(one);
    assertEquals(List.of(0L, 1000L, 1000L, 32766L, 32767L), priorities(two));
    assertEquals(rule(1000, "to"), two.rules4().get(2));
    HostSnapshot last = add(rule(40000, "to"), true).applyTo(two);
    assertEquals(40000L, priorities(last).getLast());
  }

  @Test
  void withoutPriorityItStandsBeforeTheSecondRule() {
    HostSnapshot one = add(rule(0, "from"), false).applyTo(HOST);
    assertEquals(List.of(0L, 32765L, 32766L, 32767L), priorities(one));
    HostSnapshot two = add(rule(0, "to"), false).applyTo(one);
    assertEquals(List.of(0L, 32764L, 32765L, 32766L, 32767L), priorities(two));
  }

  @Test
  void withoutPriorityAmongRulesOfPriorityZeroItHasZero() {
    HostSnapshot zero = add(rule(0, "from"), true).applyTo(HOST);
    assertEquals(
        List.of(0L, 0L, 0L, 32766L, 32767L), priorities(add(rule(0, "to"), false).applyTo(zero)));
    HostSnapshot alone = HOST.withRouting(false, null, List.of(HOST.rules4().getFirst()));
    assertEquals(List.of(0L, 0L), priorities(add(rule(0, "to"), false).applyTo(alone)));
  }

  @Test
  void theSameRuleIsRefused() {
    HostSnapshot one = add(rule(1000, "from"), true).applyTo(HOST);
    assertThrows(ChangeException.class, () -> add(rule(1000, "from"), true).applyTo(one));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "from",
        "to",
        "iif",
        "oif",
        "fwmark",
        "mask",
        "tos",
        "ipproto",
        "sport",
        "dport",
        "uidrange",
        "table"
      })
  void deletionComparesWhatItNames(String selector) {
    HostSnapshot one = add(rule(1000, selector), true).applyTo(HOST);
    assertThrows(
        ChangeException.class, () -> delete(rule(1000, selector, 2), true, true).applyTo(one));
    assertEquals(HOST.rules4(), delete(rule(1000, selector), true, true).applyTo(one).rules4());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "from",
        "to",
        "iif",
        "oif",
        "fwmark",
        "tos",
        "ipproto",
        "sport",
        "dport",
        "uidrange"
      })
  void deletionTakesARuleWithMoreThanItNames(String selector) {
    HostSnapshot one = add(rule(1000, selector), true).applyTo(HOST);
    assertEquals(HOST.rules4(), delete(rule(1000, ""), true, true).applyTo(one).rules4());
    assertThrows(
        ChangeException.class,
        () ->
            delete(rule(1000, selector), true, true)
                .applyTo(add(rule(1000, ""), true).applyTo(HOST)));
  }

  @Test
  void notIsAlwaysCompared() {
    HostSnapshot one = add(rule(1000, "not"), true).applyTo(HOST);
    assertThrows(ChangeException.class, () -> delete(rule(1000, ""), true, true).applyTo(one));
  }

  @Test
  void deletionWithoutPriorityOrActionTakesTheFirst() {
    HostSnapshot two =
        add(rule(2000, "from"), true).applyTo(add(rule(1000, "from"), true).applyTo(HOST));
    assertEquals(
        List.of(0L, 2000L, 32766L, 32767L),
        priorities(delete(rule(9, "from"), false, true).applyTo(two)));
    assertEquals(
        List.of(0L, 1000L, 32766L, 32767L),
        priorities(delete(rule(2000, "table", 7), true, false).applyTo(two)));
    assertThrows(ChangeException.class, () -> delete(rule(9, "from"), true, true).applyTo(two));
  }
}
