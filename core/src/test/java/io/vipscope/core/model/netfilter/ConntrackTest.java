package io.vipscope.core.model.netfilter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vipscope.core.model.netfilter.Ruleset.Chain;
import io.vipscope.core.model.netfilter.Ruleset.Rule;
import io.vipscope.core.model.snapshot.Range;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.IpPrefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What conntrack keeps of a flow's first packet, what rules see of it, and what NAT maps. */
class ConntrackTest {

  private static final IpAddress PRIMARY = IpAddress.parse("10.0.0.10");
  private static final IpAddress VIP = IpAddress.parse("10.0.0.100");
  private static final IpAddress FAR = IpAddress.parse("192.0.2.9");
  private static final IpAddress FARTHER = IpAddress.parse("198.51.100.7");

  /** Routes everything by eth0; its primary address is what MASQUERADE takes. */
  private static final HostView HOST =
      new HostView() {
        @Override
        public Ways reroute(Packet p) {
          return new Ways(List.of(new Way("eth0", null)), null, null);
        }

        @Override
        public @Nullable IpAddress masquerade(Packet p) {
          return PRIMARY;
        }

        @Override
        public String addressType(IpAddress a) {
          return a.equals(PRIMARY) || a.equals(VIP) ? "local" : "unicast";
        }
      };

  private final List<Chain> chains = new ArrayList<>();

  private ConntrackTest chain(String hook, String type, int priority, Rule... rules) {
    chains.add(
        new Chain(
            "ip", "t", "c" + chains.size(), hook, type, priority, false, false, List.of(rules)));
    return this;
  }

  private static Rule rule(Expression... parts) {
    return new Rule(List.of(parts), "rule", 0);
  }

  private static Statement.Snat snat(String to) {
    return new Statement.Snat(target(to));
  }

  private static Statement.Dnat dnat(String to) {
    return new Statement.Dnat(target(to));
  }

  private static NatTarget target(String to) {
    IpAddress address = IpAddress.parse(to);
    return new NatTarget.Addresses(new AddressRange(address, address), null, false, false, false);
  }

  private static Match.Addresses is(Match.Side side, IpAddress address) {
    return new Match.Addresses(side, List.of(new AddressRange(address, address)), false);
  }

  private Packet sent() {
    return sent("eth0");
  }

  /** A new route leads to eth0, whatever the first was. */
  private Packet sent(String dev) {
    return outcome(dev).packet();
  }

  private WireOutcome outcome(String dev) {
    Packet packet = Packet.own(PRIMARY, FAR, 17, 4000, 53, dev, null, 0, 0, 0);
    List<WireOutcome> all = Hooks.own(new Ruleset(true, chains), HOST, packet);
    assertEquals(1, all.size());
    assertEquals(new WireOutcome.End.Sent(), all.getFirst().end());
    return all.getFirst();
  }

  @Test
  void notrackBeforeConntrackMeansNoNat() {
    chain("output", "filter", -300, rule(new Statement.Notrack()));
    chain("postrouting", "nat", 100, rule(snat("203.0.113.1")));
    Packet p = sent();
    assertEquals(PRIMARY, p.src());
    assertFalse(p.ct().tracked());
  }

  @Test
  void notrackInOutputWithoutDnatToo() {
    chain("output", "filter", -300, rule(new Statement.Notrack()));
    chain("output", "nat", -100, rule(dnat("198.51.100.7")));
    assertEquals(FAR, sent().dst());
  }

  @Test
  void notrackBehindConntrackIsLate() {
    chain("output", "filter", -150, rule(new Statement.Notrack()));
    chain("postrouting", "nat", 100, rule(snat("203.0.113.1")));
    assertEquals(IpAddress.parse("203.0.113.1"), sent().src());
  }

  @ParameterizedTest
  @CsvSource({
    "-300, invalid, true",
    "-300, new, false",
    "-150, new, true",
    "-150, established, false",
    "-150, untracked, false"
  })
  void stateIsWhatConntrackKnowsAtThatPriority(int priority, String state, boolean holds) {
    chain(
        "output",
        "filter",
        priority,
        rule(new Match.CtState(Set.of(state), false), new Statement.SetMark(false, 0, 0, 7)));
    chain(
        "output",
        "filter",
        priority,
        rule(new Match.CtState(Set.of(state), true), new Statement.SetMark(false, 0, 0, 9)));
    assertEquals(holds ? 7 : 9, sent().mark());
  }

  @Test
  void untrackedPacketIsUntrackedInEveryLaterHook() {
    chain("output", "filter", -300, rule(new Statement.Notrack()));
    chain(
        "postrouting",
        "filter",
        0,
        rule(new Match.CtState(Set.of("untracked"), false), new Statement.SetMark(false, 0, 0, 7)));
    assertEquals(7, sent().mark());
  }

  @Test
  void snatSeesTheDestinationThatDnatWrote() {
    chain("output", "nat", -100, rule(dnat("198.51.100.7")));
    chain(
        "postrouting",
        "nat",
        100,
        rule(is(Match.Side.DESTINATION, FAR), snat("203.0.113.1")),
        rule(is(Match.Side.DESTINATION, FARTHER), snat("203.0.113.2")));
    Packet p = sent();
    assertEquals(FARTHER, p.dst());
    assertEquals(IpAddress.parse("203.0.113.2"), p.src());
  }

  @Test
  void originalDestinationStaysThatBeforeDnat() {
    chain("output", "nat", -100, rule(dnat("198.51.100.7")));
    chain(
        "postrouting",
        "nat",
        100,
        rule(is(Match.Side.ORIGINAL_DESTINATION, FARTHER), snat("203.0.113.1")),
        rule(is(Match.Side.ORIGINAL_DESTINATION, FAR), snat("203.0.113.2")));
    assertEquals(IpAddress.parse("203.0.113.2"), sent().src());
  }

  @Test
  void originalAddressesOfAnUntrackedPacketMatchNothing() {
    chain("output", "filter", -300, rule(new Statement.Notrack()));
    chain(
        "output",
        "filter",
        0,
        rule(is(Match.Side.ORIGINAL_SOURCE, PRIMARY), new Statement.SetMark(false, 0, 0, 7)));
    assertEquals(0, sent().mark());
  }

  @Test
  void statusDnatIsOfTrackedPacketsOnly() {
    for (boolean negated : new boolean[] {false, true}) {
      chain(
          "postrouting",
          "filter",
          0,
          rule(new Match.CtDnat(negated), new Statement.SetMark(false, 0xff, 0, negated ? 1 : 2)));
    }
    assertEquals(1, sent().mark());
    chain("output", "nat", -100, rule(dnat("198.51.100.7")));
    assertEquals(2, sent().mark());
    chain("output", "filter", -300, rule(new Statement.Notrack()));
    assertEquals(0, sent().mark());
  }

  @Test
  void dnatToTheSameDestinationIsNone() {
    chain("output", "nat", -100, rule(dnat("192.0.2.9")));
    assertFalse(sent().ct().dnat());
  }

  /** {@code nf_nat_ipv4_local_fn} compares conntrack's destinations, not the packet's. */
  @Test
  void dnatBackToTheOriginalDestinationIsNotRoutedAgain() {
    chain("output", "filter", -150, rule(new Statement.Rewrite(false, FARTHER)));
    AddressRange back = new AddressRange(FAR, FAR);
    Range port = new Range(443, 443);
    chain(
        "output",
        "nat",
        -100,
        rule(new Statement.Dnat(new NatTarget.Addresses(back, port, false, false, false))));
    Packet p = sent("eth1");
    assertEquals(FAR, p.dst());
    assertEquals("eth1", p.dev());
  }

  @Test
  void dnatToWhatAnotherHookWroteIsRoutedAgain() {
    chain("output", "filter", -150, rule(new Statement.Rewrite(false, FARTHER)));
    chain("output", "nat", -100, rule(dnat("198.51.100.7")));
    assertEquals("eth0", sent("eth1").dev());
  }

  /** {@code nf_nat_ipv4_out} does not. */
  @Test
  void snatAfterDnatIsNotRoutedAgain() {
    chain("output", "nat", -100, rule(dnat("198.51.100.7")));
    chain("postrouting", "nat", 100, rule(snat("203.0.113.1")));
    assertEquals(
        1, outcome("eth1").trace().stream().filter(t -> t.startsWith("routed again")).count());
  }

  @Test
  void whatRawHooksWriteIsTheOriginalToConntrack() {
    chain("output", "filter", -300, rule(new Statement.Rewrite(true, VIP)));
    chain("postrouting", "nat", 100, rule(is(Match.Side.ORIGINAL_SOURCE, VIP), snat("10.0.0.100")));
    Packet p = sent();
    assertEquals(VIP, p.ct().src());
    assertEquals(VIP, p.src());
  }

  @Test
  void mappingToTheOriginalLeavesWhatALaterHookWrote() {
    chain("output", "filter", 0, rule(new Statement.Rewrite(true, VIP)));
    chain("postrouting", "nat", 100, rule(snat("10.0.0.10")));
    assertEquals(VIP, sent().src());
  }

  @Test
  void netmapMapsTheAddressOfThePacketAsItIsNow() {
    AddressRange block = AddressRange.of(IpPrefix.parse("172.16.9.0/24"));
    chain("output", "filter", 0, rule(new Statement.Rewrite(true, VIP)));
    chain("postrouting", "nat", 100, rule(new Statement.Netmap(block)));
    assertEquals(IpAddress.parse("172.16.9.100"), sent().src());
  }

  @Test
  void netmapInOutputMapsTheDestination() {
    AddressRange block = AddressRange.of(IpPrefix.parse("198.51.100.0/24"));
    chain(
        "output", "filter", -150, rule(new Statement.Rewrite(false, IpAddress.parse("9.9.9.77"))));
    chain("output", "nat", -100, rule(new Statement.Netmap(block)));
    Packet p = sent();
    assertEquals(IpAddress.parse("198.51.100.77"), p.dst());
    assertTrue(p.ct().dnat());
  }

  @Test
  void markOfTheFlowGoesToLaterHooks() {
    chain("output", "filter", 0, rule(new Statement.SetMark(true, 0, 0, 5)));
    chain("postrouting", "filter", 0, rule(new Statement.SetMark(false, 0, 0xffffffffL, 0)));
    assertEquals(5, sent().mark());
  }

  @Test
  void withoutConntrackEntryThereIsNoMarkToRead() {
    chain("output", "filter", -300, rule(new Statement.Notrack()));
    chain(
        "output",
        "filter",
        0,
        rule(
            new Statement.SetMark(false, 0, 0xffffffffL, 0), new Statement.SetMark(false, 0, 0, 3)),
        rule(new Statement.SetMark(true, 0, 0, 5), new Statement.SetMark(false, 0, 0, 4)));
    assertEquals(4, sent().mark());
  }

  /**
   * {@code nf_hook_entries_grow}: at conntrack's own priority the newer one runs first. Linux 6.18
   * was seen to do either, by whether the chain or the first rule that needs conntrack was older.
   */
  @Test
  void atConntracksOwnPriorityEitherMayBeFirst() {
    Match isNew = new Match.CtState(Set.of("new"), false);
    Statement write = new Statement.Rewrite(true, VIP);
    chain("output", "filter", -200, rule(isNew, write));
    assertEquals(List.of("10.0.0.10", "10.0.0.100?"), sources());
    chains.clear();
    chain("output", "filter", -199, rule(isNew, write));
    assertEquals(List.of("10.0.0.100"), sources());
    chains.clear();
    chain("output", "filter", -201, rule(isNew, write));
    assertEquals(List.of("10.0.0.10"), sources());
    chains.clear();
    chain("output", "filter", -200, rule(write));
    assertEquals(List.of("10.0.0.100"), sources(), "it makes no difference");
  }

  /** Of every way; with a mark where it depends on the order of what has one priority. */
  private List<String> sources() {
    Packet packet = Packet.own(PRIMARY, FAR, 17, 4000, 53, "eth0", null, 0, 0, 0);
    return Hooks.own(new Ruleset(true, chains), HOST, packet).stream()
        .map(o -> o.packet().src() + (WireOutcome.CHAIN_ORDER.equals(o.unknown()) ? "?" : ""))
        .toList();
  }

  /** Only what reads the mark of the flow needs its entry. */
  @Test
  void marksOfAPacketThatIsNotTracked() {
    chain("output", "filter", -300, rule(new Statement.SetMark(false, 0xffL, 0, 5)));
    chain("output", "filter", -299, rule(new Statement.SetMark(true, 0xffL, 0, 5), drop()));
    chain("output", "filter", -298, rule(new Statement.SetMark(false, 0xffL, 0xffL, 9), drop()));
    chain("output", "filter", -297, rule(new Statement.SetMark(true, 0, 0xffL, 5)));
    assertEquals(5, sent().mark());
  }

  private static Statement drop() {
    return new Statement.Drop();
  }
}
