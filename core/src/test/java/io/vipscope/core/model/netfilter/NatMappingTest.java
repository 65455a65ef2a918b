package io.vipscope.core.model.netfilter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vipscope.core.model.snapshot.Range;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.IpPrefix;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What NAT takes from a range; the hashed answers are those of the kernel's source, worked out. */
class NatMappingTest {

  private static final IpAddress SRC = IpAddress.parse("10.0.0.10");
  private static final IpAddress DST = IpAddress.parse("192.0.2.9");

  private static AddressRange range(String first, String last) {
    return new AddressRange(IpAddress.parse(first), IpAddress.parse(last));
  }

  private static NatTarget.Addresses to(AddressRange range, boolean persistent, boolean random) {
    return new NatTarget.Addresses(range, null, persistent, random, false);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0, 0, 0, 0, baf9078c",
    "1, 2, 3, 4, 5, 73558c35",
    "ffffffff, 80000000, 7fffffff, deadbeef, cafebabe, ac48ff65"
  })
  void jhash2OfFourWords(String a, String b, String c, String d, String initval, String hash) {
    int[] words = {
      Integer.parseUnsignedInt(a, 16),
      Integer.parseUnsignedInt(b, 16),
      Integer.parseUnsignedInt(c, 16),
      Integer.parseUnsignedInt(d, 16)
    };
    assertEquals(
        Integer.parseUnsignedInt(hash, 16), Jhash.of(words, Integer.parseUnsignedInt(initval, 16)));
  }

  /** {@code find_best_ips_proto}. */
  @ParameterizedTest
  @CsvSource({
    "203.0.113.200, 203.0.113.233, 10.0.0.10, 192.0.2.9, false, 203.0.113.224",
    "203.0.113.200, 203.0.113.233, 10.0.0.10, 198.51.100.7, false, 203.0.113.206",
    "203.0.113.200, 203.0.113.233, 10.0.0.10, 198.51.100.7, true, 203.0.113.232",
    "203.0.113.200, 203.0.113.233, 10.0.0.11, 192.0.2.9, true, 203.0.113.204",
    "203.0.112.0, 203.0.115.255, 10.0.0.11, 9.9.9.9, false, 203.0.113.7",
    "2001:db8:5::1, 2001:db8:6::9, 2001:db8::10, 2001:db8:9::9, false,"
        + " 2001:db8:5:8b7f:8b7f:3c09:8b7f:3c09",
    "2001:db8:5::1, 2001:db8:6::9, 2001:db8::10, 2001:db8:9::9, true,"
        + " 2001:db8:5:7708:7708:81e9:7708:81e9",
    "2001:db8:5::1, 2001:db8:5::40, 2001:db8::11, 2001:db8:9::77, false, 2001:db8:5::15",
    "2001:db8:5::1, 2001:db8:5::40, 2001:db8::11, 2001:db8:9::77, true, 2001:db8:5::9"
  })
  void hashOfSourceAndDestinationChooses(
      String first, String last, String src, String dst, boolean persistent, String chosen) {
    NatTarget.Addresses to = to(range(first, last), persistent, false);
    IpAddress from = IpAddress.parse(src);
    IpAddress far = IpAddress.parse(dst);
    assertEquals(IpAddress.parse(chosen), NatMapping.source(to, from, far, 4000));
    assertEquals(IpAddress.parse(chosen), NatMapping.destination(to, from, far));
  }

  @Test
  void oneAddressIsTaken() {
    NatTarget.Addresses one = to(range("203.0.113.1", "203.0.113.1"), false, false);
    assertEquals(IpAddress.parse("203.0.113.1"), NatMapping.source(one, SRC, DST, 4000));
    assertEquals(IpAddress.parse("203.0.113.1"), NatMapping.destination(one, SRC, DST));
  }

  @Test
  void withoutAddressesOnlyThePortIsMapped() {
    NatTarget.Addresses ports = new NatTarget.Addresses(null, new Range(1, 9), false, false, false);
    assertEquals(SRC, NatMapping.source(ports, SRC, DST, 4000));
    assertEquals(DST, NatMapping.destination(ports, SRC, DST));
  }

  /** {@code get_unique_tuple}: a source in the range stays, with a port in the range. */
  @Test
  void aSourceInTheRangeStays() {
    AddressRange around = range("10.0.0.5", "10.0.0.20");
    assertEquals(SRC, NatMapping.source(to(around, false, false), SRC, DST, 4000));
    IpAddress chosen = NatMapping.source(to(around, false, true), SRC, DST, 4000);
    assertEquals(IpAddress.parse("10.0.0.16"), chosen, "at random another is chosen");
    Range ports = new Range(4000, 4001);
    NatTarget.Addresses within = new NatTarget.Addresses(around, ports, false, false, false);
    assertEquals(SRC, NatMapping.source(within, SRC, DST, 4000));
    assertEquals(SRC, NatMapping.source(within, SRC, DST, 4001));
    assertEquals(chosen, NatMapping.source(within, SRC, DST, 4002));
    assertEquals(chosen, NatMapping.source(within, SRC, DST, 3999));
  }

  @Test
  void anotherPortIsChosenAtRandomOrIfItIsOutside() {
    AddressRange one = range("203.0.113.1", "203.0.113.1");
    assertFalse(NatMapping.otherPort(to(one, false, false), 4000));
    assertTrue(NatMapping.otherPort(to(one, false, true), 4000));
    Range ports = new Range(4000, 4001);
    NatTarget.Addresses within = new NatTarget.Addresses(one, ports, false, false, false);
    assertFalse(NatMapping.otherPort(within, 4001));
    assertTrue(NatMapping.otherPort(within, 4002));
  }

  @Test
  void netmapKeepsTheHostBits() {
    AddressRange block = AddressRange.of(IpPrefix.parse("172.16.8.0/23"));
    assertEquals(
        IpAddress.parse("172.16.9.10"), NatMapping.netmap(block, IpAddress.parse("10.1.3.10")));
    AddressRange block6 = AddressRange.of(IpPrefix.parse("2001:db8:8000::/33"));
    assertEquals(
        IpAddress.parse("2001:db8:8123:4:5:6:7:8"),
        NatMapping.netmap(block6, IpAddress.parse("fe80:1:123:4:5:6:7:8")));
    AddressRange low = AddressRange.of(IpPrefix.parse("2001:db8::5:0/112"));
    assertEquals(
        IpAddress.parse("2001:db8::5:8"),
        NatMapping.netmap(low, IpAddress.parse("fe80:1:123:4:5:6:7:8")));
  }

  @Test
  void targetsThatMayTakeAnAddress() {
    AddressRange around = range("10.0.0.5", "10.0.0.20");
    assertTrue(to(around, false, false).mayTake(SRC));
    assertFalse(to(around, false, false).mayTake(DST));
    assertFalse(new NatTarget.Addresses(around, null, false, false, true).mayTake(SRC));
    assertFalse(new NatTarget.Addresses(null, null, false, false, false).mayTake(SRC));
  }

  @Test
  void anyOfARangeIsOneOfItsAddresses() {
    NatTarget.Addresses two = to(range("10.0.0.5", "10.0.0.6"), true, false);
    assertEquals(
        new NatTarget.OneOf(
            List.of(
                two.toOnly(IpAddress.parse("10.0.0.5")), two.toOnly(IpAddress.parse("10.0.0.6")))),
        two.toAny());
    NatTarget.Addresses one = to(range("10.0.0.5", "10.0.0.5"), false, false);
    assertEquals(one, one.toAny());
    NatTarget.Addresses mapped =
        new NatTarget.Addresses(range("10.0.0.0", "10.0.0.255"), null, false, false, true);
    assertEquals(mapped, mapped.toAny());
    NatTarget.Addresses none = new NatTarget.Addresses(null, null, false, false, false);
    assertEquals(none, none.toAny());
    assertEquals(
        1024,
        ((NatTarget.OneOf) to(range("10.0.0.0", "10.0.3.255"), false, false).toAny())
            .targets()
            .size());
    assertEquals(
        new NatTarget.Unknown("SNAT range 10.0.0.0-10.0.4.0"),
        to(range("10.0.0.0", "10.0.4.0"), false, false).toAny());
  }

  /** The words in which the ends of a range agree stay. */
  @ParameterizedTest
  @CsvSource({
    "2001:db8:5:6:7:8:9:1, 2001:db8:5:6:7:8:9:ff",
    "2001:db8:5:6:7:8:9:1, 2001:db8:5:6:7:8:a:1",
    "2001:db8:5:6:7:8:9:1, 2001:db8:5:6:7:9:9:1"
  })
  void chosenAddressLiesInTheRange(String first, String last) {
    NatTarget.Addresses to = to(range(first, last), false, false);
    for (int i = 0; i < 50; i++) {
      IpAddress src = IpAddress.v6(0x20010db800000000L, 0x77_0000_0000L + i);
      IpAddress chosen = NatMapping.source(to, src, IpAddress.parse("2001:db8:9::77"), 4000);
      assertEquals(true, range(first, last).contains(chosen), chosen::toString);
    }
  }
}
