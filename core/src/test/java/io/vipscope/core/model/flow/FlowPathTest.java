package io.vipscope.core.model.flow;

import static io.vipscope.core.model.selection.Host.ip;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.vipscope.core.model.netfilter.AddressRange;
import io.vipscope.core.model.netfilter.Expression;
import io.vipscope.core.model.netfilter.NatTarget;
import io.vipscope.core.model.netfilter.Ruleset;
import io.vipscope.core.model.netfilter.Statement;
import io.vipscope.core.model.selection.Host;
import io.vipscope.core.model.selection.RuleBuilder;
import io.vipscope.core.model.snapshot.PolicyRule;
import io.vipscope.core.net.IpAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** By which rule a flow came to the source that it shows. */
class FlowPathTest {

  private static final IpAddress OWN = ip("10.0.0.10");
  private static final IpAddress OTHER = ip("10.0.1.10");
  private static final FlowQuery Q = new FlowQuery(ip("198.51.100.7"), 6, 40_000, 443);

  private static final PolicyRule MARKED = rule(1, -1, 0);
  private static final PolicyRule OF_TOS = rule(0, 0, 0x10);
  private static final PolicyRule MAIN = PolicyRule.lookup(false, 32766, "main");

  private static PolicyRule rule(int mark, int mask, int tos) {
    return RuleBuilder.lookup(false, "100").mark(mark, mask).tos(tos).build();
  }

  /** Table 100, to which the rules lead, gives 10.0.1.10; only eth0 is a device to be bound to. */
  private static Host host(PolicyRule... rules) {
    Host host =
        new Host()
            .address("eth0", OWN + "/24")
            .address("eth0", OTHER + "/32")
            .local(OWN + "/32")
            .local(OTHER + "/32")
            .route("main", "0.0.0.0/0", "eth0", "10.0.0.1", null)
            .route("100", "0.0.0.0/0", "eth0", "10.0.0.1", OTHER.toString());
    for (PolicyRule rule : rules) {
      host.rule(rule);
    }
    return host;
  }

  private static @Nullable PolicyRule by(Host host, IpAddress observed, int tos) {
    FlowPath path = new FlowPredictor(host.build()).path(Q, observed, tos);
    assertNotNull(path);
    return path.rule();
  }

  @Test
  void anOrdinarySocketsPathComesFirst() {
    assertEquals(MAIN, by(host(MARKED, OF_TOS), OWN, -1));
    assertEquals(MAIN, by(host(MARKED, OF_TOS), OWN, 0x10));
  }

  @Test
  void whatTheWireHidesComesBeforeABind() {
    for (int tos : new int[] {-1, 0, 0x10}) {
      assertEquals(MARKED, by(host(MARKED), OTHER, tos));
      assertEquals(MAIN, by(host(), OTHER, tos), "bound");
    }
  }

  /** A rule's tos is part of that on the wire, or the wire shows that it does not hold. */
  @ParameterizedTest
  @CsvSource({"0x10, true", "0x14, true", "-1, true", "0, false", "8, false", "0x20, false"})
  void theWireShowsTheTos(String tos, boolean holds) {
    assertEquals(holds ? OF_TOS : MAIN, by(host(OF_TOS), OTHER, Integer.decode(tos)));
  }

  @Test
  void theTosThatTheWireShowsComesBeforeAMark() {
    assertEquals(OF_TOS, by(host(MARKED, OF_TOS), OTHER, 0x10));
    assertEquals(MARKED, by(host(MARKED, OF_TOS), OTHER, 0));
    assertEquals(MARKED, by(host(MARKED, OF_TOS), OTHER, -1));
  }

  @Test
  void whatNothingGivesHasNoPath() {
    FlowPredictor p = new FlowPredictor(host(MARKED, OF_TOS).build());
    assertNull(p.path(Q, ip("203.0.113.9"), -1));
    assertNull(p.path(Q, ip("2001:db8::1"), -1), "of the other family");
  }

  private static Ruleset nat(String hook, Expression... parts) {
    Ruleset.Rule only = new Ruleset.Rule(List.of(parts), "rule", 0);
    int priority = hook.equals("output") ? -100 : 100;
    return new Ruleset(
        true,
        List.of(
            new Ruleset.Chain("ip", "t", "c", hook, "nat", priority, false, false, List.of(only))));
  }

  private static NatTarget to(String address) {
    AddressRange one = new AddressRange(ip(address), ip(address));
    return new NatTarget.Addresses(one, null, false, false, false);
  }

  @Test
  void netfilterIsPartOfThePath() {
    Ruleset snat = nat("postrouting", new Statement.Snat(to("203.0.113.9")));
    FlowPath path =
        new FlowPredictor(host().netfilter(snat).build()).path(Q, ip("203.0.113.9"), -1);
    assertNotNull(path);
    assertEquals(List.of("SNAT to 203.0.113.9 by ip t c: rule"), path.netfilter());
    assertEquals(3, path.steps().size(), path.steps()::toString);
  }

  @Test
  void aFlowThatIsSentElsewhereHasNoPathToThisDestination() {
    Ruleset dnat = nat("output", new Statement.Dnat(to("192.0.2.9")));
    FlowPredictor p = new FlowPredictor(host().netfilter(dnat).build());
    assertNull(p.path(Q, OWN, -1));
    FlowPath there = p.path(new FlowQuery(ip("192.0.2.9"), 6, 40_000, 443), OWN, -1);
    assertNotNull(there);
    assertEquals(MAIN, there.rule());
  }
}
