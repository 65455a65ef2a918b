package io.vipscope.core.model.netfilter;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vipscope.core.model.netfilter.Ruleset.Chain;
import io.vipscope.core.model.netfilter.Ruleset.Rule;
import io.vipscope.core.model.snapshot.Range;
import io.vipscope.core.net.IpAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Every expression of a ruleset, maps and sets taken apart. */
class RulesetTest {

  private static Match port(int port) {
    return new Match.Ports(false, List.of(new Range(port, port)), false);
  }

  private static NatTarget one(String address) {
    IpAddress a = IpAddress.parse(address);
    return new NatTarget.Addresses(new AddressRange(a, a), null, false, false, false);
  }

  private static List<Expression> expressions(Expression... parts) {
    Rule only = new Rule(List.of(parts), "rule", 0);
    return new Ruleset(
            true,
            List.of(new Chain("ip", "t", "c", "output", "nat", 0, false, false, List.of(only))))
        .expressions()
        .toList();
  }

  @Test
  void matchesAndStatementsAsTheyAre() {
    Statement accept = new Statement.Accept();
    assertEquals(List.of(port(1), accept), expressions(port(1), accept));
  }

  @Test
  void alternativesOfASet() {
    Match any =
        new Match.AnyOf(List.of(List.of(port(1), port(2)), List.of(port(3))), /* negated= */ false);
    assertEquals(List.of(port(1), port(2), port(3)), expressions(any));
  }

  @Test
  void casesOfAVerdictMap() {
    Statement drop = new Statement.Drop();
    Statement snat = new Statement.Snat(one("203.0.113.1"));
    Statement cases =
        new Statement.Cases(
            List.of(
                new Statement.Case(List.of(port(1), port(2)), drop),
                new Statement.Case(List.of(), snat)));
    assertEquals(List.of(port(1), port(2), drop, snat), expressions(cases));
  }

  @Test
  void keysOfTheMapsThatNatLooksIn() {
    NatTarget inner =
        new NatTarget.Lookup(List.of(new NatTarget.Entry(List.of(port(4)), one("203.0.113.4"))));
    NatTarget map =
        new NatTarget.Lookup(
            List.of(
                new NatTarget.Entry(List.of(port(1), port(2)), one("203.0.113.1")),
                new NatTarget.Entry(List.of(port(3)), inner)));
    Statement snat = new Statement.Snat(map);
    assertEquals(List.of(snat, port(1), port(2), port(3), port(4)), expressions(snat));
    Statement dnat =
        new Statement.Dnat(new NatTarget.OneOf(List.of(one("203.0.113.1"), inner, map)));
    assertEquals(List.of(dnat, port(4), port(1), port(2), port(3), port(4)), expressions(dnat));
    Statement unknown = new Statement.Dnat(new NatTarget.Unknown("map"));
    assertEquals(List.of(unknown), expressions(unknown));
  }
}
