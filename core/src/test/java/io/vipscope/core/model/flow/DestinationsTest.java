package io.vipscope.core.model.flow;

import static io.vipscope.core.model.selection.Host.ip;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vipscope.core.model.flow.Destinations.Block;
import io.vipscope.core.model.netfilter.AddressRange;
import io.vipscope.core.model.selection.Host;
import io.vipscope.core.model.snapshot.AddressLabel;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.InterfaceAddress;
import io.vipscope.core.model.snapshot.Link;
import io.vipscope.core.model.snapshot.Scope;
import io.vipscope.core.net.IpPrefix;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DestinationsTest {

  private static Block block(List<Block> blocks, String prefix) {
    IpPrefix wanted = IpPrefix.parse(prefix);
    return blocks.stream().filter(b -> b.prefix().equals(wanted)).findFirst().orElseThrow();
  }

  private static HostSnapshot host(String... routes) {
    Host host = new Host().address("eth0", "192.0.2.10/24");
    for (String route : routes) {
      host.route("main", route, "eth0", "192.0.2.1", null);
    }
    return host.build();
  }

  @Test
  void exampleLiesInNoLongerBlock() {
    List<Block> blocks =
        Destinations.of(List.of(host("10.0.0.0/8", "10.0.0.0/16", "10.1.0.0/16")), false);
    assertEquals(ip("10.2.0.0"), block(blocks, "10.0.0.0/8").example());
    assertEquals(ip("10.0.0.0"), block(blocks, "10.0.0.0/16").example());
    assertEquals(ip("1.0.0.0"), block(blocks, "0.0.0.0/0").example());
    Block outer = blocks.get(block(blocks, "10.1.0.0/16").parent());
    assertEquals(IpPrefix.parse("10.0.0.0/8"), outer.prefix());
  }

  @Test
  void blockThatOthersCoverHasNoExample() {
    List<Block> blocks =
        Destinations.of(List.of(host("10.0.0.0/8", "10.0.0.0/9", "10.128.0.0/9")), false);
    assertNull(block(blocks, "10.0.0.0/8").example());
    List<Block> whole = Destinations.of(List.of(host("0.0.0.0/1", "128.0.0.0/1")), false);
    assertNull(block(whole, "0.0.0.0/0").example());
  }

  @Test
  void blocksOfEitherStateCount() {
    List<Block> blocks = Destinations.of(List.of(host("10.0.0.0/8"), host("11.0.0.0/8")), false);
    assertEquals(ip("10.0.0.0"), block(blocks, "10.0.0.0/8").example());
    assertEquals(ip("11.0.0.0"), block(blocks, "11.0.0.0/8").example());
  }

  /** IPv6 prefers the source with more leading bits in common with the destination. */
  @Test
  void ipv6AddressesDivideTheirPrefix() {
    HostSnapshot s = new Host().address("eth0", "2001:db8::1/64").build();
    List<Block> blocks = Destinations.of(List.of(s), true);
    for (int length = 0; length <= 64; length++) {
      assertTrue(block(blocks, IpPrefix.of(ip("2001:db8::1"), length).toString()).prefix().v6());
    }
  }

  /** A far end takes the place of the address in the subnet, not in the comparison. */
  @Test
  void ipv6AddressWithAFarEndDividesItsOwnPrefix() {
    HostSnapshot s = new Host().build();
    InterfaceAddress own =
        new InterfaceAddress(
            ip("2001:db8::1"),
            ip("2001:db8:9::9"),
            64,
            Scope.UNIVERSE,
            Set.of(),
            InterfaceAddress.FOREVER,
            InterfaceAddress.FOREVER,
            null,
            null,
            null);
    Link eth0 = s.links().get(1).withAddresses(List.of(own));
    Set<IpPrefix> all =
        Destinations.withoutRoutes(s.withLinks(List.of(s.links().getFirst(), eth0)), true);
    for (String prefix :
        List.of("2001:db8::1/128", "2001:db8:9::9/128", "2001:db8:9::/64", "2001:db8::/64")) {
      assertTrue(all.contains(IpPrefix.parse(prefix)), prefix);
    }
    assertFalse(all.contains(IpPrefix.parse("2001:db8::/65")));
  }

  @Test
  void addressLabelsDivideIpv6() {
    HostSnapshot s = new Host().build();
    for (AddressLabel label : s.labels()) {
      assertTrue(Destinations.withoutRoutes(s, true).contains(label.prefix()), label::toString);
    }
    assertTrue(Destinations.withoutRoutes(s, false).stream().noneMatch(IpPrefix::v6));
  }

  @Test
  void rangeIsTakenApartIntoBlocks() {
    assertEquals(
        List.of("10.0.0.5/32", "10.0.0.6/31", "10.0.0.8/30", "10.0.0.12/32"),
        texts(new AddressRange(ip("10.0.0.5"), ip("10.0.0.12"))));
    assertEquals(
        List.of("0.0.0.0/0"), texts(new AddressRange(ip("0.0.0.0"), ip("255.255.255.255"))));
    assertEquals(
        List.of("ffff::/16"),
        texts(new AddressRange(ip("ffff::"), ip("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"))));
  }

  private static List<String> texts(AddressRange range) {
    return range.prefixes().stream().map(IpPrefix::toString).toList();
  }
}
