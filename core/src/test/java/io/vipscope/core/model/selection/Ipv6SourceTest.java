package io.vipscope.core.model.selection;

import static io.vipscope.core.model.selection.Host.ip;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vipscope.core.model.snapshot.AddressFlag;
import io.vipscope.core.net.IpAddress;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code ipv6_dev_get_saddr}: each rule where it alone decides, whatever the order of the list. */
class Ipv6SourceTest {

  private static final IpAddress FAR = ip("2a00::1");

  private Map<String, Integer> settings = Map.of();

  /** An address: its device and flags. */
  private record Own(String dev, String prefix, List<AddressFlag> flags) {}

  private static Own eth0(String prefix, AddressFlag... flags) {
    return new Own("eth0", prefix, List.of(flags));
  }

  private static Own eth1(String prefix, AddressFlag... flags) {
    return new Own("eth1", prefix, List.of(flags));
  }

  private static IpAddress of(Own own) {
    return ip(own.prefix().replaceFirst("/.*", ""));
  }

  /** The first wins over the second in either order, for the reason. */
  private void wins(Own winner, Own loser, IpAddress dst, String reason) {
    for (List<Own> order : List.of(List.of(winner, loser), List.of(loser, winner))) {
      Host both = host();
      order.forEach(o -> both.address(o.dev(), o.prefix(), o.flags().toArray(AddressFlag[]::new)));
      Ipv6Source.Choice choice = Ipv6Source.choose(both.build(), "eth0", dst);
      assertNotNull(choice);
      assertEquals(of(winner), choice.address().local());
      assertEquals(winner.dev(), choice.dev());
      assertEquals(reason, choice.reason());
    }
  }

  /** A new one with the same settings. */
  private Host host() {
    Host next = new Host();
    settings.forEach(next::sysctl);
    return next;
  }

  private static @Nullable IpAddress select(Host one, @Nullable String dev, IpAddress dst) {
    return Ipv6Source.select(one.build(), dev, dst);
  }

  @Test
  void theDestinationItself() {
    wins(
        eth0("fe80::1/64", AddressFlag.DEPRECATED),
        eth0("2001:db8:1::10/64"),
        ip("fe80::1"),
        "it is the destination itself");
  }

  @Test
  void theNarrowestScopeThatIsWideEnough() {
    String reason = "appropriate scope (rule 2)";
    wins(eth0("2001:db8:1::10/64", AddressFlag.DEPRECATED), eth0("fe80::1/64"), FAR, reason);
    wins(eth0("2001:db8:1::10/64"), eth0("fec0::1/64"), FAR, reason);
    wins(eth0("fec0::1/64"), eth0("fe80::1/64"), FAR, reason);
    wins(eth0("fe80::1/64"), eth0("2001:db8:1::10/64"), ip("fe80::99"), reason);
    wins(eth0("fec0::1/64"), eth0("2001:db8:1::10/64"), ip("fec0::99"), reason);
    wins(eth0("fec0::1/64"), eth0("fe80::1/64"), ip("fec0::99"), reason);
    wins(eth0("2001:db8:1::10/64"), eth0("fe80::1/64"), ip("ff0e::1"), reason);
    wins(eth0("fe80::1/64"), eth0("2001:db8:1::10/64"), ip("ff02::1"), reason);
  }

  @Test
  void notDeprecated() {
    String reason = "others are deprecated (rule 3)";
    wins(eth1("2001:db8:1::10/64"), eth0("2001:db8:1::11/64", AddressFlag.DEPRECATED), FAR, reason);
    wins(
        eth0("2001:db8:1::10/64"),
        eth0("2001:db8:1::11/64", AddressFlag.TENTATIVE, AddressFlag.OPTIMISTIC),
        FAR,
        reason);
  }

  /** {@code ipv6_use_optimistic_addr}: both settings, of the device or of all. */
  @Test
  void anOptimisticAddressMayBePreferred() {
    Own optimistic = eth0("2001:db8:1::11/64", AddressFlag.OPTIMISTIC);
    Own other = eth1("2001:db8:1::10/64");
    String all = "net.ipv6.conf.all.";
    String own = "net.ipv6.conf.eth0.";
    wins(other, optimistic, FAR, "others are deprecated (rule 3)");
    settings = Map.of(all + "optimistic_dad", 1);
    wins(other, optimistic, FAR, "others are deprecated (rule 3)");
    settings = Map.of(own + "use_optimistic", 1);
    wins(other, optimistic, FAR, "others are deprecated (rule 3)");
    settings = Map.of(all + "optimistic_dad", 1, own + "use_optimistic", 1);
    wins(optimistic, other, FAR, "it is on the outgoing device (rule 5)");
    settings = Map.of(own + "optimistic_dad", 1, all + "use_optimistic", 1);
    wins(optimistic, other, FAR, "it is on the outgoing device (rule 5)");
    wins(
        eth0("2001:db8:1::10/64"),
        eth0("2001:db8:1::11/64", AddressFlag.OPTIMISTIC),
        FAR,
        "not optimistic");
  }

  @Test
  void onTheOutgoingDevice() {
    wins(
        eth0("fd00::1/64"),
        eth1("2001:db8:1::10/64"),
        FAR,
        "it is on the outgoing device (rule 5)");
  }

  @Test
  void withoutADeviceAllAreOnIt() {
    Host both = new Host().address("eth1", "2001:db8:1::10/64").address("eth0", "fd00::1/64");
    assertEquals(ip("2001:db8:1::10"), select(both, null, FAR), "by its label");
  }

  @Test
  void matchingLabel() {
    String reason = "its label matches the destination's (rule 6)";
    wins(eth0("2001:db8:1::10/64"), eth0("fd00::1/64"), FAR, reason);
    wins(eth0("fd00::1/64"), eth0("2001:db8:1::10/64"), ip("fd00:9::1"), reason);
    wins(eth0("2002:c000::1/64"), eth0("2001:db8:1::10/64"), ip("2002:1::1"), reason);
  }

  @Test
  void publicOrTemporary() {
    String reason = "public or temporary as preferred (rule 7)";
    Own temporary = eth0("2001:db8:1::11/64", AddressFlag.TEMPORARY);
    Own lasting = eth0("2001:db8:1::10/64");
    wins(lasting, temporary, FAR, reason);
    settings = Map.of("net.ipv6.conf.eth0.use_tempaddr", 1);
    wins(lasting, temporary, FAR, reason);
    settings = Map.of("net.ipv6.conf.eth0.use_tempaddr", 2);
    wins(temporary, lasting, FAR, reason);
  }

  @Test
  void orchidToOrchid() {
    Host labels = new Host();
    assertEquals(ip("2001:10::1"), select(labels.address("eth0", "2001:10::1/28"), "eth0", FAR));
    wins(
        eth0("2001:10::1/28"),
        eth0("2001:db8:1::10/64"),
        ip("2001:10::9"),
        "its label matches the destination's (rule 6)");
  }

  @Test
  void longestMatchWithinItsOwnPrefix() {
    String reason = "longest matching prefix (rule 8)";
    wins(eth0("2001:db8:1::10/128"), eth0("2001:db8:1::11/64"), ip("2001:db8:1::12"), reason);
    wins(eth0("2001:db8:1::10/64"), eth0("2001:db8:2::11/64"), ip("2001:db8:1::12"), reason);
    wins(eth0("2001:db8:1::10/64"), eth0("2001:db8:1::11/48"), ip("2001:db8:1::12"), reason);
  }

  @Test
  void theFirstOfEquals() {
    Host one = new Host().address("eth0", "2001:db8:1::11/64").address("eth0", "2001:db8:1::10/64");
    Ipv6Source.Choice choice = Ipv6Source.choose(one.build(), "eth0", FAR);
    assertNotNull(choice);
    assertEquals(ip("2001:db8:1::11"), choice.address().local());
    assertEquals("first of equals in the address list", choice.reason());
    Host single = new Host().address("eth0", "2001:db8:1::11/64");
    Ipv6Source.Choice only = Ipv6Source.choose(single.build(), "eth0", FAR);
    assertNotNull(only);
    assertEquals("the only candidate", only.reason());
  }

  @Test
  void whatIsNoCandidate() {
    Host one =
        new Host()
            .address("eth0", "2001:db8:1::10/64", AddressFlag.TENTATIVE)
            .address("eth0", "2001:db8:1::11/64", AddressFlag.DADFAILED)
            .address("eth0", "2001:db8:1::12/64", AddressFlag.DADFAILED, AddressFlag.OPTIMISTIC)
            .address("eth0", "ff02::5/128")
            .address("eth0", "::/128")
            .address("eth0", "10.0.0.1/24");
    assertNull(select(one, "eth0", FAR));
    assertNull(Ipv6Source.choose(one.build(), "eth0", FAR));
    one.address("eth0", "2001:db8:1::13/64", AddressFlag.TENTATIVE, AddressFlag.OPTIMISTIC);
    assertEquals(ip("2001:db8:1::13"), select(one, "eth0", FAR));
  }

  @Test
  void onlyThoseOfTheDevice() {
    Host one = new Host().address("eth1", "2001:db8:1::10/64");
    assertEquals(ip("2001:db8:1::10"), select(one, "eth0", FAR));
    assertNull(select(one, "eth0", ip("ff0e::1")), "to multicast");
    assertNull(select(one, "eth0", ip("fe80::99")), "on the link");
    assertEquals(ip("2001:db8:1::10"), select(one, null, ip("fe80::99")));
    one.sysctl("net.ipv6.conf.eth0.use_oif_addrs_only");
    assertNull(select(one, "eth0", FAR));
  }

  /** With CONFIG_IPV6_MIP6 a home address is preferred, without it not. */
  @Test
  void aHomeAddressIsPossible() {
    Host one =
        new Host()
            .address("eth0", "2001:db8:1::10/64")
            .address("eth0", "2001:db8:1::11/64", AddressFlag.HOME);
    assertEquals(
        Set.of(ip("2001:db8:1::10"), ip("2001:db8:1::11")),
        Ipv6Source.possible(one.build(), "eth0", FAR));
    assertEquals(ip("2001:db8:1::10"), select(one, "eth0", FAR));
    Host plain = new Host().address("eth0", "2001:db8:1::10/64");
    assertEquals(Set.of(ip("2001:db8:1::10")), Ipv6Source.possible(plain.build(), "eth0", FAR));
    assertEquals(Set.of(), Ipv6Source.possible(new Host().build(), "eth0", FAR));
  }

  @ParameterizedTest
  @CsvSource({
    "ff01::1, 1",
    "ff02::1, 2",
    "ff05::1, 5",
    "ff0e::1, 14",
    "ff3e::1, 14",
    "::, -1",
    "::1, 2",
    "fe80::1, 2",
    "febf::1, 2",
    "fec0::1, 5",
    "feff::1, 5",
    "fd00::1, 14",
    "2001:db8::1, 14",
    "fe7f::1, 14"
  })
  void scopes(String address, int scope) {
    assertEquals(scope, Ipv6Labels.scope(ip(address)));
  }

  @Test
  void addressesThatAreNeverDeprecated() {
    assertTrue(Ipv6Labels.alwaysPreferred(ip("::ffff:10.0.0.1")));
    assertTrue(Ipv6Labels.alwaysPreferred(ip("::10.0.0.1")));
    assertTrue(Ipv6Labels.alwaysPreferred(ip("::1")));
    assertFalse(Ipv6Labels.alwaysPreferred(ip("::")));
    assertFalse(Ipv6Labels.alwaysPreferred(ip("::fffe:10.0.0.1")));
    assertFalse(Ipv6Labels.alwaysPreferred(ip("1::ffff:10.0.0.1")));
    assertFalse(Ipv6Labels.alwaysPreferred(ip("1::10.0.0.1")));
    assertTrue(Ipv6Labels.orchid(ip("2001:10::1")));
    assertTrue(Ipv6Labels.orchid(ip("2001:1f:ffff::1")));
    assertFalse(Ipv6Labels.orchid(ip("2001:20::1")));
    assertFalse(Ipv6Labels.orchid(ip("2001:f::1")));
  }
}
