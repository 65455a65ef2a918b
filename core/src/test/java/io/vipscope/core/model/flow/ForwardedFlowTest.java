package io.vipscope.core.model.flow;

import static io.vipscope.core.model.selection.Host.ip;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.vipscope.core.model.netfilter.AddressRange;
import io.vipscope.core.model.netfilter.Expression;
import io.vipscope.core.model.netfilter.Match;
import io.vipscope.core.model.netfilter.NatTarget;
import io.vipscope.core.model.netfilter.Ruleset;
import io.vipscope.core.model.netfilter.Ruleset.Rule;
import io.vipscope.core.model.netfilter.Statement;
import io.vipscope.core.model.netfilter.WireOutcome.Nat;
import io.vipscope.core.model.selection.Host;
import io.vipscope.core.model.snapshot.Nexthop;
import io.vipscope.core.model.snapshot.Route;
import io.vipscope.core.model.snapshot.RouteType;
import io.vipscope.core.model.snapshot.Scope;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.IpPrefix;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a host makes of a client's source on the way through it. */
class ForwardedFlowTest {

  private static final IpAddress CLIENT = ip("172.16.0.5");
  private static final IpAddress MAPPED = ip("203.0.113.1");
  private static final IpAddress OTHER = ip("203.0.113.2");
  private static final FlowQuery Q = new FlowQuery(ip("198.51.100.7"), 6, 40_000, 443);
  private static final Match CHANCE = new Match.Hidden("statistic", false);

  private static Rule rule(Expression... parts) {
    return new Rule(List.of(parts), "rule", 0);
  }

  private static Statement snat(IpAddress to) {
    AddressRange one = new AddressRange(to, to);
    return new Statement.Snat(new NatTarget.Addresses(one, null, false, false, false));
  }

  private static Ruleset chain(boolean known, Rule... rules) {
    return new Ruleset(
        known,
        List.of(
            new Ruleset.Chain(
                "ip", "t", "c", "postrouting", "nat", 100, false, false, List.of(rules))));
  }

  private static Host host() {
    return new Host()
        .address("eth0", "10.0.0.10/24")
        .address("eth1", "10.0.1.10/24")
        .local("10.0.0.10/32");
  }

  private static ForwardedFlow of(Ruleset rules) {
    return ForwardedFlow.of(
        host().route("main", "0.0.0.0/0", "eth0", "10.0.0.1", null).netfilter(rules).build(),
        Q,
        CLIENT);
  }

  private static ForwardedFlow of(Rule... rules) {
    return of(chain(true, rules));
  }

  private static void assertFlow(ForwardedFlow f, Set<IpAddress> firm, Set<IpAddress> others) {
    assertEquals(firm, f.sources());
    assertEquals(others, f.conditional());
  }

  @Test
  void withoutRulesTheSourceStays() {
    ForwardedFlow f = of(Ruleset.NONE);
    assertFlow(f, Set.of(CLIENT), Set.of());
    assertEquals(Nat.NONE, f.nat());
    assertNull(f.unmodelled());
    assertEquals("no NAT rules were collected", of(Ruleset.UNKNOWN).unmodelled());
  }

  @Test
  void whatARuleMapsItTo() {
    ForwardedFlow f = of(rule(snat(MAPPED)));
    assertFlow(f, Set.of(MAPPED), Set.of());
    assertEquals(Nat.SNAT, f.nat());
    assertNull(f.unmodelled());
    ForwardedFlow own = of(rule(new Statement.Masquerade()));
    assertFlow(own, Set.of(ip("10.0.0.10")), Set.of());
    assertEquals(Nat.MASQUERADE, own.nat());
  }

  @Test
  void whatDependsOnChanceIsConditional() {
    ForwardedFlow f = of(rule(CHANCE, snat(OTHER)), rule(snat(MAPPED)));
    assertFlow(f, Set.of(MAPPED), Set.of(OTHER));
    assertEquals(Nat.SNAT, f.nat());
    ForwardedFlow same = of(rule(CHANCE, snat(MAPPED)), rule(snat(MAPPED)));
    assertFlow(same, Set.of(MAPPED), Set.of());
  }

  @Test
  void whatIsDroppedDoesNotLeave() {
    assertFlow(of(rule(new Statement.Drop())), Set.of(), Set.of());
    assertFlow(
        of(rule(CHANCE, new Statement.Drop()), rule(snat(MAPPED))), Set.of(MAPPED), Set.of());
  }

  @Test
  void theFirstThatIsNotModelledIsNamed() {
    Rule one = rule(new Match.Unknown("one"), snat(OTHER));
    Rule two = rule(new Match.Unknown("two"), snat(OTHER));
    ForwardedFlow f = of(one, two, rule(snat(MAPPED)));
    assertFlow(f, Set.of(MAPPED), Set.of());
    assertEquals("one", f.unmodelled());
    ForwardedFlow none = of(chain(false, one, two));
    assertEquals("no NAT rules were collected", none.unmodelled());
  }

  /** What maps it is told of the first way out; a NAT rule may be for one of them alone. */
  @Test
  void eachWayOutHasASourceOfItsOwn() {
    Route multipath =
        new Route(
            RouteType.UNICAST,
            IpPrefix.parse("0.0.0.0/0"),
            null,
            0,
            "main",
            "boot",
            Scope.UNIVERSE,
            null,
            0,
            0,
            0,
            List.of(Nexthop.of("eth0", ip("10.0.0.1")), Nexthop.of("eth1", ip("10.0.1.1"))));
    for (String dev : List.of("eth0", "eth1")) {
      Match by = new Match.Device(true, Set.of(dev), false);
      ForwardedFlow f =
          ForwardedFlow.of(
              host().route(multipath).netfilter(chain(true, rule(by, snat(MAPPED)))).build(),
              Q,
              CLIENT);
      assertFlow(f, Set.of(MAPPED, CLIENT), Set.of());
      assertEquals(dev.equals("eth0") ? Nat.SNAT : Nat.NONE, f.nat());
    }
  }
}
