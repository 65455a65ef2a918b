package io.vipscope.core.model.change;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.vipscope.core.model.selection.Host;
import io.vipscope.core.model.snapshot.AddressFlag;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.InterfaceAddress;
import io.vipscope.core.model.snapshot.Link;
import io.vipscope.core.model.snapshot.Route;
import io.vipscope.core.model.snapshot.RouteType;
import io.vipscope.core.model.snapshot.Scope;
import io.vipscope.core.net.IpAddress;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Which address a command means, what goes with one, and what is refused. */
class AddressChangeTest {

  private static Host host() {
    return new Host()
        .address("eth0", "2001:db8::10/64", AddressFlag.MNGTMPADDR)
        .address("eth0", "2001:db8::aaaa/64", AddressFlag.TEMPORARY)
        .address("eth0", "2001:db8:1::aaaa/64", AddressFlag.TEMPORARY);
  }

  private static List<String> left(HostSnapshot s, String deleted) {
    InterfaceAddress address = InterfaceAddress.of(IpAddress.parse(deleted), 64, Scope.UNIVERSE);
    HostSnapshot after =
        new AddressChange(AddressChange.Op.DELETE, "eth0", address, false).applyTo(s);
    return after.addresses().stream().map(IpAddress::toString).sorted().toList();
  }

  /** {@code delete_tempaddrs}. */
  @Test
  void temporaryAddressesGoWithTheOneTheyWereMadeFor() {
    assertEquals(List.of("2001:db8:1::aaaa"), left(host().build(), "2001:db8::10"));
    assertEquals(
        List.of("2001:db8:1::aaaa", "2001:db8::10"), left(host().build(), "2001:db8::aaaa"));
  }

  @Test
  void whichTheyWereMadeForMayNotShow() {
    HostSnapshot s = host().address("eth0", "2001:db8::11/64", AddressFlag.MNGTMPADDR).build();
    assertThrows(ChangeException.class, () -> left(s, "2001:db8::10"));
  }

  /** {@code inet6_addr_modify}. */
  @Test
  void onlyALastingAddressOfLength64MayMakeTemporaryOnes() {
    InterfaceAddress managing =
        InterfaceAddress.of(IpAddress.parse("2001:db8:5::10"), 64, Scope.UNIVERSE)
            .withFlags(Set.of(AddressFlag.MNGTMPADDR));
    AddressChange replace = new AddressChange(AddressChange.Op.REPLACE, "eth0", managing, false);
    HostSnapshot fits = new Host().address("eth0", "2001:db8:5::10/64").build();
    assertEquals(1, replace.applyTo(fits).addresses().size());
    HostSnapshot longer = new Host().address("eth0", "2001:db8:5::10/48").build();
    assertThrows(ChangeException.class, () -> replace.applyTo(longer));
    HostSnapshot temporary =
        new Host().address("eth0", "2001:db8:5::10/64", AddressFlag.TEMPORARY).build();
    assertThrows(ChangeException.class, () -> replace.applyTo(temporary));
  }

  /** {@code fib_create_info}: a local route is not linkdown without carrier. */
  @Test
  void localRouteOfAnAddedAddressNeedsNoCarrier() {
    HostSnapshot up = new Host().sysctl("net.ipv4.conf.all.ignore_routes_with_linkdown").build();
    Link link = up.links().get(1);
    Link down =
        new Link(
            link.ifindex(),
            link.name(),
            null,
            null,
            Set.of("UP", "NO-CARRIER"),
            "DOWN",
            "default",
            null,
            null,
            List.of());
    HostSnapshot s = up.withLinks(List.of(up.links().getFirst(), down));
    InterfaceAddress added = InterfaceAddress.of(IpAddress.parse("10.0.3.10"), 24, Scope.UNIVERSE);
    HostSnapshot after = new AddressChange(AddressChange.Op.ADD, "eth0", added, false).applyTo(s);
    List<Route> routes = after.routes(false);
    assertNotNull(routes);
    assertEquals(
        List.of(false, true, true),
        Stream.of(RouteType.LOCAL, RouteType.UNICAST, RouteType.BROADCAST)
            .map(t -> routes.stream().filter(r -> r.type() == t).findFirst().orElseThrow())
            .map(r -> r.nexthops().getFirst().linkdown())
            .toList());
  }

  private static InterfaceAddress managing(String local) {
    return InterfaceAddress.of(IpAddress.parse(local), 64, Scope.UNIVERSE)
        .withFlags(Set.of(AddressFlag.MNGTMPADDR));
  }

  /** {@code manage_tempaddrs}: one is made, at random, where use_tempaddr says so. */
  @Test
  void aTemporaryAddressThatTheKernelWouldMakeIsNotFollowed() {
    HostSnapshot plain = new Host().build();
    HostSnapshot making = new Host().sysctl("net.ipv6.conf.eth0.use_tempaddr").build();
    AddressChange add =
        new AddressChange(AddressChange.Op.ADD, "eth0", managing("2001:db8::20"), false);
    AddressChange replace =
        new AddressChange(AddressChange.Op.REPLACE, "eth0", managing("2001:db8::20"), false);
    HostSnapshot held = add.applyTo(plain);
    assertEquals(1, held.addresses().size());
    assertThrows(ChangeException.class, () -> add.applyTo(making));
    assertThrows(ChangeException.class, () -> replace.applyTo(making));
    HostSnapshot both = making.withLinks(held.links());
    AddressChange delete =
        new AddressChange(AddressChange.Op.DELETE, "eth0", managing("2001:db8::20"), false);
    assertEquals(Set.of(), delete.applyTo(both).addresses());
  }

  private static InterfaceAddress address(String text, @Nullable String peer) {
    int slash = text.indexOf('/');
    return new InterfaceAddress(
        IpAddress.parse(text.substring(0, slash)),
        peer == null ? null : IpAddress.parse(peer),
        Integer.parseInt(text.substring(slash + 1)),
        Scope.UNIVERSE,
        Set.of(),
        InterfaceAddress.FOREVER,
        InterfaceAddress.FOREVER,
        null,
        null,
        null);
  }

  private static HostSnapshot holding(InterfaceAddress... addresses) {
    HostSnapshot s = new Host().build();
    Link eth0 = s.links().get(1).withAddresses(List.of(addresses));
    return s.withLinks(List.of(s.links().getFirst(), eth0, s.links().getLast()));
  }

  private static String outcome(
      AddressChange.Op op, HostSnapshot s, InterfaceAddress named, boolean anyLength) {
    try {
      HostSnapshot after = new AddressChange(op, "eth0", named, anyLength).applyTo(s);
      return after.addresses().stream().map(IpAddress::toString).sorted().toList().toString();
    } catch (ChangeException e) {
      return String.valueOf(e.getMessage());
    }
  }

  /** {@code inet_rtm_deladdr}, {@code inet6_addr_del}: with a length named it must be that one. */
  @Test
  void deletionComparesTheLengthThatIsNamed() {
    HostSnapshot s = holding(address("10.0.0.10/24", null), address("2001:db8::10/64", null));
    AddressChange.Op delete = AddressChange.Op.DELETE;
    assertEquals("[2001:db8::10]", outcome(delete, s, address("10.0.0.10/24", null), false));
    assertEquals("[2001:db8::10]", outcome(delete, s, address("10.0.0.10/32", null), true));
    assertEquals(
        "eth0 has no address 10.0.0.10/25",
        outcome(delete, s, address("10.0.0.10/25", null), false));
    assertEquals(
        "eth0 has no address 10.0.0.11", outcome(delete, s, address("10.0.0.11/32", null), true));
    assertEquals("[10.0.0.10]", outcome(delete, s, address("2001:db8::10/64", null), false));
    assertEquals(
        "eth0 has no address 2001:db8::10/48",
        outcome(delete, s, address("2001:db8::10/48", null), false));
  }

  /** {@code inet_rtm_deladdr} compares the far end of an IPv4 address, IPv6 does not. */
  @Test
  void deletionComparesTheFarEndOfAnIpv4Address() {
    HostSnapshot s =
        holding(address("10.0.0.10/32", "10.9.0.1"), address("2001:db8::10/128", "2001:db8::9"));
    AddressChange.Op delete = AddressChange.Op.DELETE;
    assertEquals("[2001:db8::10]", outcome(delete, s, address("10.0.0.10/32", "10.9.0.1"), false));
    assertEquals(
        "eth0 has no address 10.0.0.10/32",
        outcome(delete, s, address("10.0.0.10/32", "10.9.0.2"), false));
    assertEquals(
        "[10.0.0.10]", outcome(delete, s, address("2001:db8::10/128", "2001:db8::8"), false));
  }

  @Test
  void theSameAddressWithAnotherLengthIsAnotherInIpv4Alone() {
    HostSnapshot s = holding(address("10.0.0.10/24", null), address("2001:db8::10/64", null));
    AddressChange.Op add = AddressChange.Op.ADD;
    assertEquals(
        "eth0 has the address 10.0.0.10/24 already",
        outcome(add, s, address("10.0.0.10/24", null), false));
    assertEquals(
        "[10.0.0.10, 2001:db8::10]", outcome(add, s, address("10.0.0.10/25", null), false));
    assertEquals(
        "eth0 has the address 2001:db8::10/48 already",
        outcome(add, s, address("2001:db8::10/48", null), false));
  }
}
