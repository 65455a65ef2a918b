package io.vipscope.core.model.flow;

import static io.vipscope.core.model.selection.Host.ip;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vipscope.core.model.netfilter.AddressRange;
import io.vipscope.core.model.netfilter.Match;
import io.vipscope.core.model.netfilter.NatTarget;
import io.vipscope.core.model.netfilter.Ruleset;
import io.vipscope.core.model.netfilter.Statement;
import io.vipscope.core.model.selection.Host;
import io.vipscope.core.model.selection.RuleBuilder;
import io.vipscope.core.model.snapshot.Assumption.Kind;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.PolicyRule;
import io.vipscope.core.model.snapshot.Range;
import io.vipscope.core.model.snapshot.RuleAction;
import io.vipscope.core.net.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How many kinds of sockets are asked about, and by which calls each gets its source. */
class SocketWorldsTest {

  private static final IpAddress FAR = ip("198.51.100.7");
  private static final FlowQuery UDP = new FlowQuery(FAR, 17, 40_000, 443);

  private static PolicyRule rule(int mark, int tos, @Nullable Range uid) {
    return RuleBuilder.lookup(false, "100")
        .mark(mark, mark == 0 ? 0 : -1)
        .tos(tos)
        .uid(uid)
        .build();
  }

  private static Host host() {
    return new Host().address("eth0", "10.0.0.10/24").local("10.0.0.10/32");
  }

  private static Selectors selectors(HostSnapshot s) {
    return Selectors.of(s, false);
  }

  /** A socket must name the device; where it can only be one, that is nothing hidden. */
  @Test
  void aLinkLocalPeerIsReachedByTheOnlyDeviceThatHasSuchAddresses() {
    FlowQuery near = new FlowQuery(ip("fe80::50"), 6, 40_000, 443);
    Host one =
        new Host()
            .address("eth0", "2001:db8::10/64")
            .address("eth0", "fe80::10/64")
            .address("eth1", "10.0.0.10/24")
            .local("fe80::10/128")
            .route("main", "fe80::/64", "eth0", null, null);
    assertEquals("eth0", World.ordinary(one.build(), near).oif());
    assertEquals(Set.of(ip("fe80::10")), new FlowPredictor(one.build()).predict(near).sources());
    assertEquals(World.ORDINARY, World.ordinary(one.build(), UDP));
    HostSnapshot two = one.address("eth1", "fe80::11/64").build();
    assertEquals(World.ORDINARY, World.ordinary(two, near));
  }

  @Test
  void whatIsKnownIsNotVaried() {
    Selectors all =
        selectors(
            host()
                .rule(rule(1, 0, null))
                .rule(rule(0, 8, null))
                .rule(rule(0, 0, new Range(33, 33)))
                .build());
    assertEquals(Map.of(1, "fwmark 0x1"), all.without(Set.of(Kind.TOS, Kind.UID)).marks());
    assertEquals(Map.of(8, "tos 0x8"), all.without(Set.of(Kind.MARK, Kind.UID)).toses());
    assertEquals(Map.of(33, "uid 33"), all.without(Set.of(Kind.MARK, Kind.TOS)).uids());
    assertEquals(Map.of(), all.without(Set.of(Kind.MARK)).marks());
    assertEquals(Map.of(), all.without(Set.of(Kind.TOS)).toses());
    assertEquals(Map.of(), all.without(Set.of(Kind.UID)).uids());
    assertEquals(all.devices(), all.without(Set.of(Kind.UID)).devices());
  }

  /** The end of a range that holds 0 is of it, and no value that it does not match. */
  @Test
  void lastOfARangeIsMatched() {
    assertEquals(
        Map.of(9, "uid other than 0-8"),
        selectors(host().rule(rule(0, 0, new Range(0, 8))).build()).uids());
    assertEquals(
        Map.of(8, "uid other than 0-7"),
        selectors(host().rule(rule(0, 0, new Range(0, 7))).build()).uids());
  }

  private static HostSnapshot manyKinds() {
    Host host = host();
    for (int i = 1; i <= 20; i++) {
      host.rule(rule(i, 0, null)).rule(rule(0, 0, new Range(100 + i, 100 + i)));
    }
    return host.build();
  }

  /** 20 marks and 20 users: 400 pairs alone, for unconnected and for connected sockets. */
  @Test
  void pairsBeyondALimitAreLeftOut() {
    HostSnapshot s = manyKinds();
    List<World> worlds = Worlds.of(s, selectors(s), UDP);
    assertEquals(399, worlds.size(), "with the ordinary one 400");
    int devices = 2;
    int single = 1 + 20 + 20 + devices;
    assertEquals(single, worlds.stream().filter(w -> w.conditions().size() == 1).count());
  }

  private static HostSnapshot manyOriginals(int originals, int marks) {
    List<AddressRange> ranges = new ArrayList<>();
    for (int i = 0; i < originals; i++) {
      IpAddress one = IpAddress.v4(0xc0000200 + i);
      ranges.add(new AddressRange(one, one));
    }
    Match to = new Match.Addresses(Match.Side.DESTINATION, ranges, false);
    Statement dnat =
        new Statement.Dnat(
            new NatTarget.Addresses(new AddressRange(FAR, FAR), null, false, false, false));
    Ruleset.Rule rule = new Ruleset.Rule(List.of(to, dnat), "rule", 0);
    Host host =
        host()
            .netfilter(
                new Ruleset(
                    true,
                    List.of(
                        new Ruleset.Chain(
                            "ip", "t", "c", "output", "nat", -100, false, false, List.of(rule)))));
    for (int mark = 1; mark <= marks; mark++) {
      host.rule(rule(mark, 0, null));
    }
    return host.build();
  }

  /** Every destination in the ordinary world, and in the others up to 512 altogether. */
  @ParameterizedTest
  @CsvSource({"60, 3, 420", "60, 20, 512", "2, 20, 48"})
  void socketsThatSentElsewhereAreLimited(int originals, int marks, int expected) {
    HostSnapshot s = manyOriginals(originals, marks);
    List<Elsewhere> all = Elsewhere.of(s, selectors(s), UDP);
    assertEquals(expected, all.size());
    assertEquals(originals, all.stream().filter(e -> e.world().conditions().isEmpty()).count());
    assertTrue(all.stream().noneMatch(e -> e.world().conditions().size() > 1));
  }

  @Test
  void withoutAMappingNoneSentElsewhere() {
    HostSnapshot s = manyKinds();
    assertEquals(List.of(), Elsewhere.of(s, selectors(s), UDP));
  }

  private static @Nullable String device(HostSnapshot s, FlowQuery q, World w) {
    return OwnFlow.of(s, q, w).route().candidates().getFirst().dev();
  }

  /** {@code ip4_datagram_connect}, {@code tcp_v4_connect} look up again with the source. */
  @Test
  void connectLooksUpAgainWithTheSourceAndSendtoDoesNot() {
    HostSnapshot s =
        host()
            .rule(false, "10.0.0.10/32", false, new RuleAction.Lookup("100"))
            .route("main", "0.0.0.0/0", "eth0", "10.0.0.1", null)
            .route("100", "0.0.0.0/0", "eth1", null, null)
            .build();
    World ordinary = World.ORDINARY;
    assertEquals("eth0", device(s, UDP, ordinary));
    assertEquals("eth1", device(s, UDP, ordinary.withConnected()));
    assertEquals("eth1", device(s, new FlowQuery(FAR, 6, 40_000, 443), ordinary));
    FlowQuery ping = new FlowQuery(FAR, 1, 0, 0);
    assertEquals("eth0", device(s, ping, ordinary));
    assertEquals("eth0", device(s, ping, ordinary.withConnected()));
  }

  @Test
  void mechanismsByTheirWords() {
    assertEquals(
        List.of("default", "route-src", "policy-rule", "snat", "masquerade"),
        List.of(Mechanism.values()).stream().map(Mechanism::toString).toList());
  }
}
