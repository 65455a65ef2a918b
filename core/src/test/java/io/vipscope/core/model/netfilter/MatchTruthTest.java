package io.vipscope.core.model.netfilter;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vipscope.core.model.snapshot.Range;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.IpPrefix;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each kind of match on a packet of this host, on a forwarded one, and negated. */
class MatchTruthTest {

  private static final IpAddress SRC = IpAddress.parse("10.0.0.10");
  private static final IpAddress DST = IpAddress.parse("192.0.2.9");
  private static final long ALL = 0xffffffffL;

  /** Only the source is an address of the host. */
  private static final HostView HOST =
      new HostView() {
        @Override
        public Ways reroute(Packet p) {
          throw new AssertionError("no match asks for a route");
        }

        @Override
        public @Nullable IpAddress masquerade(Packet p) {
          throw new AssertionError("no match asks for a source");
        }

        @Override
        public String addressType(IpAddress a) {
          return a.equals(SRC) ? "local" : "unicast";
        }
      };

  private final MatchTruth truth = new MatchTruth(HOST);

  private static Packet own(int protocol) {
    return Packet.own(SRC, DST, protocol, 4000, 53, "eth0", null, 0x15, 0x10, 33).tracked();
  }

  private static Packet own() {
    return own(17);
  }

  private static Packet forwarded() {
    return Packet.forwarded(DST, 17, 4000, 53, "eth0", null);
  }

  private static final Truth FORWARDED = Truth.hidden("forwarded", false);

  private static Match is(Match.Side side, boolean negated, String... prefixes) {
    return new Match.Addresses(
        side,
        List.of(prefixes).stream().map(p -> AddressRange.of(IpPrefix.parse(p))).toList(),
        negated);
  }

  private static Match number(Match.Field field, long mask, long value, boolean negated) {
    return new Match.Numeric(field, mask, List.of(new Range(value, value)), negated);
  }

  private void yes(Match match, Packet p) {
    assertEquals(Truth.YES, truth.test(match, p));
  }

  private void no(Match match, Packet p) {
    assertEquals(Truth.NO, truth.test(match, p));
  }

  @Test
  void addresses() {
    yes(is(Match.Side.SOURCE, false, "10.9.0.0/24", "10.0.0.0/24"), own());
    no(is(Match.Side.SOURCE, true, "10.0.0.0/24"), own());
    no(is(Match.Side.SOURCE, false, "192.0.2.9/32"), own());
    yes(is(Match.Side.DESTINATION, false, "192.0.2.9/32"), own());
    yes(is(Match.Side.DESTINATION, true, "10.0.0.0/24"), own());
    assertEquals(FORWARDED, truth.test(is(Match.Side.SOURCE, false, "10.0.0.0/24"), forwarded()));
    yes(is(Match.Side.DESTINATION, false, "192.0.2.9/32"), forwarded());
  }

  @Test
  void addressesOfTheOtherFamilyNeverMatch() {
    no(is(Match.Side.SOURCE, false, "2001:db8::/32"), own());
    no(is(Match.Side.SOURCE, true, "2001:db8::/32"), own());
    no(is(Match.Side.SOURCE, false), own());
    yes(is(Match.Side.SOURCE, true), own());
  }

  @Test
  void originalAddressesAreThoseOfConntrack() {
    Packet mapped = own().withSrc(DST).mappedTo(SRC, 53);
    yes(is(Match.Side.ORIGINAL_SOURCE, false, "10.0.0.10/32"), mapped);
    yes(is(Match.Side.ORIGINAL_DESTINATION, false, "192.0.2.9/32"), mapped);
    Packet before = Packet.own(SRC, DST, 17, 4000, 53, "eth0", null, 0, 0, 0);
    no(is(Match.Side.ORIGINAL_SOURCE, false, "10.0.0.10/32"), before);
    no(is(Match.Side.ORIGINAL_DESTINATION, true, "10.0.0.10/32"), before);
    yes(is(Match.Side.SOURCE, false, "10.0.0.10/32"), before);
  }

  @Test
  void aPacketWithoutSourceIsNotFollowed() {
    Packet none = own().withSrc(null);
    Truth unknown = Truth.unknown("no source address");
    assertEquals(unknown, truth.test(is(Match.Side.SOURCE, false, "10.0.0.0/24"), none));
    assertEquals(
        unknown,
        truth.test(new Match.AddressType(Match.Side.SOURCE, Set.of("local"), false), none));
  }

  @Test
  void addressTypes() {
    yes(new Match.AddressType(Match.Side.SOURCE, Set.of("local", "broadcast"), false), own());
    no(new Match.AddressType(Match.Side.SOURCE, Set.of("local"), true), own());
    no(new Match.AddressType(Match.Side.DESTINATION, Set.of("local"), false), own());
    yes(new Match.AddressType(Match.Side.DESTINATION, Set.of("local"), true), own());
    assertEquals(
        FORWARDED,
        truth.test(new Match.AddressType(Match.Side.SOURCE, Set.of("local"), false), forwarded()));
  }

  @Test
  void ports() {
    List<Range> some = List.of(new Range(53, 53), new Range(3999, 4001));
    for (int protocol : new int[] {6, 17, 33, 132, 136}) {
      yes(new Match.Ports(true, some, false), own(protocol));
      yes(new Match.Ports(false, some, false), own(protocol));
      no(new Match.Ports(false, some, true), own(protocol));
    }
    List<Range> others = List.of(new Range(54, 3999));
    no(new Match.Ports(true, others, false), own());
    yes(new Match.Ports(false, others, true), own());
    no(new Match.Ports(false, some, false), own(1));
    no(new Match.Ports(false, some, true), own(47));
  }

  @Test
  void aSourcePortMayBeUnknownADestinationPortIsNot() {
    Packet p = Packet.own(SRC, DST, 6, 0, 0, "eth0", null, 0, 0, 0);
    List<Range> zero = List.of(new Range(0, 0));
    assertEquals(
        Truth.hidden("source port", false), truth.test(new Match.Ports(true, zero, false), p));
    yes(new Match.Ports(false, zero, false), p);
  }

  @Test
  void numbersOfThePacketAndItsSocket() {
    yes(number(Match.Field.MARK, ALL, 0x15, false), own());
    yes(number(Match.Field.MARK, 0xf, 0x5, false), own());
    no(number(Match.Field.MARK, 0xf, 0x15, false), own());
    no(number(Match.Field.MARK, ALL, 0x15, true), own());
    yes(number(Match.Field.MARK, ALL, 0x16, true), own());
    yes(number(Match.Field.UID, ALL, 33, false), own());
    yes(number(Match.Field.TOS, 0xfc, 0x10, false), own());
    no(number(Match.Field.TOS, 0xfc, 0x11, false), own());
    yes(number(Match.Field.PROTOCOL, ALL, 17, false), own());
    yes(number(Match.Field.CT_MARK, ALL, 7, false), own().with(own().ct().withMark(7)));
    no(number(Match.Field.CT_MARK, ALL, 8, false), own().with(own().ct().withMark(7)));
  }

  @Test
  void ofAnotherHostsPacketSocketAndMarksDoNotShow() {
    for (Match.Field field : List.of(Match.Field.MARK, Match.Field.CT_MARK, Match.Field.TOS)) {
      assertEquals(FORWARDED, truth.test(number(field, ALL, 0, false), forwarded()));
    }
    no(number(Match.Field.UID, ALL, 0, false), forwarded());
    yes(number(Match.Field.PROTOCOL, ALL, 17, false), forwarded());
  }

  @Test
  void withoutConntrackThereIsNoMarkOfIt() {
    Packet before = Packet.own(SRC, DST, 17, 4000, 53, "eth0", null, 0, 0, 0);
    no(number(Match.Field.CT_MARK, ALL, 0, false), before);
    no(number(Match.Field.CT_MARK, ALL, 0, true), before);
  }

  @Test
  void aPingIsARequest() {
    yes(number(Match.Field.ICMP_TYPE, ALL, 8, false), own(1));
    no(number(Match.Field.ICMP_TYPE, ALL, 0, false), own(1));
    no(number(Match.Field.ICMP_TYPE, ALL, 8, false), own());
    IpAddress far6 = IpAddress.parse("2001:db8:77::7");
    Packet ping6 = Packet.own(null, far6, 58, 0, 0, "eth0", null, 0, 0, 0);
    yes(number(Match.Field.ICMP_TYPE, ALL, 128, false), ping6);
    no(number(Match.Field.ICMP_TYPE, ALL, 8, false), ping6);
    no(number(Match.Field.ICMP_TYPE, ALL, 8, true), own(58));
  }

  @Test
  void firstPacketOfTcpIsASyn() {
    yes(number(Match.Field.TCP_FLAGS, 0x17, 2, false), own(6));
    no(number(Match.Field.TCP_FLAGS, 0x17, 0x12, false), own(6));
    no(number(Match.Field.TCP_FLAGS, 0x17, 2, false), own());
    assertEquals(
        Truth.hidden("ECN", true),
        truth.test(number(Match.Field.TCP_FLAGS, 0xff, 2, false), own(6)));
    assertEquals(
        Truth.hidden("ECN", false),
        truth.test(number(Match.Field.TCP_FLAGS, 0xff, 0xc2, false), own(6)));
    no(number(Match.Field.TCP_FLAGS, 0xff, 0x12, false), own(6));
  }

  @ParameterizedTest
  @CsvSource({
    "17, 0, 27, NO", "17, 0, 28, HIDDEN", "17, 28, 65535, YES", "17, 29, 65535, HIDDEN",
    "6, 121, 65535, NO", "6, 120, 200, HIDDEN", "6, 28, 120, YES", "6, 28, 119, HIDDEN"
  })
  void lengthsThatAFirstPacketMayHave(int protocol, long first, long last, Truth.Kind kind) {
    Match match =
        new Match.Numeric(Match.Field.LENGTH, ALL, List.of(new Range(first, last)), false);
    assertEquals(kind, truth.test(match, own(protocol)).kind());
    Match not = new Match.Numeric(Match.Field.LENGTH, ALL, List.of(new Range(first, last)), true);
    assertEquals(
        truth.test(match, own(protocol)).not().kind(), truth.test(not, own(protocol)).kind());
  }

  @Test
  void aLengthInDoubtIsTakenAsThatOfASmallPacket() {
    List<Range> small = List.of(new Range(0, 100));
    Match match = new Match.Numeric(Match.Field.LENGTH, ALL, small, false);
    assertEquals(Truth.hidden("packet length", true), truth.test(match, own()));
    Match not = new Match.Numeric(Match.Field.LENGTH, ALL, small, true);
    assertEquals(Truth.hidden("packet length", false), truth.test(not, own()));
    IpAddress far6 = IpAddress.parse("2001:db8:77::7");
    Packet six = Packet.own(null, far6, 17, 1, 1, "eth0", null, 0, 0, 0);
    List<Range> shorter = List.of(new Range(0, 47));
    no(new Match.Numeric(Match.Field.LENGTH, ALL, shorter, false), six);
  }

  @Test
  void devices() {
    yes(new Match.Device(true, Set.of("eth1", "eth0"), false), own());
    no(new Match.Device(true, Set.of("eth0"), true), own());
    yes(new Match.Device(true, Set.of("eth*"), false), own());
    yes(new Match.Device(true, Set.of("eth0*"), false), own());
    no(new Match.Device(true, Set.of("eth"), false), own());
    no(new Match.Device(true, Set.of("eth00*"), false), own());
    no(new Match.Device(false, Set.of("eth0"), false), own());
    yes(new Match.Device(false, Set.of("eth0"), true), own());
    yes(new Match.Device(true, Set.of("eth0"), false), forwarded());
    assertEquals(
        FORWARDED, truth.test(new Match.Device(false, Set.of("eth0"), false), forwarded()));
    Packet nowhere = Packet.own(SRC, DST, 17, 1, 1, null, null, 0, 0, 0);
    no(new Match.Device(true, Set.of("eth0"), false), nowhere);
    yes(new Match.Device(true, Set.of("eth0"), true), nowhere);
  }

  @Test
  void whatIsDecidedOrHiddenOrUnknownBeforehand() {
    yes(new Match.Constant(true), own());
    no(new Match.Constant(false), own());
    yes(new Match.Family(false), own());
    no(new Match.Family(true), own());
    assertEquals(
        Truth.hidden("statistic", true), truth.test(new Match.Hidden("statistic", true), own()));
    assertEquals(Truth.unknown("socket"), truth.test(new Match.Unknown("socket"), own()));
  }

  @Test
  void stateAndDnat() {
    yes(new Match.CtState(Set.of("new"), false), own());
    no(new Match.CtState(Set.of("new"), true), own());
    yes(new Match.CtDnat(true), own());
    no(new Match.CtDnat(false), own());
    yes(new Match.CtDnat(false), own().mappedTo(SRC, 1));
    Packet before = Packet.own(SRC, DST, 17, 4000, 53, "eth0", null, 0, 0, 0);
    no(new Match.CtDnat(true), before);
    no(new Match.CtDnat(false), before);
  }

  @Test
  void alternatives() {
    Match yes = new Match.Constant(true);
    Match no = new Match.Constant(false);
    no(new Match.AnyOf(List.of(), false), own());
    yes(new Match.AnyOf(List.of(List.of(no), List.of(yes)), false), own());
    no(new Match.AnyOf(List.of(List.of(yes, no), List.of(no)), false), own());
    no(new Match.AnyOf(List.of(List.of(yes)), true), own());
    assertEquals(Truth.NO, truth.all(List.of(yes, no, yes), own()));
    assertEquals(Truth.YES, truth.all(List.of(), own()));
  }

  @Test
  void hiddenAndUnknownJoin() {
    Truth a = Truth.hidden("a", true);
    Truth b = Truth.hidden("b", false);
    Truth u = Truth.unknown("u");
    assertEquals(new Truth(Truth.Kind.HIDDEN, "a, b", false), a.and(b));
    assertEquals(new Truth(Truth.Kind.HIDDEN, "a, b", true), a.or(b));
    assertEquals(new Truth(Truth.Kind.UNKNOWN, "a, u", false), a.and(u));
    assertEquals(new Truth(Truth.Kind.UNKNOWN, "u, a", false), u.and(a));
    assertEquals(Truth.hidden("a", true), a.and(a));
    assertEquals(a, Truth.YES.and(a));
    assertEquals(a, a.and(Truth.YES));
    assertEquals(Truth.NO, a.and(Truth.NO));
    assertEquals(Truth.NO, Truth.NO.and(a));
    assertEquals(Truth.YES, a.or(Truth.YES));
    assertEquals(Truth.hidden("a", false), a.not());
    assertEquals(new Truth(Truth.Kind.UNKNOWN, "u", true), u.not());
    assertEquals(a, a.or(Truth.NO));
  }
}
