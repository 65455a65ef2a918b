package io.vipscope.core.model.inverse;

import static io.vipscope.core.model.selection.Host.ip;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.vipscope.core.model.flow.FlowQuery;
import io.vipscope.core.model.netfilter.AddressRange;
import io.vipscope.core.model.netfilter.Expression;
import io.vipscope.core.model.netfilter.Match;
import io.vipscope.core.model.netfilter.NatTarget;
import io.vipscope.core.model.netfilter.Ruleset;
import io.vipscope.core.model.netfilter.Statement;
import io.vipscope.core.model.selection.Host;
import io.vipscope.core.model.snapshot.PolicyRule;
import io.vipscope.core.model.snapshot.RuleAction;
import io.vipscope.core.net.IpAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rules and routes that are taken away one after the other, and how many of them. */
class AbsencesTest {

  private static final IpAddress OWN = ip("10.0.0.10");
  private static final IpAddress VIP = ip("10.0.0.100");
  private static final FlowQuery Q = new FlowQuery(ip("198.51.100.7"), 6, 40_000, 443);
  private static final long ENOUGH = 1_000_000;

  private static Host host() {
    return new Host()
        .address("eth0", OWN + "/24")
        .address("eth0", VIP + "/32")
        .local(OWN + "/32")
        .local(VIP + "/32");
  }

  private static Host routed() {
    return host().route("main", "0.0.0.0/0", "eth0", "10.0.0.1", null);
  }

  private static Observation observed(Host host, IpAddress source) {
    return new Observation(Q, source, host.build(), List.of(), true);
  }

  private static int untried(Host host, long routesSorted, long rulesWalked) {
    List<Cause> causes =
        Absences.of(observed(host, VIP), new Absences.Limits(routesSorted, rulesWalked));
    if (causes.isEmpty()) {
      return 0;
    }
    assertEquals(1, causes.size(), causes::toString);
    return assertInstanceOf(Cause.Untried.class, causes.getFirst()).count();
  }

  /** Of 12; each state has three routes to sort, and eight are tried at least. */
  @ParameterizedTest
  @CsvSource({"0, 4", "27, 3", "30, 2", "32, 2", "33, 1", "36, 0", "1000, 0"})
  void rulesThatAreTried(long routesSorted, int untried) {
    Host host = routed();
    for (int i = 1; i <= 12; i++) {
      host.rule(PolicyRule.lookup(false, i, "55"));
    }
    assertEquals(untried, untried(host, routesSorted, ENOUGH));
  }

  /** Of 12 around the destination, two more are in table local. */
  @ParameterizedTest
  @CsvSource({"0, 4", "126, 3", "140, 2", "154, 1", "168, 0", "10000, 0"})
  void routesThatAreTried(long routesSorted, int untried) {
    Host host = host();
    for (int length = 0; length < 12; length++) {
      host.route("main", "198.51.100.7/" + length, "eth0", "10.0.0.1", null);
    }
    assertEquals(untried, untried(host, routesSorted, ENOUGH));
  }

  private static Ruleset.Rule rule(Expression... parts) {
    return new Ruleset.Rule(List.of(parts), "rule", 0);
  }

  private static Ruleset chain(String hook, List<Ruleset.Rule> rules) {
    return new Ruleset(
        true, List.of(new Ruleset.Chain("ip", "t", "c", hook, "nat", 100, false, false, rules)));
  }

  private static Statement snat(IpAddress to) {
    AddressRange one = new AddressRange(to, to);
    return new Statement.Snat(new NatTarget.Addresses(one, null, false, false, false));
  }

  /** Of 12, which each state's packet walks. */
  @ParameterizedTest
  @CsvSource({"0, 4", "108, 3", "120, 2", "132, 1", "144, 0", "10000, 0"})
  void netfilterRulesThatAreTried(long rulesWalked, int untried) {
    List<Ruleset.Rule> rules = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      rules.add(rule(new Match.Constant(false), snat(VIP)));
    }
    assertEquals(
        untried, untried(routed().netfilter(chain("postrouting", rules)), ENOUGH, rulesWalked));
  }

  /** Table local is the kernel's own: nobody forgot a route there. */
  @Test
  void routesOfTableLocalAreNotTakenAway() {
    Host host = routed().route("local", "198.51.100.0/24", "eth0", "10.0.0.1", VIP.toString());
    assertEquals(List.of(), Absences.of(observed(host, OWN)));
    Host main = routed().route("main", "198.51.100.0/24", "eth0", "10.0.0.1", VIP.toString());
    Cause.WithoutRoute found =
        assertInstanceOf(Cause.WithoutRoute.class, Causes.absences(observed(main, OWN)).getFirst());
    assertEquals("198.51.100.0/24", found.route().dst().toString());
  }

  /** Where something is not modelled, no source is shown to follow. */
  @Test
  void anUnknownExplainsNothing() {
    Ruleset.Rule socket = rule(new Match.Unknown("socket"), snat(ip("10.0.0.77")));
    Host host =
        routed()
            .rule(false, null, false, new RuleAction.Lookup("77"))
            .route("77", "0.0.0.0/0", "eth0", "10.0.0.1", VIP.toString());
    assertEquals(2, Absences.of(observed(host, OWN)).size(), "the rule, and the route behind it");
    host.netfilter(chain("postrouting", List.of(socket, rule(new Match.Constant(false)))));
    assertEquals(List.of(), Absences.of(observed(host, OWN)));
  }
}
