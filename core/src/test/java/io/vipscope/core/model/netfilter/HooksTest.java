package io.vipscope.core.model.netfilter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vipscope.core.model.netfilter.Ruleset.Chain;
import io.vipscope.core.model.netfilter.Ruleset.Rule;
import io.vipscope.core.model.snapshot.Range;
import io.vipscope.core.net.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Where packets end, in what order chains run, and what rules do to the walk. */
class HooksTest {

  private static final IpAddress SRC = IpAddress.parse("10.0.0.10");
  private static final IpAddress DST = IpAddress.parse("192.0.2.9");
  private static final Match HIDDEN = new Match.Hidden("statistic", false);

  private final List<Chain> chains = new ArrayList<>();
  private HostView.Ways again =
      new HostView.Ways(List.of(new HostView.Way("eth1", DST)), null, null);
  private @Nullable IpAddress masquerade = SRC;
  private final List<Packet> routedAgain = new ArrayList<>();

  private final HostView host =
      new HostView() {
        @Override
        public Ways reroute(Packet p) {
          routedAgain.add(p);
          return again;
        }

        @Override
        public @Nullable IpAddress masquerade(Packet p) {
          return masquerade;
        }

        @Override
        public String addressType(IpAddress a) {
          return "unicast";
        }
      };

  private static Rule rule(Expression... parts) {
    return new Rule(List.of(parts), "rule", 0);
  }

  private static Statement mark(int value) {
    return new Statement.SetMark(false, 0, 0, value);
  }

  /** Turns one bit of the mark over. */
  private static Statement also(int bit) {
    return new Statement.SetMark(false, 0xffffffffL, 0, bit);
  }

  private static NatTarget to(String first, String last) {
    AddressRange range = new AddressRange(IpAddress.parse(first), IpAddress.parse(last));
    return new NatTarget.Addresses(range, null, false, false, false);
  }

  private static Statement snat(String to) {
    return new Statement.Snat(to(to, to));
  }

  private HooksTest chain(String table, String hook, String type, int priority, Rule... rules) {
    return add(
        new Chain(
            "ip", table, "c" + chains.size(), hook, type, priority, false, false, List.of(rules)));
  }

  private HooksTest named(String name, Rule... rules) {
    return add(new Chain("ip", "t", name, null, null, 0, false, false, List.of(rules)));
  }

  private HooksTest add(Chain chain) {
    chains.add(chain);
    return this;
  }

  private List<WireOutcome> outcomes() {
    return outcomes(Packet.own(SRC, DST, 17, 4000, 53, "eth0", null, 0, 0, 0));
  }

  private List<WireOutcome> outcomes(Packet p) {
    return Hooks.own(new Ruleset(true, chains), host, p);
  }

  private WireOutcome only() {
    List<WireOutcome> all = outcomes();
    assertEquals(1, all.size(), all::toString);
    return all.getFirst();
  }

  @Test
  void withoutRulesItIsSentAsItIs() {
    WireOutcome sent = only();
    assertEquals(new WireOutcome.End.Sent(), sent.end());
    assertEquals(SRC, sent.packet().src());
    assertEquals(WireOutcome.Nat.NONE, sent.nat());
    assertEquals(List.of(), sent.conditions());
    assertNull(sent.unknown());
    assertTrue(sent.packet().ct().tracked());
  }

  @Test
  void whatLeavesByLoIsLocalAndSeesNoPostrouting() {
    chain("t", "postrouting", "filter", 0, rule(new Statement.Drop()));
    Packet p = Packet.own(SRC, SRC, 17, 4000, 53, "lo", null, 0, 0, 0);
    assertEquals(new WireOutcome.End.Local(), outcomes(p).getFirst().end());
    assertEquals(new WireOutcome.End.Failed("EPERM"), only().end());
  }

  @Test
  void dropAndPolicyEndItInBothHooks() {
    for (String hook : List.of("output", "postrouting")) {
      for (String type : List.of("filter", "nat")) {
        chains.clear();
        chain("t", hook, type, 0, rule(new Statement.Drop()));
        WireOutcome dropped = only();
        assertEquals(new WireOutcome.End.Failed("EPERM"), dropped.end());
        assertEquals(List.of("dropped by ip t c0: rule"), dropped.trace());
        chains.clear();
        add(new Chain("ip", "t", "c", hook, type, 0, true, false, List.of(rule(mark(1)))));
        assertEquals(new WireOutcome.End.Failed("EPERM"), only().end());
        chains.clear();
        Rule accepts = rule(new Statement.Accept());
        add(new Chain("ip", "t", "c", hook, type, 0, true, false, List.of(accepts)));
        assertEquals(new WireOutcome.End.Sent(), only().end());
      }
    }
  }

  @Test
  void chainsOfTheOtherFamilyAreNotSeen() {
    add(new Chain("ip6", "t", "c", "output", "filter", 0, true, false, List.of()));
    assertEquals(new WireOutcome.End.Sent(), only().end());
    add(new Chain("inet", "t", "c", "output", "filter", 0, true, false, List.of()));
    assertEquals(new WireOutcome.End.Failed("EPERM"), only().end());
  }

  @Test
  void lowerPriorityRunsFirst() {
    chain("t", "output", "filter", 10, rule(mark(1)));
    chain("t", "output", "filter", -10, rule(mark(2)));
    assertEquals(1, only().packet().mark());
  }

  /** {@code nf_hook_entries_grow}: of equal priority the newest is the first. */
  @Test
  void ofEqualPriorityTheNewerTableRunsFirst() {
    chain("old", "output", "filter", 0, rule(mark(1)));
    chain("new", "output", "filter", 0, rule(mark(2)));
    assertEquals(1, only().packet().mark());
  }

  /** {@code nft_xt_builtin_init}: a chain of an older iptables table may be newer. */
  @Test
  void chainsOfIptablesMayBeNewerThanTheirTables() {
    chain("mangle", "postrouting", "filter", 0, rule(new Statement.Rewrite(true, DST)));
    chain("new", "postrouting", "filter", 0, rule(new Statement.Rewrite(true, SRC)));
    List<WireOutcome> all = outcomes();
    assertEquals(2, all.size());
    assertEquals(DST, all.getFirst().packet().src());
    assertNull(all.getFirst().unknown());
    assertEquals(SRC, all.getLast().packet().src());
    assertEquals(WireOutcome.CHAIN_ORDER, all.getLast().unknown());
  }

  @Test
  void ordersThatMakeNoDifferenceAreOne() {
    chain("mangle", "output", "filter", 0, rule(new Statement.Rewrite(true, DST)));
    chain("new", "output", "filter", 0, rule(new Statement.Rewrite(true, DST)));
    assertEquals(1, outcomes().size());
    chains.clear();
    chain("mangle", "output", "filter", 0);
    chain("new", "output", "filter", 0, rule(new Statement.Rewrite(true, DST)));
    assertEquals(1, outcomes().size());
  }

  @Test
  void moreOrdersThanAreTriedAreTold() {
    for (String table : List.of("nat", "mangle", "raw", "filter")) {
      chain(table, "output", "filter", 0, rule(mark(1)));
    }
    List<WireOutcome> all = outcomes();
    assertEquals(2, all.size());
    assertNull(all.getFirst().unknown());
    assertEquals(new WireOutcome.End.Lost(), all.getLast().end());
    assertEquals(WireOutcome.CHAIN_ORDER, all.getLast().unknown());
    chains.removeLast();
    assertEquals(1, outcomes().size(), "six orders are tried, which differ in nothing");
  }

  @Test
  void legacyChainsRunBeforeOrAfterThoseOfNft() {
    chain("t", "postrouting", "filter", 0, rule(new Statement.Rewrite(true, DST)));
    Rule other = rule(new Statement.Rewrite(true, IpAddress.parse("10.0.0.77")));
    add(
        new Chain(
            "ip",
            "mangle",
            "POSTROUTING",
            "postrouting",
            "filter",
            0,
            false,
            true,
            List.of(other)));
    List<WireOutcome> all = outcomes();
    assertEquals(DST, all.getFirst().packet().src(), "legacy first");
    assertEquals(IpAddress.parse("10.0.0.77"), all.getLast().packet().src());
    assertEquals(2, all.size());
  }

  @Test
  void allNatChainsRunAtNatsOwnPriority() {
    chain("a", "postrouting", "nat", 500, rule(snat("203.0.113.1")));
    chain("b", "postrouting", "filter", 200, rule(new Statement.Rewrite(true, DST)));
    assertEquals(DST, only().packet().src(), "NAT at 100, whatever its chain's priority is");
    chains.clear();
    chain("a", "output", "nat", 500, rule(new Statement.Dnat(to("198.51.100.7", "198.51.100.7"))));
    IpAddress last = IpAddress.parse("9.9.9.9");
    chain("b", "output", "filter", 0, rule(new Statement.Rewrite(false, last)));
    assertEquals(last, only().packet().dst(), "in OUTPUT at -100");
  }

  @Test
  void theFirstNatChainThatMapsIsTheLast() {
    chain("t", "postrouting", "nat", 1, rule(new Statement.Accept()));
    chain("t", "postrouting", "nat", 2, rule(snat("203.0.113.1")));
    chain("t", "postrouting", "nat", 3, rule(snat("203.0.113.2")));
    WireOutcome sent = only();
    assertEquals(IpAddress.parse("203.0.113.1"), sent.packet().src());
    assertEquals(WireOutcome.Nat.SNAT, sent.nat());
    assertEquals(List.of("SNAT to 203.0.113.1 by ip t c1: rule"), sent.trace());
  }

  /** {@code ip_route_me_harder}: of route hooks only, and only after a change. */
  @Test
  void routeHooksRouteAgainWhatTheyChanged() {
    chain("t", "output", "route", -150, rule(new Statement.Accept()));
    assertEquals("eth0", only().packet().dev());
    for (Statement change :
        List.of(
            mark(1),
            new Statement.SetTos(0, 4),
            new Statement.Rewrite(true, DST),
            new Statement.Rewrite(false, SRC))) {
      chains.clear();
      chain("t", "output", "route", -150, rule(change));
      WireOutcome sent = only();
      assertEquals("eth1", sent.packet().dev(), change::toString);
      assertEquals(DST, sent.packet().gateway());
      assertEquals("routed again: leaves by eth1", sent.trace().getLast());
      chains.clear();
      chain("t", "output", "filter", -150, rule(change));
      assertEquals("eth0", only().packet().dev(), change::toString);
    }
  }

  @Test
  void rulesOfOneHookSeeTheDeviceOfItsBeginning() {
    chain("t", "output", "route", -150, rule(mark(1)));
    Match eth1 = new Match.Device(true, Set.of("eth1"), false);
    chain("t", "output", "filter", 0, rule(eth1, mark(2)));
    assertEquals(1, only().packet().mark());
    chain("t", "postrouting", "filter", 0, rule(eth1, mark(3)));
    assertEquals(3, only().packet().mark());
  }

  @Test
  void aSecondLookupMayFailOrNotBeModelled() {
    chain("t", "output", "route", -150, rule(mark(1)));
    again = new HostView.Ways(List.of(), "EACCES", null);
    assertEquals(new WireOutcome.End.Failed("EACCES"), only().end());
    again = new HostView.Ways(List.of(), null, "VRF");
    assertEquals(new WireOutcome.End.Lost(), only().end());
    assertEquals("VRF", only().unknown());
    again =
        new HostView.Ways(
            List.of(new HostView.Way("eth1", null), new HostView.Way("lo", null)), null, null);
    assertEquals(
        List.of(new WireOutcome.End.Local(), new WireOutcome.End.Sent()),
        outcomes().stream().map(WireOutcome::end).toList());
  }

  @Test
  void masqueradeTakesWhatTheHostSays() {
    chain("t", "postrouting", "nat", 100, rule(new Statement.Masquerade()));
    masquerade = IpAddress.parse("10.0.0.77");
    WireOutcome sent = only();
    assertEquals(masquerade, sent.packet().src());
    assertEquals(WireOutcome.Nat.MASQUERADE, sent.nat());
    assertEquals(List.of("MASQUERADE to 10.0.0.77 by ip t c0: rule"), sent.trace());
    masquerade = null;
    assertEquals(new WireOutcome.End.Failed("EPERM"), only().end());
    assertEquals(List.of("no address to masquerade: ip t c0: rule"), only().trace());
    Packet without = Packet.own(IpAddress.ANY4, DST, 17, 1, 1, "eth0", null, 0, 0, 0);
    assertEquals(new WireOutcome.End.Sent(), outcomes(without).getFirst().end());
  }

  @Test
  void redirectTurnsItBack() {
    again = new HostView.Ways(List.of(new HostView.Way("lo", null)), null, null);
    chain("t", "output", "nat", -100, rule(new Statement.Redirect()));
    WireOutcome turned = only();
    assertEquals(new WireOutcome.End.Local(), turned.end());
    assertEquals(IpAddress.LOOPBACK4, turned.packet().dst());
    assertEquals(53, turned.packet().dport());
    chains.clear();
    Rule rule = rule(new Statement.Redirect());
    add(new Chain("ip6", "t", "c", "output", "nat", -100, false, false, List.of(rule)));
    IpAddress far6 = IpAddress.parse("2001:db8:77::7");
    Packet six = Packet.own(null, far6, 17, 1, 53, "eth0", null, 0, 0, 0);
    assertEquals(IpAddress.parse("::1"), outcomes(six).getFirst().packet().dst());
  }

  @Test
  void dnatMayMapThePortAlone() {
    AddressRange range = new AddressRange(DST, DST);
    NatTarget port = new NatTarget.Addresses(range, new Range(443, 443), false, false, false);
    chain("t", "output", "nat", -100, rule(new Statement.Dnat(port)));
    assertEquals(443, only().packet().dport());
    assertEquals("eth0", only().packet().dev(), "the address is the same: not routed again");
    chains.clear();
    NatTarget ports = new NatTarget.Addresses(range, new Range(443, 444), false, false, false);
    chain("t", "output", "nat", -100, rule(new Statement.Dnat(ports)));
    assertEquals(53, only().packet().dport(), "which of several does not show");
  }

  @Test
  void targetsOfTheOtherFamilyDoNotApply() {
    chain(
        "t",
        "postrouting",
        "nat",
        100,
        rule(snat("2001:db8::1")),
        rule(new Statement.Rewrite(true, IpAddress.parse("2001:db8::1")), mark(5)),
        rule(snat("203.0.113.1")));
    assertEquals(IpAddress.parse("203.0.113.1"), only().packet().src());
    assertEquals(0, only().packet().mark());
  }

  @Test
  void oneOfSeveralTargetsAndMaps() {
    NatTarget either =
        new NatTarget.OneOf(
            List.of(to("203.0.113.1", "203.0.113.1"), to("203.0.113.2", "203.0.113.2")));
    chain("t", "postrouting", "nat", 100, rule(new Statement.Snat(either)));
    assertEquals(
        List.of("203.0.113.1", "203.0.113.2"),
        outcomes().stream().map(o -> String.valueOf(o.packet().src())).toList());
    chains.clear();
    Match no = new Match.Constant(false);
    Match yes = new Match.Constant(true);
    NatTarget map =
        new NatTarget.Lookup(
            List.of(
                new NatTarget.Entry(List.of(no), to("203.0.113.1", "203.0.113.1")),
                new NatTarget.Entry(List.of(HIDDEN), to("203.0.113.2", "203.0.113.2")),
                new NatTarget.Entry(
                    List.of(new Match.Unknown("x")), to("203.0.113.3", "203.0.113.3")),
                new NatTarget.Entry(List.of(yes), to("203.0.113.4", "203.0.113.4")),
                new NatTarget.Entry(List.of(yes), to("203.0.113.5", "203.0.113.5"))));
    chain("t", "postrouting", "nat", 100, rule(new Statement.Snat(map)));
    List<WireOutcome> all = outcomes();
    assertEquals(
        List.of("203.0.113.2", "203.0.113.3", "203.0.113.4"),
        all.stream().map(o -> String.valueOf(o.packet().src())).toList());
    assertEquals(List.of("statistic"), all.getFirst().conditions());
    assertEquals("x", all.get(1).unknown());
    assertEquals(List.of(), all.getLast().conditions());
    chains.clear();
    NatTarget none = new NatTarget.Lookup(List.of(new NatTarget.Entry(List.of(no), map)));
    chain(
        "t", "postrouting", "nat", 100, rule(new Statement.Snat(none)), rule(snat("203.0.113.9")));
    assertEquals(IpAddress.parse("203.0.113.9"), only().packet().src());
    chains.clear();
    chain("t", "postrouting", "nat", 100, rule(new Statement.Snat(new NatTarget.Unknown("map"))));
    assertEquals(new WireOutcome.End.Lost(), only().end());
    assertEquals("map", only().unknown());
  }

  @Test
  void withoutASourceAnyOfTheRangeComesOut() {
    chain(
        "t", "postrouting", "nat", 100, rule(new Statement.Snat(to("203.0.113.1", "203.0.113.3"))));
    Packet p = Packet.own(null, DST, 17, 4000, 53, "eth0", null, 0, 0, 0);
    assertEquals(
        List.of("203.0.113.1", "203.0.113.2", "203.0.113.3"),
        outcomes(p).stream().map(o -> String.valueOf(o.packet().src())).toList());
    chains.clear();
    chain(
        "t", "postrouting", "nat", 100, rule(new Statement.Snat(to("203.0.112.0", "203.0.116.0"))));
    assertEquals(new WireOutcome.End.Lost(), outcomes(p).getFirst().end());
    assertEquals("SNAT range 203.0.112.0-203.0.116.0", outcomes(p).getFirst().unknown());
    chains.clear();
    NatTarget port = new NatTarget.Addresses(null, new Range(1, 2), false, false, false);
    chain("t", "postrouting", "nat", 100, rule(new Statement.Snat(port)));
    assertNull(outcomes(p).getFirst().packet().src());
  }

  @Test
  void jumpComesBackGotoDoesNotReturnGoesUp() {
    named("u", rule(also(1)), rule(new Statement.Return()), rule(also(2)));
    chain("t", "output", "filter", 0, rule(new Statement.Jump("u"), also(4)), rule(also(8)));
    assertEquals(13, only().packet().mark());
    chains.removeLast();
    chain("t", "output", "filter", 0, rule(new Statement.Goto("u"), also(4)), rule(also(8)));
    assertEquals(1, only().packet().mark());
    chains.removeLast();
    chain("t", "output", "filter", 0, rule(new Statement.Return(), also(4)), rule(also(8)));
    assertEquals(0, only().packet().mark());
    chains.clear();
    named("u", rule(new Statement.Drop()));
    chain("t", "output", "filter", 0, rule(new Statement.Jump("u")));
    assertEquals(new WireOutcome.End.Failed("EPERM"), only().end());
  }

  @Test
  void aChainThatIsNotThereOrCallsItselfIsNotModelled() {
    chain("t", "output", "filter", 0, rule(new Statement.Jump("u")));
    assertEquals(new WireOutcome.End.Lost(), only().end());
    assertEquals("chain u", only().unknown());
    named("u", rule(new Statement.Jump("u")));
    assertEquals("chain u", only().unknown());
    chains.clear();
    for (int i = 0; i < 16; i++) {
      named("n" + i, rule(i < 15 ? new Statement.Jump("n" + (i + 1)) : mark(7)));
    }
    chain("t", "output", "filter", 0, rule(new Statement.Jump("n0")));
    assertEquals(7, only().packet().mark(), "sixteen calls deep");
  }

  @Test
  void hiddenFactsBranch() {
    chain("t", "output", "filter", 0, rule(HIDDEN, mark(1)));
    List<WireOutcome> all = outcomes();
    assertEquals(2, all.size());
    assertEquals(List.of(), all.getFirst().conditions());
    assertEquals(0, all.getFirst().packet().mark());
    assertEquals(List.of("statistic"), all.getLast().conditions());
    assertEquals(1, all.getLast().packet().mark());
    chains.clear();
    chain("t", "output", "filter", 0, rule(new Match.Hidden("day", true), mark(1)));
    assertEquals(List.of("not day"), outcomes().getFirst().conditions());
    assertEquals(0, outcomes().getFirst().packet().mark());
    assertEquals(List.of(), outcomes().getLast().conditions());
    assertEquals(1, outcomes().getLast().packet().mark());
    chains.clear();
    chain("t", "output", "filter", 0, rule(new Match.Unknown("x"), mark(1)));
    assertNull(outcomes().getFirst().unknown());
    assertEquals("x", outcomes().getLast().unknown());
  }

  @Test
  void branchesThatMeetAgainAreOne() {
    chain("t", "output", "filter", 0, rule(HIDDEN, mark(0)), rule(also(4)));
    WireOutcome sent = only();
    assertEquals(List.of(), sent.conditions());
    assertEquals(4, sent.packet().mark());
  }

  @Test
  void moreBranchesThanAreFollowedAreLost() {
    List<Rule> rules = new ArrayList<>();
    for (int bit = 0; bit < 6; bit++) {
      rules.add(rule(new Match.Hidden("h" + bit, false), also(1 << bit)));
    }
    chain("t", "output", "filter", 0, rules.toArray(Rule[]::new));
    assertEquals(64, outcomes().size());
    chains.clear();
    rules.add(rule(new Match.Hidden("h7", false), also(1 << 7)));
    chain("t", "output", "filter", 0, rules.toArray(Rule[]::new));
    assertEquals(new WireOutcome.End.Lost(), only().end());
    assertEquals("too many netfilter branches", only().unknown());
  }

  @Test
  void whatIsLostStaysLostAndIsNotFollowed() {
    chain("t", "output", "filter", 0, rule(new Statement.Unknown("queue")), rule(mark(1)));
    chain("t", "postrouting", "filter", 0, rule(new Statement.Drop()));
    List<WireOutcome> all = outcomes();
    assertEquals(2, all.size());
    WireOutcome lost =
        all.stream().filter(o -> o.end() instanceof WireOutcome.End.Lost).findFirst().orElseThrow();
    assertEquals("queue", lost.unknown());
    assertTrue(all.contains(lost));
    assertTrue(all.stream().anyMatch(o -> o.end().equals(new WireOutcome.End.Failed("EPERM"))));
  }

  @Test
  void verdictMapsTakeTheFirstThatHolds() {
    Match no = new Match.Constant(false);
    Match yes = new Match.Constant(true);
    Statement.Cases cases =
        new Statement.Cases(
            List.of(
                new Statement.Case(List.of(no), mark(1)),
                new Statement.Case(List.of(HIDDEN), mark(2)),
                new Statement.Case(List.of(yes), mark(3)),
                new Statement.Case(List.of(yes), mark(4))));
    chain("t", "output", "filter", 0, rule(cases, also(8)));
    assertEquals(List.of(10L, 11L), outcomes().stream().map(o -> o.packet().mark()).toList());
    chains.clear();
    Statement none = new Statement.Cases(List.of(new Statement.Case(List.of(no), mark(1))));
    chain("t", "output", "filter", 0, rule(none, also(8)), rule(also(4)));
    assertEquals(4, only().packet().mark());
  }

  @Test
  void marksAndTosAreComputed() {
    Packet p = Packet.own(SRC, DST, 17, 4000, 53, "eth0", null, 0x35, 0xb9, 0);
    chain(
        "t",
        "output",
        "filter",
        0,
        rule(new Statement.SetMark(false, 0xf0, 0, 0x101), new Statement.SetTos(0x03, 0x10)));
    Packet sent = outcomes(p).getFirst().packet();
    assertEquals(0x131, sent.mark());
    assertEquals(0x11, sent.tos());
    chain("t", "output", "filter", 1, rule(new Statement.SetMark(true, 0, 0xff, 0x1000)));
    chain("t", "output", "filter", 2, rule(new Statement.SetMark(false, 0xf, 0xf000, 0)));
    assertEquals(0x1001, outcomes(p).getFirst().packet().mark());
    assertEquals(0x1031, outcomes(p).getFirst().packet().ct().mark());
  }

  @Test
  void forwardedPacketsPassPostroutingOnly() {
    chain("t", "output", "filter", 0, rule(new Statement.Drop()));
    chain("t", "postrouting", "nat", 100, rule(snat("203.0.113.1")));
    Packet p = Packet.forwarded(DST, 17, 4000, 53, "eth0", null);
    List<WireOutcome> all = Hooks.forwarded(new Ruleset(true, chains), host, p);
    assertEquals(1, all.size());
    assertEquals(IpAddress.parse("203.0.113.1"), all.getFirst().packet().src());
    assertEquals(new WireOutcome.End.Sent(), all.getFirst().end());
    assertEquals(List.of(), routedAgain);
  }

  /** Orders are tried up to twelve. */
  @Test
  void twelveOrdersAreAllTried() {
    for (String table : List.of("nat", "mangle", "raw")) {
      chain(table, "output", "filter", 0, rule(mark(1)));
    }
    chain("filter", "output", "filter", 10, rule(new Statement.Rewrite(true, DST)));
    chain("security", "output", "filter", 10, rule(new Statement.Rewrite(true, SRC)));
    List<WireOutcome> all = outcomes();
    assertEquals(
        List.of(DST, SRC), all.stream().map(o -> o.packet().src()).toList(), all::toString);
    assertTrue(all.stream().allMatch(o -> o.end().equals(new WireOutcome.End.Sent())));
  }

  /** {@code NFT_JUMP_STACK_SIZE}. */
  @Test
  void seventeenCallsAreTooDeep() {
    for (int i = 0; i < 17; i++) {
      named("n" + i, rule(i < 16 ? new Statement.Jump("n" + (i + 1)) : mark(7)));
    }
    chain("t", "output", "filter", 0, rule(new Statement.Jump("n0")));
    assertEquals("chain n16", only().unknown());
  }

  @Test
  void ofBranchesThatNeedAsMuchTheFirstStays() {
    chain(
        "t",
        "output",
        "filter",
        0,
        rule(new Match.Hidden("one", false), also(1)),
        rule(new Match.Hidden("two", false), also(1)),
        rule(also(4)));
    assertEquals(
        List.of("[] 4", "[two] 5"),
        outcomes().stream().map(o -> o.conditions() + " " + o.packet().mark()).toList());
  }

  @Test
  void withoutASourceARangeOf1024IsTakenApart() {
    Packet p = Packet.own(null, DST, 17, 4000, 53, "eth0", null, 0, 0, 0);
    chain(
        "t",
        "postrouting",
        "nat",
        100,
        rule(new Statement.Snat(to("203.0.112.0", "203.0.115.255"))));
    assertEquals(1024, outcomes(p).size());
    chains.clear();
    chain(
        "t", "postrouting", "nat", 100, rule(new Statement.Snat(to("203.0.112.0", "203.0.116.0"))));
    assertEquals(new WireOutcome.End.Lost(), outcomes(p).getFirst().end());
  }

  /** {@code find_best_ips_proto}: the hash is over the source too; none is as 0. */
  @Test
  void dnatToARangeGoesByTheSource() {
    NatTarget.Addresses range = (NatTarget.Addresses) to("203.0.64.1", "203.0.113.200");
    chain("t", "output", "nat", -100, rule(new Statement.Dnat(range)));
    List<IpAddress> chosen = new ArrayList<>();
    for (String source : List.of("10.0.0.10", "10.0.0.11", "0.0.0.0")) {
      IpAddress src = IpAddress.parse(source);
      Packet p = Packet.own(src.isAny() ? null : src, DST, 17, 4000, 53, "eth0", null, 0, 0, 0);
      IpAddress dst = outcomes(p).getFirst().packet().dst();
      assertEquals(NatMapping.destination(range, src, DST), dst);
      chosen.add(dst);
    }
    assertEquals(3, Set.copyOf(chosen).size(), chosen::toString);
  }
}
