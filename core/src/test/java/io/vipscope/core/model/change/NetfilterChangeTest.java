package io.vipscope.core.model.change;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vipscope.core.model.netfilter.Ruleset;
import io.vipscope.core.model.netfilter.Ruleset.Chain;
import io.vipscope.core.model.netfilter.Ruleset.Rule;
import io.vipscope.core.model.netfilter.Statement;
import io.vipscope.core.model.selection.Host;
import io.vipscope.core.model.snapshot.HostSnapshot;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Changes of chains and rules, each seen in the order of the rules afterwards. */
class NetfilterChangeTest {

  private static final ChainName POST = new ChainName("ip", "nat", "post");
  private static final ChainName OUT = new ChainName("ip", "nat", "out");
  private static final ChainName MISSING = new ChainName("ip", "nat", "none");

  private static final HostSnapshot HOST =
      new Host()
          .netfilter(
              new Ruleset(
                  true,
                  List.of(
                      chain("ip", "nat", "post", rule("a", 4), rule("b", 5)),
                      chain("ip", "nat", "out", rule("c", 6)),
                      chain("inet", "nat", "post", rule("d", 4)))))
          .build();

  private static Chain chain(String family, String table, String name, Rule... rules) {
    return new Chain(family, table, name, "postrouting", "nat", 100, false, false, List.of(rules));
  }

  private static Rule rule(String text, long handle) {
    return new Rule(List.of(new Statement.Unknown(text)), text, handle);
  }

  private static String after(Change change) {
    StringBuilder all = new StringBuilder();
    for (Chain chain : change.applyTo(HOST).netfilter().chains()) {
      all.append(all.isEmpty() ? "" : " ").append(chain.name()).append(':');
      chain.rules().forEach(r -> all.append(r.text()));
    }
    return all.toString();
  }

  private static NetfilterChange add(
      ChainName at, boolean first, long beside, @Nullable Chain made) {
    return new NetfilterChange.AddRule(at, first, beside, rule("x", 0), made);
  }

  @Test
  void ruleGoesToTheEndOrTheBeginning() {
    assertEquals("post:abx out:c post:d", after(add(POST, false, 0, null)));
    assertEquals("post:xab out:c post:d", after(add(POST, true, 0, null)));
  }

  @Test
  void ruleGoesBesideAnother() {
    assertEquals("post:axb out:c post:d", after(add(POST, false, 4, null)));
    assertEquals("post:axb out:c post:d", after(add(POST, true, 5, null)));
    assertEquals("post:xab out:c post:d", after(add(POST, true, 4, null)));
    assertEquals("post:abx out:c post:d", after(add(POST, false, 5, null)));
    assertRefused("no such rule in chain ip nat post", add(POST, true, 9, null));
  }

  @Test
  void chainIsMadeOnlyWhereItIsAbsent() {
    Chain made = chain("ip", "nat", "none", rule("m", 0));
    assertEquals("post:ab out:c post:d none:mx", after(add(MISSING, false, 0, made)));
    assertEquals("post:abx out:c post:d", after(add(POST, false, 0, made)));
    assertRefused("there is no chain ip nat none", add(MISSING, false, 0, null));
  }

  @Test
  void firstEqualRuleIsDeleted() {
    assertEquals(
        "post:b out:c post:d",
        after(new NetfilterChange.DeleteRule(POST, rule("a", 0).expressions())));
    HostSnapshot twice =
        new NetfilterChange.AddRule(POST, false, 0, rule("a", 0), null).applyTo(HOST);
    HostSnapshot once =
        new NetfilterChange.DeleteRule(POST, rule("a", 0).expressions()).applyTo(twice);
    assertEquals(
        List.of("b", "a"),
        once.netfilter().chains().getFirst().rules().stream().map(Rule::text).toList());
    assertRefused(
        "no such rule in chain ip nat out",
        new NetfilterChange.DeleteRule(OUT, rule("a", 0).expressions()));
    assertRefused(
        "there is no chain ip nat none",
        new NetfilterChange.DeleteRule(MISSING, rule("a", 0).expressions()));
  }

  @Test
  void ruleIsDeletedByHandleOfItsChain() {
    assertEquals("post:a out:c post:d", after(new NetfilterChange.DeleteHandle(POST, 5)));
    assertRefused("no such rule", new NetfilterChange.DeleteHandle(OUT, 5));
    assertRefused("there is no chain", new NetfilterChange.DeleteHandle(MISSING, 5));
  }

  @Test
  void chainIsAddedOnce() {
    assertEquals(
        "post:ab out:c post:d none:",
        after(new NetfilterChange.AddChain(chain("ip", "nat", "none"))));
    assertEquals(
        "post:ab out:c post:d", after(new NetfilterChange.AddChain(chain("ip", "nat", "post"))));
  }

  @Test
  void deletionTakesTheChainTheTableOrRefuses() {
    assertEquals("out:c post:d", after(new NetfilterChange.Delete(POST)));
    assertEquals("post:d", after(new NetfilterChange.Delete(new ChainName("ip", "nat", null))));
    assertRefused("there is no chain ip nat none", new NetfilterChange.Delete(MISSING));
    assertRefused(
        "there is no table ip6 nat", new NetfilterChange.Delete(new ChainName("ip6", "nat", null)));
  }

  @Test
  void flushKeepsChainsButOfTheWholeRuleset() {
    assertEquals("post: out:c post:d", after(new NetfilterChange.Flush(POST)));
    assertEquals(
        "post: out: post:d", after(new NetfilterChange.Flush(new ChainName("ip", "nat", null))));
    assertEquals("", after(new NetfilterChange.Flush(new ChainName(null, null, null))));
    assertEquals("post:d", after(new NetfilterChange.Flush(new ChainName("ip", null, null))));
  }

  @Test
  void rulesThatWereNotCollectedCannotBeChanged() {
    HostSnapshot unknown = new Host().netfilter(Ruleset.UNKNOWN).build();
    ChangeException e =
        assertThrows(ChangeException.class, () -> new NetfilterChange.Flush(POST).applyTo(unknown));
    assertTrue(String.valueOf(e.getMessage()).contains("were not collected"), e::toString);
  }

  private static void assertRefused(String why, Change change) {
    ChangeException e = assertThrows(ChangeException.class, () -> change.applyTo(HOST));
    assertTrue(String.valueOf(e.getMessage()).contains(why), e::toString);
  }
}
